/*
 * attacks.c - the table of attacks, and how one is carried out.
 *
 * Each runs in a crash box of its own: a container made by the learner's minictr-oci from a config.json
 * whose program (the probe) tries one forbidden thing, or the drive program of a lab with an attacker's
 * input. Whether the wall stands is told by the exit status, and by what is seen from outside: files, host
 * name, a watcher's life. Sources: NVD for the CVE numbers; man pages of the calls. The reference stands all.
 *
 * Left out: what needs a network outside the box. Lab 13 raises no wall: it measures.
 */
#include "learn/attacks.h"

#include <errno.h>
#include <signal.h>
#include "base/util.h"

/* Stands for ten thousand letters. */
#define LONG "(long)"
#define FILTER                                                                                               \
	",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"getpriority\"],"     \
	"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":33}]}"

/* --- what is seen from outside --- */

static const char *host_has_file(struct check *c, struct box *b)
{
	return box_exists(b, "/work/host/planted") ? "a directory was made on the host, outside the container"
						   : NULL;
}

static const char *host_lost_file(struct check *c, struct box *b)
{
	return box_exists(b, "/work/secret") ? NULL : "the host's file /work/secret is gone";
}

static const char *host_is_writable(struct check *c, struct box *b)
{
	return box_exists(b, "/work/b/rootfs/touched") ? "the image's file system was written to" : NULL;
}

static const char *host_name_changed(struct check *c, struct box *b)
{
	pid_t watcher = probe_find(b, "watcher");
	const char *name = watcher ? ev_hostname(c, watcher) : NULL;
	return str_eq(name, "box") ? NULL : "the host is called another name now";
}

static const char *watcher_died(struct check *c, struct box *b)
{
	return probe_find(b, "watcher") ? NULL : "a process of the host was killed";
}

static const char *mount_spread(struct check *c, struct box *b)
{
	pid_t watcher = probe_find(b, "watcher");
	struct mounts m = ev_mounts(c, watcher);
	for (size_t i = 0; i < m.n; i++)
		if (str_starts(m.line[i].point, "/work/b/rootfs"))
			return check_text(c, "a mount of the container is on the host: %s", m.line[i].point);
	return watcher ? NULL : "a process of the host was killed";
}

static const char *outside_of_layer(struct check *c, struct box *b)
{
	return box_exists(b, "/work/outside") || box_exists(b, "/work/layer/x")
		       ? "a file was made where none may be"
		       : NULL;
}

static const char *secret_in_store(struct check *c, struct box *b)
{
	return box_exists(b, "/work/store/out") || box_exists(b, "/work/store/through/secret")
		       ? "a file of the host is among the artifacts"
		       : NULL;
}

/* --- the table (222: the probe knows no such verb; ^ 0x40: labs/00-hello/drive.c turns a child's status
 * over) --- */

