/*
 * sys_done.h - the end of every sys_* wrapper: report to the explain sink, fill *err on failure.
 * Private to base/sys_*.c. rc is the raw result of the call.
 */
#ifndef MC_BASE_SYS_DONE_H
#define MC_BASE_SYS_DONE_H

#include "base/err.h"
#include "base/explain.h"

#define SYS_DONE(rc, err, ...) sys_done((long)(rc), (err), __VA_ARGS__)

static inline int PRINTF_LIKE(3, 4) sys_done(long rc, struct mc_err *err, const char *fmt, ...)
{
	if (rc >= 0 && !explain_on(EXPLAIN_CALLS))
		return (int)rc; /* the usual case costs one comparison */
	int code = errno;
	char call[400];
	__builtin_va_list ap;
	__builtin_va_start(ap, fmt);
	vsnprintf(call, sizeof(call), fmt, ap);
	__builtin_va_end(ap);
	explain_call(rc < 0 ? -code : rc, "%s", call);
	errno = code;
	return rc < 0 ? err_sys(err, "%s", call) : (int)rc;
}

/* A string argument as strace shows it, NULL or "text": Q_FMT in the format, Q(s) among the arguments. */
#define Q_FMT "%s%s%s"
#define Q(s) (s) ? "\"" : "", (s) ? (s) : "NULL", (s) ? "\"" : ""

#endif
