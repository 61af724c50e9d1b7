/*
 * test_inside.c - the runtime's core as init uses it: root, mounts, binds, names, capabilities, ids. Each test is a process of its own
 * (Check forks), enters a new user namespace as its root, with mounts, network and names of its own, and so needs no root.
 */
#include <check.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "network/bridge.h"
#include "network/link.h"
#include "runtime/become.h"
#include "runtime/bind.h"
#include "runtime/mounts.h"
#include "runtime/namespace.h"
#include "runtime/rootfs.h"
#include "inside.h"
#include "qemu.h"

/* How many mounts this mount namespace has whose line holds `word`. */
static int mounts_with(const char *word)
{
	int n = 0;
	_cleanup_buf_ struct buf text = { 0 };
	OK(file_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &text, &err));
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));)
		n += strstr(line, word) != NULL;
	return n;
}

static int make_root(void)
{
	int root = -1;
	OK(dir_make(AT_FDCWD, "/tmp/root/proc", 0755, &err));
	OK(file_write_atomic(AT_FDCWD, "/tmp/root/inside", "x", 1, 0644, 0, &err));
	OK(rootfs_bind_self("/tmp/root", &root, &err));
	return root;
}

START_TEST(private_means_no_peers)
{
	if (!inside())
		return;
	ck_assert_int_eq(mounts_with(" shared:") + mounts_with(" master:"), 0);
}
END_TEST

