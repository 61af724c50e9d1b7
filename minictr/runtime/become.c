/*
 * become.c - gives up root's privileges before the program runs: limits, directory, capabilities, user,
 * filter.
 *
 * Kernel objects: credentials(7), capabilities(7), prctl(2), seccomp(2), close_range(2).
 * Order and why: each step needs a privilege that a later one gives up. Raising limits needs
 * CAP_SYS_RESOURCE, the bounding set CAP_SETPCAP, groups and user CAP_SETGID and CAP_SETUID. The working
 * directory is entered while still root (the user may not be allowed to search its parents), then checked: a
 * descriptor that leaked from the host must not be a way out (CVE-2024-21626). The filter is not a step of
 * become(); it is the last call before execve(2). A profile lists what the program needs, and each later call
 * of ours would have to be on that list. runc installs the filter earlier when no_new_privs is not set, so
 * profiles in the field allow the calls that runc makes after it, and not ours.
 */
#include "runtime/become.h"

#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/sys.h"
#include "runtime/caps.h"
#include "runtime/tail.h"
#include "runtime/userns.h"

static int become_compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int close_all_but(const int *keep, size_t n, int preserve, struct mc_err *err)
{
	_cleanup_free_ int *sorted = xcalloc(n + 1, sizeof(*sorted));
	int first = 3 + preserve, rc = 0;
	for (size_t i = 0; i < n; i++)
		sorted[i] = keep[i];
	qsort(sorted, n, sizeof(*sorted), become_compare);
	for (size_t i = 0; i < n && rc >= 0; i++) {
		if (sorted[i] < first)
			continue;
		if (sorted[i] > first)
			rc = sys_close_range((unsigned)first, (unsigned)sorted[i] - 1, 0, err);
		first = sorted[i] + 1;
	}
	return rc < 0 ? rc : sys_close_range((unsigned)first, ~0U, 0, err);
}

int close_at_exec(int preserve, struct mc_err *err)
{
	return sys_close_range(3 + (unsigned)preserve, ~0U, CLOSE_RANGE_CLOEXEC, err);
}

int become_mapped_root(const struct config *c, struct mc_err *err)
{
	/* Where the map has no 0, take its first id: any id has all capabilities in a new namespace. */
	uint32_t uid = id_map_root(&c->uids), gid = id_map_root(&c->gids);
	struct mc_err denied = { 0 };
	/* EPERM where setgroups is denied (user_namespaces(7)): then no group can be misused either. */
	int rc = sys_setgroups(0, NULL, &denied);
	if ((rc = sys_setgid(gid, err)) < 0 || (rc = sys_setuid(uid, err)) < 0)
		return err_hint(err, "linux.uidMappings and linux.gidMappings must map this id");
	return 0;
}

/* A working directory outside our root has no path in it: getcwd(2) says "(unreachable)", getcwd(3) fails. */
static int become_check_cwd(const char *wanted, struct mc_err *err)
{
	_cleanup_free_ char *cwd = getcwd(NULL, 0);
	if (cwd && cwd[0] == '/')
		return 0;
	err_set(err, EPERM, "working directory %s is outside of the container's root", wanted);
	return err_hint(err,
		"the image or the command names a descriptor of the host as its directory: do not trust it");
}

static int become_enter_cwd(const struct config_process *p, struct mc_err *err)
{
	int rc = sys_chdir(p->cwd, err);
	if (rc < 0) {
		err_hint(err, "the program starts in this directory: -w or the image's WORKDIR must name one "
			      "that is inside the container");
		return err_exit(err, rc == -ENOENT ? 127 : 126);
	}
	return become_check_cwd(p->cwd, err);
}

/*
 * The capabilities that config.json asks for, reduced to those this process has itself.
 *
 * Without no_new_privs the kernel installs a filter only for CAP_SYS_ADMIN, and the filter comes after all
 * other calls (become_last). So we keep that one capability until then. No program gets it: execve(2)
 * computes the new sets from the ambient, inheritable and bounding sets alone (capabilities(7),
 * "Transformation").
 */
static struct cap_sets become_caps(
	const struct config_process *p, const struct seccomp_plan *filter, uint64_t own)
{
	const uint64_t admin = 1ULL << 21; /* CAP_SYS_ADMIN */
	struct cap_sets s = p->caps;
	s.effective &= own;
	s.permitted &= own;
	s.inheritable &= own;
	s.ambient &= s.permitted & s.inheritable;
	if (filter && filter->filter && !filter->no_new_privs) {
		s.permitted |= own & admin;
		s.effective |= own & admin;
	}
	return s;
}

/* Sets groups, group and user; the permitted capabilities stay for the later steps. */
static int become_user(const struct config_process *p, uint64_t own, struct mc_err *err)
{
	bool stays_root = p->user.uid == 0;
	int rc = stays_root ? 0 : sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0, err);
	if (rc < 0 || (rc = user_become(&p->user, err)) < 0 || stays_root)
		return rc;
	/* Giving up uid 0 emptied the effective set, which the later steps still need. */
	return sys_capset(own, own, 0, err);
}

int become(const struct config *c, const struct config_process *p, const struct seccomp_plan *filter,
	struct mc_err *err)
{
	int rc;
	uint64_t own = caps_own();
	struct cap_sets caps = become_caps(p, filter, own);
	explain_step("process.limits", 3,
		"limits come first: to raise one needs a privilege that is given up below");
	if ((rc = tail_before_exec(c, p, err)) < 0)
		return rc;
	explain_step(
		"process.cwd", 1, "the directory must be inside the container, also when its path is a link");
	if ((rc = become_enter_cwd(p, err)) < 0)
		return rc;
	explain_step("caps.limit", 11,
		"a capability that leaves the bounding set never comes back, not even through a set-uid "
		"program");
	if ((rc = caps_limit(p->caps.bounding, err)) < 0 || (rc = become_user(p, own, err)) < 0 ||
		(rc = caps_set(&caps, err)) < 0)
		return rc;
	umask(p->has_umask ? p->umask : 022);
	return p->no_new_privs ? sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err) : 0;
}

int become_last(const struct seccomp_plan *filter, bool told, struct mc_err *err)
{
	int rc = tail_seccomp(filter, err);
	if (rc >= 0 && filter->filter && !told)
		explain_stop();
	return rc;
}

int become_keeper(const struct config_process *p, const struct seccomp_plan *filter, struct mc_err *err)
{
	struct cap_sets caps = become_caps(p, NULL, caps_own());
	struct seccomp_plan own = *filter;
	/* The agent of SCMP_ACT_NOTIFY answers for the program only; our own such calls fail (ENOSYS). */
	own.flags &= ~(unsigned)SECCOMP_FILTER_FLAG_NEW_LISTENER;
	own.no_new_privs = true; /* we never exec: no cost, and the filter can come after the capabilities */
	int rc = caps_set(&caps, err);
	return rc < 0 ? rc : seccomp_apply(&own, err);
}
