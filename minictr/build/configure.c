/*
 * configure.c - instruction to image configuration. One small function for each instruction, found by a
 * table.
 *
 * The configuration is inherited whole by FROM; each instruction adds to it or replaces its own key. Two
 * keys depend on each other: ENTRYPOINT clears a Cmd that came from the base, since arguments for another
 * program make no sense. image-spec config.md; Dockerfile reference.
 */
#include "base/clock.h"
#include "build/configure.h"

#include "base/signals.h"
#include "build/lexer.h"
#include "build/parse.h"
#include "build/steps.h"

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* What one instruction's function gets. */
struct configure {
	struct stage_config *c;
	struct json *config; /* c->image's "config" */
	const struct args *args;
	const struct instruction *i;
	const struct dockerfile *d;
};

static void config_var(struct stage_config *c, const char *name, const char *value)
{
	_cleanup_free_ char *both = xasprintf("%s=%s", name, value);
	strv_env_set(&c->vars, both);
}

static char **config_strv(const struct json *config, const char *key)
{
	char **list = NULL;
	struct mc_err ignored;
	json_get_strv(config, &list, &ignored, "%s", key);
	return list;
}

/* An empty list is written as no key at all, as Go's omitempty does. */
static void config_set_strv(struct json *config, const char *key, char *const list[])
{
	if (strv_len(list))
		json_set_strv(config, key, list);
	else
		json_unset(config, key);
}

/* --- paths --- */

/* Without //, . and ..; ".." above the root stays at the root. */
static char *config_clean(const char *path)
{
	_cleanup_strv_ char **parts = NULL;
	size_t n = 0;
	struct buf out = { 0 };
	for (const char *p = path; *(p += strspn(p, "/"));) {
		size_t len = strcspn(p, "/");
		if (len == 2 && !strncmp(p, "..", 2)) {
			if (n)
				free(take_ptr(&parts[--n]));
		} else if (len != 1 || *p != '.') {
			_cleanup_free_ char *part = xstrndup(p, len);
			strv_push(&parts, part);
			n++;
		}
		p += len;
	}
	for (size_t k = 0; k < n; k++)
		buf_addf(&out, "/%s", parts[k]);
	if (!n)
		buf_addc(&out, '/');
	return buf_take(&out);
}

const char *stage_config_workdir(const struct stage_config *c)
{
	const char *dir = json_text_of(json_member(json_member(c->image, "config"), "WorkingDir"));
	return dir && *dir ? dir : "/";
}

const char *stage_config_user(const struct stage_config *c)
{
	return json_text_of(json_member(json_member(c->image, "config"), "User")) ?: "";
}

char *stage_config_path(const struct stage_config *c, const char *path)
{
	_cleanup_free_ char *joined =
		*path == '/' ? xstrdup(path) : xasprintf("%s/%s", stage_config_workdir(c), path);
	return config_clean(joined);
}

/* --- one function for each instruction --- */

/* A repeated name keeps its place. The list is changed where it stands: a copy for each ENV of a file that a
 * program wrote takes seconds. */
static void config_env_set(struct json *config, const char *name, const char *name_value)
{
	struct json *env = (struct json *)json_member(config, "Env");
	size_t n = strlen(name), len = json_len(env);
	for (size_t i = 0; i < len; i++) {
		const char *old = json_text_of(json_item(env, i));
		if (old && !strncmp(old, name, n) && (old[n] == '=' || !old[n])) {
			json_put(env, i, json_new_string(name_value));
			return;
		}
	}
	json_add(env, json_new_string(name_value));
}

static int configure_env(struct configure *f, struct mc_err *err)
{
	for (size_t k = 0; k + 1 < f->i->n_words; k += 2) {
		const char *name = f->i->words[k];
		if (!*name || strchr(name, '='))
			return err_set(err, EINVAL, "ENV: \"%s\" is no name for a variable", name);
		_cleanup_free_ char *both = xasprintf("%s=%s", name, f->i->words[k + 1]);
		config_env_set(f->config, name, both);
		strv_env_set(&f->c->vars, both);
	}
	return 0;
}

static int configure_label(struct configure *f, struct mc_err *err)
{
	for (size_t k = 0; k + 1 < f->i->n_words; k += 2) {
		if (!*f->i->words[k])
			return err_set(err, EINVAL, "LABEL without a name");
		json_set_string(json_sub(f->config, "Labels"), f->i->words[k], f->i->words[k + 1]);
	}
	return 0;
}

