/*
 * evidence.c - what the kernel shows of a process, read from outside by its host pid (ev_* of check.h).
 *
 * Kernel objects: proc(5), namespaces(7), openat2(2), pid_namespaces(7) (NSpid). Nothing here asks the
 * process itself. Paths a student may have prepared are opened with RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS
 * and O_NONBLOCK: a link leads nowhere outside, a fifo does not hang the grader.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"

static char *read_proc(struct check *c, pid_t pid, const char *name, size_t *ret_len)
{
	char path[128];
	struct mc_err err;
	struct buf text = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if (file_read(AT_FDCWD, path, 4 << 20, &text, &err) < 0) {
		buf_release(&text);
		return NULL;
	}
	if (ret_len)
		*ret_len = text.len;
	return check_keep(c, buf_take(&text));
}

char *ev_file(struct check *c, pid_t pid, const char *name)
{
	char *text = read_proc(c, pid, name, NULL);
	check_evidence(c, "/proc/%d/%s: %s", (int)pid, name, text ? text : "(gone)");
	return text;
}

static uint64_t link_inode(pid_t pid, const char *link, uint64_t *ret_dev)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, link);
	if (stat(path, &st) < 0)
		return 0;
	if (ret_dev)
		*ret_dev = st.st_dev;
	return st.st_ino;
}

uint64_t ev_ns(struct check *c, pid_t pid, const char *kind)
{
	char name[32];
	snprintf(name, sizeof(name), "ns/%s", kind);
	uint64_t inode = link_inode(pid, name, NULL);
	check_evidence(c, "/proc/%d/%s -> %s:[%llu]", (int)pid, name, kind, (unsigned long long)inode);
	return inode;
}

uint64_t ev_inode(struct check *c, pid_t pid, const char *link, uint64_t *ret_dev)
{
	uint64_t dev = 0, inode = link_inode(pid, link, &dev);
	check_evidence(c, "/proc/%d/%s is inode %llu of device %u:%u", (int)pid, link,
		(unsigned long long)inode, major(dev), minor(dev));
	if (ret_dev)
		*ret_dev = dev;
	return inode;
}

char *ev_status(struct check *c, pid_t pid, const char *field)
{
	char *text = read_proc(c, pid, "status", NULL);
	size_t len = strlen(field);
	for (char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		if (strncmp(line, field, len) != 0 || line[len] != ':')
			continue;
		const char *value = line + len + 1 + strspn(line + len + 1, " \t");
		char *got = check_keep(c, xstrndup(value, strcspn(value, "\n")));
		for (char *p = got; *p; p++)
			*p = *p == '\t' ? ' ' : *p;
		check_evidence(c, "/proc/%d/status %s: %s", (int)pid, field, got);
		return got;
	}
	return NULL;
}

int ev_numbers(const char *text, int64_t out[], int max)
{
	int n = 0;
	char *end;
	for (const char *p = text; p && *p && n < max; p = end) {
		out[n] = strtoll(p, &end, 10);
		if (end == p)
			break;
		n++;
	}
	return n;
}

/* NUL-separated texts as the kernel keeps them. */
static char **read_strings(struct check *c, pid_t pid, const char *name)
{
	size_t len = 0;
	char *text = read_proc(c, pid, name, &len), **v = xcalloc(1, sizeof(char *));
	for (size_t at = 0; text && at < len; at += strlen(text + at) + 1) {
		strv_push(&v, text + at);
		check_evidence(c, "/proc/%d/%s: %s", (int)pid, name, text + at);
	}
	return v;
}

char **ev_cmdline(struct check *c, pid_t pid) { return read_strings(c, pid, "cmdline"); }
char **ev_environ(struct check *c, pid_t pid) { return read_strings(c, pid, "environ"); }

/* Field of /proc/PID/stat behind the name, which may hold blanks and brackets: count from the last ')'. */
static char *stat_tail(struct check *c, pid_t pid)
{
	char *text = read_proc(c, pid, "stat", NULL);
	char *end = text ? strrchr(text, ')') : NULL;
	return end && end[1] ? end + 2 : NULL;
}

pid_t ev_parent(struct check *c, pid_t pid)
{
	char *tail = stat_tail(c, pid);
	return tail && tail[0] && tail[1] ? (pid_t)strtol(tail + 2, NULL, 10) : 0;
}

char ev_state(struct check *c, pid_t pid)
{
	char *tail = stat_tail(c, pid);
	return tail ? *tail : '\0';
}

int ev_children(struct check *c, pid_t pid, pid_t **ret_children)
{
	char name[64];
	int64_t numbers[512];
	snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	int n = ev_numbers(read_proc(c, pid, name, NULL), numbers, (int)ARRAY_LEN(numbers));
	*ret_children = xcalloc((size_t)n + 1, sizeof(pid_t));
	for (int i = 0; i < n; i++)
		(*ret_children)[i] = (pid_t)numbers[i];
	return n;
}

