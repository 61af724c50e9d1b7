/*
 * daemon_log.c - the daemon's own log: one line on standard error, as text or as JSON (--log-format).
 */
#include "daemon/daemon.h"

#include <stdarg.h>
#include <time.h>

void daemon_log(struct daemon *d, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!d->log_json) {
		fprintf(stderr, "minictrd: %s\n", text);
		return;
	}
	_cleanup_json_ struct json *doc = json_new_object();
	char now[40];
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	json_set_string(doc, "time", now);
	json_set_string(doc, "msg", text);
	_cleanup_free_ char *line = json_dump(doc, false);
	fprintf(stderr, "%s\n", line);
}
