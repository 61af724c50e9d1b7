/*
 * stream.h - docker's raw streams: what travels on a connection after 101.
 */
#ifndef MC_DAEMON_STREAM_H
#define MC_DAEMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>

enum stream_kind {
	/* A terminal: bytes as they are. */
	STREAM_RAW = 0,
	STREAM_STDOUT = 1,
	STREAM_STDERR = 2,
};

/* Lab 10.2 and 10.3; the contracts stand in stream.c. */
int stream_frame(int out, int stream, const void *data, size_t n);
int attach_pump(int client, int container);

/* --- stream_input.c: given --- */

enum { STREAM_INPUT_MAX = 16384 };
/* The keys that detach ("ctrl-p,ctrl-q"; NULL: those). Only terminals have them: without this call, none. */
int stream_detach_keys(const char *keys);
/*
 * What the client has typed, made into one message for the monitor: out holds STREAM_INPUT_MAX + 32 bytes.
 * len 0 is the end of input. Returns the message's length, 0 when there is nothing to send yet; -ECANCELED
 * when the detach keys were typed.
 */
int stream_input(const char *text, size_t len, char *out);

#endif
