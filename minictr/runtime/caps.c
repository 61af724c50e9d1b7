/*
 * caps.c - reduces root to a process with exactly the requested user and capabilities.
 *
 * Kernel objects: the five sets of a thread (capabilities(7); CapInh CapPrm CapEff CapBnd CapAmb in
 * /proc/PID/status), and its ids and groups (credentials(7)).
 *
 * Order and why: dropping from the bounding set needs CAP_SETPCAP, changing ids needs CAP_SETGID and
 * CAP_SETUID; so the bounding set goes first, the ids next, the other sets last. Between ids and sets
 * PR_SET_KEEPCAPS must be on, or the kernel empties the permitted set when uid 0 is given up.
 *
 * Raw system calls only: this runs after clone3, where glibc's setuid(3) can dead-lock (see sys_process.c).
 *
 * Left out: securebits; names of capabilities (caps_names.c); user names (the engine reads the image's
 * passwd file).
 */
#include "runtime/caps.h"

#include <sys/prctl.h>
#include <linux/capability.h>

#include "base/explain.h"
#include "base/sys.h"

/*
 * Leaves only `keep` in the bounding set of the calling process; its other sets stay as they are.
 *
 * Bit n of keep is capability n. The kernel may know capabilities that our headers do not: ask it which exist
 * (PR_CAPBSET_READ fails with EINVAL after the last one; today there are 41, more than an int has bits). One
 * that is already gone is no failure.
 *
 * Lab 11.1: what is not in the bounding set cannot come back, not by set-uid and not by file capabilities.
 */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		struct mc_err refused = { 0 };
		if (keep >> cap & 1)
			continue;
		int rc = sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0, &refused);
		if (rc == -EINVAL) /* behind the newest one of this kernel, not of our headers */
			break;
		if (rc < 0 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0) {
			*err = refused;
			return err_hint(err,
				"only a process with CAP_SETPCAP may give up capabilities for its children");
		}
	}
	return 0;
}

/*
 * Makes the calling process run as u: additional groups, group, user, in all of real, effective and saved
 * ids.
 *
 * u->groups replaces all groups there were, also with an empty list. Use sys_setgroups(), sys_setgid(),
 * sys_setuid(). In a user namespace whose setgroups is denied the list cannot be changed: with no groups
 * wanted that is no failure (the kernel says EPERM although CAP_SETGID is there: caps_have()).
 *
 * Lab 11.2: give up the groups while you still may, the user id last.
 */
int user_become(const struct user *u, struct mc_err *err)
{
	struct mc_err denied = { 0 };
	explain_step("user.become", 11, "groups first: after setuid the process may not drop them any more");
	int rc = sys_setgroups(u->n_groups, u->groups, &denied);
	if (rc < 0 && !(rc == -EPERM && u->n_groups == 0 && caps_have(CAP_SETGID))) {
		*err = denied;
		return rc;
	}
	rc = sys_setgid(u->gid, err);
	if (rc >= 0)
		rc = sys_setuid(u->uid, err);
	if (rc == -EINVAL)
		err_hint(err, "the id is not mapped in this user namespace");
	return rc < 0 ? rc : 0;
}

/*
 * Sets permitted, effective, inheritable and ambient to exactly what s says.
 *
 * Ambient is emptied first: a bit in it must be permitted and inheritable, so it falls with those; then the
 * wanted ones are raised. The bounding set is caps_limit()'s.
 *
 * Lab 11.3: privileges are what five sets say, not what the user id is.
 */
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	explain_step("caps.set", 11, "root inside keeps the few capabilities it needs, not all of them");
	/* Ambient bits survive exec of any program: clear those that our starter left. */
	int rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, err);
	/* All three exactly: an inheritable set that was left full gave files more (CVE-2022-29162). */
	if (rc >= 0)
		rc = sys_capset(s->effective, s->permitted, s->inheritable, err);
	if (rc == -EPERM)
		err_hint(err, "a process can only keep capabilities that it has");
	for (unsigned long cap = 0; rc >= 0 && cap < 64; cap++)
		if (s->ambient >> cap & 1)
			rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0, err);
	return rc < 0 ? rc : 0;
}
