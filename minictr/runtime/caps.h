/*
 * caps.h - what is left of root: capabilities(7), and becoming another user (credentials(7)).
 *
 * Order for a process that is to run as `user` with the sets of config.json:
 *     prctl(PR_SET_KEEPCAPS)        set*id would empty the permitted set
 *     caps_limit(s->bounding)       needs CAP_SETPCAP, so first
 *     user_become(u)                groups, gid, uid
 *     caps_set(s)                   the final five lines of /proc/PID/status
 * All three may be called in a child after clone: no malloc, no locks.
 */
#ifndef MC_RUNTIME_CAPS_H
#define MC_RUNTIME_CAPS_H

#include <sys/types.h>
#include "base/err.h"

/* Bit n is capability n (CAP_CHOWN is bit 0). */
struct cap_sets {
	uint64_t bounding;  /* CapBnd: nothing outside it is ever gained again, not by set-uid files either */
	uint64_t effective; /* CapEff: what the kernel checks */
	uint64_t permitted; /* CapPrm: what may be made effective */
	uint64_t inheritable; /* CapInh: kept over exec of a file that has the same bit inheritable */
	uint64_t ambient;     /* CapAmb: kept over exec of any plain file; needs permitted and inheritable */
};

struct user {
	uid_t uid;
	gid_t gid;
	size_t n_groups;
	const gid_t *groups; /* additional groups; borrowed */
};

/* Takes everything but keep out of the bounding set, also capabilities newer than our headers. */
int caps_limit(uint64_t keep, struct mc_err *err);
/* Groups, then gid, then uid, all three of each kind; afterwards there is no way back. */
int user_become(const struct user *u, struct mc_err *err);
/* Permitted, effective, inheritable and ambient exactly as given (bounding is caps_limit's). */
int caps_set(const struct cap_sets *s, struct mc_err *err);

/* --- given (caps_names.c) --- */

/* "CAP_NET_RAW" (also "net_raw", any case) to its number; -1 when unknown. */
int cap_number(const char *name);
const char *cap_name(int number);   /* "CAP_NET_RAW"; NULL when unknown */
uint64_t caps_known(void);          /* all that this kernel has (/proc/sys/kernel/cap_last_cap) */
uint64_t caps_own(void);            /* our permitted set now */
uint64_t caps_docker_default(void); /* docker's 14 */
bool caps_have(int number);         /* is it in our effective set? */

#endif
