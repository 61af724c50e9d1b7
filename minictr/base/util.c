/*
 * util.c - memory, cleanup, string vectors, strict numbers and time.
 *
 * Man pages: malloc(3), getrandom(2), clock_gettime(2), strtoull(3).
 * When memory runs out, this file aborts the program. An engine cannot do useful work without memory, and no
 * other file needs code for this error.
 */
#include "base/util.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/random.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
/* `make asan`, also where a caller clears the environment: a command's memory ends with the command. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }
#endif

static void *or_abort(void *p)
{
	if (!p) {
		static const char msg[] = "out of memory\n";
		(void)!write(2, msg, sizeof(msg) - 1);
		abort();
	}
	return p;
}

void *xmalloc(size_t size) { return or_abort(malloc(size ? size : 1)); }
void *xcalloc(size_t count, size_t size) { return or_abort(calloc(count ? count : 1, size ? size : 1)); }
void *xrealloc(void *p, size_t size) { return or_abort(realloc(p, size ? size : 1)); }
char *xstrdup(const char *s) { return s ? or_abort(strdup(s)) : NULL; }
char *xstrndup(const char *s, size_t len) { return s ? or_abort(strndup(s, len)) : NULL; }

static char *xvasprintf(const char *fmt, va_list ap)
{
	char *s = NULL;
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	return or_abort(s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

/* --- cleanup --- */

int close_fd(int fd)
{
	if (fd >= 0) {
		int keep = errno;
		close(fd);
		errno = keep;
	}
	return -1;
}

void cleanup_close(int *fd) { *fd = close_fd(*fd); }

void cleanup_free(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;
	free(*p);
	*p = NULL;
}

void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
	*f = NULL;
}

void cleanup_closedir(void *pointer_to_dir)
{
	DIR **d = pointer_to_dir;
	if (*d)
		closedir(*d);
	*d = NULL;
}

void cleanup_strv(char ***v)
{
	strv_free(*v);
	*v = NULL;
}

int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

void *take_ptr_(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer, *taken = *p;
	*p = NULL;
	return taken;
}

/* --- strings and vectors --- */

