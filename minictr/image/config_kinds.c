/*
 * config_kinds.c - the kinds of what an image's configuration says: every field that docker reads, read or
 * refused.
 *
 * Interface: image-spec, config.md; docker's own fields of "config" are in moby's
 * api/types/container/config.go. A field that is absent, null or empty is legal and means nothing. A field
 * of the wrong kind ("User": 5) would be skipped as if it were absent, and another program would run: it is
 * refused by name, when the image comes (load, pull) and again when it runs (another program may have
 * written into the store).
 */
#include "image/verbs.h"

/*
 * TIME is RFC 3339; TEXTS a list of texts; WORDS a list of texts or one text (docker's strslice); TEXT_MAP
 * has texts under any key; of a MAP only the keys say something ("80/tcp": {}).
 */
enum kind { TEXT, TIME, BOOL, NUMBER, TEXTS, WORDS, TEXT_MAP, MAP };

static const struct field {
	const char *path;
	enum kind kind;
} fields[] = {
	{ "created", TIME },
	{ "author", TEXT },
	{ "architecture", TEXT },
	{ "variant", TEXT },
	{ "os", TEXT },
	{ "config", MAP },
	{ "config.User", TEXT },
	{ "config.WorkingDir", TEXT },
	{ "config.StopSignal", TEXT },
	{ "config.StopTimeout", NUMBER },
	{ "config.Hostname", TEXT },
	{ "config.Domainname", TEXT },
	{ "config.MacAddress", TEXT },
	{ "config.Image", TEXT },
	{ "config.Tty", BOOL },
	{ "config.OpenStdin", BOOL },
	{ "config.StdinOnce", BOOL },
	{ "config.AttachStdin", BOOL },
	{ "config.AttachStdout", BOOL },
	{ "config.AttachStderr", BOOL },
	{ "config.NetworkDisabled", BOOL },
	{ "config.ArgsEscaped", BOOL },
	{ "config.Env", TEXTS },
	{ "config.OnBuild", TEXTS },
	{ "config.Entrypoint", WORDS },
	{ "config.Cmd", WORDS },
	{ "config.Shell", WORDS },
	{ "config.Labels", TEXT_MAP },
	{ "config.ExposedPorts", MAP },
	{ "config.Volumes", MAP },
	{ "config.Healthcheck", MAP },
	{ "config.Healthcheck.Test", TEXTS },
	{ "config.Healthcheck.Interval", NUMBER },
	{ "config.Healthcheck.Timeout", NUMBER },
	{ "config.Healthcheck.StartPeriod", NUMBER },
	{ "config.Healthcheck.StartInterval", NUMBER },
	{ "config.Healthcheck.Retries", NUMBER },
}, step_fields[] = { /* of one entry of "history" */
	{ "created", TIME },
	{ "created_by", TEXT },
	{ "author", TEXT },
	{ "comment", TEXT },
	{ "empty_layer", BOOL },
};

static int check_time(const struct json *doc, const char *path, struct mc_err *err)
{
	const char *text = NULL;
	int64_t ns;
	int rc = json_get_string(doc, &text, err, "%s", path);
	if (rc > 0 && parse_rfc3339(text, &ns) == -EINVAL)
		return err_set(
			err, EINVAL, "%s: \"%.60s\" is no time such as 2024-01-31T12:00:00Z", path, text);
	return rc;
}

static int check_map(const struct json *doc, const char *path, bool texts, struct mc_err *err)
{
	const struct json *o = NULL;
	struct json_iter it = { 0 };
	int rc = json_get_object(doc, &o, err, "%s", path);
	while (rc > 0 && texts && json_next(o, &it))
		if (it.value && !json_text_of(it.value))
			return err_set(err, EINVAL, "%s: \"%s\" is no text", path, it.key);
	return rc;
}

static int check_field(const struct json *doc, const struct field *f, struct mc_err *err)
{
	_cleanup_strv_ char **list = NULL;
	const char *text;
	int64_t number;
	bool yes;
	switch (f->kind) {
	case TEXT: return json_get_string(doc, &text, err, "%s", f->path);
	case TIME: return check_time(doc, f->path, err);
	case BOOL: return json_get_bool(doc, &yes, err, "%s", f->path);
	case NUMBER: return json_get_i64(doc, &number, err, "%s", f->path);
	case WORDS:
		if (json_text_of(json_at(doc, "%s", f->path)))
			return 0;
		/* fallthrough */
	case TEXTS: return json_get_strv(doc, &list, err, "%s", f->path);
	case TEXT_MAP:
	case MAP: return check_map(doc, f->path, f->kind == TEXT_MAP, err);
	}
	return 0;
}

/* Each step that is not "empty_layer" tells of one layer: `history` would run out of them. */
static int check_history(const struct json *doc, struct mc_err *err)
{
	size_t n = 0, layers = json_len(json_at(doc, "rootfs.diff_ids")), told = 0;
	int rc = json_get_array(doc, &n, err, "history");
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		const struct json *ignored;
		rc = json_get_object(doc, &ignored, err, "history[%zu]", i);
		for (size_t k = 0; rc >= 0 && k < ARRAY_LEN(step_fields); k++) {
			char path[64];
			snprintf(path, sizeof(path), "history[%zu].%s", i, step_fields[k].path);
			rc = check_field(doc, &(struct field){ path, step_fields[k].kind }, err);
		}
		told += !json_bool_of(json_at(doc, "history[%zu].empty_layer", i));
	}
	if (rc >= 0 && told > layers)
		return err_set(err, EINVAL, "history: %zu entries that are no empty_layer, for %zu layers",
			told, layers);
	return rc < 0 ? rc : 0;
}

/* The two keys with a dot in their names, which no path can say. */
static int check_dotted(const struct json *doc, struct mc_err *err)
{
	enum json_kind version = json_kind_of(json_member(doc, "os.version")),
		       features = json_kind_of(json_member(doc, "os.features"));
	if (version != JSON_NULL && version != JSON_STRING)
		return err_set(err, EINVAL, "os.version: expected a string");
	if (features != JSON_NULL && features != JSON_ARRAY)
		return err_set(err, EINVAL, "os.features: expected an array");
	return 0;
}

int image_check_kinds(const struct json *config, struct mc_err *err)
{
	int rc = check_dotted(config, err);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(fields); i++)
		rc = check_field(config, &fields[i], err);
	return rc < 0 ? rc : check_history(config, err);
}
