/*
 * inherit.h - what a container takes over from the process that started it, and what it must not.
 */
#ifndef MC_RUNTIME_INHERIT_H
#define MC_RUNTIME_INHERIT_H

#include <stdint.h>
#include "runtime/config.h"

/*
 * An engine that promises pipes or a terminal says so with this annotation and the value "own": see
 * inherit_streams().
 */
#define INHERIT_STREAMS "io.minictr.stdio"

/*
 * For main(), before anything is opened: opens /dev/null where descriptor 0, 1 or 2 is closed, sets umask
 * 022, the personality of an ordinary Linux program, and lets us hear of children that end. Must run before
 * other threads or children exist.
 */
void inherit_prepare(void);
/*
 * The signals that this process ignores: bit n-1 is signal n. Read before the clone, for
 * inherit_signals().
 */
uint64_t inherit_ignored(void);
/* In the child: the signals in `ignored` get their default action, none is blocked. */
void inherit_signals(uint64_t ignored);
/*
 * In the child, when the container's /dev stands below root (O_PATH, the container's "/"): descriptors 0, 1
 * and 2 that are the host's /dev/null become the container's own. When config.json has the annotation
 * INHERIT_STREAMS = "own", they must be pipes, sockets or that null device, else -EPERM. p with a terminal:
 * nothing to do, terminal_open() sets all three.
 */
int inherit_streams(const struct config *c, const struct config_process *p, int root, struct mc_err *err);

#endif
