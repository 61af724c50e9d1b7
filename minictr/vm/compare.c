/*
 * compare.c - four measurements that show what a container is and what it is not.
 *
 * Kernel objects and man pages: clock_gettime(2) CLOCK_MONOTONIC, uname(2), proc(5) (stat, cmdline,
 * smaps_rollup), /proc/sys/kernel/random/boot_id (random(4)). Each function gets one side as a struct probe
 * and never asks which side it is: the difference must come out of the kernel, not out of an if.
 */
#include "vm/compare.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

/*
 * Runs the probe with the word "first" runs + 1 times, one after the other. The first run is not counted:
 * it fills the caches of the disk and of the engine. Of each other run, ret->first is the wall time from
 * before the start to the first byte on its standard output, ret->end that to its end; ret->n is runs, and
 * ret->median_first and ret->median_end are the medians. runs is 1 to SERIES_MAX, else -EINVAL. A run that
 * ends with another exit status than 0, or without a byte, is an error (-EIO), and no process is left.
 * Lab 13.1: one number is no measurement; several and their median are.
 */
int compare_time(const struct probe *p, int runs, struct series *ret, struct mc_err *err)
{
	if (runs < 1 || runs > SERIES_MAX)
		return err_set(err, EINVAL, "%d runs: 1 to %d", runs, SERIES_MAX);
	*ret = (struct series){ .n = runs };
	for (int i = -1; i < runs; i++) {
		int out = -1;
		char byte;
		/* Wall time: CPU time would leave out all waiting, and starting is mostly waiting. */
		uint64_t start = now_ns(CLOCK_MONOTONIC);
		pid_t pid = probe_start(p, "first", &out, err);
		if (pid < 0)
			return pid;
		ssize_t n = read(out, &byte, 1);
		uint64_t first = now_ns(CLOCK_MONOTONIC);
		int rc = probe_end(p, pid, &out, err);
		if (rc == 0 && n != 1)
			rc = err_set(err, EIO, "%s: the probe wrote nothing", p->name);
		if (rc < 0)
			return rc;
		if (i < 0)
			continue;
		ret->first[i] = first - start;
		ret->end[i] = now_ns(CLOCK_MONOTONIC) - start;
	}
	ret->median_first = median_of(ret->first, runs);
	ret->median_end = median_of(ret->end, runs);
	return 0;
}

/*
 * Runs the probe with the word "kernel"; it answers with two lines, the kernel's release and its boot id.
 * Fills them in, and ret->is_host: whether the kernel inside is the one that runs this function. Two kernels
 * of the same release are still two, and a host name proves nothing: what decides is the boot id, a random
 * number that each kernel makes when it starts. -EPROTO when the answer is less than two lines, or one does
 * not fit its field; -EIO when the probe fails.
 * Lab 13.2: a container has no kernel of its own.
 */
int kernel_identity(const struct probe *p, struct kernel_id *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf said = { 0 }, host = { 0 };
	int out = -1;
	pid_t pid = probe_start(p, "kernel", &out, err);
	if (pid < 0)
		return pid;
	int rc = file_read_fd(out, p->name, 4096, &said, err);
	int ended = probe_end(p, pid, &out, err);
	if (rc == 0 && ended == 0)
		rc = file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &host, err);
	if (rc < 0 || ended < 0)
		return rc < 0 ? rc : ended;
	char *save = NULL, *release = strtok_r(said.data, "\n", &save), *boot = strtok_r(NULL, "\n", &save);
	if (!release || !boot || strlen(release) >= sizeof(ret->release) ||
		strlen(boot) >= sizeof(ret->boot_id))
		return err_set(err, EPROTO, "%s: the probe's answer is no release and boot id", p->name);
	*ret = (struct kernel_id){ 0 };
	strcpy(ret->release, release);
	strcpy(ret->boot_id, boot);
	ret->is_host = !strncmp(boot, host.data, strcspn(host.data, "\n")) &&
		       strlen(boot) == strcspn(host.data, "\n");
	return 0;
}

/*
 * Finds the processes that the host has because of a probe that holds: p->root and all that descend from it,
 * in /proc as the host sees it; ret->n of them in ret->pid, p->root first. ret->sees_program: one of them
 * has p->mark among its arguments. Nothing is started and nothing inside is asked. -ESRCH when p->root is
 * gone; -E2BIG when there are more than PIDS_MAX (not checked).
 * Lab 13.3: a program in a container is a process of the host; a program in a virtual machine is not.
 */
int host_processes(const struct probe *p, struct pids *ret, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	*ret = (struct pids){ 0 };
	int rc = process_parent(p->root) >= 0
			 ? dir_list(AT_FDCWD, "/proc", &names, err)
			 : err_set(err, ESRCH, "%s: process %d is gone", p->name, (int)p->root);
	if (rc < 0)
		return rc;
	ret->pid[ret->n++] = p->root;
	/* pid[k] is asked for its children in its turn, so children of children come too. */
	for (int k = 0; k < ret->n; k++)
		for (size_t i = 0; names[i]; i++) {
			pid_t pid = (pid_t)strtol(names[i], NULL, 10);
			if (pid <= 0 || process_parent(pid) != ret->pid[k])
				continue;
			if (ret->n == PIDS_MAX)
				return err_set(err, E2BIG, "%s: more than %d processes", p->name, PIDS_MAX);
			ret->pid[ret->n++] = pid;
		}
	for (int k = 0; k < ret->n; k++)
		ret->sees_program |= process_has_word(ret->pid[k], p->mark);
	return 0;
}

/*
 * The memory that these processes take from the host, in bytes: the sum of "Pss" in /proc/PID/smaps_rollup.
 * A page that several processes share is counted once in all, a part for each; "Rss" would count it for every
 * one of them. A process that has ended counts nothing. -errno when a file cannot be read for another
 * reason. *ret_pss is untouched on failure (not checked).
 * Lab 13.4: memory is what the host has to give, not what the inside says is free.
 */
int host_memory(const struct pids *p, uint64_t *ret_pss, struct mc_err *err)
{
	uint64_t sum = 0;
	for (int i = 0; i < p->n; i++) {
		_cleanup_buf_ struct buf b = { 0 };
		struct mc_err why = { 0 };
		char path[48];
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)p->pid[i]);
		int rc = file_read(AT_FDCWD, path, 64 << 10, &b, &why);
		if (rc == -ENOENT || rc == -ESRCH)
			continue;
		if (rc < 0) {
			*err = why;
			return rc;
		}
		const char *line = b.data ? strstr(b.data, "\nPss:") : NULL;
		sum += line ? strtoull(line + strlen("\nPss:"), NULL, 10) * 1024 : 0;
	}
	*ret_pss = sum;
	return 0;
}
