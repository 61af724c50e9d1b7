/*
 * lint_values.c - rules of `build --check` that follow values through the stages: which variables exist
 * where, what FROM means, what comes twice. Each stage is gone through as a build would, with
 * configure.c, but nothing is run.
 */
#include "build/lints.h"
#include "build/lexer.h"
#include "image/platform.h"

#include "build/resolve.h"
#include "build/run_mounts.h"
#include "image/name.h"

#include <strings.h>

/* "Did you mean" for a name, out of NAME=VALUE and bare names. Caller frees; NULL without. */
static char *lint_suggest(const char *name, char *const env[])
{
	_cleanup_strv_ char **names = NULL;
	for (char *const *e = env; e && *e; e++) {
		_cleanup_free_ char *n = xstrndup(*e, strcspn(*e, "="));
		strv_push(&names, n);
	}
	return xstrdup(
		strlen(name) < 40 ? nearest_word(name, (const char *const *)names, strv_len(names)) : NULL);
}

/* --- FROM --- */

static bool lint_global_declared(const struct lint *l, const char *name)
{
	const struct dockerfile *d = l->in->d;
	size_t len = strlen(name);
	for (size_t k = 0; k < d->n_args; k++)
		for (size_t w = 0; w < d->args[k].n_words; w++)
			if (!strncmp(d->args[k].words[w], name, len) && strchr("=", d->args[k].words[w][len]))
				return true;
	return false;
}

static void lint_undeclared(struct lint *l, const struct instruction *from, char *const unset[])
{
	for (char *const *name = unset; name && *name; name++) {
		if (lint_global_declared(l, *name))
			continue;
		_cleanup_free_ char *near = lint_suggest(*name, l->in->args->global);
		lint_instruction(l, "UndefinedArgInFrom", from, "FROM argument '%s' is not declared%s%s%s",
			*name, near ? " (did you mean " : "", near ?: "", near ? "?)" : "");
	}
}

/* A constant platform is right only for a stage that is named after it. */
static void lint_const_platform(struct lint *l, const struct stage *s, const char *platform)
{
	for (const char *part = platform; *part;) {
		size_t len = strcspn(part, "/");
		_cleanup_free_ char *word = xstrndup(part, len);
		if (s->name && *word && strstr(s->name, word))
			return;
		part += len + (part[len] == '/');
	}
	lint_instruction(l, "FromPlatformFlagConstDisallowed", &s->list[0],
		"FROM --platform flag should not use constant value \"%s\"", platform);
}

static void lint_platform(struct lint *l, const struct stage *s, const char *written)
{
	_cleanup_strv_ char **unset = NULL, **used = NULL;
	_cleanup_free_ char *value = NULL;
	struct vars v = {
		.values = l->in->args->global, .escape = l->in->d->escape, .unset = &unset, .used = &used
	};
	struct mc_err ignored;
	if (expand(written, &v, &value, &ignored) < 0)
		return;
	lint_undeclared(l, &s->list[0], unset);
	const char *target = strv_env(l->in->args->global, "TARGETPLATFORM");
	if (!used)
		lint_const_platform(l, s, value);
	else if (strv_len(used) == 1 && str_eq(used[0], "TARGETPLATFORM") && str_eq(value, target))
		lint_instruction(l, "RedundantTargetPlatform", &s->list[0],
			"Setting platform to predefined %s in FROM is redundant as this is the default "
			"behavior",
			written);
}

/* The global ARGs as they are without any --build-arg. */
static int lint_default_args(const struct lint *l, struct args *ret)
{
	struct mc_err ignored;
	*ret = (struct args){ 0 };
	for (char **g = l->in->args->global; g && *g; g++)
		if (str_starts(*g, "BUILD") || str_starts(*g, "TARGET"))
			strv_push(&ret->global, *g);
	return args_global(ret, l->in->d, NULL, &ignored);
}

static void lint_default_base(struct lint *l, const struct stage *s, const struct args *defaults)
{
	struct vars v = { .values = defaults->global, .escape = l->in->d->escape };
	_cleanup_free_ char *image = NULL;
	struct image_name name;
	struct mc_err ignored;
	const char *written = s->list[0].words[0];
	if (expand(written, &v, &image, &ignored) == 0 && image_name_parse(image, &name, &ignored) < 0)
		lint_instruction(l, "InvalidDefaultArgInFrom", &s->list[0],
			"Default value for ARG %s results in empty or invalid base image name", written);
}

