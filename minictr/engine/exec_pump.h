/*
 * exec_pump.h - the client's end of one exec: what the new process reads and writes passes through us.
 */
#ifndef MC_ENGINE_EXEC_PUMP_H
#define MC_ENGINE_EXEC_PUMP_H

#include "engine/exec.h"
#include "engine/oci.h"

/*
 * Runs `exec` of the runtime (argv) with pipes for the new process, or with null devices for one that is
 * detached, and carries bytes until the process ends. *ret_exit is its exit code (or the runtime's: 126,
 * 127). What a process that it left in the background writes later is lost.
 */
int exec_pump_pipes(const struct oci *oci, char *const argv[], const struct exec_options *o, int *ret_exit,
	struct mc_err *err);

/*
 * The same with a terminal, whose master side the runtime hands out over the socket `listener`. Detached, a
 * small process of ours keeps the master side open until the terminal is closed inside.
 */
int exec_pump_terminal(const struct oci *oci, char *const argv[], int listener, const struct exec_options *o,
	int *ret_exit, struct mc_err *err);

#endif
