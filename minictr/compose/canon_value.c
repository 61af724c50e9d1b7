/*
 * canon_value.c - single values of a compose file: strings, numbers, sizes, durations, lists, pairs,
 * command lines.
 *
 * Sizes count in 1024s whatever their spelling (b k kb m mb g gb); durations need a unit (Go's: 1h2m3s4ms).
 * A plain number where a duration is wanted is refused: 10 what?
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "compose/canon.h"

int canon_any(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err) { return 0; }

int canon_text(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text;
	if (ynode_is_null(*value))
		return 0;
	int rc = ynode_want_text(*value, what, &text, err);
	if (rc >= 0)
		(*value)->quoted = true;
	return rc;
}

int canon_text_or_bool(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return canon_text(c, value, what, err);
}

int canon_bool(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	static const char *const old[] = { "y", "yes", "on", "n", "no",
		"off" }; /* of YAML 1.1, until compose v1 */
	const char *text = ynode_text(*value);
	bool b = false;
	size_t i = 0;
	while (i < ARRAY_LEN(old) && (!text || strcasecmp(text, old[i])))
		i++;
	int rc = i < ARRAY_LEN(old) ? 0 : ynode_bool(*value, what, &b, err);
	if (rc < 0)
		return rc;
	if (i < ARRAY_LEN(old)) {
		b = i < ARRAY_LEN(old) / 2;
		ynode_warn(*value, "%s: \"%s\" is no boolean in YAML 1.2: write %s", what, text,
			b ? "true" : "false");
	}
	free((*value)->text);
	(*value)->text = xstrdup(b ? "true" : "false");
	(*value)->quoted = false;
	return 0;
}

int canon_int(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int64_t n;
	int rc = ynode_int(*value, what, &n, err);
	if (rc < 0)
		return rc;
	free((*value)->text);
	(*value)->text = xasprintf("%lld", (long long)n);
	(*value)->quoted = false;
	return 0;
}

int canon_number(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text = ynode_text(*value);
	char *end = NULL;
	double d = text ? strtod(text, &end) : 0;
	if (!text || !*text || *end || d < 0 || !isdigit((unsigned char)text[strspn(text, ".")]))
		return ynode_error(*value, err, "%s must be a number", what);
	free((*value)->text);
	(*value)->text = xasprintf("%g", d);
	(*value)->quoted = false;
	return 0;
}

/* --- sizes and durations --- */

static int canon_parse_bytes(const char *text, uint64_t *ret)
{
	static const struct {
		const char *unit;
		unsigned shift;
	} units[] = { { "", 0 }, { "b", 0 }, { "k", 10 }, { "kb", 10 }, { "kib", 10 }, { "m", 20 },
		{ "mb", 20 }, { "mib", 20 }, { "g", 30 }, { "gb", 30 }, { "gib", 30 }, { "t", 40 },
		{ "tb", 40 }, { "tib", 40 } };
	char *end = NULL;
	double n = isdigit((unsigned char)*text) ? strtod(text, &end) : -1;
	while (end && *end == ' ')
		end++;
	for (size_t i = 0; end && i < ARRAY_LEN(units); i++)
		if (!strcasecmp(end, units[i].unit) && n * (double)(1ull << units[i].shift) < 9e18) {
			*ret = (uint64_t)(n * (double)(1ull << units[i].shift));
			return 0;
		}
	return -EINVAL;
}

int canon_bytes(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text = ynode_text(*value);
	uint64_t bytes = 0;
	bool unlimited = str_eq(text, "-1");
	if (!text || (!unlimited && canon_parse_bytes(text, &bytes) < 0))
		return ynode_error(*value, err, "%s: invalid size '%s': a number with b, k, m or g", what,
			text ? text : "");
	char *plain = unlimited ? xstrdup("-1") : xasprintf("%llu", (unsigned long long)bytes);
	free((*value)->text);
	(*value)->text = plain;
	(*value)->quoted = true; /* compose prints sizes as strings */
	return 0;
}

int canon_parse_duration(const char *text, int64_t *ret)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "µs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 },
		{ "h", 3600e9 }, { "d", 86400e9 } };
	double total = 0;
	if (!*text)
		return -EINVAL;
	if (str_eq(text, "0")) {
		*ret = 0;
		return 0;
	}
	while (*text) {
		char *end;
		if (!isdigit((unsigned char)*text) && *text != '.')
			return -EINVAL;
		double n = strtod(text, &end);
		size_t len = 0, best = ARRAY_LEN(units);
		for (size_t i = 0; i < ARRAY_LEN(units); i++)
			if (str_starts(end, units[i].unit) && strlen(units[i].unit) > len) {
				len = strlen(units[i].unit);
				best = i;
			}
		if (end == text || best == ARRAY_LEN(units))
			return -EINVAL;
		total += n * units[best].ns;
		text = end + len;
	}
	*ret = total < 9e18 ? (int64_t)total : -1;
	return *ret < 0 ? -EINVAL : 0;
}

