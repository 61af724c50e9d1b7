/*
 * list.c - what `images` and `history` show: filters, the lines of an image's past, unpacked sizes.
 */
#include "image/verbs.h"

#include <fnmatch.h>
#include <time.h>

#include "base/file.h"

/* --- filters --- */

/* docker's reference filter: a pattern for "repository:tag" or for the repository alone. */
static bool name_fits(const char *name, const char *pattern)
{
	const char *colon = strrchr(name, ':');
	_cleanup_free_ char *repository = xstrndup(name, colon ? (size_t)(colon - name) : strlen(name));
	return fnmatch(pattern, name, FNM_PATHNAME) == 0 || fnmatch(pattern, repository, FNM_PATHNAME) == 0;
}

/* "[" without its "]" fits no name, and would look like an empty list. fnmatch(3) has no word for it. */
static bool is_pattern(const char *p)
{
	for (; *p; p++) {
		if (*p == '\\' && !*++p)
			return false;
		if (*p != '[')
			continue;
		p += 1 + (p[1] == '!' || p[1] == '^');
		if (*p == ']' || !(p = strchr(p, ']')))
			return false;
	}
	return true;
}

/* "key" or "key=value". */
static bool label_fits(const struct image *img, const char *want)
{
	size_t len = strcspn(want, "=");
	_cleanup_free_ char *key = xstrndup(want, len);
	const char *has = json_text_of(json_member(json_at(img->config, "config.Labels"), key));
	return has && (!want[len] || str_eq(has, want + len + 1));
}

/* A moment: RFC 3339, seconds since the epoch, or an age as "24h" or "10m". */
static int parse_moment(const char *text, int64_t *ret, struct mc_err *err)
{
	char unit[4] = "", extra;
	double n;
	if (parse_rfc3339(text, ret) == 0)
		return 0;
	int got = sscanf(text, "%lf%1[smhd]%c", &n, unit, &extra);
	if (got < 1 || got > 2 || (got == 1 && strspn(text, "0123456789.") != strlen(text)))
		return err_set(err, EINVAL,
			"filter until=%s: wanted a time as 2024-01-31T00:00:00Z or an age as 24h", text);
	int64_t second = 1000000000LL;
	int64_t factor = *unit == 'd' ? 86400 : *unit == 'h' ? 3600 : *unit == 'm' ? 60 : 1;
	*ret = *unit ? (int64_t)now_ns(CLOCK_REALTIME) - (int64_t)(n * (double)(factor * second))
		     : (int64_t)(n * (double)second);
	return 0;
}

static int image_moment(int store, const char *text, int64_t *ret, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	int rc = image_lookup(store, text, &img, err);
	*ret = img.created;
	return rc;
}

/* 1 fits, 0 does not, -errno. `moment` was worked out before. */
static bool fits(const struct image *img, const char *key, const char *value, int64_t moment)
{
	if (str_eq(key, "dangling"))
		return (img->names == NULL) == (str_eq(value, "true") || str_eq(value, "1"));
	if (str_eq(key, "label"))
		return label_fits(img, value);
	if (str_eq(key, "label!"))
		return !label_fits(img, value);
	if (str_eq(key, "since"))
		return img->created > moment;
	return img->created < moment; /* before, until */
}

static int check_filter(int store, const char *key, const char *value, int64_t *moment, struct mc_err *err)
{
	static const char *const known[] = { "dangling", "reference", "label", "label!", "before", "since",
		"until" };
	if (str_eq(key, "before") || str_eq(key, "since"))
		return image_moment(store, value, moment, err);
	if (str_eq(key, "until"))
		return parse_moment(value, moment, err);
	if (str_eq(key, "dangling") && !str_eq(value, "true") && !str_eq(value, "false") &&
		!str_eq(value, "1") && !str_eq(value, "0"))
		return err_set(err, EINVAL, "invalid filter 'dangling=%s': wanted true or false", value);
	if (str_eq(key, "reference") && !is_pattern(value))
		return err_set(
			err, EINVAL, "invalid filter 'reference=%s': a pattern has * ? and [a-z]", value);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(key, known[i]))
			return 0;
	const char *near = nearest_word(key, known, ARRAY_LEN(known));
	return err_set(err, EINVAL, "invalid filter '%s'%s%s%s", key, near ? ": did you mean " : "",
		near ? near : "", near ? "?" : "");
}

