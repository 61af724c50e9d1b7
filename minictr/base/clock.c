/*
 * clock.c - times, see clock.h. Man pages: clock_gettime(2), timegm(3).
 */
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <time.h>

#include "base/util.h"

uint64_t now_ns(int clock_id)
{
	struct timespec t;
	clock_gettime(clock_id, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* Rounds down, also before 1970: -1 / 60 is -1 minute and 59 seconds. */
static int64_t split(int64_t n, int64_t unit, int64_t *ret_rest)
{
	*ret_rest = (n % unit + unit) % unit;
	return n / unit - (n % unit < 0);
}

/*
 * Not by gmtime_r(3): even that reads /etc/localtime first, seven system calls for a time that is UTC.
 * The year begins in March here, so that the leap day is its last day and month lengths repeat every five
 * months (153 days). 146097 days are 400 years; 719468 days lie between 1 March of year 0 and 1970.
 */
void time_rfc3339(int64_t ns, char *out, size_t size)
{
	int64_t rest, second, minute, hour, day_of_era;
	int64_t minutes = split(split(ns, 1000000000, &rest), 60, &second);
	int64_t era = split(split(split(minutes, 60, &minute), 24, &hour) + 719468, 146097, &day_of_era);
	int64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day = day_of_era - (365 * year + year / 4 - year / 100), month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5 - 1;
	month += month < 10 ? 3 : -9;
	snprintf(out, size, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%09lldZ",
		(long long)(year + era * 400 + (month <= 2)), (long long)month, (long long)day,
		(long long)hour, (long long)minute, (long long)second, (long long)rest);
}

int parse_rfc3339(const char *text, int64_t *ret_ns)
{
	struct tm tm = { 0 };
	const char *p = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!p)
		return -EINVAL;
	int64_t fraction = 0, digit = 100000000, offset = 0;
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, digit /= 10)
			fraction += (*p - '0') * digit;
	if (*p == '+' || *p == '-') {
		int h, m;
		if (sscanf(p + 1, "%2d:%2d", &h, &m) != 2)
			return -EINVAL;
		offset = (h * 3600 + m * 60) * (*p == '+' ? 1 : -1);
	} else if (*p != 'Z' || p[1]) {
		return -EINVAL;
	}
	int64_t ns; /* 64 bits of nanoseconds end in the year 2262; images may claim any year */
	if (__builtin_mul_overflow((int64_t)timegm(&tm) - offset, (int64_t)1000000000, &ns) ||
		__builtin_add_overflow(ns, fraction, ret_ns))
		return -ERANGE;
	return 0;
}

char *duration_text(int64_t ns)
{
	static const struct {
		int64_t below, unit; /* hours */
		const char *name;
	} rows[] = { { 48, 1, "hours" }, { 24 * 7 * 2, 24, "days" }, { 24 * 30 * 2, 24 * 7, "weeks" },
		{ 24 * 365 * 2, 24 * 30, "months" }, { INT64_MAX, 24 * 365, "years" } };
	int64_t s = ns / 1000000000, m = s / 60, h = (s + 1800) / 3600;
	size_t row = 0;
	if (s < 1)
		return xstrdup("Less than a second");
	if (s < 60)
		return s == 1 ? xstrdup("1 second") : xasprintf("%lld seconds", (long long)s);
	if (m < 60)
		return m == 1 ? xstrdup("About a minute") : xasprintf("%lld minutes", (long long)m);
	if (h == 1)
		return xstrdup("About an hour");
	while (h >= rows[row].below)
		row++;
	return xasprintf("%lld %s", (long long)(h / rows[row].unit), rows[row].name);
}

int parse_duration(const char *text, int64_t *ret_ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "\xc2\xb5s", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
		{ "m", 60e9 }, { "h", 3600e9 } };
	const char *p = text + (*text == '+');
	double sum = 0;
	if (str_eq(p, "0")) {
		*ret_ns = 0;
		return 0;
	}
	if (!*p)
		return -EINVAL;
	while (*p) {
		size_t digits = strspn(p, "0123456789."), i = 0;
		char *end;
		double n = digits ? strtod(p, &end) : -1;
		/* strtod(3) alone would accept "0x1p3", "inf", and "1.2.3" up to its second dot. */
		if (n < 0 || end != p + digits)
			return -EINVAL;
		size_t unit = strcspn(end, "0123456789.");
		while (i < ARRAY_LEN(units) &&
			(strlen(units[i].name) != unit || strncmp(end, units[i].name, unit)))
			i++;
		if (i == ARRAY_LEN(units))
			return -EINVAL;
		sum += n * units[i].ns;
		p = end + unit;
	}
	if (sum >= 9.2e18)
		return -ERANGE;
	*ret_ns = (int64_t)(sum + 0.5);
	return 0;
}
