/*
 * box/check_errors.c - check_errors() of check.h: an owned function runs once for each call that it makes,
 * and each time another one fails. It must notice every time. How a call is made to fail: box/fails.c.
 */
#include "learn/box/enter.h"

#include <seccomp.h>
#include <sys/wait.h>
#include "base/sys.h"
#include "learn/checking.h"

/* The run in which no call had to fail: the function was only slowed down, so it ends as it always does. */
static void judge_undisturbed(struct check *c, const struct run *r)
{
	const char *want = "it comes back, as it did before";
	if (r->timed_out)
		check_fail(c, NULL, want, "it did not come back within %u seconds", r->ms / 1000);
	check_that(c, !WIFSIGNALED(r->status), NULL, want, "it was killed by signal %d (%s)",
		WTERMSIG(r->status), strsignal(WTERMSIG(r->status)));
}

static void judge(struct check *c, const struct run *r, int nth)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, r->failed_call);
	const char *call = check_text(c, "%s(2)", name ? name : "a system call");
	char *want = check_text(c, "it fails when %s fails (%s; call %d of those the check lets fail)", call,
		errno_name(r->fail_errno), nth);
	free(name);
	if (r->timed_out)
		check_fail(c, NULL, want, "it did not come back");
	check_that(c, !WIFSIGNALED(r->status), NULL, want, "it was killed by signal %d (%s)",
		WTERMSIG(r->status), strsignal(WTERMSIG(r->status)));
	check_that(c, r->code != 0, "M-ANY-IGNORED", want, "it said success");
}

/* Not one of the calls without which the function cannot do what it says: it knows that it is watched. */
static void judge_idle(struct check *c, const struct run *r, int first)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, first);
	const char *call = check_text(c, "%s(2)", name ? name : "a system call");
	free(name);
	check_that(c, r->code != 0, "M-ANY-IDLE",
		check_text(c, "to do what it says it makes system calls, %s or one like it", call),
		"it said success, and made none");
}

void check_errors(struct check *c, struct box *b, const int *calls, int error, const char *const argv[])
{
	for (int nth = 1; nth <= 40; nth++) {
		struct run r = {
			.argv = argv, .ms = 5000, .fail_calls = calls, .fail_nth = nth, .fail_errno = error
		};
		box_run(b, &r);
		if (r.failed_call < 0) {
			judge_undisturbed(c, &r);
			if (nth == 1 && !r.other_call)
				judge_idle(c, &r, calls[0]);
			return;
		}
		judge(c, &r, nth);
	}
}