/* ARG after ENV hides it for the build; the image's Env keeps the ENV. */
static int configure_arg(struct configure *f, struct mc_err *err)
{
	for (size_t k = 0; k < f->i->n_words; k++) {
		_cleanup_free_ char *name = NULL, *value = NULL;
		struct vars v = { .values = f->c->vars, .escape = f->d->escape };
		int rc = args_value(f->args, f->i->words[k], true, &v, &name, &value, err);
		if (rc < 0)
			return rc;
		if (value)
			config_var(f->c, name, value);
		if (!strv_has(f->c->arg_names, name))
			strv_push(&f->c->arg_names, name);
	}
	return 0;
}

/* Shell form is wrapped with the SHELL of this moment: a later SHELL does not change it. */
static char **configure_command(const struct stage_config *c, const struct instruction *i)
{
	char **argv = NULL;
	if (!i->exec_form && i->n_words)
		argv = stage_config_shell(c);
	for (size_t k = 0; k < i->n_words; k++)
		strv_push(&argv, i->words[k]);
	return argv;
}

static int configure_cmd(struct configure *f, struct mc_err *err)
{
	_cleanup_strv_ char **argv = configure_command(f->c, f->i);
	config_set_strv(f->config, "Cmd", argv);
	json_set_bool(f->config, "ArgsEscaped", true);
	f->c->cmd_set = true;
	return 0;
}

static int configure_entrypoint(struct configure *f, struct mc_err *err)
{
	_cleanup_strv_ char **argv = configure_command(f->c, f->i);
	config_set_strv(f->config, "Entrypoint", argv);
	if (!f->c->cmd_set)
		json_unset(f->config, "Cmd");
	return 0;
}

static int configure_shell(struct configure *f, struct mc_err *err)
{
	_cleanup_strv_ char **argv = configure_command(f->c, f->i);
	config_set_strv(f->config, "Shell", argv);
	return 0;
}

static void health_time(struct json *health, const char *key, const struct instruction *i, const char *flag)
{
	int64_t ns;
	const char *text = instruction_flag(i, flag);
	if (text && parse_duration(text, &ns) == 0 && ns)
		json_set_i64(health, key, ns);
}

/* Replaces an inherited one whole: times that are not given are the engine's defaults again. */
static int configure_health(struct configure *f, struct mc_err *err)
{
	struct json *health = json_new_object(), *test = json_new_array();
	uint64_t retries = 0;
	json_add(test, json_new_string(f->i->none ? "NONE" : f->i->exec_form ? "CMD" : "CMD-SHELL"));
	for (size_t k = 0; k < f->i->n_words; k++)
		json_add(test, json_new_string(f->i->words[k]));
	json_set(health, "Test", test);
	health_time(health, "Interval", f->i, "interval");
	health_time(health, "Timeout", f->i, "timeout");
	health_time(health, "StartPeriod", f->i, "start-period");
	health_time(health, "StartInterval", f->i, "start-interval");
	if (instruction_flag(f->i, "retries") &&
		parse_u64(instruction_flag(f->i, "retries"), &retries) == 0 && retries)
		json_set_u64(health, "Retries", retries);
	json_set(f->config, "Healthcheck", health);
	return 0;
}

static int configure_expose(struct configure *f, struct mc_err *err)
{
	_cleanup_strv_ char **ports = NULL;
	for (size_t k = 0; k < f->i->n_words; k++) {
		int rc = expose_ports(f->i->words[k], &ports, err);
		if (rc < 0)
			return rc;
	}
	for (char **p = ports; p && *p; p++)
		json_set(json_sub(f->config, "ExposedPorts"), *p, json_new_object());
	return 0;
}

static int configure_volume(struct configure *f, struct mc_err *err)
{
	for (size_t k = 0; k < f->i->n_words; k++) {
		if (!*f->i->words[k])
			return err_set(err, EINVAL, "VOLUME with an empty path");
		json_set(json_sub(f->config, "Volumes"), f->i->words[k], json_new_object());
	}
	return 0;
}

/* No part of the configuration; here the linter's walk finds what is wrong before anything runs. */
static int configure_copy(struct configure *f, struct mc_err *err) { return copy_check(f->i, err); }

static int configure_workdir(struct configure *f, struct mc_err *err)
{
	_cleanup_free_ char *dir = stage_config_path(f->c, f->i->words[0]);
	json_set_string(f->config, "WorkingDir", dir);
	return 0;
}

static int configure_user(struct configure *f, struct mc_err *err)
{
	if (!*f->i->words[0])
		return err_set(err, EINVAL, "USER is empty once its variables are replaced");
	json_set_string(f->config, "User", f->i->words[0]);
	return 0;
}

static int configure_signal(struct configure *f, struct mc_err *err)
{
	int rc = signal_parse(f->i->words[0], false, err);
	if (rc < 0)
		return err_wrap(err, "STOPSIGNAL");
	json_set_string(f->config, "StopSignal", f->i->words[0]);
	return 0;
}

