/*
 * err.c - filling, wrapping and printing struct mc_err.
 *
 * All functions except err_print() and die() may run between clone and exec: they only call snprintf(3) into
 * the caller's struct. Man pages: errno(3), strerrorname_np(3), pipe(7) for the size limit.
 */
#include "base/err.h"

#include <stdarg.h>

#include "base/util.h"
#include "base/wrap.h"

const char *errno_name(int code)
{
	const char *name = strerrorname_np(code);
	return name ? name : "E?";
}

int err_set(struct mc_err *err, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	*err = (struct mc_err){ .code = code };
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return -code;
}

/* Appends ": Invalid argument (EINVAL)" to what has been formatted. */
static int finish(struct mc_err *err, int code)
{
	size_t n = strlen(err->what);
	err->code = code;
	snprintf(err->what + n, sizeof(err->what) - n, ": %s (%s)",
		strerrordesc_np(code) ? strerrordesc_np(code) : "unknown error", errno_name(code));
	return -code;
}

int err_sys(struct mc_err *err, const char *fmt, ...)
{
	int code = errno ? errno : EIO;
	va_list ap;
	va_start(ap, fmt);
	*err = (struct mc_err){ 0 };
	vsnprintf(err->what, sizeof(err->what) - 64, fmt, ap);
	va_end(ap);
	return finish(err, code);
}

int err_code(struct mc_err *err, int rc, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	*err = (struct mc_err){ 0 };
	vsnprintf(err->what, sizeof(err->what) - 64, fmt, ap);
	va_end(ap);
	return finish(err, rc < 0 ? -rc : rc);
}

int err_wrap(struct mc_err *err, const char *fmt, ...)
{
	char inner[sizeof(err->what)];
	memcpy(inner, err->what, sizeof(inner));
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->what))
		snprintf(err->what + n, sizeof(err->what) - (size_t)n, ": %s", inner);
	return -err->code;
}

int err_hint(struct mc_err *err, const char *fmt, ...)
{
	if (!err->hint[0]) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
		va_end(ap);
	}
	return -err->code;
}

int err_exit(struct mc_err *err, int status)
{
	err->exit_status = status;
	return -err->code;
}

void err_print(const struct mc_err *err, const char *prog)
{
	/* The text may hold names from images, archives and servers: the terminal must not obey them. */
	_cleanup_free_ char *what = text_visible(err->what), *hint = text_visible(err->hint);
	fprintf(stderr, "%s: %s\n", prog ? prog : program_invocation_short_name, what);
	if (*hint)
		fprintf(stderr, "  %s\n", hint);
}

void die(int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(status);
}
