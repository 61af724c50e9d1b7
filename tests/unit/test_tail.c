/*
 * test_tail.c - the runtime's tail: parsing of its part of config.json, and device rules as BPF on a real cgroup2.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/cgroup.h"
#include "runtime/tail/config_keys.h"

static struct mc_err err;

#define HEAD                                                                                                 \
	"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"x\"],\"cwd\":\"/" \
	"\""
#define NAMESPACES                                                                                           \
	"\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"network\"}]"

/* A config with more in "process" and more in "linux"; the result of parsing. */
static int parse(struct config *c, const char *process, const char *kernel, const char *top)
{
	struct json *doc = NULL;
	_cleanup_free_ char *text = xasprintf(HEAD "%s%s},\"linux\":{" NAMESPACES "%s%s}%s%s}",
		*process ? "," : "", process, *kernel ? "," : "", kernel, *top ? "," : "", top);
	err = (struct mc_err){ 0 };
	*c = (struct config){ 0 };
	ck_assert_msg(
		json_parse(text, strlen(text), "config.json", &doc, &err) == 0, "%s: %s", text, err.what);
	return config_parse(doc, "/", c, &err);
}

START_TEST(limits_are_exact)
{
	struct config c;
	ck_assert_int_eq(
		parse(&c,
			"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1,\"hard\":18446744073709551615}]",
			"", ""),
		0);
	ck_assert_uint_eq(c.process.tail->rlimits[0].hard, UINT64_MAX);
	ck_assert_uint_eq(c.process.tail->rlimits[0].soft, 1);
	config_release(&c);
}
END_TEST

/* tests/run/13-config-fields.sh spoils each of its fields, one at a time. */
START_TEST(each_field_is_read)
{
	struct json *doc = NULL;
	struct config c = { 0 };
	int rc = json_parse_file(AT_FDCWD, "tests/unit/config_full.json", 1 << 20, &doc, &err);
	ck_assert_msg(rc == 0, "%s", err.what);
	rc = config_parse(doc, "/", &c, &err);
	ck_assert_msg(rc == 0, "%s", err.what);
	config_release(&c);
}
END_TEST

