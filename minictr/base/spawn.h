/*
 * spawn.h - runs another program of the host: mkfs, newuidmap, a credential helper, our own executables.
 *
 * Containers do not use this: they need their own clone3(2) (runtime/namespace.c, runtime/process.c).
 * posix_spawn(3) does the work here, because it reports a failed exec to its caller, and because it starts
 * the child of a large process fast.
 */
#ifndef MC_BASE_SPAWN_H
#define MC_BASE_SPAWN_H

#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"

enum { SPAWN_INHERIT = 0, SPAWN_NULL = -1 }; /* a standard stream: ours, or /dev/null */

struct spawn {
	char *const *argv; /* argv[0]: a path, or a name that is looked up in PATH */
	char *const *env;  /* NULL: ours */
	int in, out, err;  /* descriptors for 0, 1, 2; SPAWN_INHERIT or SPAWN_NULL. Borrowed */
	int pass_from;     /* one more descriptor for the child (0: none), as number pass_to */
	int pass_to;
	bool new_session; /* setsid(2): signals of our terminal do not reach it */
	/* spawn_run() only. 0: none; once it is readable, the program gets SIGTERM, and we wait for its end. */
	int cancel;
};

/*
 * Starts the program with default signal dispositions and no blocked signals. It inherits the descriptors
 * named above and all that are not O_CLOEXEC. Returns its pid, which the caller must wait for; -ENOENT,
 * -EACCES ... when it cannot be run.
 */
pid_t spawn_start(const struct spawn *s, struct mc_err *err);
/* The same, and waits. Returns the exit code (0 to 255; 128 + n after signal n) or -errno. */
int spawn_run(const struct spawn *s, struct mc_err *err);
/*
 * The same, and reads its standard output into *ret (cleared first). -EFBIG when it is above max bytes.
 * s->out is ignored.
 */
int spawn_read(const struct spawn *s, size_t max, struct buf *ret, struct mc_err *err);

#endif
