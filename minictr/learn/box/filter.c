/*
 * box/filter.c - the filter of the crash box: kernel interfaces that no lab needs and that reach far.
 *
 * Kernel objects: seccomp(2), libseccomp. Answers ENOSYS, not EPERM: a runtime that is refused keyctl with
 * EPERM gives up, with ENOSYS it goes on without. All ABIs of the machine are covered: 32-bit calls would
 * walk round the filter otherwise. Installed without no_new_privs by the box's root, so that NoNewPrivs is
 * 0 for the learner's own experiments. The filter is compiled once, before any fork: libseccomp takes
 * milliseconds and allocates.
 */
#include "learn/box/box.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/sys.h"

static struct sock_filter *program; /* the filter, compiled; NULL before box_seccomp_prepare() */
static unsigned short program_len;  /* in instructions */

static const char *const denied[] = { "bpf", "keyctl", "add_key", "request_key", "perf_event_open",
	"userfaultfd", "io_uring_setup", "kexec_load", "kexec_file_load", "init_module", "finit_module",
	"delete_module", "syslog", "swapon", "swapoff", "open_by_handle_at", "quotactl", "quotactl_fd",
	"acct", "clock_settime", "clock_settime64", "settimeofday", "stime", "clock_adjtime", "adjtimex",
	"fanotify_init", "reboot", "iopl", "ioperm", "lookup_dcookie", "nfsservctl" };

static int build(scmp_filter_ctx ctx, struct mc_err *err)
{
#if defined(__x86_64__)
	seccomp_arch_add(ctx, SCMP_ARCH_X86);
	seccomp_arch_add(ctx, SCMP_ARCH_X32);
#elif defined(__aarch64__)
	seccomp_arch_add(ctx, SCMP_ARCH_ARM);
#endif
	for (size_t i = 0; i < ARRAY_LEN(denied); i++) {
		int nr = seccomp_syscall_resolve_name(denied[i]);
		if (nr == __NR_SCMP_ERROR)
			continue; /* unknown to this libseccomp */
		int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
		if (rc < 0 && rc != -EDOM && rc != -EOPNOTSUPP)
			return err_set(err, -rc, "seccomp rule for %s", denied[i]);
	}
	return 0;
}

static int export_program(scmp_filter_ctx ctx, struct mc_err *err)
{
	_cleanup_close_ int fd = memfd_create("box-filter", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "memfd_create");
	int rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return err_set(err, -rc, "seccomp_export_bpf");
	off_t size = lseek(fd, 0, SEEK_END);
	program = xmalloc((size_t)size);
	if (pread(fd, program, (size_t)size, 0) != size)
		return err_sys(err, "reading the filter");
	program_len = (unsigned short)((size_t)size / sizeof(*program));
	return 0;
}

int box_seccomp_prepare(struct mc_err *err)
{
	if (program)
		return 0;
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx)
		return err_set(err, ENOMEM, "seccomp_init");
	int rc = build(ctx, err);
	if (rc == 0)
		rc = export_program(ctx, err);
	seccomp_release(ctx);
	return rc;
}

int box_seccomp_install(struct mc_err *err)
{
	struct sock_fprog filter = { .len = program_len, .filter = program };
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &filter, err);
}