void canon_duration_text(int64_t ns, char *buf)
{
	int64_t s = ns / 1000000000, rest = ns % 1000000000;
	char fraction[16] = "";
	if (!ns) {
		strcpy(buf, "0s");
		return;
	}
	if (!s) {
		double value = ns >= 1000000 ? (double)ns / 1e6 : ns >= 1000 ? (double)ns / 1e3 : (double)ns;
		snprintf(buf, 40, "%g%s", value, ns >= 1000000 ? "ms" : ns >= 1000 ? "µs" : "ns");
		return;
	}
	if (rest) {
		snprintf(fraction, sizeof(fraction), ".%09lld", (long long)rest);
		for (size_t n = strlen(fraction); fraction[n - 1] == '0'; n--)
			fraction[n - 1] = '\0';
	}
	if (s >= 3600)
		snprintf(buf, 40, "%lldh%lldm%lld%ss", (long long)(s / 3600), (long long)(s / 60 % 60),
			(long long)(s % 60), fraction);
	else if (s >= 60)
		snprintf(buf, 40, "%lldm%lld%ss", (long long)(s / 60), (long long)(s % 60), fraction);
	else
		snprintf(buf, 40, "%lld%ss", (long long)s, fraction);
}

int canon_duration(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text = ynode_text(*value);
	int64_t ns;
	char plain[40];
	if (text && !text[strspn(text, "0123456789")] && (strstr(what, "cpu_") || str_eq(text, "0")))
		return 0; /* cpu_period and cpu_quota: plain microseconds */
	if (!text || canon_parse_duration(text, &ns) < 0) {
		ynode_error(*value, err, "%s: invalid duration \"%s\"", what, text ? text : "");
		return err_hint(err,
			text && isdigit((unsigned char)*text) && !text[strspn(text, "0123456789.")]
				? "say the unit: %ss, %sm or %sms"
				: "a duration is written like 30s or 1m30s",
			text, text, text);
	}
	canon_duration_text(ns, plain);
	free((*value)->text);
	(*value)->text = xstrdup(plain);
	(*value)->quoted = true;
	return 0;
}

/* --- paths --- */

char *canon_absolute(const struct canon *c, const char *path)
{
	bool drive = isalpha((unsigned char)*path) && path[1] == ':' && path[2] == '\\'; /* of Windows */
	if (*path == '/' || drive)
		return xstrdup(path);
	if (*path == '~' && (!path[1] || path[1] == '/'))
		return xasprintf("%s%s", c->home, path + 1);
	while (str_starts(path, "./"))
		path += 2 + strspn(path + 2, "/");
	_cleanup_free_ char *dir = xstrdup(c->dir);
	while (str_eq(path, "..") || str_starts(path, "../")) {
		char *slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
		path += path[2] ? 3 : 2;
	}
	if (!*path || str_eq(path, "."))
		return xstrdup(*dir ? dir : "/");
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	return xasprintf("%s/%.*s", dir, (int)n, path);
}

int canon_path(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text;
	int rc = ynode_want_text(*value, what, &text, err);
	if (rc < 0 || c->keep_paths || strstr(text, "://") || str_starts(text, "git@"))
		return rc;
	char *path = canon_absolute(c, text);
	free((*value)->text);
	(*value)->text = path;
	(*value)->quoted = true;
	return 0;
}

/* --- lists and pairs --- */

int canon_list(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return ynode_is_null(*value) ? 0 : ynode_want_list(*value, what, err);
}

int canon_texts(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++)
		rc = canon_text(c, &(*value)->items[i], what, err);
	return rc;
}

int canon_text_or_list(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if (ynode_text(*value)) {
		struct yaml *list = ynode_new(YAML_LIST, *value);
		ynode_add(list, *value);
		*value = list;
	}
	return canon_texts(c, value, what, err);
}

/* [A=1, B] or {A: 1, B: }: a map; a name alone has no value (null): it is inherited or left out. */
int canon_pairs(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text;
	int rc = 0;
	if (ynode_is_null(*value))
		return 0;
	struct yaml *map = ynode_new(YAML_MAP, *value);
	for (size_t i = 0; rc >= 0 && (*value)->kind == YAML_LIST && i < (*value)->n; i++) {
		struct yaml *item = (*value)->items[i];
		rc = ynode_want_text(item, what, &text, err);
		if (rc < 0)
			break;
		_cleanup_free_ char *key = xstrndup(text, strcspn(text, "="));
		bool has_value = text[strlen(key)];
		ynode_set(map, key,
			has_value ? ynode_new_text(text + strlen(key) + 1, item)
				  : ynode_new(YAML_NULL, item));
	}
	for (size_t i = 0; rc >= 0 && (*value)->kind == YAML_MAP && i < (*value)->n; i++) {
		struct yaml *item = (*value)->items[i];
		if (item->kind != YAML_NULL)
			rc = ynode_want_text(item, what, &text, err);
		if (rc >= 0) {
			struct yaml *copy = ynode_set(map, (*value)->keys[i], ynode_copy(item));
			copy->quoted = true;
		}
	}
	if (rc >= 0 && (*value)->kind == YAML_SCALAR)
		rc = ynode_error(*value, err, "%s must be a map or a list of KEY=VALUE", what);
	if (rc < 0) {
		ynode_free(map);
		return rc;
	}
	ynode_free(*value);
	*value = map;
	return 0;
}

