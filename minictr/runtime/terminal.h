/*
 * terminal.h - a pseudo terminal of the container's own (pty(7), devpts).
 */
#ifndef MC_RUNTIME_TERMINAL_H
#define MC_RUNTIME_TERMINAL_H

#include "runtime/config.h"

/*
 * In the child, a session leader: opens a terminal of the devpts mounted inside root, makes its slave 0, 1,
 * 2 and the controlling terminal, sends the master's descriptor over `socket` (console-socket of runc, or
 * our own parent). bind_console: also shows it as /dev/console.
 */
int terminal_open(
	const struct config_process *p, int root, int socket, bool bind_console, struct mc_err *err);
/* Connects to the unix socket at path, as --console-socket names it. Returns the descriptor. */
int terminal_connect(const char *path, struct mc_err *err);
/*
 * Foreground use: copies between our terminal (raw meanwhile) and master until the program closes its side.
 */
int terminal_relay(int master, struct mc_err *err);

#endif