void lint_from(struct lint *l)
{
	struct args defaults;
	bool usable = lint_default_args(l, &defaults) == 0;
	for (size_t k = 0; k < l->in->d->n_stages; k++) {
		const struct stage *s = &l->in->d->stages[k];
		const char *platform = instruction_flag(&s->list[0], "platform");
		_cleanup_strv_ char **unset = NULL;
		_cleanup_free_ char *image = NULL;
		struct mc_err ignored;
		struct vars v = {
			.values = l->in->args->global, .escape = l->in->d->escape, .unset = &unset
		};
		if (expand(s->list[0].words[0], &v, &image, &ignored) == 0)
			lint_undeclared(l, &s->list[0], unset);
		if (platform)
			lint_platform(l, s, platform);
		if (usable)
			lint_default_base(l, s, &defaults);
	}
	args_free(&defaults);
}

/* --- one stage --- */

struct lint_stage {
	struct lint *l;
	struct stage_config config;
	bool env_known;   /* the base's Env is known */
	bool workdir_set; /* a WORKDIR stood in this file */
	bool broken;      /* its errors are told */
	const struct instruction *cmd, *entrypoint, *healthcheck;
};

static void lint_unset(struct lint_stage *s, const struct instruction *i, char *const unset[])
{
	for (char *const *name = unset; name && *name && s->env_known; name++) {
		if (strv_has(s->config.arg_names, *name) || str_starts(*name, "BUILDKIT_SBOM_SCAN_"))
			continue;
		_cleanup_free_ char *near = lint_suggest(*name, s->config.vars);
		lint_instruction(s->l, "UndefinedVar", i, "Usage of undefined variable '$%s'%s%s%s", *name,
			near ? " (did you mean $" : "", near ?: "", near ? "?)" : "");
	}
}

/* Only the last CMD counts, so the finding stands at the one before it. */
static void lint_twice(struct lint_stage *s, const struct instruction *i, const struct instruction **seen)
{
	if (*seen)
		lint_instruction(s->l, "MultipleInstructionsDisallowed", *seen,
			"Multiple %s instructions should not be used in the same stage because only the last "
			"one will be used",
			i->name);
	*seen = i;
}

static void lint_shell_form(struct lint_stage *s, const struct instruction *i)
{
	if (!i->exec_form && !json_at(s->config.image, "config.Shell"))
		lint_instruction(s->l, "JSONArgsRecommended", i,
			"JSON arguments recommended for %s to prevent unintended behavior related to OS "
			"signals",
			i->name);
}

/* Does a word between underscores mean a secret (TOKEN), and none that it is none (PUBLIC)? */
static bool lint_secret_name(const char *name)
{
	static const char *const deny[] = { "apikey", "auth", "credential", "credentials", "key", "password",
		"pword", "passwd", "secret", "token" };
	static const char *const allow[] = { "public", "file", "version" };
	bool secret = false;
	for (const char *p = name; *p; p += *p == '_') {
		size_t len = strcspn(p, "_");
		for (size_t k = 0; k < ARRAY_LEN(deny); k++)
			secret |= strlen(deny[k]) == len && !strncasecmp(p, deny[k], len);
		for (size_t k = 0; k < ARRAY_LEN(allow); k++)
			if (strlen(allow[k]) == len && !strncasecmp(p, allow[k], len))
				return false;
		p += len;
	}
	return secret;
}

static void lint_secrets(struct lint_stage *s, const struct instruction *i, size_t step)
{
	for (size_t k = 0; k < i->n_words; k += step) {
		_cleanup_free_ char *name = xstrndup(i->words[k], strcspn(i->words[k], "="));
		if (lint_secret_name(name))
			lint_report(s->l, "SecretsUsedInArgOrEnv", i->doc, i->at_words[k],
				(unsigned)strlen(name), i->last_line,
				"Do not use ARG or ENV instructions for sensitive data (%s \"%s\")", i->name,
				name);
	}
}