bool str_eq(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

bool str_starts(const char *s, const char *prefix) { return s && strncmp(s, prefix, strlen(prefix)) == 0; }

bool str_ends(const char *s, const char *suffix)
{
	size_t n = s ? strlen(s) : 0, m = strlen(suffix);
	return s && n >= m && strcmp(s + n - m, suffix) == 0;
}

size_t strv_len(char *const v[])
{
	size_t n = 0;
	while (v && v[n])
		n++;
	return n;
}

static void strv_own(char ***v, char *s)
{
	size_t n = strv_len(*v);
	*v = xrealloc(*v, (n + 2) * sizeof(char *));
	(*v)[n] = s;
	(*v)[n + 1] = NULL;
}

void strv_push(char ***v, const char *s) { strv_own(v, xstrdup(s)); }

void strv_pushf(char ***v, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	strv_own(v, xvasprintf(fmt, ap));
	va_end(ap);
}

char **strv_copy(char *const v[])
{
	size_t n = strv_len(v);
	char **copy = xcalloc(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(v[i]);
	return copy;
}

void strv_free(char **v)
{
	for (size_t i = 0; v && v[i]; i++)
		free(v[i]);
	free(v);
}

bool strv_has(char *const v[], const char *s)
{
	for (size_t i = 0; v && v[i]; i++)
		if (str_eq(v[i], s))
			return true;
	return false;
}

/* Length of NAME in "NAME=value" or in a bare "NAME". */
static size_t env_name_len(const char *entry) { return strcspn(entry, "="); }

const char *strv_env(char *const env[], const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; env && env[i]; i++)
		if (strncmp(env[i], name, n) == 0 && env[i][n] == '=')
			return env[i] + n + 1;
	return NULL;
}

void strv_env_set(char ***env, const char *name_value)
{
	size_t n = env_name_len(name_value);
	for (size_t i = 0; *env && (*env)[i]; i++) {
		char *old = (*env)[i];
		if (strncmp(old, name_value, n) == 0 && (old[n] == '=' || !old[n])) {
			free(old);
			(*env)[i] = xstrdup(name_value);
			return;
		}
	}
	strv_push(env, name_value);
}

void strv_env_unset(char **env, const char *name)
{
	size_t kept = 0;
	for (size_t i = 0; env && env[i]; i++) {
		if (env_name_len(env[i]) == strlen(name) && str_starts(env[i], name))
			free(env[i]);
		else
			env[kept++] = env[i];
	}
	if (env)
		env[kept] = NULL;
}

/* --- numbers --- */

int parse_u64(const char *text, uint64_t *ret)
{
	if (!text || !*text)
		return -EINVAL;
	uint64_t v = 0;
	for (const char *p = text; *p; p++) {
		if (!isdigit((unsigned char)*p))
			return -EINVAL;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int parse_i64(const char *text, int64_t *ret)
{
	bool negative = text && *text == '-';
	uint64_t v, limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
	int rc = parse_u64(negative ? text + 1 : text, &v);
	if (rc < 0)
		return rc;
	if (v > limit)
		return -ERANGE;
	*ret = negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

/* docker's units: b, k, m, g, t, p, then an optional "b" or "ib"; powers of 1024; decimal fractions too. */
int parse_bytes(const char *text, uint64_t *ret)
{
	static const char units[] = "bkmgtp";
	if (!text || !isdigit((unsigned char)*text))
		return -EINVAL;
	char *end;
	errno = 0;
	double v = strtod(text, &end);
	for (const char *p = text; p < end; p++)
		if (!isdigit((unsigned char)*p) && *p != '.')
			return -EINVAL;
	while (*end == ' ')
		end++;
	double scale = 1;
	const char *unit = *end ? strchr(units, tolower((unsigned char)*end)) : NULL;
	if (*end && !unit)
		return -EINVAL;
	for (const char *u = units; unit && u < unit; u++)
		scale *= 1024;
	if (unit && strcasecmp(end + 1, "") && strcasecmp(end + 1, "b") && strcasecmp(end + 1, "ib"))
		return -EINVAL;
	if (errno == ERANGE || v * scale >= 9.2e18)
		return -ERANGE;
	*ret = (uint64_t)(v * scale);
	return 0;
}

/* --- nearest word --- */

/* Levenshtein distance with one row of the table; words here are short. */
static size_t edit_distance(const char *a, const char *b)
{
	enum { MAX = 64 };
	size_t n = strlen(a), m = strlen(b), row[MAX + 1];
	if (n > MAX || m > MAX)
		return MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

const char *nearest_word(const char *word, const char *const candidates[], size_t n)
{
	const char *best = NULL;
	size_t best_distance = strlen(word) < 5 ? 2 : 3; /* "pz" is near "ps", "exce" near "exec" */
	for (size_t i = 0; i < n; i++) {
		size_t d = edit_distance(word, candidates[i]);
		if (d < best_distance ||
			(d == best_distance && !best && d < strlen(candidates[i]) && d <= 2)) {
			best = candidates[i];
			best_distance = d;
		}
	}
	return best;
}

/* --- random, hash --- */

void random_hex(char *out, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char b[32];
	for (size_t done = 0, n; done < bytes; done += n) {
		/* getrandom(2) never returns less than asked for up to 256 bytes. */
		n = bytes - done < sizeof(b) ? bytes - done : sizeof(b);
		while (getrandom(b, n, 0) != (ssize_t)n)
			;
		for (size_t i = 0; i < n; i++) {
			*out++ = digits[b[i] >> 4];
			*out++ = digits[b[i] & 15];
		}
	}
	*out = '\0';
}

uint64_t fnv1a(const void *data, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;
	for (const unsigned char *p = data; len--; p++)
		h = (h ^ *p) * 0x100000001b3ULL;
	return h;
}
