/*
 * request.c - what a request asks for: query parameters, filters, body.
 *
 * Clients differ: Go writes booleans as 1 and 0, Python as True and False; filters are maps or lists. Both
 * are taken everywhere. Parameters that no operation knows are ignored, as docker does: dockerode sends the
 * whole body as parameters, too.
 */
#include "daemon/request.h"

#include <strings.h>

const char *request_name(const struct request *q)
{
	const char *name = json_text_of(json_member(q->doc, "name"));
	return name ? name : "";
}

int request_api(const struct request *q) { return (int)json_int_of(json_member(q->doc, "api")); }

const char *request_query(const struct request *q, const char *key)
{
	return json_text_of(json_item(json_member(json_member(q->doc, "query"), key), 0));
}

char **request_queries(const struct request *q, const char *key)
{
	const struct json *list = json_member(json_member(q->doc, "query"), key);
	char **v = NULL;
	for (size_t i = 0; i < json_len(list); i++)
		if (json_text_of(json_item(list, i)))
			strv_push(&v, json_text_of(json_item(list, i)));
	return v;
}

bool request_flag(const struct request *q, const char *key, bool otherwise)
{
	static const char *const no[] = { "", "0", "no", "false", "none" };
	const char *text = request_query(q, key);
	if (!text)
		return otherwise;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (!strcasecmp(text, no[i]))
			return false;
	return true;
}

int request_number(
	const struct request *q, const char *key, int64_t otherwise, int64_t *ret, struct mc_err *err)
{
	const char *text = request_query(q, key);
	*ret = otherwise;
	if (!text || !*text)
		return 0;
	if (parse_i64(text, ret) < 0)
		return err_set(err, EINVAL, "%s: \"%s\" is no whole number", key, text);
	return 0;
}

int request_window(const struct request *q, int64_t *ret_rows, int64_t *ret_columns, struct mc_err *err)
{
	int rc = request_number(q, "h", -1, ret_rows, err);
	if (rc >= 0)
		rc = request_number(q, "w", -1, ret_columns, err);
	if (rc >= 0 && (*ret_rows < 0 || *ret_columns < 0 || *ret_rows > 65535 || *ret_columns > 65535))
		rc = err_set(err, EINVAL, "a terminal has 1 to 65535 rows (h) and columns (w)");
	return rc;
}

const char *request_header(const struct request *q, const char *name)
{
	return json_text_of(json_member(json_member(q->doc, "headers"), name));
}

const struct json *request_body(const struct request *q) { return json_sub(q->doc, "body"); }

/* --- filters --- */

/* {"a=b": true, "c": false} or ["a=b"]: words are added to *v. */
static int add_values(const char *key, const struct json *values, char ***v, struct mc_err *err)
{
	struct json_iter it = { 0 };
	if (json_kind_of(values) == JSON_ARRAY) {
		for (size_t i = 0; i < json_len(values); i++) {
			const char *one = json_text_of(json_item(values, i));
			if (!one)
				return err_set(err, EINVAL, "invalid filter '%s': a value is no text", key);
			strv_pushf(v, "%s=%s", key, one);
		}
		return 0;
	}
	if (json_kind_of(values) != JSON_OBJECT)
		return err_set(err, EINVAL, "invalid filter '%s': neither a map nor a list of values", key);
	while (json_next(values, &it)) {
		bool is_set = true;
		struct mc_err ignored = { 0 };
		if (json_kind_of(it.value) == JSON_BOOL)
			json_get_bool(values, &is_set, &ignored, "%s", it.key);
		if (is_set)
			strv_pushf(v, "%s=%s", key, it.key);
	}
	return 0;
}

int filters_parse(const char *text, char ***ret, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_strv_ char **v = NULL;
	struct json_iter it = { 0 };
	if (!text || !*text || str_eq(text, "null")) {
		*ret = NULL;
		return 0;
	}
	int rc = json_parse(text, strlen(text), "filters", &doc, err);
	if (rc >= 0 && json_kind_of(doc) != JSON_OBJECT)
		rc = err_set(err, EINVAL, "filters: expected an object, like {\"label\": [\"a=b\"]}");
	while (rc >= 0 && json_next(doc, &it))
		rc = add_values(it.key, it.value, &v, err);
	if (rc < 0)
		return rc == -EINVAL ? rc : err_set(err, EINVAL, "%s", err->what);
	*ret = take_ptr(&v);
	return 0;
}

int request_filters(const struct request *q, char ***ret, struct mc_err *err)
{
	return filters_parse(request_query(q, "filters"), ret, err);
}
