/*
 * init_reap.c - what process 1 is for: pid_namespaces(7).
 *
 * Orphans become children of process 1 of their pid namespace. If it does not wait for them they stay
 * zombies for ever. And the kernel spares process 1 all signals that it has no handler for, so TERM does
 * nothing unless handled: most programs are bad at being process 1. `run --init` puts this one before them.
 * Signals are blocked and taken one by one with sigwaitinfo(2): no handler runs, no race, no lost SIGCHLD.
 */
#include "runtime/init.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/process.h"

/*
 * Reaps every child that ends, also adopted ones, passes every other signal on to main_child alone, and
 * returns when main_child has ended: its exit code (process_exit_code()). It sleeps in between. -errno when
 * it is no child of ours.
 *
 * Lab 02.6: process 1 inherits the dead of its namespace, and no signal ends it by default.
 */
int init_reap(pid_t main_child, struct mc_err *err)
{
	sigset_t all;
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return err_sys(err, "sigprocmask");
	for (;;) {
		int status;
		pid_t pid;
		/* Before the first wait for a signal: the child may have ended before SIGCHLD was blocked.
		 * One SIGCHLD may stand for many children, so all that have ended are taken. */
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == main_child)
				return process_exit_code(status);
		if (pid < 0 && errno == ECHILD)
			return err_set(err, ECHILD, "process %d is not our child", main_child);
		int signal = sigwaitinfo(&all, NULL);
		if (signal > 0 && signal != SIGCHLD)
			kill(main_child, signal);
	}
}
