/*
 * explain.h - the one stream that tells what the engine does: `minictr explain`, `--debug`, golden tests.
 *
 * Two kinds of line. A *step* is said by the code at the head of a stage and carries a stable id, a
 * reason and a tutorial section; a *call* is produced only by the sys_* wrappers, so that narration
 * cannot drift from code. Each line is formatted on the stack and sent by one write(2) below PIPE_BUF: safe
 * between clone and exec, no malloc, no stdio, errno preserved. Off, it costs one test of an int.
 *
 * The sink is a descriptor handed down through our own executables in the environment variable
 * MINICTR_EXPLAIN ("FD:LEVEL:FORMAT", LEVEL 1 steps, 2 calls; FORMAT text or json). It is made O_CLOEXEC in the process that
 * execs foreign code, so a container never sees it; the variable never enters a container either.
 */
#ifndef MC_BASE_EXPLAIN_H
#define MC_BASE_EXPLAIN_H

#include "base/util.h"

enum explain_level { EXPLAIN_OFF, EXPLAIN_STEPS, EXPLAIN_CALLS };
enum explain_format { EXPLAIN_TEXT, EXPLAIN_JSON };

/* Reads MINICTR_EXPLAIN; who names this process in each line ("minictr", "monitor", "oci", "init"). */
void explain_init(const char *who);
/* Opens the sink for this process and, by the environment, for its children of ours. fd is moved
 * (closed, unless it is a standard stream) to a high number. */
void explain_start(int fd, enum explain_level level, enum explain_format format);
/* Renames this process in later lines ("init" after clone3). Keeps the pointer. */
void explain_who(const char *who);
/* Makes the sink O_CLOEXEC: the last thing before exec of a program that is not ours. Returns the fd, -1 when off. */
int explain_seal(void);
/* No more lines from this process: a filter may forbid write(2) from here on. */
void explain_stop(void);
bool explain_on(enum explain_level level);

/*
 * Opens a step. id is stable and names a tutorial section ("rootfs.pivot" is found in tutorial/01-chroot.md);
 * tutorial is that chapter's number; why is one clause a learner understands.
 */
void explain_step(const char *id, int tutorial, const char *why);
/* One finished system call in strace's grammar. rc is what the wrapper returns (-errno on failure). For sys_*.c only. */
void explain_call(long rc, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
