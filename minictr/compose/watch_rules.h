/*
 * watch_rules.h - develop.watch: what happens when a file of the source tree changes.
 */
#ifndef MC_COMPOSE_WATCH_RULES_H
#define MC_COMPOSE_WATCH_RULES_H

#include "base/board.h"
#include "compose/project.h"
#include "compose/watch_tree.h"
#include "engine/engine.h"

enum watch_action { WATCH_SYNC, WATCH_REBUILD, WATCH_RESTART, WATCH_SYNC_RESTART, WATCH_SYNC_EXEC };

struct watch_rule {
	const char *service, *path,
		*target;          /* borrowed from the model; target NULL for rebuild and restart */
	const struct yaml *entry; /* one item of develop.watch */
	enum watch_action action;
	bool initial_sync;
	struct ignore ignored;      /* `ignore`, and editors' own files; relative to path */
	struct ignore included;     /* `include`; none: all */
	struct ignore dockerignore; /* of the build context */
	char *below;                /* path relative to the context; NULL: not in it; owned */
	struct tree tree;           /* as it was seen last */
};

struct watch_rules {
	struct watch_rule *items; /* owned */
	size_t n;
};

/* The rules of the services (NULL: all that have some). -EINVAL with the place in the file; -ENOENT: none. */
int watch_rules_read(
	const struct project *p, char *const services[], struct watch_rules *ret, struct mc_err *err);
void watch_rules_release(struct watch_rules *r);
/* A tree_skip_fn for a struct watch_rule. */
bool watch_skips(const void *rule, const char *path, bool directory);

/* watch_act.c: does what the rule says with these names (relative to its path). */
int watch_act(struct engine *e, struct project *p, const struct watch_rule *r, char *const changed[],
	char *const removed[], struct board *b, struct mc_err *err);
bool watch_copies(enum watch_action action);

#endif
