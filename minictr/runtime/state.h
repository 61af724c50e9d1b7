/*
 * state.h - what is known of a container between two commands: ROOT/ID/state.json, replaced by rename(2).
 *
 * Status is never stored: it is computed from the process (alive? same start time, same boot?) and from the
 * start socket beside the file. So a crash at any moment leaves nothing that lies.
 *
 * Typical:  int dir = state_open(root, id, err); struct state s = {0}; state_read(dir, &s, err); ...
 *           state_release(&s);
 */
#ifndef MC_RUNTIME_STATE_H
#define MC_RUNTIME_STATE_H

#include <sys/types.h>
#include "base/err.h"
#include "base/json.h"

#define STATE_FILE "state.json"
#define STATE_START "start" /* the socket init listens on; removed by `start` */

enum container_status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

struct state {
	struct json *doc; /* owned; strings below point into it */
	const char *id;
	const char *bundle;           /* absolute */
	const char *cgroup;           /* path below the cgroup root; "" when none */
	const char *created;          /* RFC 3339 */
	const char *rootfs;           /* absolute, or "" */
	pid_t pid;                    /* first process, 0 while creating */
	uint64_t start_time;          /* field 22 of /proc/PID/stat, in clock ticks */
	bool same_boot;               /* made since this machine booted: otherwise pid means nothing */
	bool creating;                /* create has not finished, or died */
	enum container_status status; /* computed by state_read() */
};

/* Default --root: /run/minictr-oci, or $XDG_RUNTIME_DIR/minictr-oci without root. Caller frees. */
char *state_default_root(void);
/* 0 for letters, digits, + - _ . not beginning with a dot; at most 1024 bytes. -EINVAL. */
int state_id_check(const char *id, struct mc_err *err);
/* Makes ROOT and ROOT/ID. -EEXIST when there is such a container. Returns a directory descriptor. */
int state_create(const char *root, const char *id, struct mc_err *err);
/* Opens ROOT/ID. -ENOENT: "container ID does not exist". Returns a directory descriptor. */
int state_open(const char *root, const char *id, struct mc_err *err);
/* Both at once: *ret filled, returns the directory. */
int state_load(const char *root, const char *id, struct state *ret, struct mc_err *err);
int state_read(int dir, struct state *ret, struct mc_err *err);
void state_release(struct state *s);
#define _cleanup_state_ __attribute__((cleanup(state_release)))
/* Writes doc (id, bundle, cgroup, created, rootfs, annotations by the caller) and the process's identity. */
int state_write(int dir, struct json *doc, pid_t pid, struct mc_err *err);
/* Removes ROOT/ID and everything in it. A missing one is fine. */
int state_remove(const char *root, const char *id, struct mc_err *err);

/* Has config.json hooks of this point ("poststart", "poststop")? An older state does not say: true. */
bool state_has_hook(const struct state *s, const char *point);
const char *state_status_name(enum container_status s); /* "created" */
/* The OCI state (ociVersion, id, status, pid, bundle, annotations); caller json_free()s. */
struct json *state_oci(const struct state *s);
/* A pidfd that surely means the container's first process. -ESRCH when that has ended. */
int state_pidfd(const struct state *s, struct mc_err *err);

#endif
