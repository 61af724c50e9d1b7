/*
 * state.h - what is known of a container between two commands: ROOT/ID/state.json, replaced by rename(2).
 *
 * Status is never stored: it is computed from the process (alive? same start time, same boot?) and from the
 * start socket beside the file. So a crash at any moment leaves nothing that lies.
 */
#ifndef MC_RUNTIME_STATE_H
#define MC_RUNTIME_STATE_H

#include <sys/types.h>
#include "base/err.h"
#include "base/json.h"

enum container_status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

struct state {
	struct json *doc; /* owned; strings below point into it */
	const char *id;
	const char *bundle;           /* absolute */
	const char *cgroup;           /* path below the cgroup root; "" when none */
	const char *created;          /* RFC 3339 */
	const char *boot_id;          /* of the boot that made it */
	pid_t pid;                    /* first process, 0 while creating */
	uint64_t start_time;          /* field 22 of /proc/PID/stat, in clock ticks */
	enum container_status status; /* computed by state_read() */
};

/* Default --root: /run/minictr-oci, or $XDG_RUNTIME_DIR/minictr-oci without root. Caller frees. */
char *state_default_root(void);
bool state_id_valid(const char *id); /* letters, digits, + - _ . ; not "." or ".." */
/* Opens ROOT/ID. -ENOENT with "container ID does not exist". Returns a directory descriptor. */
int state_open(const char *root, const char *id, struct mc_err *err);
int state_read(int dir, struct state *ret, struct mc_err *err);
void state_release(struct state *s);
#define _cleanup_state_ __attribute__((cleanup(state_release)))
const char *state_status_name(enum container_status s); /* "created" */
/* The OCI state (ociVersion, id, status, pid, bundle, annotations); caller json_free()s. */
struct json *state_oci(const struct state *s);
/* Start time of a process for comparing later; 0 when it is gone or a zombie. */
uint64_t state_process_start_time(pid_t pid);

#endif