static int configure_maintainer(struct configure *f, struct mc_err *err)
{
	json_set_string(f->c->image, "author", f->i->words[0]);
	return 0;
}

static int configure_onbuild(struct configure *f, struct mc_err *err)
{
	_cleanup_strv_ char **list = config_strv(f->config, "OnBuild");
	strv_push(&list, f->i->words[0]);
	json_set_strv(f->config, "OnBuild", list);
	return 0;
}

/*
 * Instructions that are not here make layers and leave the configuration alone. words: how many it must
 * have.
 */
static const struct {
	enum instruction_kind kind;
	size_t words;
	int (*apply)(struct configure *f, struct mc_err *err);
} configures[] = {
	{ DO_ADD, 0, configure_copy },
	{ DO_ARG, 0, configure_arg },
	{ DO_CMD, 0, configure_cmd },
	{ DO_COPY, 0, configure_copy },
	{ DO_ENTRYPOINT, 0, configure_entrypoint },
	{ DO_ENV, 0, configure_env },
	{ DO_EXPOSE, 0, configure_expose },
	{ DO_HEALTHCHECK, 0, configure_health },
	{ DO_LABEL, 0, configure_label },
	{ DO_MAINTAINER, 1, configure_maintainer },
	{ DO_ONBUILD, 1, configure_onbuild },
	{ DO_SHELL, 1, configure_shell },
	{ DO_STOPSIGNAL, 1, configure_signal },
	{ DO_USER, 1, configure_user },
	{ DO_VOLUME, 0, configure_volume },
	{ DO_WORKDIR, 1, configure_workdir },
};

int stage_config_apply(struct stage_config *c, const struct args *args, const struct instruction *i,
	const struct dockerfile *d, struct mc_err *err)
{
	struct configure f = { c, json_sub(c->image, "config"), args, i, d };
	for (size_t k = 0; k < ARRAY_LEN(configures); k++) {
		if (configures[k].kind != i->kind)
			continue;
		return i->n_words < configures[k].words
			       ? err_set(err, EINVAL, "%s needs an argument", i->name)
			       : configures[k].apply(&f, err);
	}
	return 0;
}

/* --- a stage's beginning and end --- */

static struct json *config_scratch(const struct build_platform *target)
{
	struct json *image = json_new_object();
	json_set_string(image, "architecture", target->arch);
	json_set_string(image, "os", target->os);
	if (target->variant && *target->variant)
		json_set_string(image, "variant", target->variant);
	json_set_string(json_sub(image, "config"), "WorkingDir", "/");
	json_set_string(json_sub(image, "rootfs"), "type", "layers");
	json_set(json_sub(image, "rootfs"), "diff_ids", json_new_array());
	return image;
}

int stage_config_begin(struct stage_config *c, const struct json *base, const struct build_platform *target,
	const struct stage_config *parent, struct mc_err *err)
{
	*c = (struct stage_config){ .image = base ? json_copy(base) : config_scratch(target) };
	struct json *config = json_sub(c->image, "config");
	_cleanup_strv_ char **env = config_strv(config, "Env"), **onbuild = config_strv(config, "OnBuild");
	if (!strv_env(env, "PATH"))
		strv_push(&env, DEFAULT_PATH);
	json_set_strv(config, "Env", env);
	json_unset(c->image, "created");
	json_unset(config, "OnBuild");
	/* Triggers of a stage of this file stand in the list of instructions already. */
	c->onbuild = parent ? NULL : take_ptr(&onbuild);
	c->vars = strv_copy(parent ? parent->vars : env);
	c->arg_names = strv_copy(parent ? parent->arg_names : NULL);
	return 0;
}

void stage_config_free(struct stage_config *c)
{
	json_free(c->image);
	strv_free(c->vars);
	strv_free(c->arg_names);
	strv_free(c->onbuild);
	*c = (struct stage_config){ 0 };
}

void stage_config_layer(struct stage_config *c, const char *diff_id)
{
	struct json *rootfs = json_sub(c->image, "rootfs");
	if (json_kind_of(json_member(rootfs, "diff_ids")) != JSON_ARRAY)
		json_set(rootfs, "diff_ids", json_new_array());
	json_add((struct json *)json_member(rootfs, "diff_ids"), json_new_string(diff_id));
}

void stage_config_label(struct stage_config *c, const char *label)
{
	_cleanup_free_ char *name = xstrndup(label, strcspn(label, "="));
	const char *eq = strchr(label, '=');
	json_set_string(json_sub(json_sub(c->image, "config"), "Labels"), name, eq ? eq + 1 : "");
}
