/*
 * process_id.c - tells a process from a later one with the same number.
 * The kernel reuses process numbers; the pair of number and start time (proc_pid_stat(5)) is unique until the
 * next boot.
 */
#include "base/process_id.h"

#include <fcntl.h>

#include "base/file.h"

/* Reads the state and field 22 of proc_pid_stat(5). Field 2 is a name in parentheses, which may contain
 * blanks and parentheses, so the count begins after the last ")". */
static bool read_stat(pid_t pid, char *ret_state, uint64_t *ret_start)
{
	_cleanup_buf_ struct buf b = { 0 };
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	struct mc_err ignored = { 0 };
	if (pid <= 0 || file_read(AT_FDCWD, path, 4096, &b, &ignored) < 0 || !b.data)
		return false;
	const char *p = strrchr(b.data, ')');
	if (!p || !p[1])
		return false;
	*ret_state = p[2];
	p += 2;
	for (int field = 3; field < 22 && p; field++)
		p = strchr(p + 1, ' ');
	return p && (*ret_start = strtoull(p, NULL, 10), true);
}

bool process_id_fill(struct process_id *p)
{
	char state;
	return read_stat(p->pid, &state, &p->start);
}

bool process_id_alive(const struct process_id *p)
{
	char state;
	uint64_t start;
	return p->pid > 0 && read_stat(p->pid, &state, &start) && start == p->start && state != 'Z' &&
	       state != 'X';
}
