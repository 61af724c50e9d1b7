/*
 * config_change.c - Dockerfile instructions that only change the configuration: `import -c`, `commit -c`.
 * Left out: ARG expansion and everything that makes layers (build/).
 */
#include "image/verbs.h"

#include <ctype.h>
#include <strings.h>

#include "base/clock.h"
#include "base/signals.h"

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

static int set_volume(struct json *config, const char *path, struct mc_err *err)
{
	if (!*path)
		return err_set(err, EINVAL, "the path of a volume is empty");
	json_set(json_sub(config, "Volumes"), path, json_new_object());
	return 0;
}

/* 80, 8000-8010, 53/udp. */
static int set_port(struct json *config, const char *port, struct mc_err *err)
{
	_cleanup_free_ char *full = strchr(port, '/') ? xstrdup(port) : xasprintf("%s/tcp", port);
	const char *protocol = strchr(full, '/') + 1;
	_cleanup_free_ char *first = xstrndup(full, strcspn(full, "/"));
	char *last = strchr(first, '-');
	uint64_t a = 0, b = 0;
	if (last)
		*last++ = '\0';
	bool right = parse_u64(first, &a) == 0 && parse_u64(last ? last : first, &b) == 0 && a >= 1 &&
		     a <= b && b <= 65535 &&
		     (!strcmp(protocol, "tcp") || !strcmp(protocol, "udp") || !strcmp(protocol, "sctp"));
	if (!right)
		return err_set(err, EINVAL, "\"%s\" is no port: it is 80, 8000-8010 or 53/udp", port);
	json_set(json_sub(config, "ExposedPorts"), full, json_new_object());
	return 0;
}

/* VOLUME ["/a", "/b"] or VOLUME /a /b; EXPOSE 80 443/udp. */
static int each(struct json *config, const char *text,
	int (*set)(struct json *, const char *, struct mc_err *), struct mc_err *err)
{
	int rc = 0;
	_cleanup_json_ struct json *array = NULL;
	_cleanup_strv_ char **words = words_of(text);
	struct mc_err ignored;
	if (*text == '[' && json_parse(text, strlen(text), "list", &array, &ignored) == 0 &&
		json_kind_of(array) == JSON_ARRAY) {
		for (size_t i = 0; rc == 0 && i < json_len(array); i++)
			rc = set(config, json_text_of(json_item(array, i)) ?: "", err);
		return rc;
	}
	for (char **w = words; rc == 0 && w && *w; w++)
		rc = set(config, *w, err);
	return words ? rc : err_set(err, EINVAL, "needs an argument");
}

static void set_workdir(struct json *config, const char *dir)
{
	const char *old = json_text_of(json_member(config, "WorkingDir"));
	_cleanup_free_ char *full =
		*dir == '/' ? xstrdup(dir) : xasprintf("%s/%s", old && *old ? old : "", dir);
	json_set_string(config, "WorkingDir", full);
}

/* --interval=30s and its kin of HEALTHCHECK: the figure goes into check. */
static int health_flag(struct json *check, const char *flag, struct mc_err *err)
{
	static const struct {
		const char *flag, *key;
	} flags[] = { { "--interval=", "Interval" }, { "--timeout=", "Timeout" },
		{ "--start-period=", "StartPeriod" }, { "--start-interval=", "StartInterval" },
		{ "--retries=", "Retries" } };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		int64_t n = 0;
		size_t len = strlen(flags[i].flag);
		if (strncmp(flag, flags[i].flag, len) != 0)
			continue;
		bool count = i == ARRAY_LEN(flags) - 1;
		int rc = count ? parse_i64(flag + len, &n) : parse_duration(flag + len, &n);
		if (rc < 0 || n < 0 || (!count && n && n < 1000000))
			return err_set(err, EINVAL, "\"%s\": wanted %s", flag,
				count ? "a number of failures" : "a time of at least 1ms, such as 30s");
		json_set_i64(check, flags[i].key, n);
		return 0;
	}
	return err_set(err, EINVAL,
		"\"%s\" is no flag of it: --interval= --timeout= --start-period= --start-interval= "
		"--retries=",
		flag);
}

/* HEALTHCHECK [FLAGS] CMD command, or NONE. */
static int set_health(struct json *config, const char *text, struct mc_err *err)
{
	_cleanup_json_ struct json *check = json_new_object();
	while (str_starts(text, "--")) {
		_cleanup_free_ char *flag = xstrndup(text, strcspn(text, " \t"));
		int rc = health_flag(check, flag, err);
		if (rc < 0)
			return rc;
		text += strlen(flag);
		text += strspn(text, " \t");
	}
	size_t n = strcspn(text, " \t");
	const char *rest = text + n + strspn(text + n, " \t");
	bool none = n == 4 && !strncasecmp(text, "NONE", 4) && !*rest;
	struct json *array = NULL, *test = json_set(check, "Test", json_new_array());
	struct mc_err ignored = { 0 };
	if (!none && (n != 3 || strncasecmp(text, "CMD", 3) || !*rest))
		return err_set(err, EINVAL, "wanted CMD and a command, or NONE");
	if (*rest == '[' && json_parse(rest, strlen(rest), "command", &array, &ignored) == 0 &&
		json_kind_of(array) == JSON_ARRAY && json_len(array)) {
		json_add(test, json_new_string("CMD"));
		for (size_t i = 0; i < json_len(array); i++)
			json_add(test, json_copy(json_item(array, i)));
	} else {
		json_add(test, json_new_string(none ? "NONE" : "CMD-SHELL"));
		if (!none)
			json_add(test, json_new_string(rest));
	}
	json_free(array);
	json_set(config, "Healthcheck", json_copy(check));
	return 0;
}

/* The word of STOPSIGNAL is a signal: a word that is none would leave the container without a stop. */
static int set_stop_signal(struct json *config, const char *word, struct mc_err *err)
{
	int number = signal_parse(word, false, err);
	if (number >= 0)
		json_set_string(config, "StopSignal", word);
	return number < 0 ? number : 0;
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
		return set_stop_signal(config, rest, err);
	else if (!strcasecmp(word, "HEALTHCHECK"))
		return set_health(config, rest, err);
	else if (!strcasecmp(word, "ONBUILD")) {
		if (!json_member(config, "OnBuild"))
			json_set(config, "OnBuild", json_new_array());
		_cleanup_strv_ char **list = NULL;
		json_get_strv(config, &list, err, "OnBuild");
		strv_push(&list, rest);
		json_set_strv(config, "OnBuild", list);
	} else
		return err_set(err, EINVAL,
			"not allowed here; CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL ONBUILD STOPSIGNAL "
			"USER VOLUME "
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
