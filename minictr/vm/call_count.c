/*
 * call_count.c - counts the system calls that the host's kernel serves, by ptrace(2).
 *
 * Every call of a container's program is a call to the host's kernel: each of them is a way in. A guest's
 * program calls the guest's kernel; the host serves only qemu. Order and why: all threads of the tree are
 * seized first; PTRACE_O_TRACECLONE and its kin bring in what they start later, so that `exec` is seen too.
 */
#include "vm/call_count.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE };

static int seize_threads(pid_t pid, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/task", (int)pid);
	_cleanup_strv_ char **tasks = NULL;
	int seized = 0;
	if (dir_list(AT_FDCWD, path, &tasks, &(struct mc_err){ 0 }) < 0)
		return 0;
	for (size_t i = 0; tasks[i]; i++) {
		pid_t tid = (pid_t)strtol(tasks[i], NULL, 10);
		if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)(long)OPTIONS) < 0) {
			if (errno == ESRCH)
				continue;
			return err_sys(err, "ptrace(PTRACE_SEIZE, %d)", (int)tid);
		}
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
		seized++;
	}
	return seized;
}

static void note_call(pid_t tid, struct call_count *ret)
{
	struct __ptrace_syscall_info info = { 0 };
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) <= 0 ||
		info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	ret->calls++;
	if (info.entry.nr < CALL_NUMBERS && !ret->seen[info.entry.nr]) {
		ret->seen[info.entry.nr] = true;
		ret->kinds++;
	}
}

/* One stop of one thread: counted when it is a call, and sent on its way with the signal it got. */
static void serve_stop(pid_t tid, int status, struct call_count *ret)
{
	int signal = WSTOPSIG(status), event = status >> 16;
	if (signal == (SIGTRAP | 0x80)) {
		note_call(tid, ret);
		signal = 0;
	} else if (event) {
		signal = 0; /* fork, clone, a group stop, our own interrupt */
	}
	ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(long)signal);
}

static void let_go(const struct probe *p)
{
	struct pids all;
	struct mc_err ignored = { 0 };
	if (host_processes(p, &all, &ignored) < 0)
		return;
	for (int i = 0; i < all.n; i++) {
		_cleanup_free_ char *path = xasprintf("/proc/%d/task", (int)all.pid[i]);
		_cleanup_strv_ char **tasks = NULL;
		if (dir_list(AT_FDCWD, path, &tasks, &ignored) < 0)
			continue;
		for (size_t k = 0; tasks[k]; k++) {
			pid_t tid = (pid_t)strtol(tasks[k], NULL, 10);
			int status;
			if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
				continue;
			waitpid(tid, &status, __WALL);
			ptrace(PTRACE_DETACH, tid, NULL, NULL);
		}
	}
}

static int trace(const struct probe *p, pid_t worker, struct call_count *ret, struct mc_err *err)
{
	struct pids all;
	int status, rc = host_processes(p, &all, err), seized = 0;
	for (int i = 0; rc >= 0 && i < all.n; i++) {
		rc = seize_threads(all.pid[i], err);
		seized += rc > 0 ? rc : 0;
	}
	/* The worker waits for this: what it starts is seen from its first call on. */
	if (rc < 0 || !seized) {
		kill(worker, SIGKILL);
		waitpid(worker, NULL, 0);
		return rc < 0 ? rc : err_set(err, ESRCH, "%s: nothing to trace", p->name);
	}
	kill(worker, SIGUSR1);
	for (;;) {
		pid_t tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno != EINTR)
			break;
		if (tid == worker && (WIFEXITED(status) || WIFSIGNALED(status)))
			break;
		if (tid > 0 && WIFSTOPPED(status))
			serve_stop(tid, status, ret);
	}
	let_go(p);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0
		       ? 0
		       : err_set(err, EIO, "%s: what was to be traced failed", p->name);
}

int call_count(const struct probe *p, int (*meanwhile)(void *data), void *data, struct call_count *ret,
	struct mc_err *err)
{
	sigset_t go;
	int signal;
	*ret = (struct call_count){ 0 };
	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	sigprocmask(SIG_BLOCK, &go, NULL);
	fflush(NULL);
	pid_t worker = fork();
	if (worker == 0) {
		sigwait(&go, &signal);
		_exit(meanwhile(data) < 0);
	}
	int rc = worker < 0 ? err_sys(err, "fork()") : trace(p, worker, ret, err);
	sigprocmask(SIG_UNBLOCK, &go, NULL);
	return rc;
}
