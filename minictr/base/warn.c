/*
 * warn.c - the one sink for warnings, see warn.h. Only this file and err.c print for the code below cli/.
 */
#include "base/warn.h"

#include <stdarg.h>

static void (*sink)(const char *text);

void warn_to(void (*f)(const char *text)) { sink = f; }

void warn_drop(const char *text) { (void)text; }

/* --log-level of `minictr`, which also holds in the executables that it hands a command on to. */
static bool below_level(void)
{
	const char *level = getenv("MINICTR_LOG_LEVEL");
	return level && (strcmp(level, "error") == 0 || strcmp(level, "fatal") == 0);
}

void warn_user(const char *fmt, ...)
{
	char text[640];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (sink)
		sink(text);
	else if (!below_level())
		fprintf(stderr, "WARNING: %s\n", text);
}
