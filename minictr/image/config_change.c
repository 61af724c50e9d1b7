/*
 * config_change.c - Dockerfile instructions that only change the configuration: `import -c`, `commit -c`.
 * Left out: ARG expansion and everything that makes layers (build/).
 */
#include "image/verbs.h"

#include <ctype.h>
#include <strings.h>

/* Words with docker's quotes: "a b" 'c d' e\ f. */
static char **words_of(const char *text)
{
	char **words = NULL;
	for (const char *p = text;;) {
		_cleanup_buf_ struct buf word = { 0 };
		p += strspn(p, " \t");
		if (!*p)
			return words;
		buf_adds(&word, "");
		for (char quote = 0; *p && (quote || !strchr(" \t", *p)); p++) {
			if (quote ? *p == quote : *p == '"' || *p == '\'')
				quote = quote ? 0 : *p;
			else if (*p == '\\' && p[1] && quote != '\'')
				buf_addc(&word, *++p);
			else
				buf_addc(&word, *p);
		}
		strv_push(&words, word.data);
	}
}

/* CMD and ENTRYPOINT: a JSON array is taken as it is, anything else is a line for the shell. */
static struct json *command_of(const char *text)
{
	struct json *array = NULL;
	struct mc_err ignored;
	if (*text == '[' && json_parse(text, strlen(text), "command", &array, &ignored) == 0) {
		if (json_kind_of(array) == JSON_ARRAY)
			return array;
		json_free(array);
	}
	return json_new_strv((char *[]){ "/bin/sh", "-c", (char *)text, NULL });
}

/* ENV and LABEL: "A=b C=d", or the old "A the rest". Each pair goes to set(). */
static int pairs(struct json *config, const char *text,
	void (*set)(struct json *, const char *, const char *), struct mc_err *err)
{
	_cleanup_strv_ char **words = words_of(text);
	if (!words)
		return err_set(err, EINVAL, "needs NAME=VALUE");
	if (!strchr(words[0], '=')) {
		const char *value = text + strcspn(text, " \t");
		if (!*value)
			return err_set(err, EINVAL, "\"%s\" has no value: wanted NAME=VALUE", text);
		set(config, words[0], value + strspn(value, " \t"));
		return 0;
	}
	for (char **w = words; *w; w++) {
		char *eq = strchr(*w, '=');
		if (!eq || eq == *w)
			return err_set(err, EINVAL, "\"%s\": wanted NAME=VALUE", *w);
		*eq = '\0';
		set(config, *w, eq + 1);
	}
	return 0;
}

static void set_env(struct json *config, const char *name, const char *value)
{
	_cleanup_strv_ char **env = NULL;
	struct mc_err ignored;
	json_get_strv(config, &env, &ignored, "Env");
	_cleanup_free_ char *both = xasprintf("%s=%s", name, value);
	strv_env_set(&env, both);
	json_set_strv(config, "Env", env);
}

static void set_label(struct json *config, const char *name, const char *value)
{
	json_set_string(json_sub(config, "Labels"), name, value);
}

static void set_volume(struct json *config, const char *path)
{
	json_set(json_sub(config, "Volumes"), path, json_new_object());
}

static void set_port(struct json *config, const char *port)
{
	_cleanup_free_ char *full = strchr(port, '/') ? xstrdup(port) : xasprintf("%s/tcp", port);
	json_set(json_sub(config, "ExposedPorts"), full, json_new_object());
}

/* VOLUME ["/a", "/b"] or VOLUME /a /b; EXPOSE 80 443/udp. */
static int each(
	struct json *config, const char *text, void (*set)(struct json *, const char *), struct mc_err *err)
{
	_cleanup_json_ struct json *array = NULL;
	_cleanup_strv_ char **words = words_of(text);
	struct mc_err ignored;
	if (*text == '[' && json_parse(text, strlen(text), "list", &array, &ignored) == 0 &&
		json_kind_of(array) == JSON_ARRAY) {
		for (size_t i = 0; i < json_len(array); i++)
			set(config, json_text_of(json_item(array, i)) ?: "");
		return 0;
	}
	for (char **w = words; w && *w; w++)
		set(config, *w);
	return words ? 0 : err_set(err, EINVAL, "needs an argument");
}

static void set_workdir(struct json *config, const char *dir)
{
	const char *old = json_text_of(json_member(config, "WorkingDir"));
	_cleanup_free_ char *full =
		*dir == '/' ? xstrdup(dir) : xasprintf("%s/%s", old && *old ? old : "", dir);
	json_set_string(config, "WorkingDir", full);
}

static int change(struct json *config, const char *word, const char *rest, struct mc_err *err)
{
	if (!*rest)
		return err_set(err, EINVAL, "needs an argument");
	if (!strcasecmp(word, "CMD"))
		json_set(config, "Cmd", command_of(rest));
	else if (!strcasecmp(word, "ENTRYPOINT"))
		json_set(config, "Entrypoint", command_of(rest));
	else if (!strcasecmp(word, "ENV"))
		return pairs(config, rest, set_env, err);
	else if (!strcasecmp(word, "LABEL"))
		return pairs(config, rest, set_label, err);
	else if (!strcasecmp(word, "EXPOSE"))
		return each(config, rest, set_port, err);
	else if (!strcasecmp(word, "VOLUME"))
		return each(config, rest, set_volume, err);
	else if (!strcasecmp(word, "WORKDIR"))
		set_workdir(config, rest);
	else if (!strcasecmp(word, "USER"))
		json_set_string(config, "User", rest);
	else if (!strcasecmp(word, "STOPSIGNAL"))
		json_set_string(config, "StopSignal", rest);
	else if (!strcasecmp(word, "ONBUILD")) {
		if (!json_member(config, "OnBuild"))
			json_set(config, "OnBuild", json_new_array());
		_cleanup_strv_ char **list = NULL;
		json_get_strv(config, &list, err, "OnBuild");
		strv_push(&list, rest);
		json_set_strv(config, "OnBuild", list);
	} else
		return err_set(err, EINVAL,
			"not allowed here; CMD ENTRYPOINT ENV EXPOSE LABEL ONBUILD STOPSIGNAL USER VOLUME "
			"WORKDIR are");
	return 0;
}

int config_change(struct json *config, const char *instruction, struct mc_err *err)
{
	const char *p = instruction + strspn(instruction, " \t");
	size_t len = strcspn(p, " \t");
	_cleanup_free_ char *word = xstrndup(p, len), *rest = xstrdup(p + len + strspn(p + len, " \t"));
	for (size_t n = strlen(rest); n && isspace((unsigned char)rest[n - 1]);)
		rest[--n] = '\0';
	int rc = change(json_sub(config, "config"), word, rest, err);
	return rc < 0 ? err_wrap(err, "change \"%s\"", instruction) : 0;
}
