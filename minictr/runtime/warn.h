/*
 * warn.h - what could not be given and is not worth failing for: told once, to the log file or to standard error.
 */
#ifndef MC_RUNTIME_WARN_H
#define MC_RUNTIME_WARN_H

#include "base/util.h"

/* One sentence, no line end. In the parent only: the child's standard error belongs to the container. */
void warn_user(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Sends warnings to f (the log of `--log`) instead of standard error. NULL: back to standard error. */
void warn_to(void (*f)(const char *text));

/* A sink that drops: in a child whose standard error is the container's. */
void warn_nobody(const char *text);

#endif