static void lint_expose(struct lint_stage *s, const struct instruction *i)
{
	for (size_t k = 0; k < i->n_words; k++) {
		bool host, upper;
		unsigned len = (unsigned)strlen(i->words[k]);
		expose_style(i->words[k], &host, &upper);
		if (upper)
			lint_report(s->l, "ExposeProtoCasing", i->doc, i->at_words[k], len, i->last_line,
				"Defined protocol '%s' in EXPOSE instruction should be lowercase",
				i->words[k]);
		if (host)
			lint_report(s->l, "ExposeInvalidFormat", i->doc, i->at_words[k], len, i->last_line,
				"EXPOSE instruction should not define an IP address or host-port mapping, "
				"found '%s'",
				i->words[k]);
	}
}

/* The root of the context is ignored only when everything is. */
static bool lint_ignores_all(const struct ignore *ig)
{
	for (size_t k = 0; k < ig->n; k++)
		if (str_eq(ig->list[k].text, "*") || str_eq(ig->list[k].text, "**") ||
			str_eq(ig->list[k].text, "**/*"))
			return true;
	return false;
}

/* With a ! in the ignore file the answer would need the files themselves. */
static void lint_ignored(struct lint_stage *s, const struct instruction *i)
{
	const struct ignore *ig = s->l->in->ignore;
	if (!ig || ig->negations || instruction_flag(i, "from"))
		return;
	for (size_t k = 0; k + 1 < i->n_words; k++) {
		const char *word = i->words[k];
		if (strstr(word, "://") || str_starts(word, "<<"))
			continue;
		while (*word == '/' || (word[0] == '.' && (word[1] == '/' || !word[1])))
			word++;
		bool hit = *word ? ignore_match(ig, word, NULL) : lint_ignores_all(ig);
		if (hit)
			lint_report(s->l, "CopyIgnoredFile", i->doc, i->at_words[k],
				(unsigned)strlen(i->words[k]), i->last_line,
				"Attempting to %s file \"%s\" that is excluded by .dockerignore",
				i->kind == DO_ADD ? "Add" : "Copy", *word ? word : ".");
	}
}

static void lint_workdir(struct lint_stage *s, const struct instruction *i)
{
	if (!s->workdir_set && i->n_words && *i->words[0] != '/')
		lint_instruction(s->l, "WorkdirRelativePath", i,
			"Relative workdir \"%s\" can have unexpected results if the base image changes",
			i->words[0]);
	s->workdir_set = true;
}

static void lint_old_form(struct lint_stage *s, const struct instruction *i)
{
	if (i->old_form)
		lint_instruction(s->l, "LegacyKeyValueFormat", i,
			"\"%s key=value\" should be used instead of legacy \"%s key value\" format", i->name,
			i->name);
}

/* written: as in the file; ready: its values in place. */
static void lint_rules(
	struct lint_stage *s, const struct instruction *written, const struct instruction *ready)
{
	switch (written->kind) {
	case DO_CMD:
		lint_twice(s, written, &s->cmd);
		lint_shell_form(s, written);
		break;
	case DO_ENTRYPOINT:
		lint_twice(s, written, &s->entrypoint);
		lint_shell_form(s, written);
		break;
	case DO_HEALTHCHECK: lint_twice(s, written, &s->healthcheck); break;
	case DO_ENV:
		lint_secrets(s, ready, 2);
		lint_old_form(s, written);
		break;
	case DO_LABEL: lint_old_form(s, written); break;
	case DO_ARG: lint_secrets(s, written, 1); break;
	case DO_WORKDIR: lint_workdir(s, ready); break;
	case DO_EXPOSE: lint_expose(s, ready); break;
	case DO_COPY:
	case DO_ADD: lint_ignored(s, ready); break;
	default: break;
	}
}

/*
 * What can't be resolved is a build error, not a warning. Where the base image is not here yet, its ENV may
 * hold what a ${NAME:?} asks for, and what a whole instruction means is open: that waits. sure: it can't.
 */
static void lint_broken(struct lint_stage *s, const struct instruction *i, struct place at, bool sure,
	const struct mc_err *why)
{
	if (s->broken && (sure || s->env_known))
		problem_add(s->l->broken, at, 0, i->last_line, "%s%s%s", why->what, *why->hint ? "; " : "",
			why->hint);
}

