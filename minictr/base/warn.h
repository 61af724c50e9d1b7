/*
 * warn.h - the one sink for warnings: what could not be given and is not worth failing for.
 *
 * Code below cli/ never prints. It calls warn_user(); who runs the code decides where the sentence goes: the command line
 * leaves it on standard error, minictr-oci writes it to --log, the daemon relays it to its client.
 */
#ifndef MC_BASE_WARN_H
#define MC_BASE_WARN_H

#include "base/util.h"

/* One sentence, at most 639 bytes, without a line end. Never in a container's process: its standard error is the program's. */
void warn_user(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* From now on f gets each warning. NULL: back to standard error, as "WARNING: ...". */
void warn_to(void (*f)(const char *text));
/* A sink that drops everything: for a process whose standard error belongs to a container. */
void warn_drop(const char *text);

#endif