/* References are alternatives (docker: any of them); all other filters must hold together. */
bool image_name_shown(const char *name, char *const filters[])
{
	bool asked = false;
	for (char *const *f = filters; f && *f; f++) {
		if (!str_starts(*f, "reference="))
			continue;
		asked = true;
		if (name_fits(name, *f + strlen("reference=")))
			return true;
	}
	return !asked;
}

static bool any_name_shown(char *const filters[], const struct image *img)
{
	for (char **n = img->names; n && *n; n++)
		if (image_name_shown(*n, filters))
			return true;
	return false;
}

int image_filter(int store, struct image *list, size_t *n, char *const filters[], struct mc_err *err)
{
	if (!filters)
		return 0;
	for (char *const *f = filters; *f; f++) {
		const char *eq = strchr(*f, '=');
		if (!eq)
			return err_set(err, EINVAL, "bad format of filter \"%s\" (expected name=value)", *f);
		_cleanup_free_ char *key = xstrndup(*f, (size_t)(eq - *f));
		int64_t moment = 0;
		int rc = check_filter(store, key, eq + 1, &moment, err);
		if (rc < 0)
			return rc;
		size_t kept = 0;
		for (size_t i = 0; i < *n; i++) {
			struct image one = list[i];
			if (str_eq(key, "reference") ? any_name_shown(filters, &one)
						     : fits(&one, key, eq + 1, moment)) {
				list[i] = list[kept];
				list[kept++] = one; /* swapped: the caller still frees all of them */
			}
		}
		*n = kept;
	}
	return 0;
}

/* --- history --- */

static uint64_t layer_bytes(int store, const struct json *diffid)
{
	struct digest d;
	struct mc_err ignored;
	_cleanup_buf_ struct buf text = { 0 };
	if (digest_parse(json_text_of(diffid), &d, &ignored) < 0)
		return 0;
	_cleanup_free_ char *path = xasprintf("../layers/%s/size", digest_hex(&d));
	return file_read(store, path, 64, &text, &ignored) < 0 ? 0 : strtoull(text.data, NULL, 10);
}

uint64_t image_unpacked_size(int store, const struct image *img)
{
	const struct json *ids = json_at(img->config, "rootfs.diff_ids");
	uint64_t sum = 0;
	for (size_t i = 0; i < json_len(ids); i++)
		sum += layer_bytes(store, json_item(ids, i));
	return sum;
}

static void fill_step(struct image_step *step, const struct json *from)
{
	const char *created = json_text_of(json_member(from, "created"));
	const char *by = json_text_of(json_member(from, "created_by"));
	const char *comment = json_text_of(json_member(from, "comment"));
	if (created)
		parse_rfc3339(created, &step->created);
	step->created_by = xstrdup(by ? by : "");
	step->comment = xstrdup(comment ? comment : "");
}

/* json_get_bool() on the value itself; absent is false. */
static bool is_true(const struct json *object, const char *key)
{
	bool value = false;
	struct mc_err ignored;
	json_get_bool(object, &value, &ignored, "%s", key);
	return value;
}

int image_history(
	int store, const struct image *img, struct image_step **ret, size_t *ret_n, struct mc_err *err)
{
	const struct json *past = json_member(img->config, "history");
	const struct json *ids = json_at(img->config, "rootfs.diff_ids");
	size_t steps = json_len(past), layers = json_len(ids), full = 0;
	for (size_t i = 0; i < steps; i++)
		full += !is_true(json_item(past, i), "empty_layer");
	/* Some tools write no history, or too little: then every layer still gets its line. */
	size_t extra = layers > full ? layers - full : 0, n = steps + extra, layer = 0;
	struct image_step *list = xcalloc(n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		struct image_step *step = &list[n - 1 - i];
		const struct json *from = i < extra ? NULL : json_item(past, i - extra);
		fill_step(step, from);
		if (!is_true(from, "empty_layer") && layer < layers)
			step->size = layer_bytes(store, json_item(ids, layer++));
	}
	if (n)
		list[0].id = img->id;
	*ret = list;
	*ret_n = n;
	return 0;
}

void image_history_free(struct image_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(steps[i].created_by);
		free(steps[i].comment);
	}
	free(steps);
}
