/*
 * seccomp.h - a system call filter: a BPF program the kernel runs before each call (seccomp(2)).
 *
 * Core: seccomp_apply() installs a program that is ready. Where programs come from (docker's default made
 * at build time, a cache, libseccomp) is seccomp_plan_load()'s matter, in the tail.
 */
#ifndef MC_RUNTIME_SECCOMP_H
#define MC_RUNTIME_SECCOMP_H

#include "base/err.h"

struct json;
struct sock_filter;

struct seccomp_plan {
	const struct sock_filter *filter; /* the program; NULL: none is installed. Borrowed here */
	unsigned short n;                 /* instructions, at most 4096 (BPF_MAXINSNS) */
	unsigned flags;    /* SECCOMP_FILTER_FLAG_*; NEW_LISTENER makes apply return a descriptor */
	bool no_new_privs; /* set PR_SET_NO_NEW_PRIVS first: else CAP_SYS_ADMIN is needed */
};

/* Installs the program for the calling process. No way back, inherited over fork and exec. Returns 0, or
 * the listener (O_CLOEXEC) with NEW_LISTENER. After clone: no malloc, no locks. */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err);

/* --- given (tail/seccomp_load.c) --- */

/* What stays allocated behind a plan. Zero is empty. */
struct seccomp_program {
	struct sock_filter *owned; /* malloc'ed; NULL when the plan points into our executable */
};
/*
 * linux.seccomp of a config.json to a plan: docker's default as built in, else the cache, else libseccomp.
 * cache is a directory for compiled programs, NULL for none. plan->no_new_privs is left alone. profile
 * NULL: no filter.
 */
int seccomp_plan_load(const struct json *profile, const char *cache, struct seccomp_plan *plan,
	struct seccomp_program *owner, struct mc_err *err);
void seccomp_program_release(struct seccomp_program *owner);

/* --- given (tail/seccomp_profile.c): for writers of a config.json --- */

/* The object for linux.seccomp. name: NULL or "builtin" is docker's default for a process with these
 * capabilities, "unconfined" gives *ret = NULL, anything else is a file with a profile (docker's format or
 * the spec's). Caller json_free()s. */
int seccomp_profile(const char *name, uint64_t caps, struct json **ret, struct mc_err *err);

#endif
