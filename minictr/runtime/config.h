/*
 * config.h - one OCI config.json, parsed: what is wanted. No system call is made while parsing.
 *
 * Everything here is const after config_parse(). Strings are borrowed from the document, which the struct
 * owns; vectors are its own. What the core does not teach lives in two opaque structs that belong to the tail
 * (config_tail, process_tail): the core passes them on and never looks inside.
 *
 * Typical:  struct config c = {0}; config_load("/bundle", &c, &err); ... config_release(&c);
 * https://github.com/opencontainers/runtime-spec/blob/main/config.md and config-linux.md
 */
#ifndef MC_RUNTIME_CONFIG_H
#define MC_RUNTIME_CONFIG_H

#include <sched.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/json.h"
#include "runtime/caps.h"
#include "runtime/userns.h"

struct config_tail;  /* hooks, devices, sysctl, ...: tail/config_keys.c */
struct process_tail; /* rlimits, scheduler, ...: tail/config_keys.c */

enum namespace_kind { NS_USER, NS_MOUNT, NS_PID, NS_UTS, NS_IPC, NS_NET, NS_CGROUP, NS_TIME, NS_KINDS };

/* Which namespaces the container has: a new one, an existing one by path, or the caller's own. */
struct namespace_plan {
	struct {
		bool wanted;      /* false: the caller's own is kept */
		const char *path; /* join this one; NULL: make a new one */
	} ns[NS_KINDS];
};

/* "process": the program of `create`, or the one of `exec`. */
struct config_process {
	char **args;     /* argv; at least one word */
	char **env;      /* NAME=VALUE */
	const char *cwd; /* absolute */
	bool terminal;
	uint32_t console_height; /* rows; 0 = not told */
	uint32_t console_width;  /* columns */
	struct user user;        /* groups: owned here */
	bool has_umask;
	mode_t umask;
	bool has_caps;        /* process.capabilities is there */
	struct cap_sets caps; /* all empty when it is not: a root without capabilities (as runc has it) */
	bool no_new_privs;
	struct process_tail *tail; /* owned; NULL without a tail */
};

/* One entry of "mounts", as written. What becomes of it is decided in mounts_make(). */
struct config_mount {
	const char *destination; /* absolute path inside */
	const char *type;        /* "" when absent */
	char *source; /* NULL when absent; a bind's is absolute (a relative one starts at the bundle); owned */
	char **options;            /* as written; empty vector when absent */
	unsigned long flags;       /* MS_* of the known words */
	unsigned long clear;       /* MS_* switched off by words like "rw" or "exec" */
	unsigned long propagation; /* MS_PRIVATE, MS_SLAVE|MS_REC, ...; 0 when not told */
	char *data; /* words the core does not know, comma separated: for the file system; "" if none */
	const struct json *json; /* the entry itself: uidMappings and more, for the tail */
};

/* linux.resources as far as taught; all else is the tail's. 0 = not told, limits: -1 = unlimited. */
struct config_limits {
	int64_t memory;      /* bytes */
	int64_t memory_swap; /* bytes, memory + swap */
	int64_t memory_low;  /* bytes, "reservation" */
	int64_t cpu_quota;   /* microseconds a period */
	uint64_t cpu_period; /* microseconds */
	uint64_t cpu_shares;
	int64_t pids;
};

struct config {
	struct json *doc; /* owned: every const char * above and below points into it */
	char *text;       /* the file, owned: what config_keep() writes */
	char *bundle;     /* absolute path of the bundle, owned */
	const char *oci_version;
	bool has_process; /* a container may be created without a program, but not started */
	struct config_process process;
	char *root_path; /* absolute, owned */
	bool root_readonly;
	const char *hostname;   /* NULL: left alone */
	const char *domainname; /* NULL: left alone */
	struct config_mount *mounts;
	size_t n_mounts;
	struct namespace_plan namespaces;
	struct id_map uids, gids;
	char **masked_paths;
	char **readonly_paths;
	const char *cgroups_path;       /* NULL: chosen from the id */
	const char *rootfs_propagation; /* NULL or "private", "rslave", ... */
	struct config_limits limits;
	const struct json *resources;   /* linux.resources, borrowed; NULL when absent */
	const struct json *seccomp;     /* linux.seccomp, borrowed; NULL when absent */
	const struct json *annotations; /* borrowed; NULL when absent */
	struct config_tail *tail;       /* owned; NULL without a tail */
};

/* Reads BUNDLE/config.json. *ret starts as zero; always release it. Errors name the place in the file. */
int config_load(const char *bundle, struct config *ret, struct mc_err *err);
/* Keeps a copy of the file that config_load() read in the directory dir (the state's): what is written to
 * the bundle after create must not reach the container (runtime.md, "Lifecycle" 2). */
int config_keep(const struct config *c, int dir, struct mc_err *err);
/* config_load() from that copy. */
int config_load_kept(int dir, const char *bundle, struct config *ret, struct mc_err *err);
/* The same for a document at hand; takes ownership of doc, also on failure. bundle must be absolute. */
int config_parse(struct json *doc, const char *bundle, struct config *ret, struct mc_err *err);
void config_release(struct config *c);
#define _cleanup_config_ __attribute__((cleanup(config_release)))

/* The "process" object alone (`exec --process FILE`). doc must outlive *ret. where is "process" or "". */
int config_parse_process(
	const struct json *doc, const char *where, struct config_process *ret, struct mc_err *err);
void config_release_process(struct config_process *p);

/* memory, cpu and pids of a linux.resources object, as `update` gets it. */
int config_parse_limits(const struct json *resources, struct config_limits *ret, struct mc_err *err);
/* A new namespace of this kind is made. Here, and not in config.c: config.c ends in the tail, which asks. */
static inline bool config_has_new(const struct config *c, enum namespace_kind kind)
{
	return c->namespaces.ns[kind].wanted && !c->namespaces.ns[kind].path;
}
const char *config_annotation(const struct config *c, const char *key); /* NULL when absent */

#endif