START_TEST(a_new_root_is_all_there_is)
{
	struct stat before, after;
	if (!inside())
		return;
	ck_assert_int_eq(rootfs_bind_self("/tmp/missing", &(int){ -1 }, &err), -ENOENT);
	int root = make_root();
	ck_assert(fcntl(root, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(fstat(root, &before), 0);
	OK(rootfs_pivot(root, &err));
	ck_assert_int_eq(stat("/", &after), 0);
	ck_assert(before.st_ino == after.st_ino && before.st_dev == after.st_dev);
	ck_assert(path_exists(AT_FDCWD, "/inside") && path_exists(AT_FDCWD, "inside") && !path_exists(AT_FDCWD, "/etc"));
	ck_assert(fcntl(root, F_GETFD) >= 0);
	/* The way of the tutorial: with a directory kept open, chroot(2) leads out of a chroot, but not out of this. */
	ck_assert_int_eq(chdir("../../.."), 0);
	ck_assert(path_exists(AT_FDCWD, "inside"));
}
END_TEST

START_TEST(pivot_wants_a_mount)
{
	if (!inside())
		return;
	OK(dir_make(AT_FDCWD, "/tmp/plain", 0755, &err));
	int plain = dir_open(AT_FDCWD, "/tmp/plain", &err);
	ck_assert_int_eq(rootfs_pivot(plain, &err), -EINVAL);
	ck_assert_str_ne(err.hint, "");
	ck_assert(path_exists(AT_FDCWD, "/etc"));
}
END_TEST

START_TEST(chroot_moves_the_directory_too)
{
	if (!inside())
		return;
	make_root();
	ck_assert_int_eq(rootfs_chroot("/tmp/none", &err), -ENOENT);
	OK(rootfs_chroot("/tmp/root", &err));
	ck_assert(path_exists(AT_FDCWD, "inside") && path_exists(AT_FDCWD, "/inside") && !path_exists(AT_FDCWD, "/etc"));
}
END_TEST

/* Links of the image end inside the root; flags of a bind hold; a missing target is made, a file for a file. */
START_TEST(mounts_stay_inside)
{
	if (!inside() || qemu_lacks("openat2(2)"))
		return;
	int root = make_root();
	OK(symlinkat("../../../../tmp/out", root, "way"));
	OK(dir_make(AT_FDCWD, "/tmp/out", 0755, &err));
	struct mount_plan m = { .root = root, .source = "tmpfs", .target = "/way/deep", .fstype = "tmpfs", .flags = MS_NOSUID };
	OK(rootfs_mount(&m, &err));
	ck_assert(path_is_dir(root, "tmp/out/deep") && !path_exists(AT_FDCWD, "/tmp/out/deep"));
	ck_assert_int_eq(mounts_with("/tmp/root/tmp/out/deep rw,nosuid"), 1);
	struct mount_plan bind = {
		.root = root, .source = "/tmp/root/inside", .target = "/new/file", .flags = MS_BIND | MS_RDONLY, .is_file = true
	};
	OK(rootfs_mount(&bind, &err));
	ck_assert_int_eq(openat(root, "new/file", O_WRONLY), -1);
	ck_assert_int_eq(errno, EROFS);
	ck_assert(openat(root, "inside", O_WRONLY | O_CLOEXEC) >= 0);
	bind.source = "/tmp/missing";
	ck_assert_int_eq(rootfs_mount(&bind, &err), -ENOENT);
}
END_TEST

START_TEST(read_only_is_of_the_mount)
{
	struct statvfs fs;
	if (!inside())
		return;
	OK(rootfs_chroot((make_root(), "/tmp/root"), &err));
	ck_assert_int_eq(mount("tmpfs", "/proc", "tmpfs", MS_NOEXEC, NULL), 0);
	OK(rootfs_set_readonly(&err));
	ck_assert_int_eq(open("/new", O_CREAT | O_WRONLY, 0600), -1);
	ck_assert_int_eq(errno, EROFS);
	ck_assert(statvfs("/proc", &fs) == 0 && !(fs.f_flag & ST_RDONLY) && fs.f_flag & ST_NOEXEC);
	OK(rootfs_set_readonly(&err));
}
END_TEST

START_TEST(volumes_are_bound)
{
	if (!inside() || qemu_lacks("openat2(2)"))
		return;
	int root = make_root(), unchanged;
	OK(dir_make(AT_FDCWD, "/tmp/volume", 0755, &err));
	OK(symlinkat("/../../tmp/volume", root, "data"));
	int tree = sys_open_tree(AT_FDCWD, "/tmp/volume", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, &err);
	if (tree == -EPERM)
		return;
	OK(tree);
	OK(bind_propagation(tree, 0, &err));
	OK(bind_mount(root, "/data", tree, true, &err));
	ck_assert_int_eq(openat(root, "tmp/volume/file", O_CREAT | O_WRONLY, 0600), -1);
	ck_assert_int_eq(errno, EROFS);
	ck_assert((unchanged = open("/tmp/volume/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) >= 0);
	ck_assert_int_eq(mounts_with("/tmp/root/tmp/volume"), 1);
	/* A file over a directory: refused, and nothing is attached. */
	tree = sys_open_tree(AT_FDCWD, "/tmp/volume/file", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, &err);
	ck_assert_int_lt(bind_mount(root, "/proc", tree, false, &err), 0);
	ck_assert_int_eq(mounts_with("/tmp/root/proc"), 0);
	close(unchanged);
}
END_TEST

/* "mounts" of a config.json: in its order, each source closed, and the failing entry is named. */
START_TEST(mounts_in_their_order)
{
	static const char text[] =
		"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"/tmp/root\"},\"mounts\":["
		"{\"destination\":\"/a\",\"type\":\"tmpfs\",\"source\":\"one\",\"options\":[\"nosuid\"]},"
		"{\"destination\":\"/a/b\",\"type\":\"tmpfs\",\"source\":\"two\"},"
		"{\"destination\":\"/c\",\"type\":\"bind\",\"source\":\"/tmp/root/a\",\"options\":[\"rbind\",\"ro\"]},"
		"{\"destination\":\"/d\",\"type\":\"nofs\",\"source\":\"three\"}],\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}";
	_cleanup_config_ struct config c = { 0 };
	struct json *doc = NULL;
	int sources[4];
	if (!inside() || qemu_lacks("openat2(2)"))
		return;
	int root = make_root();
	OK(json_parse(text, sizeof(text) - 1, "config.json", &doc, &err));
	OK(config_parse(doc, "/tmp", &c, &err));
	ck_assert(!mounts_want_root_first(&c));
	OK(mounts_open_sources(&c, false, sources, &err));
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(sources[i], -1);
	ck_assert_int_lt(mounts_make(&c, root, sources, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.what, "three on /d"));
	ck_assert_int_eq(mounts_with("/tmp/root/a rw,nosuid"), 1);
	ck_assert_int_eq(mounts_with("/tmp/root/a/b "), 1);
	ck_assert_int_eq(mounts_with("/tmp/root/c ro"), 1);
	ck_assert_int_eq(mounts_with("/tmp/root/c/b "), 1);
	ck_assert_int_eq(sources[2], -1);
}
END_TEST

START_TEST(a_name_of_its_own)
{
	struct utsname us;
	char name[66];
	if (!inside())
		return;
	memset(name, 'n', 65);
	name[65] = '\0';
	ck_assert_int_eq(namespace_set_hostname(name, &err), -ENAMETOOLONG);
	name[64] = '\0';
	OK(namespace_set_hostname(name, &err));
	ck_assert(uname(&us) == 0 && str_eq(us.nodename, name));
}
END_TEST

START_TEST(flags_and_names_of_namespaces)
{
	struct namespace_plan p = { 0 };
	uint64_t all = 0;
	ck_assert_uint_eq(namespace_flags(&p), 0);
	p.ns[NS_PID].wanted = p.ns[NS_NET].wanted = true;
	p.ns[NS_NET].path = "/proc/1/ns/net";
	ck_assert_uint_eq(namespace_flags(&p), CLONE_NEWPID);
	for (int kind = 0; kind < NS_KINDS; kind++) {
		_cleanup_free_ char *file = xasprintf("/proc/self/ns/%s", namespace_name((enum namespace_kind)kind));
		ck_assert(!(all & namespace_flag((enum namespace_kind)kind)));
		all |= namespace_flag((enum namespace_kind)kind);
		ck_assert_msg(kind == NS_TIME || path_exists(AT_FDCWD, file), "%s", file);
	}
}
END_TEST

static int child_tells_pid(void *data)
{
	struct stat inside, *outside = data;
	bool apart = stat("/proc/thread-self/ns/uts", &inside) == 0 && inside.st_ino != outside->st_ino;
	return getpid() == 1 && apart ? 7 : getpid() == 1 ? 8 : 9;
}

START_TEST(a_child_in_new_namespaces)
{
	struct stat ours;
	int pidfd = -1, status;
	if (!inside())
		return;
	ck_assert_int_eq(stat("/proc/thread-self/ns/uts", &ours), 0);
	struct spawn_plan p = { .flags = CLONE_NEWPID | CLONE_NEWUTS, .cgroup = -1, .child = child_tells_pid, .data = &ours };
	pid_t pid = namespace_spawn(&p, &pidfd, &err);
	OK(pid);
	ck_assert(fcntl(pidfd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	/* 8: /proc shows the host's pids, so process 1 of the new namespace may have no name in it. */
	ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 8), "status %x", status);
	p.flags = CLONE_NEWPID | CLONE_SIGHAND; /* without CLONE_VM: the kernel refuses it */
	ck_assert_int_eq(namespace_spawn(&p, &pidfd, &err), -EINVAL);
}
END_TEST

START_TEST(go_is_a_byte)
{
	int pair[2];
	char rest;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(write(pair[0], "g2", 2), 2);
	OK(namespace_wait_go(pair[1], &err));
	ck_assert(read(pair[1], &rest, 1) == 1 && rest == '2');
	close(pair[0]);
	ck_assert_int_eq(namespace_wait_go(pair[1], &err), -EPIPE);
	ck_assert_int_eq(namespace_wait_go(-1, &err), -EBADF);
}
END_TEST

START_TEST(joining_changes_the_caller)
{
	struct utsname us;
	if (!inside())
		return;
	pid_t pid = fork();
	if (pid == 0) {
		_exit(unshare(CLONE_NEWUTS) < 0 || sethostname("theirs", 6) < 0 || kill(getppid(), SIGCONT) < 0 || pause());
	}
	for (int i = 0; i < 200; i++) {
		int pidfd = sys_pidfd_open(pid, &err);
		OK(pidfd);
		OK(namespace_join(pidfd, 0, &err));
		OK(namespace_join(pidfd, CLONE_NEWUTS, &err));
		close(pidfd);
		if (uname(&us) == 0 && str_eq(us.nodename, "theirs"))
			break;
		usleep(10000);
	}
	ck_assert_str_eq(us.nodename, "theirs");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_lt(namespace_join(-1, CLONE_NEWUTS, &err), 0);
}
END_TEST

/* The named line of /proc/thread-self/status as a number in base 16. */
static uint64_t status_of(const char *name)
{
	_cleanup_buf_ struct buf text = { 0 };
	OK(file_read(AT_FDCWD, "/proc/thread-self/status", 1 << 16, &text, &err));
	char *line = strstr(text.data, name);
	ck_assert_ptr_nonnull(line);
	return strtoull(line + strlen(name), NULL, 16);
}

START_TEST(capabilities_exactly)
{
	const uint64_t kill = 1ULL << CAP_KILL, chown = 1ULL << CAP_CHOWN;
	if (!inside())
		return;
	OK(caps_limit(kill | chown, &err));
	OK(caps_limit(kill | chown | 1ULL << CAP_SYS_ADMIN, &err)); /* what is gone stays gone, and is no failure */
	ck_assert_uint_eq(status_of("CapBnd:"), kill | chown);
	struct cap_sets s = { .effective = kill, .permitted = kill | chown, .inheritable = kill, .ambient = kill };
	OK(caps_set(&s, &err));
	ck_assert_uint_eq(status_of("CapEff:"), kill);
	ck_assert_uint_eq(status_of("CapPrm:"), kill | chown);
	ck_assert_uint_eq(status_of("CapInh:"), kill);
	ck_assert_uint_eq(status_of("CapAmb:"), kill);
	ck_assert(caps_own() == (kill | chown) && caps_have(CAP_KILL) && !caps_have(CAP_CHOWN));
	s.permitted |= 1ULL << CAP_SYS_ADMIN;
	ck_assert_int_eq(caps_set(&s, &err), -EPERM);
	/* CAP_SETPCAP is gone: nothing more can be limited, and that is told. */
	ck_assert_int_eq(caps_limit(0, &err), -EPERM);
}
END_TEST

START_TEST(a_user_that_is_mapped)
{
	const gid_t group = 7;
	if (!inside())
		return;
	OK(user_become(&(struct user){ 0 }, &err)); /* setgroups is denied here, and no group is wanted */
	ck_assert_int_lt(user_become(&(struct user){ .n_groups = 1, .groups = &group }, &err), 0);
	ck_assert_int_eq(user_become(&(struct user){ .uid = 5 }, &err), -EINVAL);
	ck_assert_str_ne(err.hint, "");
}
END_TEST

START_TEST(only_these_descriptors)
{
	int fd[6];
	for (int i = 0; i < 6; i++)
		OK(fd[i] = fcntl(0, F_DUPFD, 40 + 3 * i));
	OK(close_all_but((const int[]){ fd[4], -1, fd[1] }, 3, 0, &err));
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(fcntl(fd[i], F_GETFD) >= 0, i == 1 || i == 4);
	ck_assert(fcntl(0, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0);
	OK(dup2(0, 3));
	OK(dup2(0, 5));
	OK(close_all_but(NULL, 0, 1, &err));
	ck_assert(fcntl(3, F_GETFD) >= 0 && fcntl(5, F_GETFD) < 0 && fcntl(fd[1], F_GETFD) < 0);
	OK(dup2(0, 4));
	OK(close_at_exec(1, &err));
	ck_assert_int_eq(fcntl(3, F_GETFD), 0);
	ck_assert_int_eq(fcntl(4, F_GETFD), FD_CLOEXEC);
}
END_TEST

static int child_waits(void *data) { return (int)read(*(int *)data, &(char){ 0 }, 1); }

/* One id of ours can be mapped without root, and a map stands for ever (user_namespaces(7)). */
START_TEST(users_are_mapped_once)
{
	int pidfd = -1, pipes[2];
	char line[64];
	struct id_range own[] = { { 0, geteuid(), 1 } }, group[] = { { 0, getegid(), 1 } };
	struct id_map uids = { 1, own }, gids = { 1, group };
	OK(pipe(pipes));
	struct spawn_plan p = { .flags = CLONE_NEWUSER, .cgroup = -1, .child = child_waits, .data = &pipes[0] };
	pid_t pid = namespace_spawn(&p, &pidfd, &err);
	if (pid < 0)
		return;
	OK(userns_map(pid, &uids, &gids, &err));
	_cleanup_free_ char *file = xasprintf("/proc/%d/uid_map", pid);
	_cleanup_buf_ struct buf text = { 0 };
	OK(file_read(AT_FDCWD, file, 4096, &text, &err));
	snprintf(line, sizeof(line), "%u", geteuid());
	ck_assert_ptr_nonnull(strstr(text.data, line));
	ck_assert_int_lt(userns_map(pid, &uids, &gids, &err), 0);
	close(pipes[1]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

static bool is_up(const char *name)
{
	struct ifreq r = { 0 };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	ck_assert_int_eq(ioctl(fd, SIOCGIFFLAGS, &r), 0);
	return r.ifr_flags & IFF_UP;
}

START_TEST(links_and_addresses)
{
	if (!inside())
		return;
	int nl = sys_netlink(NETLINK_ROUTE, &err), here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	OK(nl);
	ck_assert(!is_up("lo"));
	OK(link_up(nl, "lo"));
	ck_assert(is_up("lo"));
	ck_assert_int_eq(link_up(nl, "none0"), -ENODEV);
	int rc = veth_create(nl, "host0", "eth0", here);
	if (rc == -EOPNOTSUPP || rc == -EPERM) /* no veth in this kernel */
		return;
	OK(rc);
	ck_assert_int_eq(veth_create(nl, "host0", "eth1", here), -EEXIST);
	ck_assert_int_eq(if_nametoindex("eth1"), 0);
	ck_assert_int_lt(bridge_attach(nl, "none0", "host0"), 0);
	struct lease l = { .ifname = "eth0" };
	OK(subnet_parse("10.7.0.2/24", 0, &l.address4));
	OK(address_parse("10.7.0.1", AF_INET, &l.gateway4));
	OK(link_up(nl, "host0"));
	OK(address_and_route(nl, &l));
	ck_assert(is_up("eth0"));
	_cleanup_buf_ struct buf routes = { 0 };
	OK(file_read(AT_FDCWD, "/proc/thread-self/net/route", 1 << 16, &routes, &err));
	ck_assert_ptr_nonnull(strstr(routes.data, "eth0\t00000000\t0100070A"));
	snprintf(l.ifname, sizeof(l.ifname), "eth9");
	ck_assert_int_eq(address_and_route(nl, &l), -ENODEV);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("inside");
	TCase *t = tcase_create("inside");
	tcase_add_test(t, private_means_no_peers);
	tcase_add_test(t, a_new_root_is_all_there_is);
	tcase_add_test(t, pivot_wants_a_mount);
	tcase_add_test(t, chroot_moves_the_directory_too);
	tcase_add_test(t, mounts_stay_inside);
	tcase_add_test(t, read_only_is_of_the_mount);
	tcase_add_test(t, volumes_are_bound);
	tcase_add_test(t, mounts_in_their_order);
	tcase_add_test(t, a_name_of_its_own);
	tcase_add_test(t, flags_and_names_of_namespaces);
	tcase_add_test(t, a_child_in_new_namespaces);
	tcase_add_test(t, go_is_a_byte);
	tcase_add_test(t, joining_changes_the_caller);
	tcase_add_test(t, capabilities_exactly);
	tcase_add_test(t, a_user_that_is_mapped);
	tcase_add_test(t, only_these_descriptors);
	tcase_add_test(t, users_are_mapped_once);
	tcase_add_test(t, links_and_addresses);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