const struct attack attacks[] = {
	{ .name = "the classic chroot escape",
		.known = "chroot(2) NOTES",
		.task = "01.4",
		.args = { "/probe", "escape", "work/secret" },
		.process =
			",\"user\":{\"uid\":0,\"gid\":0},\"capabilities\":{\"bounding\":[\"CAP_SYS_CHROOT\"],"
			"\"effective\":[\"CAP_SYS_CHROOT\"],\"permitted\":[\"CAP_SYS_CHROOT\"]}",
		.stands = ENOENT },
	{ .name = "a file of the host by its path",
		.known = "file disclosure",
		.task = "01.4",
		.args = { "/probe", "open", "/work/secret" },
		.stands = ENOENT },
	{ .name = "the host's root by /proc/1/root",
		.known = "proc(5)",
		.task = "01.5",
		.args = { "/probe", "open", "/proc/1/root/work/secret" },
		.stands = ENOENT },
	{ .name = "a leaked descriptor of the host",
		.known = "CVE-2024-21626",
		.task = "01.3",
		.args = { "/probe", "fds" },
		.stands = 0 },
	{ .name = "a symlink as mount target",
		.known = "CVE-2021-30465",
		.task = "01.5",
		.args = { "/probe", "true" },
		.mounts = ",{\"destination\":\"/link/planted\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}",
		.stands = 0,
		.look = host_has_file },
	{ .name = "writing to a read-only root",
		.known = "tampering",
		.task = "01.6",
		.args = { "/probe", "write", "/touched", "x" },
		.readonly = true,
		.stands = EROFS,
		.look = host_is_writable },
	{ .name = "mounts that spread to the host",
		.known = "shared propagation",
		.task = "01.2",
		.args = { "/probe", "true" },
		.stands = 0,
		.look = mount_spread },
	{ .name = "removing a file of the host by ..",
		.known = "path traversal",
		.task = "01.4",
		.args = { "/probe", "unlink", "../../../../work/secret" },
		.stands = ENOENT,
		.look = host_lost_file },
	{ .name = "kill -9 of every process",
		.known = "kill(2), -1",
		.task = "02.1",
		.args = { "/probe", "killall" },
		.stands = 0,
		.look = watcher_died },
	{ .name = "the host's processes in /proc",
		.known = "process disclosure",
		.task = "02.2",
		.args = { "/probe", "processes" },
		.stands = 1 },
	{ .name = "another name for the host",
		.known = "sethostname(2)",
		.task = "02.4",
		.args = { "/probe", "true" },
		.stands = 0,
		.look = host_name_changed },
	{ .name = "a fork bomb",
		.known = ":(){ :|:& };:",
		.task = "03.2",
		.args = { "/probe", "forkbomb", "60" },
		.linux_keys = ",\"resources\":{\"pids\":{\"limit\":20}}",
		.stands = 0 },
	{ .name = "a memory hog",
		.known = "out of memory",
		.task = "03.2",
		.args = { "/probe", "memory", "100000000" },
		.linux_keys = ",\"resources\":{\"memory\":{\"limit\":25165824,\"swap\":25165824}}",
		.stands = 137 },
	{ .name = "a set-uid file brings root's capabilities back",
		.known = "execve(2), set-uid",
		.task = "11.1",
		.args = { "/suid", "sethostname" },
		.process = ",\"user\":{\"uid\":1000,\"gid\":1000}",
		.stands = EPERM },
	{ .name = "root's file read by an unprivileged user",
		.known = "credentials(7)",
		.task = "11.2",
		.args = { "/probe", "open", "/private" },
		.process = ",\"user\":{\"uid\":1000,\"gid\":1000}",
		.stands = EACCES },
	{ .name = "root inside names the machine",
		.known = "CAP_SYS_ADMIN",
		.task = "11.3",
		.args = { "/probe", "sethostname" },
		.stands = EPERM },
	{ .name = "root inside leaves by chroot",
		.known = "CAP_SYS_CHROOT",
		.task = "11.3",
		.args = { "/probe", "chroot", "/tmp" },
		.stands = EPERM },
	{ .name = "a forbidden system call",
		.known = "seccomp(2)",
		.task = "11.4",
		.args = { "/probe", "getpriority" },
		.linux_keys = FILTER,
		.stands = EDOM },
	{ .name = "a whiteout that climbs out of its layer",
		.known = "path traversal",
		.task = "04.2",
		.lab = "04",
		.args = { "whiteout", "word", "/work/layer", "/work/below", ".wh.../outside" },
		.stands = ATTACK_FAILS,
		.look = outside_of_layer },
	{ .name = "a whiteout called .wh...",
		.known = "path traversal",
		.task = "04.2",
		.lab = "04",
		.args = { "whiteout", "word", "/work/layer", "/work/below", ".wh..." },
		.stands = ATTACK_FAILS,
		.look = outside_of_layer },
	{ .name = "an image name that climbs",
		.known = "path traversal",
		.task = "05.1",
		.lab = "05",
		.args = { "name", "a/../../../etc/x" },
		.stands = ATTACK_FAILS },
	{ .name = "a shell in the arguments",
		.known = "command injection",
		.task = "00.2",
		.lab = "00",
		.args = { "exit", "/lab/probe", "exit; touch /work/outside" },
		.stands = 222 ^ 0x40,
		.look = outside_of_layer },
	{ .name = "the same call by its 32-bit number",
		.known = "seccomp(2), arch",
		.task = "11.4",
		.args = { "/probe", "call32", "96" },
		.linux_keys = FILTER,
		.stands = ATTACK_ABI },
	{ .name = "a host name longer than the kernel takes",
		.known = "silent cut",
		.task = "02.4",
		.args = { "/probe", "true" },
		.hostname = "a-name-that-is-very-much-longer-than-the-sixty-four-bytes-the-kernel-has-for-it",
		.stands = ATTACK_FAILS },
	{ .name = "a cgroup whose path climbs",
		.known = "path traversal",
		.task = "03.1",
		.lab = "03",
		.args = { "create", "/../outside", "word" },
		.stands = ATTACK_FAILS },
	{ .name = "an image name of ten thousand letters",
		.known = "buffer overflow",
		.task = "05.1",
		.lab = "05",
		.args = { "name", LONG },
		.stands = ATTACK_FAILS },
	{ .name = "services that need each other in a circle",
		.known = "endless loop",
		.task = "09.1",
		.lab = "09",
		.args = { "order", "word", "one", "two", "-", "one:two", "two:one" },
		.holds = true },
	{ .name = "a client that goes away in mid-stream",
		.known = "SIGPIPE, signal(7)",
		.task = "10.2",
		.lab = "10",
		.args = { "frame-gone", "1", "text" },
		.stands = ATTACK_FAILS },
	{ .name = "artifacts that are links to the host's files",
		.known = "symlink(7)",
		.task = "12.3",
		.lab = "12",
		.args = { "artifacts", "word", "/work/tree", "/work/store", "out", "through/" },
		.holds = true,
		.look = secret_in_store },
};
const size_t attacks_count = ARRAY_LEN(attacks);