static int lint_mounts(struct lint_stage *s, const struct instruction *run, struct mc_err *err)
{
	struct run_mount *list;
	size_t n;
	int rc = run_mount_list(&s->config, run, &list, &n, err);
	run_mount_list_free(list, n);
	return rc;
}

static void lint_step(struct lint_stage *s, const struct instruction *i)
{
	_cleanup_strv_ char **unset = NULL;
	struct vars v = { .values = s->config.vars, .escape = s->l->in->d->escape, .unset = &unset };
	struct instruction ready;
	struct place at;
	struct mc_err why;
	if (i->kind == DO_ARG)
		for (size_t k = 0; k < i->n_words; k++) {
			_cleanup_free_ char *name = NULL, *value = NULL;
			if (args_value(s->l->in->args, i->words[k], true, &v, &name, &value, &why) < 0) {
				lint_broken(s, i, i->at_words[k], !unset, &why);
				return;
			}
		}
	if (instruction_resolve(i, &v, s->l->in->d->name, &at, &ready, &why) < 0) {
		lint_broken(s, i, at, !unset, &why);
		return;
	}
	lint_unset(s, i, unset);
	lint_rules(s, i, &ready);
	int rc = stage_config_apply(&s->config, s->l->in->args, &ready, s->l->in->d, &why);
	if (rc < 0 || (ready.kind == DO_RUN && lint_mounts(s, &ready, &why) < 0))
		lint_broken(s, i, i->at, false, &why);
	instruction_free(&ready);
}

/* The base image exists for one platform only, and that is not the target's: its programs won't run. */
static void lint_base_platform(struct lint_stage *s, const struct stage *stage, const struct json *image)
{
	const char *wanted = stage->platform ? stage->platform : s->l->in->platform;
	struct platform have, want;
	struct mc_err ignored;
	char is[96], was[96];
	platform_read(image, &have);
	if (platform_parse(wanted, &want, &ignored) < 0 || !*have.architecture ||
		platform_match(&have, &want))
		return;
	lint_instruction(s->l, "InvalidBaseImagePlatform", &stage->list[0],
		"Base image %s was pulled with platform \"%s\", expected \"%s\" for current build",
		stage->image, platform_text(&have, was), platform_text(&want, is));
}

static void lint_begin(struct lint_stage *s, size_t at, const struct lint_stage all[])
{
	static const struct build_platform any = { "linux", "any", NULL };
	const struct lint_input *in = s->l->in;
	const struct stage *stage = &in->d->stages[at];
	const struct lint_stage *base = stage->base >= 0 ? &all[stage->base] : NULL;
	struct mc_err ignored;
	if (base) {
		s->env_known = base->env_known;
		s->workdir_set = base->workdir_set;
		stage_config_begin(&s->config, base->config.image, &any, &base->config, &ignored);
		return;
	}
	bool only = false;
	const struct json *image =
		in->image && stage->image ? in->image(in->context, stage->image, &only) : NULL;
	if (image && only)
		lint_base_platform(s, stage, image);
	/* Its ONBUILDs may set variables; they become instructions only when the build begins. */
	bool triggers = json_len(json_at(image, "config.OnBuild"));
	s->env_known = (image && !triggers) || str_eq(stage->image, "scratch");
	stage_config_begin(&s->config, image, &any, NULL, &ignored);
}

void lint_stages(struct lint *l, const bool need[])
{
	const struct dockerfile *d = l->in->d;
	struct lint_stage *all = xcalloc(d->n_stages + 1, sizeof(*all));
	/*
	 * A stage that the target does not need is gone through for its values, its findings are dropped.
	 */
	struct problems unwanted = { 0 };
	struct lint quiet = { .in = l->in, .ret = &unwanted };
	for (size_t k = 0; k < d->n_stages; k++) {
		all[k].l = need[k] ? l : &quiet;
		all[k].broken = need[k] && (!l->in->need || l->in->need[k]);
		lint_begin(&all[k], k, all);
		for (size_t n = 1; n < d->stages[k].n; n++)
			lint_step(&all[k], &d->stages[k].list[n]);
	}
	for (size_t k = 0; k < d->n_stages; k++)
		stage_config_free(&all[k].config);
	problems_free(&unwanted);
	free(all);
}
