/*
 * warn.c - the one sink for warnings, see warn.h. Only this file and err.c print for the code below cli/.
 */
#include "base/warn.h"

#include <stdarg.h>

static void (*sink)(const char *text);

void warn_to(void (*f)(const char *text)) { sink = f; }

void warn_drop(const char *text) { (void)text; }

void warn_user(const char *fmt, ...)
{
	char text[640];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (sink)
		sink(text);
	else
		fprintf(stderr, "WARNING: %s\n", text);
}
