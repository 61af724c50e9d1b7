/*
 * test_seccomp.c - filters are installed in forked children and asked by real system calls.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "runtime/caps.h"
#include "runtime/seccomp.h"
#include "runtime/tail/seccomp_build.h"
#include "qemu.h"

static struct mc_err err;

/* Result of one call under a filter: 0, or the errno. */
static int under(const struct seccomp_plan *plan, long (*call)(void))
{
	int status;
	struct seccomp_plan p = *plan;
	p.no_new_privs = true;
	pid_t pid = fork();
	if (pid == 0) {
		if (seccomp_apply(&p, &err) < 0)
			_exit(255);
		errno = 0;
		long rc = call();
		syscall(SYS_exit_group, rc < 0 ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static struct seccomp_plan load(const struct json *profile, const char *cache, struct seccomp_program *owner)
{
	struct seccomp_plan plan = { 0 };
	int rc = seccomp_plan_load(profile, cache, &plan, owner, &err);
	ck_assert_msg(rc == 0, "%s", err.what);
	return plan;
}

static struct json *profile(const char *name, uint64_t caps)
{
	struct json *p = NULL;
	ck_assert_msg(seccomp_profile(name, caps, &p, &err) == 0, "%s", err.what);
	return p;
}

static struct json *parse(const char *text)
{
	struct json *p = NULL;
	ck_assert_msg(json_parse(text, strlen(text), "test", &p, &err) == 0, "%s", err.what);
	return p;
}

static long c_getpid(void) { return syscall(SYS_getpid); }
static long c_mount(void) { return mount("none", "/nowhere", "tmpfs", 0, NULL); }
static long c_unshare(void) { return unshare(CLONE_NEWUTS); }
static long c_clone3(void) { return syscall(SYS_clone3, NULL, 0); }
static long c_newer(void) { return syscall(4000); }
static long c_reboot(void) { return syscall(SYS_reboot, 0, 0, 0, 0); }
static long c_vsock(void) { return socket(40, SOCK_STREAM, 0); }
/* An int: the kernel takes the low half, so a filter that compares 64 bits is walked past by any high one. */
static long c_vsock_high(void) { return syscall(SYS_socket, 40 + (1L << 32), SOCK_STREAM, 0); }
static long c_alg(void) { return socket(38, SOCK_SEQPACKET, 0); }
static long c_alg_high(void) { return syscall(SYS_socket, 38 - (1L << 32), SOCK_SEQPACKET, 0); }
static long c_netlink(void) { return socket(16, SOCK_RAW, 0); }
static long c_unix(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static long c_personality(void) { return personality(0x0200000); }
static long c_clone_newuser(void) { return syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0); }
static long c_fork(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
#ifdef __x86_64__
static long int80(long nr)
{
	long rc;
	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(nr), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = (int)-rc;
	return rc < 0 ? -1 : rc;
}
static long c_mount_32(void) { return int80(21); }
static long c_getpid_32(void) { return int80(20); }
static long c_newer_32(void) { return int80(4000); }
static long c_mount_x32(void) { return syscall(0x40000000 | 165, 0, 0, 0, 0, 0); }
static long c_newer_x32(void) { return syscall(0x40000000 | 4000); }
#endif

START_TEST(default_is_dockers)
{
	struct seccomp_program owner;
	struct json *p = profile(NULL, caps_docker_default());
	struct seccomp_plan plan = load(p, NULL, &owner);
	ck_assert_msg(!owner.owned, "the default was compiled at run time");
	ck_assert_int_eq(under(&plan, c_getpid), 0);
	ck_assert_int_eq(under(&plan, c_mount), EPERM);
	ck_assert_int_eq(under(&plan, c_unshare), EPERM);
	ck_assert_int_eq(under(&plan, c_clone3), ENOSYS);
	ck_assert_int_eq(under(&plan, c_newer), ENOSYS);
	ck_assert_int_eq(under(&plan, c_reboot), EPERM);
	ck_assert_int_eq(under(&plan, c_vsock), EPERM);
	ck_assert_int_eq(under(&plan, c_vsock_high), EPERM);
	ck_assert_int_eq(under(&plan, c_alg), EPERM);
	ck_assert_int_eq(under(&plan, c_alg_high), EPERM);
	ck_assert_int_eq(under(&plan, c_netlink), 0);
	ck_assert_int_eq(under(&plan, c_unix), 0);
	ck_assert_int_eq(under(&plan, c_personality), EPERM);
	ck_assert_int_eq(under(&plan, c_clone_newuser), EPERM);
	ck_assert_int_eq(under(&plan, c_fork), 0);
	json_free(p);
}
END_TEST

START_TEST(other_abis_are_no_way_round)
{
#ifdef __x86_64__
	struct seccomp_program owner;
	struct json *p = profile("builtin", caps_docker_default());
	struct seccomp_plan plan = load(p, NULL, &owner), none = { 0 };
	if (under(&none, c_getpid_32) == 0) { /* the kernel may lack the 32-bit ABI */
		ck_assert_int_eq(under(&plan, c_getpid_32), 0);
		ck_assert_int_eq(under(&plan, c_mount_32), EPERM);
		ck_assert_int_eq(under(&plan, c_newer_32), ENOSYS);
	}
	ck_assert_int_eq(under(&plan, c_mount_x32), EPERM);
	ck_assert_int_eq(under(&plan, c_newer_x32), ENOSYS);
	json_free(p);
#endif
}
END_TEST

START_TEST(capabilities_open_calls)
{
	struct seccomp_program owner;
	struct json *p = profile(NULL, caps_docker_default() | 1ULL << cap_number("SYS_ADMIN"));
	struct seccomp_plan plan = load(p, NULL, &owner);
	ck_assert(owner.owned);
	ck_assert_int_ne(under(&plan, c_mount), EPERM);
	ck_assert_int_eq(under(&plan, c_clone3), EINVAL);
	ck_assert_int_eq(under(&plan, c_reboot), EPERM);
	seccomp_program_release(&owner);
	json_free(p);
	ck_assert_int_eq(seccomp_profile("unconfined", 0, &p, &err), 0);
	ck_assert(!p);
	ck_assert_int_eq(seccomp_profile("/no/such/file", 0, &p, &err), -ENOENT);
}
END_TEST

START_TEST(cache_believes_only_equal_text)
{
	char dir[] = "/tmp/minictr-seccomp-XXXXXX", name[64], path[128];
	struct seccomp_program owner;
	ck_assert(mkdtemp(dir));
	const char *deny = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"reboot\"],"
			   "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":77}]}";
	struct json *p = parse(deny);
	struct seccomp_plan plan = load(p, dir, &owner);
	ck_assert_int_eq(under(&plan, c_reboot), 77);
	seccomp_program_release(&owner);
	_cleanup_free_ char *text = json_dump(p, false);
	snprintf(name, sizeof(name), "%016llx", (unsigned long long)fnv1a(text, strlen(text)));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert(access(path, R_OK) == 0);
	plan = load(p, dir, &owner);
	ck_assert_int_eq(under(&plan, c_reboot), 77);
	seccomp_program_release(&owner);

	/* A file with the right name for another text (a collision, or a plant) must not count. */
	struct buf file = { 0 };
	ck_assert_int_eq(file_read(AT_FDCWD, path, 1 << 20, &file, &err), 0);
	char *at = memmem(file.data, file.len, "reboot", 6);
	ck_assert(at);
	memcpy(at, "getpid", 6);
	ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, file.data, file.len, 0600, 0, &err), 0);
	plan = load(p, dir, &owner);
	ck_assert_int_eq(under(&plan, c_reboot), 77);
	seccomp_program_release(&owner);
	buf_release(&file);
	json_free(p);
	dir_remove(AT_FDCWD, dir, &err);
}
END_TEST

