/*
 * args.c - values that come from outside a Dockerfile: --build-arg, the platform, and the ARGs that
 * receive them.
 *
 * An ARG before the first FROM is seen by FROM lines only. A stage sees it after an ARG of its own
 * without a value: else each global name would reach the environment of every RUN, and its cache key.
 * Dockerfile reference: ARG, Predefined ARGs, Automatic platform ARGs in the global scope.
 */
#include "build/args.h"

#include <strings.h>

static char *args_platform(const struct build_platform *p)
{
	bool variant = p->variant && *p->variant;
	return xasprintf("%s/%s%s%s", p->os, p->arch, variant ? "/" : "", variant ? p->variant : "");
}

/* An automatic ARG; --build-arg of that name overrides it. */
static void args_automatic(struct args *a, const char *prefix, const char *name, const char *value)
{
	_cleanup_free_ char *full = xasprintf("%s%s", prefix, name);
	const char *given = strv_env(a->given, full);
	strv_pushf(&a->global, "%s=%s", full, given ?: value ?: "");
}

static void args_of_platform(struct args *a, const char *prefix, const struct build_platform *p)
{
	_cleanup_free_ char *whole = args_platform(p);
	args_automatic(a, prefix, "PLATFORM", whole);
	args_automatic(a, prefix, "OS", p->os);
	args_automatic(a, prefix, "OSVERSION", "");
	args_automatic(a, prefix, "ARCH", p->arch);
	args_automatic(a, prefix, "VARIANT", p->variant);
}

void args_init(struct args *a, char *const given[], const struct build_platform *build,
	const struct build_platform *target, const char *target_stage)
{
	*a = (struct args){ .given = strv_copy(given) };
	args_of_platform(a, "BUILD", build);
	args_of_platform(a, "TARGET", target);
	args_automatic(a, "", "TARGETSTAGE", target_stage && *target_stage ? target_stage : "default");
}

void args_free(struct args *a)
{
	strv_free(a->given);
	strv_free(a->global);
	*a = (struct args){ 0 };
}

int args_value(const struct args *a, const char *word, bool global_too, const struct vars *v, char **ret_name,
	char **ret_value, struct mc_err *err)
{
	const char *eq = strchr(word, '='), *given;
	_cleanup_free_ char *name = xstrndup(word, eq ? (size_t)(eq - word) : strlen(word)), *value = NULL;
	given = strv_env(a->given, name);
	if (given) {
		value = xstrdup(given);
	} else if (eq) {
		int rc = expand(eq + 1, v, &value, err);
		if (rc < 0)
			return rc;
	} else if (global_too && strv_env(a->global, name)) {
		value = xstrdup(strv_env(a->global, name));
	}
	*ret_name = take_ptr(&name);
	*ret_value = take_ptr(&value);
	return 0;
}

static int args_global_word(struct args *a, const struct dockerfile *d, const char *word, struct mc_err *err)
{
	struct vars v = { .values = a->global, .escape = d->escape };
	_cleanup_free_ char *name = NULL, *value = NULL;
	int rc = args_value(a, word, false, &v, &name, &value, err);
	if (rc < 0 || !value)
		return rc;
	_cleanup_free_ char *both = xasprintf("%s=%s", name, value);
	strv_env_set(&a->global, both);
	return 0;
}

int args_global(struct args *a, const struct dockerfile *d, struct place *at, struct mc_err *err)
{
	for (size_t k = 0; k < d->n_args; k++) {
		const struct instruction *i = &d->args[k];
		for (size_t w = 0; w < i->n_words && i->kind == DO_ARG; w++) {
			int rc = args_global_word(a, d, i->words[w], err);
			if (rc < 0)
				return err_place(err, d->name, i->at_words[w], at);
		}
	}
	return 0;
}

bool arg_is_proxy(const char *name)
{
	static const char *const names[] = { "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
		"ALL_PROXY" };
	for (size_t k = 0; k < ARRAY_LEN(names); k++)
		if (!strcasecmp(name, names[k]))
			return true;
	return false;
}

/* Names that steer the builder itself and need no ARG. */
static bool arg_is_builtin(const char *name)
{
	return arg_is_proxy(name) || str_eq(name, "SOURCE_DATE_EPOCH") || str_starts(name, "BUILDKIT_");
}

/* Does an ARG of this list of instructions name it? */
static bool arg_declared_in(const struct instruction *list, size_t n, const char *name)
{
	size_t len = strlen(name);
	for (size_t k = 0; k < n; k++)
		for (size_t w = 0; w < list[k].n_words && list[k].kind == DO_ARG; w++)
			if (!strncmp(list[k].words[w], name, len) && strchr("=", list[k].words[w][len]))
				return true;
	return false;
}

static bool arg_declared(const struct dockerfile *d, const char *name)
{
	bool found = arg_declared_in(d->args, d->n_args, name);
	for (size_t k = 0; k < d->n_stages && !found; k++)
		found = arg_declared_in(d->stages[k].list, d->stages[k].n, name);
	return found;
}

char **args_unused(const struct args *a, const struct dockerfile *d)
{
	char **unused = NULL;
	for (char **g = a->given; g && *g; g++) {
		_cleanup_free_ char *name = xstrndup(*g, strcspn(*g, "="));
		/* TARGETARCH and its kind: given before any ARG, they changed what FROM saw. */
		bool automatic = (str_starts(name, "TARGET") || str_starts(name, "BUILD")) &&
				 strv_env(a->global, name);
		if (!arg_declared(d, name) && !arg_is_builtin(name) && !automatic)
			strv_push(&unused, name);
	}
	return unused;
}
