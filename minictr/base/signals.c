/*
 * signals.c - signals by name and number, see signals.h. Man pages: signal(7), sigabbrev_np(3).
 */
#include "base/signals.h"

#include <string.h>
#include <strings.h>

enum { SIGNAL_RTMIN = 34, SIGNAL_RTMAX = 64 };

/* "RTMIN", "RTMIN+n", "RTMAX", "RTMAX-n"; -1: not such a name. */
static int signal_real_time(const char *name)
{
	uint64_t offset = 0;
	bool up = strncasecmp(name, "RTMIN", 5) == 0;
	if (!up && strncasecmp(name, "RTMAX", 5) != 0)
		return -1;
	name += 5;
	if (*name && (*name != (up ? '+' : '-') || parse_u64(name + 1, &offset) < 0 ||
			     offset > SIGNAL_RTMAX - SIGNAL_RTMIN))
		return -1;
	return up ? SIGNAL_RTMIN + (int)offset : SIGNAL_RTMAX - (int)offset;
}

static int signal_named(const char *name)
{
	static const char *const older[][2] = { { "CLD", "CHLD" }, { "IOT", "ABRT" }, { "IO", "POLL" } };
	for (size_t i = 0; i < ARRAY_LEN(older); i++)
		if (strcasecmp(name, older[i][0]) == 0)
			name = older[i][1];
	for (int s = 1; s < 32; s++)
		if (strcasecmp(name, sigabbrev_np(s)) == 0)
			return s;
	return signal_real_time(name);
}

int signal_parse(const char *text, bool zero, struct mc_err *err)
{
	uint64_t number;
	int s;
	if (parse_u64(text, &number) == 0)
		s = number <= SIGNAL_RTMAX && (number || zero) ? (int)number : -1;
	else
		s = signal_named(strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text);
	return s >= 0 ? s : err_set(err, EINVAL, "invalid signal: %s", text);
}
