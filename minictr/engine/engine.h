/*
 * engine.h - one engine: a root directory, a run directory and what the config file says.
 *
 * Everything the engine knows lies in files below two directories, so every command opens it anew and two
 * engines with different roots never touch each other:
 *   root     kept over reboots: images/ layers/ containers/ID/ names/ volumes/ networks/ events.log
 *   run_dir  on tmpfs, gone after a reboot: the OCI runtime's state (oci/), locks and sockets (c/)
 * Typical: struct engine e; rc = engine_open(&e, root_flag, &err); ... engine_close(&e);
 */
#ifndef MC_ENGINE_ENGINE_H
#define MC_ENGINE_ENGINE_H

#include "base/err.h"
#include "network/pool.h"

struct engine_config {
	char *runtime;          /* OCI runtime unless `--runtime` says otherwise; NULL is our own */
	uint64_t log_max_size;  /* bytes of one log file before it is rotated */
	unsigned log_max_files; /* files kept, the one being written included */
	struct pool *pools;     /* "default-address-pools": where new networks get their subnets; owned */
	size_t n_pools;
	bool cooperate; /* "firewall": "cooperate": a rule of ours may stand in other programs' chains */
};

struct engine {
	char *root;     /* absolute; owned */
	char *run_dir;  /* absolute; owned */
	char *oci_root; /* run_dir/oci: `--root` of the OCI runtime; owned */
	char key[17];   /* hex fnv1a(root): part of the name of every kernel object of this engine */
	int dir;        /* root, O_DIRECTORY */
	bool rootless;  /* not started by root: inside a user namespace of its own by now */
	bool systemd;   /* ... and the user's own systemd makes the containers' cgroups */
	struct engine_config config;
	int store; /* image/store.h; opened by engine_store() at first need, -1 before */
};

/* The root to use: root_flag, else MINICTR_ROOT, else the default for this user. Caller frees. */
char *engine_default_root(const char *root_flag);
/* Opens (and lays out, when new) the engine below root; NULL means engine_default_root(NULL). */
int engine_open(struct engine *e, const char *root, struct mc_err *err);
void engine_close(struct engine *e); /* accepts a zeroed struct */
/* Descriptor of the image store (borrowed: closed with e), or -errno. */
int engine_store(struct engine *e, struct mc_err *err);

/* cgroup path of a container below the cgroup root: "/minictr-<hash8>/<id>". Caller frees. */
char *engine_cgroup_path(const struct engine *e, const char *id);
/* run_dir/c/<first 16 of id>: sockets and the lock of one container. Short, because a unix socket's name
 * has 107 bytes (unix(7)). Caller frees. */
char *engine_run_path(const struct engine *e, const char *id);

#endif
