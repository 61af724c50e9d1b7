/*
 * spec/image_words.c - an image's configuration, as an image's author may have written it: what its words
 * mean. Their kinds are checked in image/config_kinds.c.
 *
 * Interface: image-spec, config.md. What docker forgives is forgiven alike: a relative WorkingDir counts
 * from /, an unknown StopSignal is SIGTERM, a text as Cmd or Entrypoint is a list of that one word (docker's
 * strslice), a health check of an unknown kind is none, and a time below zero is the usual one.
 */
#include "engine/spec/options.h"

#include "base/signals.h"
#include "base/warn.h"
#include "image/verbs.h"

const char *image_command_text(const struct json *image, const char *key)
{
	bool is_command = str_eq(key, "Cmd") || str_eq(key, "Entrypoint");
	return is_command ? json_text_of(json_at(image, "config.%s", key)) : NULL;
}

static const char *const health_numbers[] = { "Interval", "Timeout", "StartPeriod", "StartInterval",
	"Retries" };

int image_config_check(const char *name, const struct json *image, struct mc_err *err)
{
	if (image_check_kinds(image, err) >= 0)
		return 0;
	err_wrap(err, "the configuration of image %s", name);
	err_hint(err, "the author of the image wrote this: build or import the image again");
	err_exit(err, 125);
	return -err->code;
}

char *image_workdir(const struct json *image)
{
	const char *dir = json_text_of(json_at(image, "config.WorkingDir"));
	return !dir ? NULL : *dir == '/' || !*dir ? xstrdup(dir) : xasprintf("/%s", dir);
}

const char *image_stop_signal(const struct json *image)
{
	const char *word = json_text_of(json_at(image, "config.StopSignal"));
	struct mc_err ignored = { 0 };
	if (!word || !*word || signal_parse(word, false, &ignored) >= 0)
		return word;
	warn_user("the image's StopSignal \"%s\" is no signal: stop will send SIGTERM (--stop-signal sets "
		  "another)",
		word);
	return NULL;
}

struct json *image_health(const struct json *image)
{
	const struct json *own = json_at(image, "config.Healthcheck");
	const char *kind = json_text_of(json_at(own, "Test[0]"));
	struct json *check = own ? json_copy(own) : json_new_object();
	for (size_t i = 0; i < ARRAY_LEN(health_numbers); i++)
		if (json_int_of(json_member(check, health_numbers[i])) < 0)
			json_unset(check, health_numbers[i]);
	if (!kind || str_eq(kind, "NONE") || str_eq(kind, "CMD") || str_eq(kind, "CMD-SHELL"))
		return check;
	warn_user("the image's health check begins with \"%s\", not with NONE, CMD or CMD-SHELL: the "
		  "container gets no health check (--health-cmd sets one)",
		kind);
	json_unset(check, "Test");
	return check;
}
