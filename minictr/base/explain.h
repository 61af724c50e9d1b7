/*
 * explain.h - the one stream that tells what the engine does: `minictr explain`, `--debug`, golden tests.
 *
 * There are two kinds of line. The code at the head of a stage tells a *step*: a stable id, a reason and a
 * tutorial section. Only the sys_* wrappers produce a *call*, so that the text cannot differ from the code.
 * Each line is formatted on the stack and sent by one write(2) below PIPE_BUF: no malloc, no stdio, errno
 * preserved, so it is safe between clone and exec. When explain is off, a line costs one test of an int.
 *
 * The sink is a descriptor that our executables pass on in the environment variable MINICTR_EXPLAIN
 * ("FD:LEVEL:FORMAT", LEVEL 1 steps, 2 calls; FORMAT 0 text, 1 JSON). The process that execs a foreign
 * program makes it O_CLOEXEC, so a container never gets it. The variable never enters a container either.
 * A fourth number, 1, makes every step wait: FD is then a socket (AF_UNIX, SOCK_SEQPACKET), and the process
 * reads one byte from it before the step begins. The end of the socket lets all steps go on.
 * MINICTR_REQUEST, set by the daemon, is the id of the request that this work is done for; each line begins
 * with it.
 */
#ifndef MC_BASE_EXPLAIN_H
#define MC_BASE_EXPLAIN_H

#include "base/util.h"

enum explain_level { EXPLAIN_OFF, EXPLAIN_STEPS, EXPLAIN_CALLS };
enum explain_format { EXPLAIN_TEXT, EXPLAIN_JSON };

/* Reads MINICTR_EXPLAIN; who names this process in each line ("minictr", "monitor", "oci", "init"). */
void explain_init(const char *who);
/* Opens the sink for this process and, by the environment, for the executables of ours that it starts. fd is
 * duplicated to a high number, and closed unless it is a standard stream. */
void explain_start(int fd, enum explain_level level, enum explain_format format);
/* The same with every step waiting for a byte from fd, a socket: `explain --step` and `--record`. */
void explain_start_stepwise(int fd);
/* Renames this process in later lines ("init" after clone3). Keeps the pointer. */
void explain_who(const char *who);
/* Makes the sink O_CLOEXEC, last before exec of a foreign program. Returns the descriptor, -1 when off. */
int explain_seal(void);
/* Switches it off, for this process and for executables of ours that it starts from now on. */
void explain_end(void);
/* Ends the lines of this process: from here on a seccomp filter may forbid write(2). */
void explain_stop(void);
bool explain_on(enum explain_level level);

/*
 * Opens a step. id is stable and names a tutorial section ("rootfs.pivot" is in tutorial/01-chroot.md);
 * tutorial is the number of that chapter; why is one clause that a learner understands.
 */
void explain_step(const char *id, int tutorial, const char *why);
/* Tells that a learner's function, the answer to this task ("01.4"), is called. */
void explain_mine(const char *task);
/* Tells a finished system call as strace does. rc: the wrapper's result (-errno on failure). Only sys_*.c. */
void explain_call(long rc, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
