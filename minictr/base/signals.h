/*
 * signals.h - signals by name and number, as people write them: `kill -s`, `--stop-signal`, STOPSIGNAL of
 * an image.
 */
#ifndef MC_BASE_SIGNALS_H
#define MC_BASE_SIGNALS_H

#include "base/err.h"

/*
 * "TERM", "sigterm", "15", "RTMIN+3", "SIGRTMAX-1", and the older names CLD, IOT, POLL: the number, 1 to
 * 64. "0" gives 0 when zero is allowed: kill(2) then only checks whether the process exists. -EINVAL:
 * "invalid signal: ...". glibc reserves the real-time signals 32 and 33 (signal(7)), so RTMIN is 34.
 */
int signal_parse(const char *text, bool zero, struct mc_err *err);

#endif
