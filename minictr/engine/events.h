/*
 * events.h - what happened, in order: an append-only file root/events.log, one JSON object a line in docker's
 * shape. Appending is one write(2) with O_APPEND, so no daemon and no lock is needed to write or to follow
 * it.
 */
#ifndef MC_ENGINE_EVENTS_H
#define MC_ENGINE_EVENTS_H

#include "engine/container.h"

/* Appends an event. type is "container", "image", "network", "volume"; attributes "key=value" may be NULL.
 * Failing to write one is never an error of the job. */
void event_log(
	struct engine *e, const char *type, const char *action, const char *id, char *const attributes[]);
/* The same for a container: image, name and labels are added as docker does; extra "key=value" or NULL. */
void event_container(struct engine *e, const struct container *c, const char *action, const char *extra);
/* The same for one that is known by its name; none when it is gone by now. */
void event_named(struct engine *e, const char *name, const char *action);
/* "exec_create" and "exec_start" have the command line in the action, as docker's. command has one word at
 * least. */
void event_exec(struct engine *e, const struct container *c, const char *action, const char *id,
	char *const command[]);
void event_exec_die(struct engine *e, const struct container *c, const char *id, int code);
/* "prune" of all objects of a type: freed bytes. */
void event_prune(struct engine *e, const char *type, uint64_t freed);
/* "kill". Write it before the signal is sent: afterwards the monitor may write "die" at any moment. */
void event_kill(struct engine *e, const struct container *c, int sig);

struct events_options {
	int64_t since, until; /* ns since the epoch; 0: from now on, and for ever */
	bool stop_at_end;     /* do not wait for more (also when until lies in the past) */
	char *const
		*filters; /* "event=start", "container=web", "type=..", "image=..", "label=k[=v]"; borrowed */
};
/* Calls out() with each parsed event and its line; stops when it returns non-zero (not an error). */
int events_read(struct engine *e, const struct events_options *o,
	int (*out)(const struct json *event, const char *line, void *), void *data, struct mc_err *err);

#endif
