/*
 * stream_input.c - what a client types, on its way to the monitor; and the keys that detach.
 *
 * With a terminal the client sends all keys, also those that mean "leave me alone": docker's daemon looks for
 * them, not its client. Keys that begin like the sequence are held back until it is clear what they were.
 */
#include "daemon/stream.h"

#include <errno.h>
#include <string.h>

#include "engine/client_terminal.h"
#include "engine/monitor/monitor.h"

static struct detach_keys detach;
static bool has_detach;

int stream_detach_keys(const char *keys)
{
	struct mc_err ignored = { 0 };
	has_detach = true;
	return detach_parse(&detach, keys && *keys ? keys : NULL, &ignored);
}

int stream_input(const char *text, size_t len, char *out)
{
	size_t n = len;
	if (!len) {
		out[0] = ATTACH_EOF;
		return 1;
	}
	out[0] = ATTACH_STDIN;
	if (!has_detach)
		memcpy(out + 1, text, len);
	else if (detach_feed(&detach, text, len, out + 1, &n))
		return -ECANCELED;
	return n ? (int)n + 1 : 0;
}
