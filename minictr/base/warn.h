/*
 * warn.h - the one sink for warnings: a request could not be met, and this is no reason to fail.
 *
 * Code below cli/ never prints. It calls warn_user(); the executable decides where the sentence goes:
 * the command line leaves it on standard error, minictr-oci writes it to --log, the daemon relays it to its
 * client.
 */
#ifndef MC_BASE_WARN_H
#define MC_BASE_WARN_H

#include "base/util.h"

/*
 * One sentence, at most 639 bytes, without a line end. Do not call it in a container's process: its standard
 * error belongs to the container's program.
 */
void warn_user(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* From now on f gets each warning. NULL: standard error gets them again, as "WARNING: ...". */
void warn_to(void (*f)(const char *text));
/* A sink that drops everything: for a process whose standard error belongs to a container. */
void warn_drop(const char *text);

#endif
