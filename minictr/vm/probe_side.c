/*
 * probe_side.c - what the measurements of compare.c stand on: starting a side, and small looks into /proc.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "vm/compare.h"

pid_t probe_start(const struct probe *p, const char *word, int *ret_out, struct mc_err *err)
{
	_cleanup_strv_ char **argv = strv_copy(p->argv);
	int pipe[2], rc = sys_pipe(pipe, err);
	if (rc < 0)
		return rc;
	strv_push(&argv, word);
	struct spawn s = { .argv = argv, .in = SPAWN_NULL, .out = pipe[1], .err = SPAWN_INHERIT };
	pid_t pid = spawn_start(&s, err);
	close_fd(pipe[1]);
	*ret_out = pid < 0 ? close_fd(pipe[0]) : pipe[0];
	return pid;
}

int probe_end(const struct probe *p, pid_t pid, int *out, struct mc_err *err)
{
	int status = 0, rc = sys_wait(pid, &status, err);
	*out = close_fd(*out);
	if (rc < 0)
		return rc;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(err, EIO, "%s: the probe ended with exit status %d", p->name,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

uint64_t median_of(const uint64_t values[], int n)
{
	uint64_t sorted[SERIES_MAX];
	if (n < 1 || n > SERIES_MAX)
		return 0;
	memcpy(sorted, values, (size_t)n * sizeof(*values));
	qsort(sorted, (size_t)n, sizeof(*sorted), by_size);
	return sorted[n / 2];
}

pid_t process_parent(pid_t pid)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (pid <= 0 || file_read(AT_FDCWD, path, 4096, &b, &ignored) < 0 || !b.data)
		return -1;
	/* "PID (NAME) STATE PPID": the name may hold blanks and parentheses, so count from the last one. */
	const char *end = strrchr(b.data, ')');
	int parent = 0;
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : -1;
}

bool process_has_word(pid_t pid, const char *word)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if (!word || file_read(AT_FDCWD, path, 1 << 20, &b, &ignored) < 0)
		return false;
	for (const char *p = b.data; p && p < b.data + b.len; p += strlen(p) + 1)
		if (str_eq(p, word))
			return true;
	return false;
}
