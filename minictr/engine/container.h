/*
 * container.h - the record of one container: what was asked for, and what became of it.
 *
 * Two files in root/containers/ID/, because they change at different times and by different hands:
 *   container.json  what was asked for: name, image, "Config" and "HostConfig" in docker's own shape. Changed
 *                   by create, rename and update only.
 *   state.json      what became of it: state, pid, exit code, times, boot id. Replaced by rename(2) at each
 *                   change.
 *   exit            written by the monitor (no JSON there): "CODE OOM FINISHED_NS\n"; folded into
 *                   state.json later.
 * Readers take no lock: each file is either the old or the new one. container_load() looks at all three and
 * at /proc, so what it says is true even when a process of ours was killed with -9 between two of them: a
 * pid counts only with the start time and boot id that were recorded with it.
 * Writers hold container_lock(). Names are symbolic links names/NAME -> ID: symlink(2) is the exclusive
 * claim.
 */
#ifndef MC_ENGINE_CONTAINER_H
#define MC_ENGINE_CONTAINER_H

#include <sys/types.h>
#include "base/json.h"
#include "engine/engine.h"
#include "base/process_id.h"

enum {
	CONTAINER_ID_LEN = 64,
	/*
	 * Bytes of container.json, one limit for writer and reader: what was created can be seen and
	 * removed.
	 */
	CONTAINER_RECORD_MAX = 8 << 20,
	/* Likewise for config.json, which is made of it; the runtime reads as much (runtime/config.c). */
	CONTAINER_CONFIG_MAX = 16 << 20,
};

enum container_state {
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_RESTARTING,
	CONTAINER_REMOVING,
	CONTAINER_EXITED,
	CONTAINER_DEAD,
};

struct container {
	char id[CONTAINER_ID_LEN + 1];
	char *name;       /* without docker's slash; owned */
	char *image;      /* as it was asked for; owned */
	char *image_id;   /* "sha256:..." of the image config; owned */
	int64_t created;  /* ns since the epoch, as all times here; 0: never */
	struct json *doc; /* container.json; owned */
	/* borrowed from doc, never NULL after loading; docker's "Config" and "HostConfig" */
	struct json *config, *host;

	enum container_state status;
	struct process_id init;    /* the container's process 1; pid 0 unless running or paused */
	struct process_id monitor; /* its monitor */
	int exit_code;
	bool oom_killed;
	bool stopped_by_user; /* `stop` or `kill`: "unless-stopped" leaves it alone */
	int64_t kill_at; /* ns of CLOCK_BOOTTIME: the patience of `stop` ends; 0: no `stop` is at work (cleanup.c) */
	int64_t started, finished;
	unsigned restart_count; /* by its restart policy, since the last start by hand */
	unsigned backoff; /* restarts in a row that did not last: the next pause is 100 ms times 2 to the n */
	char *error;      /* why the last start failed; NULL or owned */
	char boot_id[40]; /* /proc/sys/kernel/random/boot_id when started */
	char *health;     /* "starting", "healthy", "unhealthy"; NULL without a health check; owned */
	bool damaged;     /* a file of it cannot be read: status is CONTAINER_DEAD, error says why */
	struct json *net; /* its networks and ports (endpoints.h); NULL when it does not run; owned */
	bool stale;       /* state.json says less than the truth: the next job folds it in (restore.h) */
};

struct container_list {
	struct container *items; /* newest first */
	size_t count;
};

/* Finds by full id, by name, then by unique id prefix; fills *ret. -ENOENT "No such container: X"; -EEXIST
 * when a prefix fits several. Release *ret with container_release(). */
int container_find(struct engine *e, const char *name, struct container *ret, struct mc_err *err);
/* Loads by full id. */
int container_load(struct engine *e, const char *id, struct container *ret, struct mc_err *err);
/* The same for a container whose files cannot all be read: what can be read is there, ret->damaged is set
 * and ret->error says why. For lists and removal. -ENOENT when there is no record at all (half-made). */
int container_load_damaged(struct engine *e, const char *id, struct container *ret, struct mc_err *err);
/*
 * The full id behind a name, a full id or a unique prefix, without a look at the record. Errors as
 * container_find().
 */
int container_find_id(
	struct engine *e, const char *name, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err);
/* All containers, damaged ones too; half-made ones are left out. Release with container_list_release(). */
int container_list(struct engine *e, struct container_list *ret, struct mc_err *err);
void container_release(struct container *c);
void container_list_release(struct container_list *l);
#define _cleanup_container_ __attribute__((cleanup(container_release)))
#define _cleanup_container_list_ __attribute__((cleanup(container_list_release)))

/* Running, paused, or between two tries of its restart policy. */
bool container_is_active(const struct container *c);
/* c has ended: its restart policy wants it again. */
bool container_returns(const struct container *c);
const char *container_status_name(enum container_state s); /* "created", "running" ... */
/* docker ps' column: "Up 3 minutes (healthy)", "Exited (0) 2 hours ago", "Created". Caller frees. */
char *container_status_text(const struct container *c);
/* The command line as `ps` shows it: entrypoint and arguments, joined by blanks. Caller frees. */
char *container_command_text(const struct container *c);
/* Absolute path of a file in the container's directory. Caller frees. */
char *container_path(const struct engine *e, const char *id, const char *file);
/* cgroup path of this container, with the first slash: --cgroup-parent or the engine's own. Caller frees. */
char *container_cgroup(const struct engine *e, const struct container *c);
/* A boolean of "Config" or "HostConfig": false when absent. */
bool container_flag(const struct json *part, const char *key);
/* Value of a label, NULL when it has none; borrowed. */
const char *container_label(const struct container *c, const char *key);

/* Exclusive lock of one container; waits. Returns the descriptor to close. Do not sleep while you hold it. */
int container_lock(struct engine *e, const char *id, struct mc_err *err);
/* Write the two files. The lock is held. */
int container_save(struct engine *e, const struct container *c, struct mc_err *err);
int container_save_state(struct engine *e, const struct container *c, struct mc_err *err);

/* This boot of the machine (proc_sys_kernel(5)); a static string. */
const char *container_boot_id(void);

#endif
