/*
 * client_pump.h - this terminal or pipe at one end, a hijacked connection at the other.
 */
#ifndef MC_CLI_CLIENT_PUMP_H
#define MC_CLI_CLIENT_PUMP_H

#include "cli/remote/client.h"

struct client_pump {
	struct client *client; /* for signals and window sizes: calls beside the stream */
	struct hijack *stream; /* taken over */
	const char *what;      /* "containers/ID" or "exec/ID": whose resize and kill are called */
	bool tty;              /* the program has a terminal: bytes are raw, window sizes travel */
	bool input;            /* our stdin is passed on */
	bool output;           /* false: only input (-a stdin) */
	bool no_stdout, no_stderr;
	bool sig_proxy;          /* signals to us become calls of kill */
	const char *detach_keys; /* NULL: ctrl-p,ctrl-q */
	/*
	 * Told once, when the terminal is raw and signals are caught: starts what is to be watched. NULL:
	 * nothing.
	 */
	int (*ready)(void *ctx, struct mc_err *err);
	void *ctx;
};

/* Until the daemon closes. Returns 1 after detaching, 0 at the end, -errno (also of ready()). */
int client_pump(struct client_pump *p, struct mc_err *err);

/* -it without a terminal: docker's words. */
int client_check_tty(bool tty, bool input, struct mc_err *err);

#endif
