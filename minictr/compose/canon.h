/*
 * canon.h - one shape for everything: a compose file may say a thing in several ways, and what follows
 * wants one.
 *
 * "8080:80" becomes a map with target and published, `environment: [A=1]` a map, "1m30s" nanoseconds' text.
 * Each value is checked here, so an unknown key or a wrong type ends with file:line:column before anything
 * is made. Merging (merge.h) works on canonical nodes, since only then a list of one file and a map of the
 * other can meet. https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
#ifndef MC_COMPOSE_CANON_H
#define MC_COMPOSE_CANON_H

#include "base/yaml.h"

struct canon {
	const char *dir;  /* what relative paths start from: absolute; borrowed */
	const char *home; /* "~"; borrowed */
	bool keep_paths;  /* --no-path-resolution: paths stay as they are written */
	bool raw; /* --no-interpolate: a value may be a variable, so single values are not looked at */
};

/*
 * How a later file's value meets an earlier one's: in its place; maps key by key; lists appended; lists with
 * each item once; lists of maps in which the same target (and port) is replaced.
 */
enum canon_merge { CANON_REPLACE, CANON_MERGE, CANON_APPEND, CANON_UNIQUE, CANON_BY_TARGET };

typedef int canon_fn(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err);

struct canon_key {
	const char *name;
	canon_fn *fn;
	enum canon_merge merge;
	const char *ignored; /* not NULL: accepted, without effect here, and said so with this reason */
};

extern const struct canon_key canon_service_keys[];
extern const struct canon_key canon_build_keys[];
extern const struct canon_key canon_network_keys[];
extern const struct canon_key canon_volume_keys[];
extern const struct canon_key canon_file_keys[]; /* entries of secrets and configs */

/*
 * Brings every value of the map into shape; an unknown key is an error that names the nearest one, "x-..."
 * is left alone.
 */
int canon_map(const struct canon *c, struct yaml *map, const struct canon_key *keys, const char *what,
	struct mc_err *err);
const struct canon_key *canon_find(const struct canon_key *keys, const char *name);

/* --- values (canon_value.c) --- */
canon_fn canon_text, canon_labels, canon_mode, canon_bool, canon_int, canon_number, canon_bytes,
	canon_duration, canon_list, canon_text_or_list, canon_pairs, canon_command, canon_path, canon_any,
	canon_texts, canon_text_or_bool;
/* "./x", "~/x", "x" to an absolute path; the caller frees it. */
char *canon_absolute(const struct canon *c, const char *path);
/* Go's way to write a duration: 1m30s. buf holds 40 bytes. */
void canon_duration_text(int64_t ns, char *buf);
int canon_parse_duration(const char *text, int64_t *ret_ns);

/*
 * Sets map.key to a string, to plain text (a number, true), or to a string where nothing stands yet. at:
 * whose place it takes.
 */
struct yaml *canon_put_text(struct yaml *map, const char *key, const char *text, const struct yaml *at);
struct yaml *canon_put_plain(struct yaml *map, const char *key, const char *text, const struct yaml *at);
void canon_put_default(struct yaml *map, const char *key, const char *text);
/*
 * Lists of mounts, ports, files: each entry of later takes the place of the one in base with the same target
 * (and port), or goes behind them.
 */
void canon_put_by_target(struct yaml *base, const struct yaml *later);

/* --- parts with short and long forms (canon_service.c) --- */
canon_fn canon_ports, canon_volumes, canon_build, canon_depends_on, canon_networks, canon_healthcheck,
	canon_deploy, canon_ulimits, canon_file_refs, canon_env_file, canon_logging, canon_extra_hosts,
	canon_ssh, canon_develop, canon_devices, canon_gpus, canon_hooks, canon_expose, canon_labels_file,
	canon_pull_policy, canon_ipam, canon_external;

#endif
