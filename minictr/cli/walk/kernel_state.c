/*
 * kernel_state.c - reads the facts of a process from /proc, and compares two such lists.
 *
 * Kernel objects: proc(5) (ns/, mountinfo, cgroup, status, fd/, net/dev), namespaces(7). The process stands
 * still meanwhile (explain --step), so the facts fit together. Nothing is asked of the process itself.
 */
#include "cli/walk/kernel_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"

enum { FACTS = 400, TEXT = 1 << 20 }; /* a process with more is told of in part */

/* A text of /proc/PID; "" when it cannot be read. Caller frees. */
static char *proc_text(pid_t pid, const char *name)
{
	struct mc_err err;
	struct buf text = { 0 };
	_cleanup_free_ char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	if (file_read(AT_FDCWD, path, TEXT, &text, &err) < 0)
		buf_clear(&text);
	return buf_take(&text);
}

static char *proc_link(pid_t pid, const char *name)
{
	char target[512];
	_cleanup_free_ char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	return n < 0 ? NULL : xstrndup(target, (size_t)n);
}

static void add_namespaces(char ***facts, pid_t pid)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "net", "uts", "ipc", "cgroup", "time" };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		_cleanup_free_ char *name = xasprintf("ns/%s", kinds[i]), *link = proc_link(pid, name);
		const char *number = link ? strchr(link, '[') : NULL;
		if (number)
			strv_pushf(facts, "namespace %s\t%.*s", kinds[i], (int)strcspn(number + 1, "]"),
				number + 1);
	}
}

static void add_root(char ***facts, pid_t pid)
{
	static const char *const names[] = { "root", "cwd" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct stat st;
		_cleanup_free_ char *path = xasprintf("/proc/%d/%s", (int)pid, names[i]);
		if (stat(path, &st) == 0)
			strv_pushf(facts, "directory %s\tinode %llu on device %u:%u", names[i],
				(unsigned long long)st.st_ino, major(st.st_dev), minor(st.st_dev));
	}
}

/* "36 35 98:0 / /proc rw,nosuid shared:1 - proc proc rw": mount point, options, type and source. */
static void add_mount(char ***facts, const char *line)
{
	char point[512], options[256], type[64], source[256];
	const char *tail = strstr(line, " - ");
	if (!tail || sscanf(line, "%*d %*d %*s %*s %511s %255s", point, options) != 2 ||
		sscanf(tail, " - %63s %255s", type, source) != 2)
		return;
	for (int copy = 1; copy < FACTS; copy++) { /* a mount may cover another one at the same point */
		_cleanup_free_ char *key = copy == 1 ? xasprintf("mount %s\t", point)
						     : xasprintf("mount %s (%d above)\t", point, copy);
		bool taken = false;
		for (char **f = *facts; *f && !taken; f++)
			taken = str_starts(*f, key);
		if (taken)
			continue;
		strv_pushf(facts, "%s%s (%s)%s", key, type, options,
			strstr(line, " shared:") && strstr(line, " shared:") < tail ? " shared" : "");
		return;
	}
}

static void add_lines(char ***facts, pid_t pid, const char *name, void add(char ***, const char *))
{
	_cleanup_free_ char *text = proc_text(pid, name);
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line && strv_len(*facts) < FACTS;
		line = strtok_r(NULL, "\n", &save))
		add(facts, line);
}

/* "4:memory:/user.slice"; "0::/x" is version 2. */
static void add_cgroup(char ***facts, const char *line)
{
	const char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
	if (path)
		strv_pushf(facts, "cgroup %.*s\t%s", path == names + 1 ? 7 : (int)(path - names - 1),
			path == names + 1 ? "unified" : names + 1, path + 1);
}

static void add_status(char ***facts, const char *line)
{
	static const char *const rows[][2] = { { "Uid", "user id" }, { "Gid", "user group" },
		{ "Groups", "user groups" }, { "CapInh", "capabilities inheritable" },
		{ "CapPrm", "capabilities permitted" }, { "CapEff", "capabilities effective" },
		{ "CapBnd", "capabilities bounding" }, { "CapAmb", "capabilities ambient" },
		{ "NoNewPrivs", "filter no_new_privs" }, { "Seccomp_filters", "filter seccomp" } };
	size_t len = strcspn(line, ":");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strlen(rows[i][0]) != len || strncmp(line, rows[i][0], len) != 0 || !line[len])
			continue;
		_cleanup_free_ char *value = xstrdup(line + len + 1 + strspn(line + len + 1, "\t "));
		for (char *p = value; *p; p++)
			*p = *p == '\t' ? ' ' : *p;
		if (str_starts(line, "Cap"))
			strv_pushf(facts, "%s\t%d (%s)", rows[i][1],
				__builtin_popcountll(strtoull(value, NULL, 16)), value);
		else
			strv_pushf(facts, "%s\t%s", rows[i][1], value);
	}
}

/* "    lo:  5120  40 ..." */
static void add_link(char ***facts, const char *line)
{
	const char *name = line + strspn(line, " "), *end = strchr(name, ':');
	if (end)
		strv_pushf(facts, "link %.*s\tin its network namespace", (int)(end - name), name);
}