START_TEST(arguments_are_compared)
{
	struct seccomp_program owner;
	/* Two conditions on one argument are alternatives, on two arguments they hold together. */
	struct json *p = parse(
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"socket\"],\"action\":"
		"\"SCMP_ACT_ERRNO\",\"errnoRet\":5,\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}"
		","
		"{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"personality\"],\"action\":"
		"\"SCMP_ACT_KILL_PROCESS\",\"args\":[{\"index\":0,\"value\":2097152,\"valueTwo\":2097152,"
		"\"op\":"
		"\"SCMP_CMP_MASKED_EQ\"}]}]}");
	struct seccomp_plan plan = load(p, NULL, &owner);
	ck_assert_int_eq(under(&plan, c_unix), 5);
	ck_assert_int_eq(under(&plan, c_vsock), 5);
	ck_assert_int_eq(under(&plan, c_personality), 1000 + SIGSYS);
	ck_assert_int_eq(under(&plan, c_newer), ENOSYS);
	seccomp_program_release(&owner);
	json_free(p);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	static const char *const bad[] = { "{}", "{\"defaultAction\":\"SCMP_ACT_DANCE\"}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"X\"]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_Z80\"]}",
		"{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_"
		"ACT_KILL\",\"errnoRet\":1}]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_"
		"ACT_KILL\",\"args\":[{\"index\":9,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]}]}" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct seccomp_plan plan = { 0 };
		struct seccomp_program owner;
		struct json *p = parse(bad[i]);
		ck_assert_msg(seccomp_plan_load(p, NULL, &plan, &owner, &err) < 0, "%s", bad[i]);
		json_free(p);
	}
}
END_TEST

START_TEST(compiles_for_other_machines)
{
	struct buf bpf = { 0 };
	unsigned flags;
	struct json *p = NULL,
		    *docker = parse(
			    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"architecture\":"
			    "\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]}],\"syscalls\":"
			    "[{\"names\":[\"read\",\"arch_prctl\"],\"action\":\"SCMP_ACT_ALLOW\"}]}");
	ck_assert_int_eq(seccomp_resolve(docker, "arm64", 0, &p, &err), 0);
	ck_assert_msg(seccomp_compile(p, "arm64", &bpf, &flags, &err) == 0, "%s", err.what);
	ck_assert_uint_gt(bpf.len, 10 * sizeof(struct sock_filter));
	buf_release(&bpf);
	json_free(p);
	json_free(docker);
}
END_TEST

int main(void)
{
	if (qemu_lacks("seccomp(2)"))
		return 0;
	Suite *s = suite_create("seccomp");
	TCase *t = tcase_create("filters");
	tcase_add_test(t, default_is_dockers);
	tcase_add_test(t, other_abis_are_no_way_round);
	tcase_add_test(t, capabilities_open_calls);
	tcase_add_test(t, cache_believes_only_equal_text);
	tcase_add_test(t, arguments_are_compared);
	tcase_add_test(t, nonsense_is_refused);
	tcase_add_test(t, compiles_for_other_machines);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