/* What must be refused, with the part of the message that tells where. */
START_TEST(mistakes_are_refused)
{
	static const struct {
		const char *process, *kernel, *top, *says;
	} bad[] = {
		{ "\"rlimits\":[{\"type\":\"NOFILE\",\"soft\":1,\"hard\":1}]", "", "",
			"no limit is called 'NOFILE'" },
		{ "\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]", "", "",
			"soft is above hard" },
		{ "\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":-1,\"hard\":1}]", "", "", "soft" },
		{ "\"rlimits\":[{\"type\":\"RLIMIT_CPU\"}]", "", "", "soft and hard are both needed" },
		{ "\"ioPriority\":{\"priority\":4}", "", "", "ioPriority.class" },
		{ "", "\"personality\":{}", "", "personality.domain" },
		{ "", "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":4294967297,\"minor\":3}]",
			"", "4294967297:3" },
		{ "", "\"maskedPaths\":[\"proc/kcore\"]", "", "maskedPaths[0]: expected an absolute path" },
		{ "", "\"readonlyPaths\":[\"\"]", "", "readonlyPaths[0]: expected an absolute path" },
		{ "", "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}", "", "linux.memoryPolicy" },
		{ "", "\"netDevices\":{\"eth0\":{}}", "", "linux.netDevices" },
		{ "", "",
			"\"mounts\":[{\"destination\":\"/m\",\"source\":\"/"
			"\",\"options\":[\"bind\"],\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}]",
			"must both be there" },
		{ "", "", "\"ociVersion\":\"1.2\"", "ociVersion: 1.2 is no version" },
		{ "", "", "\"ociVersion\":\"1.02.0\"", "ociVersion: 1.02.0 is no version" },
		{ "", "", "\"ociVersion\":\"1.2.0-\"", "ociVersion: 1.2.0- is no version" },
		{ "", "\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"network\",\"path\":\"run/n\"}]", "",
			"expected an absolute path, got run/n" },
		{ "", "", "\"annotations\":{\"a\":5}", "annotations.a: expected a string" },
		{ "", "", "\"annotations\":{\"\":\"x\"}", "a key is empty" },
		{ "", "", "\"mounts\":[{\"destination\":\"/m\",\"type\":\"tmpfs\",\"options\":[\"idmap\"]}]",
			"only bind mounts can be id-mapped" },
		{ "", "",
			"\"mounts\":[{\"destination\":\"/m\",\"source\":\"/"
			"\",\"options\":[\"bind\",\"idmap=uids=0-1-1\"]}]",
			"is an option of crun" },
		{ "\"oomScoreAdj\":1001", "", "", "-1000 and 1000" },
		{ "\"oomScoreAdj\":\"many\"", "", "", "oomScoreAdj" },
		{ "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}", "", "",
			"between 0 and 7" },
		{ "\"ioPriority\":{\"class\":\"FAST\"}", "", "", "expected one of IOPRIO" },
		{ "", "\"devices\":[{\"path\":\"dev\",\"type\":\"c\",\"major\":1,\"minor\":1}]", "",
			"absolute" },
		{ "", "\"devices\":[{\"path\":\"/d\",\"type\":\"x\"}]", "", "expected one of c b u p" },
		{ "", "\"devices\":[{\"path\":\"/d\",\"type\":\"b\"}]", "", "major and minor" },
		{ "", "\"personality\":{\"domain\":\"BSD\"}", "", "neither LINUX" },
		{ "", "\"sysctl\":{\"kernel.panic\":\"1\"}", "", "whole machine" },
		{ "", "\"sysctl\":{\"net/../kernel/panic\":\"1\"}", "", "no name" },
		{ "", "\"sysctl\":{\"user.max_user_namespaces\":\"1\"}", "", "user namespace" },
		{ "", "\"timeOffsets\":{\"monotonic\":{\"secs\":1}}", "", "need a new \"time\"" },
		{ "", "\"intelRdt\":{}", "", "does not partition" },
		{ "", "\"rootfsPropagation\":\"up\"", "", "rootfsPropagation" },
		{ "", "", "\"hooks\":{\"prestart\":[{\"path\":\"hook\"}]}", "absolute" },
		{ "", "", "\"hooks\":{\"prestart\":[{\"path\":\"/h\",\"timeout\":0}]}", "0 is not between 1 and" },
		{ "", "", "\"hooks\":{\"poststop\":{}}", "poststop" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct config c;
		int rc = parse(&c, bad[i].process, bad[i].kernel, bad[i].top);
		ck_assert_msg(rc < 0, "accepted: %s %s %s", bad[i].process, bad[i].kernel, bad[i].top);
		ck_assert_msg(
			strstr(err.what, bad[i].says), "said \"%s\", not \"%s\"", err.what, bad[i].says);
		config_release(&c);
	}
}
END_TEST

START_TEST(sysctls_have_two_spellings)
{
	char out[64];
	sysctl_dotted("net.ipv4.conf.eth0/1.forwarding", out, sizeof(out));
	ck_assert_str_eq(out, "net.ipv4.conf.eth0/1.forwarding");
	sysctl_dotted("net/ipv4/conf/eth0.1/forwarding", out, sizeof(out));
	ck_assert_str_eq(out, "net.ipv4.conf.eth0/1.forwarding");
}
END_TEST

START_TEST(capabilities_have_names)
{
	ck_assert_int_eq(cap_number("CAP_CHOWN"), 0);
	ck_assert_int_eq(cap_number("net_raw"), 13);
	ck_assert_int_eq(cap_number("CAP_NONE"), -1);
	ck_assert_str_eq(cap_name(40), "CAP_CHECKPOINT_RESTORE");
	ck_assert_ptr_eq(cap_name(41), NULL);
	ck_assert_uint_eq(caps_docker_default(), 0xa80425fb);
}
END_TEST

START_TEST(subordinate_ids_are_read)
{
	char file[] = "/tmp/minictr-subid-XXXXXX";
	struct id_map m = { 0 };
	int fd = mkstemp(file);
	static const char text[] = "nobody-here:1:5\n4242:100000:65536\nbroken\n4242:x:1\n4242:300000:10\n";
	ck_assert_int_eq(file_write_all(fd, text, sizeof(text) - 1, &err), 0);
	ck_assert_int_eq(userns_subids(file, 4242, &m, &err), 65546);
	ck_assert_uint_eq(m.n, 2);
	ck_assert_int_eq(id_map_outside(&m, 0), 100000);
	ck_assert_int_eq(id_map_outside(&m, 65536), 300000);
	ck_assert_int_eq(id_map_outside(&m, 65546), -1);
	id_map_release(&m);
	ck_assert_int_eq(userns_subids(file, 1, &m, &err), 0);
	ck_assert_int_eq(userns_subids("/no/such/file", 1, &m, &err), 0);
	close(fd);
	unlink(file);
}
END_TEST

/* A cgroup of the cgroup2 tree, which "hybrid" machines have beside v1; -1 where there is none. */
static int make_cgroup2(char *path, size_t size)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	for (size_t i = 0; i < ARRAY_LEN(mounts) && geteuid() == 0; i++) {
		snprintf(path, size, "%s/cgroup.controllers", mounts[i]);
		if (access(path, F_OK) < 0)
			continue;
		snprintf(path, size, "%s/minictr-test-%d", mounts[i], getpid());
		if (mkdir(path, 0755) == 0)
			return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return -1;
}

/* errno of opening path inside the cgroup, 0 when it works. */
static int try_open(int cgroup, const char *path, int flags)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		int procs = openat(cgroup, "cgroup.procs", O_WRONLY);
		if (procs < 0 || write(procs, "0", 1) != 1)
			_exit(255);
		_exit(open(path, flags) < 0 ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

START_TEST(device_rules_as_bpf)
{
	char path[128];
	int cgroup = make_cgroup2(path, sizeof(path));
	if (cgroup < 0)
		return;
	const struct device_rule rules[] = {
		{ false, 'a', -1, -1, 7 }, { true, 'c', 1, 5, 7 }, /* zero: all */
		{ true, 'c', 1, 7, 2 },                            /* full: read */
		{ true, 'c', 1, -1, 4 },                           /* any of major 1: write */
		{ false, 'c', 1, 3, 4 },                           /* null: no write after all */
	};
	int rc = cgroup_devices_bpf(cgroup, rules, ARRAY_LEN(rules), &err);
	if (rc == -EPERM || rc == -ENOSYS) { /* a kernel or a box without it */
		rmdir(path);
		return;
	}
	ck_assert_msg(rc == 0, "%s (%s)", err.what, err.hint);
	ck_assert_int_eq(try_open(cgroup, "/dev/zero", O_RDWR), 0);
	ck_assert_int_eq(try_open(cgroup, "/dev/full", O_RDONLY), 0);
	ck_assert_int_eq(try_open(cgroup, "/dev/full", O_WRONLY), 0);
	ck_assert_int_eq(try_open(cgroup, "/dev/full", O_RDWR), EPERM);
	ck_assert_int_eq(try_open(cgroup, "/dev/null", O_WRONLY), EPERM);
	ck_assert_int_eq(try_open(cgroup, "/dev/urandom", O_RDONLY), EPERM);
	ck_assert_int_eq(try_open(cgroup, "/dev/tty", O_RDONLY), EPERM);
	close(cgroup);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* No rule that fits everything: what no rule names is allowed. */
START_TEST(bpf_without_a_last_word_allows)
{
	char path[128];
	int cgroup = make_cgroup2(path, sizeof(path));
	if (cgroup < 0)
		return;
	const struct device_rule rules[] = { { false, 'c', 1, 5, 2 } };
	if (cgroup_devices_bpf(cgroup, rules, 1, &err) == 0) {
		ck_assert_int_eq(try_open(cgroup, "/dev/zero", O_RDONLY), EPERM);
		ck_assert_int_eq(try_open(cgroup, "/dev/zero", O_RDWR), EPERM);
		ck_assert_int_eq(try_open(cgroup, "/dev/zero", O_WRONLY), 0);
		ck_assert_int_eq(try_open(cgroup, "/dev/full", O_RDONLY), 0);
	}
	close(cgroup);
	rmdir(path);
}
END_TEST

/* In a mount namespace of its own, where `cover` may spoil /proc: what proc_self_open() says then. */
static int open_behind(int (*cover)(void))
{
	int status = 0;
	_cleanup_free_ char *uids = xasprintf("0 %u 1", geteuid()), *gids = xasprintf("0 %u 1", getegid());
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
			sys_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", &err) < 0 ||
			sys_write_file(AT_FDCWD, "/proc/self/gid_map", gids, &err) < 0 ||
			sys_write_file(AT_FDCWD, "/proc/self/uid_map", uids, &err) < 0 || cover() < 0)
			_exit(77); /* not here: no user namespaces */
		int fd = proc_self_open("comm", O_WRONLY, &err);
		_exit(fd < 0 ? -fd : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int cover_nothing(void) { return 0; }
static int cover_file(void)
{
	return mount("/proc/self/timerslack_ns", "/proc/self/comm", NULL, MS_BIND, NULL);
}
static int cover_proc(void)
{
	if (mount("/proc", "/mnt", NULL, MS_BIND | MS_REC, NULL) < 0 ||
		mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0)
		return -1;
	return symlink("/mnt/self", "/proc/self");
}

/* A label that is written into another file of a proc leaves the program without one, and all looks well. */
START_TEST(proc_is_the_real_one)
{
	if (open_behind(cover_nothing) == 77)
		return;
	ck_assert_int_eq(open_behind(cover_nothing), 0);
	ck_assert_int_eq(open_behind(cover_file), EXDEV);
	ck_assert_int_eq(open_behind(cover_proc), EPERM);
}
END_TEST

START_TEST(a_directory_of_ones_own)
{
	char dir[] = "/tmp/minictr-own.XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(dir));
	int fd = dir_open_own(dir, true, &err);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(chmod(dir, 0777), 0);
	ck_assert_int_eq(dir_open_own(dir, true, &err), -EPERM);
	ck_assert_int_eq(dir_open_own("/tmp", true, &err), -EPERM);
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tail");
	TCase *t = tcase_create("tail");
	tcase_add_test(t, limits_are_exact);
	tcase_add_test(t, each_field_is_read);
	tcase_add_test(t, mistakes_are_refused);
	tcase_add_test(t, sysctls_have_two_spellings);
	tcase_add_test(t, capabilities_have_names);
	tcase_add_test(t, subordinate_ids_are_read);
	tcase_add_test(t, device_rules_as_bpf);
	tcase_add_test(t, bpf_without_a_last_word_allows);
	tcase_add_test(t, proc_is_the_real_one);
	tcase_add_test(t, a_directory_of_ones_own);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
