/*
 * monitor/exit.c - how it ended: the exit status on disk, and whether the kernel killed for want of memory.
 *
 * Kernel objects and man pages: memory.events of cgroup2 and memory.oom_control of version 1 (cgroups(7)),
 * rename(2).
 * Order and why: with systemd the cgroup goes the moment it is empty, so the count is read while a process
 * is still in it (poll(2) says when it changes) and once more at the end. The status is on disk before the
 * mount namespace is let go, because taking that down syncs the whole file system below the overlay (100 ms
 * where others have written much).
 */
#include "engine/monitor/pump.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"

static bool above_zero(const char *text, const char *key)
{
	const char *p = strstr(text, key);
	return p && strtoull(p + strlen(key), NULL, 10) > 0;
}

void monitor_look_at_memory(struct monitor *m)
{
	char text[512];
	ssize_t n = m->memory < 0 ? 0
				  : pread(m->memory, text, sizeof(text) - 1,
					    0); /* waits for the next change again */
	text[n > 0 ? n : 0] = '\0';
	m->oom_seen |= above_zero(text, "oom ");
	/*
	 * The file went between the alarm and the kill: there is nothing left to read, and only an OOM
	 * kill empties a cgroup so fast.
	 */
	m->oom_killed |= above_zero(text, "oom_kill ") || (n < 0 && m->oom_seen);
	if (n <= 0)
		m->memory = close_fd(m->memory);
}

static bool was_oom_killed(const struct monitor *m)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	if (!m->options.oom_file || !*m->options.oom_file ||
		file_read(AT_FDCWD, m->options.oom_file, 4096, &b, &ignored) < 0 || !b.data)
		return false;
	const char *p = strstr(b.data, "oom_kill ");
	return p && strtoull(p + strlen("oom_kill "), NULL, 10) > 0;
}

void monitor_record_exit(struct monitor *m)
{
	char text[64];
	int code = WIFEXITED(m->status) ? WEXITSTATUS(m->status) : 128 + WTERMSIG(m->status);
	_cleanup_free_ char *path = xasprintf("%s/exit", m->options.dir);
	monitor_look_at_memory(m);
	m->oom_killed |= was_oom_killed(m);
	int n = snprintf(
		text, sizeof(text), "%d %d %lld\n", code, m->oom_killed, (long long)now_ns(CLOCK_REALTIME));
	_cleanup_free_ char *room = xasprintf("%s/exit.room", m->options.dir);
	_cleanup_close_ int fd = open(room, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && pwrite(fd, text, (size_t)n, 0) == n && ftruncate(fd, n) == 0)
		rename(room, path);
	m->mount_ns = close_fd(m->mount_ns);
}
