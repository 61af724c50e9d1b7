/*
 * explain.c - formats explain lines and hands them to one descriptor, one write(2) a line.
 *
 * Text:  "[ 3] init: pivot_root(".", ".") = 0"  and  "== rootfs.pivot  the old root ...  (tutorial 1)".
 * JSON:  {"who":"init","step":"rootfs.pivot","why":"...","tutorial":1} / {"who":"init","call":"...","rc":0}.
 * Lines stay below PIPE_BUF (pipe(7)), so lines of several processes never mix. No malloc, no stdio:
 * this runs between clone3(2) and execve(2).
 */
#include "base/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/err.h"
#include "base/wrap.h"

static struct {
	int fd; /* sink; -1 when off */
	enum explain_level level;
	enum explain_format format;
	const char *who;  /* name of this process in the lines */
	char request[24]; /* id of the request that this is done for; "" without one */
	bool stepwise;    /* a step waits for a byte from fd */
} sink = { .fd = -1, .who = "minictr" };

static const char variable[] = "MINICTR_EXPLAIN";

void explain_init(const char *who)
{
	int fd, level, format, stepwise = 0;
	sink.who = who;
	const char *text = getenv(variable);
	if (!text || sscanf(text, "%d:%d:%d:%d", &fd, &level, &format, &stepwise) < 3 ||
		fcntl(fd, F_GETFD) < 0)
		return;
	sink.stepwise = stepwise == 1;
	sink.fd = fd;
	sink.level = (enum explain_level)level;
	sink.format = (enum explain_format)format;
	text = getenv("MINICTR_REQUEST");
	if (text && strlen(text) <= 16 && strspn(text, "0123456789abcdef") == strlen(text))
		snprintf(sink.request, sizeof(sink.request), "%s", text);
}

void explain_start(int fd, enum explain_level level, enum explain_format format)
{
	char text[64];
	/* A high number: dup2(2) onto a fixed one (3, 4 of the monitor, --preserve-fds) would replace it. */
	int high = fcntl(fd, F_DUPFD, 900);
	if (high >= 0 && fd > 2)
		close(fd);
	sink.fd = high >= 0 ? high : fd;
	sink.level = level;
	sink.format = format;
	snprintf(text, sizeof(text), "%d:%d:%d:%d", sink.fd, (int)level, (int)format, sink.stepwise);
	setenv(variable, text, 1);
}

void explain_start_stepwise(int fd)
{
	sink.stepwise = true;
	explain_start(fd, EXPLAIN_CALLS, EXPLAIN_JSON);
}

void explain_who(const char *who) { sink.who = who; }

int explain_seal(void)
{
	if (sink.fd >= 0)
		fcntl(sink.fd, F_SETFD, FD_CLOEXEC);
	return sink.fd;
}

void explain_end(void)
{
	if (sink.fd > 2)
		close(sink.fd);
	sink.fd = -1;
	sink.level = EXPLAIN_OFF;
	unsetenv(variable);
}

void explain_stop(void) { sink.level = EXPLAIN_OFF; }

bool explain_on(enum explain_level level) { return sink.fd >= 0 && sink.level >= level; }

/* Which request this is done for, in front of a line: a request can be followed by grep(1). */
#define REQUEST_TEXT sink.request, sink.request[0] ? " " : ""
#define REQUEST_JSON sink.request[0] ? ",\"request\":\"" : "", sink.request, sink.request[0] ? "\"" : ""

enum { STEP_INDENT = 26, CALL_INDENT = 12 }; /* columns where a step's reason and a call begin */

static void emit(const char *line, size_t n, size_t indent)
{
	char wrapped[3072];
	int keep = errno;
	size_t width = sink.format == EXPLAIN_TEXT ? wrap_width(sink.fd) : 0;
	if (sink.format == EXPLAIN_TEXT) {
		n = wrap_text(wrapped, sizeof(wrapped), line, width, indent);
		line = wrapped;
	}
	/* A failed write means that the reader of the lines is gone; the engine goes on without it. */
	(void)!write(sink.fd, line, n);
	errno = keep;
}

/* Copies s as the inside of a JSON string, cut when out is too small. Returns the bytes written. */
static size_t json_escape(char *out, size_t size, const char *s)
{
	size_t n = 0;
	for (; *s && n + 8 < size; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			n += (size_t)snprintf(out + n, size - n, "\\%c", c);
		else if (c < 0x20)
			n += (size_t)snprintf(out + n, size - n, "\\u%04x", c);
		else
			out[n++] = (char)c;
	}
	out[n] = '\0';
	return n;
}

/* The reader of the lines looks at this process now; one byte of it lets us go on, and so does its end. */
static void wait_for_reader(void)
{
	char byte;
	int keep = errno;
	while (sink.stepwise && read(sink.fd, &byte, 1) < 0 && errno == EINTR)
		;
	errno = keep;
}

void explain_step(const char *id, int tutorial, const char *why)
{
	if (!explain_on(EXPLAIN_STEPS))
		return;
	char line[1024];
	int n;
	if (sink.format == EXPLAIN_JSON) {
		char text[700];
		json_escape(text, sizeof(text), why);
		n = snprintf(line, sizeof(line),
			"{\"who\":\"%s\"%s%s%s,\"step\":\"%s\",\"why\":\"%s\",\"tutorial\":%d}\n", sink.who,
			REQUEST_JSON, id, text, tutorial);
	} else {
		n = snprintf(line, sizeof(line), "%s%s== %-22s %s   (tutorial\t%d)\n", REQUEST_TEXT, id, why,
			tutorial);
	}
	emit(line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1, STEP_INDENT);
	wait_for_reader();
}

void explain_mine(const char *task)
{
	if (!explain_on(EXPLAIN_STEPS))
		return;
	char line[160];
	int n = snprintf(line, sizeof(line),
		sink.format == EXPLAIN_JSON ? "{\"who\":\"%s\",\"mine\":\"%s\"}\n" : "   %-8s yours, %s\n",
		sink.who, task);
	emit(line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1, CALL_INDENT);
}

void explain_call(long rc, const char *fmt, ...)
{
	if (!explain_on(EXPLAIN_CALLS))
		return;
	char call[800], line[2048];
	int keep = errno, n;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(call, sizeof(call), fmt, ap);
	va_end(ap);
	if (sink.format == EXPLAIN_JSON) {
		char text[1200];
		json_escape(text, sizeof(text), call);
		n = snprintf(line, sizeof(line), "{\"who\":\"%s\"%s%s%s,\"call\":\"%s\",\"rc\":%ld}\n",
			sink.who, REQUEST_JSON, text, rc);
	} else if (rc < 0) {
		n = snprintf(line, sizeof(line), "%s%s   %-8s %s = -1 %s\n", REQUEST_TEXT, sink.who, call,
			errno_name((int)-rc));
	} else {
		n = snprintf(line, sizeof(line), "%s%s   %-8s %s = %ld\n", REQUEST_TEXT, sink.who, call, rc);
	}
	emit(line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1, CALL_INDENT);
	errno = keep;
}