static int tell_hostname(pid_t pid, int out)
{
	char path[64], name[256] = "";
	struct mc_err err;
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", (int)pid);
	int fd = sys_open(AT_FDCWD, path, O_RDONLY, 0, &err);
	/* To join a UTS namespace one needs power over its user namespace: an unprivileged user goes through
	 * it. */
	if (fd >= 0 && geteuid() != 0) {
		int pidfd = sys_pidfd_open(pid, &err);
		if (pidfd < 0 || setns(pidfd, CLONE_NEWUSER) < 0)
			return 1;
	}
	if (fd < 0 || setns(fd, CLONE_NEWUTS) < 0 || gethostname(name, sizeof(name) - 1) < 0)
		return 1;
	return write(out, name, strlen(name)) < 0;
}

char *ev_hostname(struct check *c, pid_t pid)
{
	int pipes[2];
	struct mc_err err;
	struct buf name = { 0 };
	if (sys_pipe(pipes, &err) < 0)
		return NULL;
	pid_t helper = fork();
	if (helper == 0)
		_exit(tell_hostname(pid, pipes[1]));
	close(pipes[1]);
	int status = -1, rc = file_read_fd(pipes[0], "hostname", 1024, &name, &err);
	close(pipes[0]);
	while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
		;
	if (rc < 0 || status != 0)
		return NULL;
	check_evidence(c, "host name of process %d: %s", (int)pid, name.data ? name.data : "");
	return check_keep(c, buf_take(&name));
}

/* --- files as the process sees them --- */

static int open_in_root(pid_t pid, const char *path, int flags)
{
	char root[64];
	struct mc_err err;
	struct open_how how = { .flags = (unsigned)flags | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY) |
					 O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	snprintf(root, sizeof(root), "/proc/%d/root", (int)pid);
	_cleanup_close_ int dir = open(root, O_PATH | O_CLOEXEC);
	return dir < 0 ? -1 : sys_openat2(dir, path, &how, &err);
}

char *ev_read(struct check *c, pid_t pid, const char *path)
{
	struct mc_err err;
	struct buf text = { 0 };
	_cleanup_close_ int fd = open_in_root(pid, path, O_RDONLY);
	if (fd < 0 || file_read_fd(fd, path, 1 << 20, &text, &err) < 0)
		return NULL;
	return check_keep(c, buf_take(&text));
}

/* --- mountinfo --- */

/* Octal escapes of proc(5): \040 is a blank. In place. */
static char *unescape(char *s)
{
	char *out = s;
	for (char *p = s; *p; p++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] && p[3]) {
			*out++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	return s;
}

static bool parse_mount(char *line, struct mount_line *m)
{
	char *word[32], *save = NULL;
	int n = 0, dash = 0;
	m->text = xstrdup(line);
	for (char *w = strtok_r(line, " ", &save); w && n < 32; w = strtok_r(NULL, " ", &save)) {
		if (str_eq(w, "-") && !dash)
			dash = n;
		word[n++] = w;
	}
	if (dash < 6 || n < dash + 3)
		return false;
	m->id = atoi(word[0]);
	m->parent = atoi(word[1]);
	m->root = unescape(word[3]);
	m->point = unescape(word[4]);
	m->options = word[5];
	m->propagation = dash > 6 ? word[6] : "";
	m->type = word[dash + 1];
	m->source = unescape(word[dash + 2]);
	m->super = n > dash + 3 ? word[dash + 3] : "";
	return true;
}

struct mounts ev_mounts(struct check *c, pid_t pid)
{
	struct mounts m = { 0 };
	char *text = ev_file(c, pid, "mountinfo"), *save = NULL;
	if (!text)
		return m;
	text = xstrdup(text);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		m.line = xrealloc(m.line, (m.n + 1) * sizeof(*m.line));
		if (parse_mount(line, &m.line[m.n]))
			m.n++;
	}
	return m;
}

const struct mount_line *mounts_at(const struct mounts *m, const char *point)
{
	const struct mount_line *found = NULL;
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->line[i].point, point) && (!found || m->line[i].parent == found->id))
			found = &m->line[i];
	return found;
}

bool mount_has(const struct mount_line *m, const char *option)
{
	size_t len = strlen(option);
	for (const char *p = m->options; p && *p; p = strchr(p, ','), p += p != NULL)
		if (strncmp(p, option, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
}

/* --- cgroups --- */

char *ev_cgroup(struct check *c, pid_t pid, const char *controller)
{
	char *text = ev_file(c, pid, "cgroup"), *save = NULL;
	text = text ? xstrdup(text) : NULL;
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save)) {
		char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		char *inner = NULL;
		if (*controller == '\0' && names[1] == '\0')
			return check_keep(c, xstrdup(path));
		for (char *w = strtok_r(names + 1, ",", &inner); w; w = strtok_r(NULL, ",", &inner))
			if (str_eq(w, controller))
				return check_keep(c, xstrdup(path));
	}
	return NULL;
}

char *ev_cgroup_file(struct check *c, pid_t pid, const char *controller, const char *file)
{
	char *path = ev_cgroup(c, pid, controller), full[1024];
	struct mc_err err;
	struct buf text = { 0 };
	const char *const where[] = { *controller ? controller : "unified", "" };
	for (size_t i = 0; path && i < ARRAY_LEN(where); i++) {
		snprintf(full, sizeof(full), "/sys/fs/cgroup/%s%s/%s", where[i], path, file);
		if (file_read(AT_FDCWD, full, 1 << 20, &text, &err) < 0)
			continue;
		check_evidence(c, "%s: %s", full, text.data ? text.data : "");
		return check_keep(c, buf_take(&text));
	}
	return NULL;
}