static void add_descriptors(char ***facts, pid_t pid)
{
	struct mc_err err;
	char **names = NULL;
	_cleanup_free_ char *dir = xasprintf("/proc/%d/fd", (int)pid);
	if (dir_list(AT_FDCWD, dir, &names, &err) < 0)
		return;
	for (char **n = names; *n && strv_len(*facts) < FACTS; n++) {
		_cleanup_free_ char *name = xasprintf("fd/%s", *n), *target = proc_link(pid, name);
		if (target && atoi(*n) < 900) /* ours, which tells the steps, lies above */
			strv_pushf(facts, "descriptor %s\t%s", *n, target);
	}
	strv_free(names);
}

char **kernel_state(pid_t pid)
{
	char **facts = xcalloc(1, sizeof(char *));
	add_namespaces(&facts, pid);
	if (!facts[0])
		return facts;
	add_root(&facts, pid);
	add_lines(&facts, pid, "mountinfo", add_mount);
	add_lines(&facts, pid, "cgroup", add_cgroup);
	add_lines(&facts, pid, "status", add_status);
	add_lines(&facts, pid, "net/dev", add_link);
	add_descriptors(&facts, pid);
	return facts;
}

pid_t kernel_parent(pid_t pid)
{
	_cleanup_free_ char *text = proc_text(pid, "status");
	const char *line = strstr(text, "\nPPid:");
	return line ? (pid_t)atoi(line + 6) : 0;
}

/* --- comparing --- */

/* Length of the first word of a fact or of the text of a change. */
static size_t kernel_kind(const char *fact) { return strcspn(fact, " "); }

static const char *fact_with_key(char *const facts[], const char *fact)
{
	size_t len = strcspn(fact, "\t") + 1;
	for (char *const *f = facts; *f; f++)
		if (strncmp(*f, fact, len) == 0)
			return *f;
	return NULL;
}

struct changes {
	char **lines;
	size_t most, of_kind; /* lines of the present kind and sign so far */
	const char *kind;
	char sign;
};

/* Closes the lines of one kind: what did not fit is counted. */
static void changes_close(struct changes *c)
{
	if (c->kind && c->of_kind > c->most)
		strv_pushf(&c->lines, "%c and %zu more of %.*s", c->sign, c->of_kind - c->most,
			(int)kernel_kind(c->kind), c->kind);
	c->of_kind = 0;
}

static void changes_add(struct changes *c, char sign, const char *fact, const char *line)
{
	size_t len = kernel_kind(fact);
	if (!c->kind || sign != c->sign || kernel_kind(c->kind) != len || strncmp(c->kind, fact, len) != 0)
		changes_close(c);
	c->kind = fact;
	c->sign = sign;
	if (c->of_kind++ < c->most)
		strv_push(&c->lines, line);
}

char **kernel_changes(char *const before[], char *const after[], size_t most)
{
	struct changes c = { .lines = xcalloc(1, sizeof(char *)), .most = most };
	if (!before || !after || !before[0] || !after[0])
		return c.lines;
	for (char *const *f = after; *f; f++) {
		const char *old = fact_with_key(before, *f);
		size_t key = strcspn(*f, "\t");
		if (!old || str_eq(old, *f) || !(*f)[key])
			continue;
		_cleanup_free_ char *line =
			xasprintf("  %.*s: %s -> %s", (int)key, *f, old + key + 1, *f + key + 1);
		changes_add(&c, ' ', *f, line);
	}
	for (int gone = 0; gone < 2; gone++)
		for (char *const *f = gone ? before : after; *f; f++) {
			size_t key = strcspn(*f, "\t");
			if (fact_with_key(gone ? after : before, *f))
				continue;
			_cleanup_free_ char *line = xasprintf("%c %.*s: %s", gone ? '-' : '+', (int)key, *f,
				*f + key + ((*f)[key] == '\t'));
			changes_add(&c, gone ? '-' : '+', *f, line);
		}
	changes_close(&c);
	return c.lines;
}

char *kernel_look(char *const changes[], pid_t pid)
{
	static const char *const rows[][2] = { { "namespace", "ls -l /proc/%d/ns" },
		{ "mount", "cat /proc/%d/mountinfo" }, { "directory", "ls -la /proc/%d/root/" },
		{ "cgroup", "cat /proc/%d/cgroup" }, { "user", "grep -E 'id:|Groups' /proc/%d/status" },
		{ "capabilities", "grep Cap /proc/%d/status" },
		{ "filter", "grep -E 'NoNewPrivs|Seccomp' /proc/%d/status" },
		{ "link", "nsenter -n -t %d ip addr" }, { "descriptor", "ls -l /proc/%d/fd" } };
	const char *form = "ls -la /proc/%d/root/ /proc/%d/fd";
	for (size_t i = 0; changes[0] && i < ARRAY_LEN(rows); i++)
		if (strncmp(changes[0] + 2, rows[i][0], strlen(rows[i][0])) == 0)
			form = rows[i][1];
	struct buf out = { 0 };
	for (const char *p = form; *p; p++)
		if (p[0] == '%' && p[1] == 'd')
			buf_addf(&out, "%d", (int)pid), p++;
		else
			buf_addc(&out, *p);
	return buf_take(&out);
}