/* --- one attack --- */

static char *config_of(struct check *c, const struct attack *a)
{
	char *args = "";
	for (size_t i = 0; i < ARRAY_LEN(a->args) && a->args[i]; i++)
		args = check_text(c, "%s%s\"%s\"", args, *args ? "," : "", a->args[i]);
	return check_text(c,
		"{\"ociVersion\":\"1.0.2\",\"hostname\":\"%s\",\"root\":{\"path\":\"rootfs\",\"readonly\":%s}"
		","
		"\"process\":{\"cwd\":\"/\",\"env\":[\"PATH=/bin\"],\"args\":[%s]%s},"
		"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}%s],"
		"\"linux\":{\"cgroupsPath\":\"/"
		"attack\",\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},"
		"{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"network\"}]%s}}",
		a->hostname ? a->hostname : "inside", a->readonly ? "true" : "false", args,
		a->process ? a->process : ",\"user\":{\"uid\":0,\"gid\":0}", a->mounts ? a->mounts : "",
		a->linux_keys ? a->linux_keys : "");
}

/* A host with a secret, a watcher, shared mounts; an image with a link out, a set-uid file, a private
 * file. */
static void set_stage(struct check *c, struct box *b, const struct attack *a)
{
	box_write(b, "/work/secret", "secret", 0644);
	box_mkdir(b, "/work/host", 0777);
	box_mkdir(b, "/work/layer", 0755);
	box_mkdir(b, "/work/below", 0755);
	box_mkdir(b, "/work/merged", 0755);
	struct run *watcher = RUN("/lab/probe", "hold", "watcher");
	box_start(b, watcher);
	probe_wait(b, watcher, "watcher", 3000);
	if (a->lab) {
		box_mkdir(b, "/work/store", 0755);
		box_mkdir(b, "/work/tree", 0755);
		box_mkdir(b, "/work/elsewhere", 0755);
		box_write(b, "/work/elsewhere/secret", "secret", 0644);
		box_symlink(b, "/work/secret", "/work/tree/out");
		box_symlink(b, "/work/elsewhere", "/work/tree/through");
		return;
	}
	box_rootfs(b, "/work/b/rootfs", 0);
	box_symlink(b, "/work/host", "/work/b/rootfs/link");
	box_mkdir(b, "/work/b/rootfs/tmp", 01777);
	box_write(b, "/work/b/rootfs/private", "private", 0600);
	box_copy(b, check_probe(c), "/work/b/rootfs/suid", 04755);
	box_write(b, "/work/b/config.json", config_of(c, a), 0644);
}

/* The program has an answer when it holds; it may also refuse and end. */
static void ends_or_holds(struct check *c, struct box *b, struct run *r)
{
	box_start(b, r);
	for (int i = 0; i < 400 && !probe_find(b, "word") && !box_wait(r, 20); i++)
		continue;
	check_that(c, r->done ? r->code < 128 : probe_find(b, "word") != 0, NULL, "the wall stands", "%s",
		r->done ? "it crashed" : "it did not end");
}

static bool wall_stands(const struct attack *a, const struct run *r)
{
	if (a->stands == ATTACK_ABI)
		return r->code == EDOM || r->code == 93 || r->code == 128 + SIGSYS;
	if (a->stands == ATTACK_FAILS)
		return r->code != 0 && r->code < 128;
	return r->code == a->stands;
}

void attack_run(struct check *c, const struct attack *a)
{
	const char *argv[10] = { "/lab/mine/minictr-oci", "--root", "/run/oci", "run", "--bundle", "/work/b",
		"attack" };
	struct box *b =
		box_open(c, &(struct box_options){ .shared = true, .need_ids = true, .engine = !a->lab });
	set_stage(c, b, a);
	if (a->lab) {
		memset(argv, 0, sizeof(argv));
		argv[0] = "/lab/mine/drive";
		for (size_t i = 0; i < ARRAY_LEN(a->args) && a->args[i]; i++)
			argv[1 + i] = str_eq(a->args[i], LONG) ? check_text(c, "%010000d", 0) : a->args[i];
	}
	struct run *r = &(struct run){ .argv = argv, .ms = 8000 };
	if (a->holds)
		ends_or_holds(c, b, r);
	else
		box_run(b, r);
	const char *seen = a->look ? a->look(c, b) : NULL;
	check_that(c, !seen, NULL, "the wall stands", "%s", seen);
	if (a->holds)
		return;
	check_that(c, !r->timed_out, NULL, "the wall stands", "it did not end");
	check_that(c, wall_stands(a, r), NULL, "the wall stands",
		"the attacker's program ended with %d%s%.200s", r->code, r->out_len ? ": " : "", r->out);
}
