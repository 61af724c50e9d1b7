/*
 * box/checks_view.c - the crash box as checks.c sees it: opening with verdicts, counting what lives in it,
 * finding the probe.
 *
 * Kernel objects: ioctl_ns(2) (NS_GET_PARENT): a process belongs to the box when the chain of its pid
 * namespace's parents reaches the one of the box's init. No name, user or cgroup is believed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"

struct box *box_open(struct check *c, const struct box_options *o)
{
	struct mc_err err = { 0 };
	struct box *b = xcalloc(1, sizeof(*b));
	b->check = c;
	b->options = o ? *o : (struct box_options){ 0 };
	box_cgroup_name(b->name, sizeof(b->name), c->runner, ++c->boxes_made);
	if (box_create(b, c->paths, &err) < 0) {
		/* Where one box of this check could be made, the machine is not what is lacking. */
		if (!c->boxes &&
			(err.code == EPERM || err.code == ENOSPC || err.code == EINVAL || err.code == ENOSYS))
			check_env(c, "the crash box cannot be made here: %s. `lab doctor` says what to do",
				err.what);
		check_trouble(c, "%s", err.what);
	}
	if (b->ids > 1 && !box_in_outer())
		c->record->base[c->record->boxes++ % RECORD_BOXES] = b->base;
	b->next = c->boxes;
	c->boxes = b;
	if (b->options.need_cgroup && b->trees == 0)
		check_env(c, "needs a cgroup to lend to the box: run it as root (sudo)");
	if (b->options.need_ids && b->ids == 1)
		check_env(c, "needs more than one user id in the box: run it as root (sudo)");
	return b;
}

/* --- who lives in the box --- */

static uint64_t inode_of(int fd)
{
	struct stat st;
	return fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

static uint64_t pid_namespace(pid_t pid)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static bool lives_in(pid_t pid, uint64_t box_ns)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found = false;
	while (fd >= 0 && !(found = inode_of(fd) == box_ns)) {
		int parent = ioctl(fd, NS_GET_PARENT);
		close(fd);
		fd = parent;
	}
	close_fd(fd);
	return found;
}

int box_processes(struct box *b, pid_t **ret_pids)
{
	uint64_t box_ns = pid_namespace(b->init), ours = pid_namespace(getpid());
	pid_t *pids = NULL;
	int n = 0;
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		pid_t pid = (pid_t)atoi(e->d_name);
		if (pid <= 0 || pid == b->init || pid_namespace(pid) == ours || !lives_in(pid, box_ns))
			continue;
		pids = xrealloc(pids, ((size_t)n + 1) * sizeof(*pids));
		pids[n++] = pid;
	}
	if (ret_pids)
		*ret_pids = pids;
	return n;
}

const char *check_probe(struct check *c) { return c->paths->probe; }

void box_clear(struct box *b)
{
	pid_t *pids = NULL;
	for (int n = box_processes(b, &pids); n > 0; n--)
		kill(pids[n - 1], SIGKILL);
	free(pids);
}

void box_expect_empty(struct box *b, const char *misread)
{
	pid_t *pids = NULL;
	int n = 0;
	for (int i = 0; i < 50 && (n = box_processes(b, &pids)) > 0; i++)
		usleep(10000);
	if (n == 0)
		return;
	char *name = ev_file(b->check, pids[0], "comm");
	check_fail(b->check, misread, "no process is left behind", "%d still alive, the first: %d %.*s", n,
		(int)pids[0], name ? (int)strcspn(name, "\n") : 4, name ? name : "gone");
}

/* --- the probe --- */

static bool runs_probe(struct check *c, pid_t pid, const char *word)
{
	char path[64];
	struct mc_err err;
	_cleanup_buf_ struct buf line = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if (file_read(AT_FDCWD, path, 1 << 20, &line, &err) < 0 || line.len == 0)
		return false;
	const char *base = strrchr(line.data, '/');
	if (!str_eq(base ? base + 1 : line.data, "probe"))
		return false;
	for (size_t at = strlen(line.data) + 1; at < line.len; at += strlen(line.data + at) + 1)
		if (str_eq(line.data + at, word))
			return true;
	return false;
}

pid_t probe_find(struct box *b, const char *word)
{
	pid_t *pids = NULL, found = 0;
	int n = box_processes(b, &pids);
	for (int i = 0; i < n && !found; i++)
		if (runs_probe(b->check, pids[i], word))
			found = pids[i];
	free(pids);
	return found;
}

/* The end of what a program printed, on one line: for a record. */
static char *last_words(struct check *c, const struct run *r)
{
	if (!r || !r->out_len)
		return check_text(c, "and it printed nothing");
	const char *from = r->out_len > 300 ? r->out + r->out_len - 300 : r->out;
	char *s = check_text(c, "it printed: %s", from);
	for (char *p = s; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
	return s;
}

static const char *how_it_ended(struct check *c, const struct run *r)
{
	if (r->code > 128 && r->code <= 128 + 64)
		return check_text(c, "killed by signal %d (%s)", r->code - 128, strsignal(r->code - 128));
	return check_text(c, "exit status %d", r->code);
}

pid_t probe_wait(struct box *b, struct run *r, const char *word, unsigned ms)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + ms * 1000000ULL;
	for (;;) {
		bool ended = r && box_wait(r, 2);
		pid_t pid = probe_find(b, word);
		if (pid)
			return pid;
		if (ended)
			check_fail(b->check, NULL, "the program comes to run", "never started: %s, %s",
				how_it_ended(b->check, r), last_words(b->check, r));
		if (now_ns(CLOCK_MONOTONIC) >= end)
			check_fail(b->check, NULL, "the program comes to run", "not running after %u ms, %s",
				ms, last_words(b->check, r));
		usleep(2000);
	}
}

/* --- root file systems and bundles --- */

void box_rootfs(struct box *b, const char *path, int flags)
{
	static const char *const names[] = { "proc", "sys", "dev", "tmp", "run", "work", "etc" };
	struct check *c = b->check;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		box_mkdir(b, check_text(c, "%s/%s", path, names[i]), 0755);
	box_copy(b, c->paths->probe, check_text(c, "%s/probe", path), 0755);
	box_symlink(b, "/probe", check_text(c, "%s/bin/probe", path));
	box_write(b, check_text(c, "%s/etc/hostname", path), "box\n", 0644);
	if (!(flags & BOX_BUSYBOX))
		return;
	static const char *const applets[] = { "sh", "ls", "cat", "ps", "id", "mount", "touch", "echo",
		"hostname", "sleep", "true", "false", "rm", "mkdir", "ln", "cp", "mv", "env", "test", "kill",
		"ip", "wget", "tar" };
	if (!c->busybox)
		check_env(c, "needs a static busybox: apt install busybox-static");
	box_copy(b, c->busybox, check_text(c, "%s/bin/busybox", path), 0755);
	for (size_t i = 0; i < ARRAY_LEN(applets); i++)
		box_symlink(b, "busybox", check_text(c, "%s/bin/%s", path, applets[i]));
}
