/*
 * yaml.h - a YAML file as a tree of nodes that remember where they stand. The only door to libyaml.
 *
 * YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema): yes, no, on, off and 22:22 are
 * strings. libyaml gives every scalar as text; what a text means is asked for with ynode_bool(),
 * ynode_int() and their kin. Anchors are copied in, "<<" is merged (own keys win, then the first of
 * several), a key that stands twice in one map is an error. Files are untrusted: depth, nodes and bytes are
 * limited, so an alias of aliases ends with a sentence.
 */
#ifndef MC_BASE_YAML_H
#define MC_BASE_YAML_H

#include "base/err.h"
#include "base/util.h"

enum yaml_kind { YAML_NULL, YAML_SCALAR, YAML_LIST, YAML_MAP };
/* Tags: !reset and !override of compose files, !reference of pipelines (a list: which key of which job). */
enum yaml_merge { YAML_MERGE, YAML_RESET, YAML_OVERRIDE, YAML_REFERENCE };

struct yaml {
	enum yaml_kind kind;
	enum yaml_merge merge;
	char *text;          /* of a scalar; owned */
	bool quoted;         /* "1" and '1' are strings wherever they stand */
	const char *file;    /* name for messages; lives as long as the program */
	int line, column;    /* from 1 */
	size_t n;            /* children */
	char **keys;         /* of a map: n of them; owned */
	int *key_lines;      /* where each key stands */
	struct yaml **items; /* n of them; owned */
};

/* Reads a file, or text that is in memory already (name serves messages). All documents of a stream are
 * returned in order as a list. The caller frees *ret with ynode_free(). Errors name file:line:column. */
int ynode_load_file(int dir, const char *path, const char *name, struct yaml **ret, struct mc_err *err);
int ynode_load(const char *text, size_t len, const char *name, struct yaml **ret, struct mc_err *err);
/* For formats where the last of two equal keys wins (GitLab's): a warning names the place, not an error. */
int ynode_load_lenient(const char *text, size_t len, const char *name, struct yaml **ret, struct mc_err *err);
void ynode_free(struct yaml *y);
void ynode_cleanup(struct yaml **y);
#define _cleanup_yaml_ __attribute__((cleanup(ynode_cleanup)))

struct yaml *ynode_copy(const struct yaml *y);
struct yaml *ynode_new(
	enum yaml_kind kind, const struct yaml *where); /* where: whose place it takes; may be NULL */
struct yaml *ynode_new_text(const char *text, const struct yaml *where);
/* Adds or replaces; takes value. */
struct yaml *ynode_set(struct yaml *map, const char *key, struct yaml *value);
void ynode_unset(struct yaml *map, const char *key);
struct yaml *ynode_add(struct yaml *list, struct yaml *value);

/* A map's value, NULL when y is no map or has no such key; borrowed. */
struct yaml *ynode_get(const struct yaml *y, const char *key);
/* The text of a scalar, NULL of anything else. */
const char *ynode_text(const struct yaml *y);
bool ynode_equal(const struct yaml *a, const struct yaml *b); /* keys of a map in any order */
bool ynode_is_null(const struct yaml *y); /* also when y is NULL, or the plain text null or ~ */

/* 0, or -EINVAL with file:line:column and what was expected. what names the key for the message. */
int ynode_want_map(const struct yaml *y, const char *what, struct mc_err *err);
int ynode_want_list(const struct yaml *y, const char *what, struct mc_err *err);
int ynode_want_text(const struct yaml *y, const char *what, const char **ret, struct mc_err *err);
int ynode_bool(const struct yaml *y, const char *what, bool *ret, struct mc_err *err);
int ynode_int(const struct yaml *y, const char *what, int64_t *ret, struct mc_err *err);

/* "compose.yaml:12:5: ..." in front of a message; the same error is returned. */
int ynode_error(const struct yaml *at, struct mc_err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);
void ynode_warn(const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