/* Pairs in which a name alone has the empty value. */
int canon_labels(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_pairs(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++)
		if ((*value)->items[i]->kind == YAML_NULL) {
			ynode_free((*value)->items[i]);
			(*value)->items[i] = ynode_new_text("", *value);
		}
	return rc;
}

/*
 * Bits of a file: 0440 and 0o440 are octal, "0440" too, 288 is not: that is how compose prints 0440, and its
 * output can be fed back. Kept as a decimal number.
 */
int canon_mode(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text = ynode_text(*value);
	char *end = NULL;
	bool octal = text && ((*value)->quoted || *text == '0');
	long bits = text ? strtol(str_starts(text, "0o") ? text + 2 : text, &end, octal ? 8 : 10) : -1;
	if (!text || !*text || *end || bits < 0 || bits > 07777)
		return ynode_error(*value, err, "%s must be a file mode like 0440", what);
	if (!octal && strlen(text) > 2 && strspn(text, "01234567") == strlen(text))
		ynode_warn(*value, "%s: %s is a decimal number, the mode 0%lo; 0%s is the mode %s", what,
			text, bits, text, text);
	free((*value)->text);
	(*value)->text = xasprintf("%ld", bits);
	(*value)->quoted = false;
	return 0;
}

/* --- command lines --- */

/* "a 'b c' \"d\"" to words, as a shell splits them; nothing is expanded. */
static int canon_split(
	const struct yaml *at, const char *p, struct yaml *list, const char *what, struct mc_err *err)
{
	while (*(p += strspn(p, " \t\n"))) {
		_cleanup_buf_ struct buf word = { 0 };
		buf_adds(&word, "");
		char quote = 0;
		for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
			if (quote ? *p == quote : (*p == '\'' || *p == '"'))
				quote = quote ? 0 : *p;
			else if (*p == '\\' && p[1] && quote != '\'' && (!quote || strchr("\"\\$`\n", p[1])))
				buf_addf(&word, "%c", *++p);
			else
				buf_addf(&word, "%c", *p);
		}
		if (quote)
			return ynode_error(at, err, "%s: a %c that is not closed", what, quote);
		ynode_add(list, ynode_new_text(word.data, at));
	}
	return 0;
}

int canon_command(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	const char *text = ynode_text(*value);
	if (!text)
		return canon_texts(c, value, what, err);
	struct yaml *list = ynode_new(YAML_LIST, *value);
	int rc = canon_split(*value, text, list, what, err);
	if (rc < 0) {
		ynode_free(list);
		return rc;
	}
	ynode_free(*value);
	*value = list;
	return 0;
}

/* --- putting a value into a map --- */

struct yaml *canon_put_text(struct yaml *map, const char *key, const char *text, const struct yaml *at)
{
	return ynode_set(map, key, ynode_new_text(text, at));
}

struct yaml *canon_put_plain(struct yaml *map, const char *key, const char *text, const struct yaml *at)
{
	struct yaml *y = canon_put_text(map, key, text, at);
	y->quoted = false;
	return y;
}

void canon_put_default(struct yaml *map, const char *key, const char *text)
{
	if (!ynode_get(map, key))
		canon_put_text(map, key, text, map);
}

static const char *target_word(const struct yaml *item, const char *key)
{
	const char *t = ynode_text(ynode_get(item, key));
	return t ? t : "";
}

/* What makes two entries of a list the same one: a mount's target, a port's address, number and protocol. */
static bool target_same(const struct yaml *a, const struct yaml *b)
{
	static const char *const keys[] = { "host_ip", "published", "protocol" };
	const char *target_a = target_word(a, "target"), *target_b = target_word(b, "target");
	if (!*target_a && !*target_b)
		return str_eq(target_word(a, "source"), target_word(b, "source"));
	if (!str_eq(target_a, target_b))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!str_eq(target_word(a, keys[i]), target_word(b, keys[i])))
			return false;
	return true;
}

void canon_put_by_target(struct yaml *base, const struct yaml *later)
{
	for (size_t i = 0; i < later->n; i++) {
		size_t k = 0;
		while (k < base->n && !target_same(base->items[k], later->items[i]))
			k++;
		if (k == base->n) {
			ynode_add(base, ynode_copy(later->items[i]));
		} else {
			ynode_free(base->items[k]);
			base->items[k] = ynode_copy(later->items[i]);
		}
	}
}
