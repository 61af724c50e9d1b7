/*
 * seccomp.c - hands a ready system call filter to the kernel.
 *
 * Kernel objects: seccomp(2) SECCOMP_SET_MODE_FILTER, prctl(2) PR_SET_NO_NEW_PRIVS; `Seccomp:`,
 * `Seccomp_filters:` and `NoNewPrivs:` in /proc/PID/status. The filter is classic BPF over struct
 * seccomp_data: architecture, number and arguments of the call; it cannot follow pointers.
 *
 * Order and why: it is the last call before execve(2), because each later call of ours would have to pass the
 * filter. A process without no_new_privs needs CAP_SYS_ADMIN for it, so we keep that one capability until
 * then (become.c, become_caps).
 *
 * Left out: where filters come from (tail/seccomp_load.c, tail/seccomp_compile.c; docker's default is
 * compiled while this program is built).
 */
#include "runtime/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "base/explain.h"
#include "base/sys.h"

/*
 * Installs p->filter (all p->n instructions) for the calling process and all that it will ever start.
 *
 * p->filter NULL: nothing to install. With p->no_new_privs the process first gives up gaining privileges by
 * exec: without it a filter could make a set-uid program misbehave, so the kernel wants CAP_SYS_ADMIN
 * instead. p->flags goes to seccomp(2) as it is. Returns 0, or with SECCOMP_FILTER_FLAG_NEW_LISTENER the
 * listener's descriptor.
 *
 * Lab 11.4: a filter is a program in the kernel, asked before every system call, of every ABI.
 */
int seccomp_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	if (p->no_new_privs) {
		int rc = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, err);
		if (rc < 0)
			return rc;
	}
	if (!p->filter)
		return 0;
	explain_step("seccomp.apply", 11,
		"most system calls are never needed: what cannot be called cannot be abused");
	struct sock_fprog program = { .len = p->n, .filter = (struct sock_filter *)p->filter };
	int rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, p->flags, &program, err);
	if (rc == -EACCES)
		err_hint(err, "without no_new_privs a filter needs CAP_SYS_ADMIN");
	return rc;
}
