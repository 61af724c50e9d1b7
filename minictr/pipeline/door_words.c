/*
 * door_words.c - which words of a job reach the engine, and what its paths mean.
 *
 * Kernel objects and man pages: openat2(2) RESOLVE_IN_ROOT. A path of the job is opened below its work tree
 * and handed on as /proc/self/fd/N: what was checked is what is used, whatever the job renames meanwhile.
 * Only known flags pass: an unknown one could name a file or a network of the host.
 */
#include <fcntl.h>

#include "base/file.h"
#include "pipeline/engine_door.h"

enum flag_kind { FLAG_ALONE, FLAG_VALUE, FLAG_FILE, FLAG_ARG };

struct door_flag {
	const char *name, *other;
	enum flag_kind kind;
};

static const struct door_flag build_flags[] = { { "--tag", "-t", FLAG_VALUE }, { "--file", "-f", FLAG_FILE },
	{ "--build-arg", NULL, FLAG_ARG }, { "--label", NULL, FLAG_VALUE }, { "--target", NULL, FLAG_VALUE },
	{ "--pull", NULL, FLAG_ALONE }, { "--no-cache", NULL, FLAG_ALONE }, { "--quiet", "-q", FLAG_ALONE },
	{ "--progress", NULL, FLAG_VALUE }, { "--platform", NULL, FLAG_VALUE },
	{ "--cache-from", NULL, FLAG_VALUE }, { "--load", NULL, FLAG_ALONE }, { "--push", NULL, FLAG_ALONE },
	{ "--rm", NULL, FLAG_ALONE }, { "--provenance", NULL, FLAG_VALUE }, { "--check", NULL, FLAG_ALONE },
	{ NULL, NULL, 0 } };
static const struct door_flag login_flags[] = { { "--username", "-u", FLAG_VALUE },
	{ "--password", "-p", FLAG_VALUE }, { "--password-stdin", NULL, FLAG_ALONE }, { NULL, NULL, 0 } };
static const struct door_flag plain_flags[] = { { "--quiet", "-q", FLAG_ALONE },
	{ "--all", "-a", FLAG_ALONE }, { "--format", NULL, FLAG_VALUE }, { "--no-trunc", NULL, FLAG_ALONE },
	{ NULL, NULL, 0 } };

struct door_verb {
	const char *name;
	const struct door_flag *flags; /* NULL: no word is looked at (--deploy) */
	bool context;                  /* its last operand is a directory of the work tree */
	bool deploy;
};

static const struct door_verb verbs[] = { { "build", build_flags, true, false },
	{ "push", plain_flags, false, false }, { "pull", plain_flags, false, false },
	{ "tag", plain_flags, false, false }, { "images", plain_flags, false, false },
	{ "login", login_flags, false, false }, { "logout", plain_flags, false, false },
	{ "version", plain_flags, false, false }, { "info", plain_flags, false, false },
	{ "compose", NULL, false, true } };

/* --- paths --- */

/* A path of the job, relative to its work tree; NULL: not below it. Caller frees. */
static char *inside(const struct job_trip *t, const char *cwd, const char *path)
{
	_cleanup_free_ char *whole = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", cwd, path);
	size_t top = strlen(t->project_dir);
	if (strncmp(whole, t->project_dir, top) || (whole[top] && whole[top] != '/'))
		return NULL;
	return xstrdup(whole[top] ? whole + top + 1 : ".");
}

static int keep(struct door_words *w, int fd, char **ret, struct mc_err *err)
{
	if (w->n_fds == ARRAY_LEN(w->fds)) {
		close_fd(fd);
		return err_set(err, EPERM, "too many paths");
	}
	w->fds[w->n_fds++] = fd;
	*ret = xasprintf("/proc/self/fd/%d", fd);
	return 0;
}

static int open_file(const struct job_trip *t, const char *cwd, const char *path, struct door_words *w,
	char **ret, struct mc_err *err)
{
	_cleanup_free_ char *name = inside(t, cwd, path);
	if (str_eq(path, "-")) {
		*ret = xstrdup("-");
		return 0;
	}
	if (!name)
		return err_set(err, EPERM, "%s is not in the job's work tree %s", path, t->project_dir);
	int fd = file_open_regular_beneath(t->work, name, NULL, err);
	return fd < 0 ? fd : keep(w, fd, ret, err);
}

static int open_context(const struct job_trip *t, const char *cwd, const char *path, struct door_words *w,
	bool with_file, struct mc_err *err)
{
	_cleanup_free_ char *name = inside(t, cwd, path), *text = NULL, *file = NULL;
	if (str_eq(path, "-")) {
		strv_push(&w->argv, "-");
		return 0;
	}
	if (!name)
		return err_set(err, EPERM, "a context is a directory of the work tree %s, not %s",
			t->project_dir, path);
	int fd = file_open_beneath(t->work, name, O_RDONLY | O_DIRECTORY, 0, err), rc;
	if (fd < 0)
		return fd;
	rc = keep(w, fd, &text, err);
	if (rc >= 0 && !with_file) { /* opened here, so that a link Dockerfile -> /etc/... leads nowhere */
		int dockerfile = file_open_regular_beneath(fd, "Dockerfile", NULL, err);
		rc = dockerfile < 0 ? dockerfile : keep(w, dockerfile, &file, err);
		if (rc >= 0) {
			strv_push(&w->argv, "-f");
			strv_push(&w->argv, file);
		}
	}
	if (rc >= 0)
		strv_push(&w->argv, text);
	return rc;
}

/* --- words --- */

static const struct door_flag *find_flag(
	const struct door_flag *flags, const char *word, const char **ret_value)
{
	size_t len = strcspn(word, "=");
	*ret_value = str_starts(word, "--") && word[len] ? word + len + 1 : NULL;
	for (const struct door_flag *f = flags; f->name; f++)
		if ((strlen(f->name) == len && !strncmp(f->name, word, len)) ||
			(f->other && str_eq(f->other, word)))
			return f;
	return NULL;
}

/* --build-arg NAME: the value is the job's, not that of the process that runs here. */
static void add_arg(const struct job_trip *t, const char *value, struct door_words *w)
{
	const char *own = strchr(value, '=') ? NULL : strv_env(w->job_env, value);
	if (!strchr(value, '=') && !own)
		return;
	strv_push(&w->argv, "--build-arg");
	if (own)
		strv_pushf(&w->argv, "%s=%s", value, own);
	else
		strv_push(&w->argv, value);
}

static int add_flag(const struct job_trip *t, const char *cwd, const struct door_flag *f, const char *value,
	struct door_words *w, struct mc_err *err)
{
	_cleanup_free_ char *file = NULL;
	if (f->kind == FLAG_ALONE) {
		strv_pushf(&w->argv, "%s%s%s", f->name, value ? "=" : "", value ? value : "");
		return 0;
	}
	if (!value)
		return err_set(err, EPERM, "%s needs a value", f->name);
	if (f->kind == FLAG_ARG) {
		add_arg(t, value, w);
		return 0;
	}
	int rc = f->kind == FLAG_FILE ? open_file(t, cwd, value, w, &file, err) : 0;
	if (rc < 0)
		return rc;
	strv_push(&w->argv, f->name);
	strv_push(&w->argv, file ? file : value);
	return 0;
}

static int check_words(const struct job_trip *t, const char *cwd, const struct door_verb *verb,
	char *const words[], struct door_words *w, struct mc_err *err)
{
	bool with_file = false, context = false;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && words[i]; i++) {
		const char *value;
		if (*words[i] != '-' || !words[i][1]) {
			if (verb->context && context)
				return err_set(err, EPERM, "`%s` takes one directory", verb->name);
			if (verb->context)
				rc = open_context(t, cwd, words[i], w, with_file, err);
			else
				strv_push(&w->argv, words[i]);
			context = true;
			continue;
		}
		const struct door_flag *f = find_flag(verb->flags, words[i], &value);
		if (!f)
			return err_set(err, EPERM, "`%s %s` is not lent to jobs", verb->name, words[i]);
		if (f->kind != FLAG_ALONE && !value)
			value = words[++i];
		with_file = with_file || f->kind == FLAG_FILE;
		rc = add_flag(t, cwd, f, value, w, err);
		if (rc >= 0 && !value && f->kind != FLAG_ALONE)
			break;
	}
	if (rc >= 0 && verb->context && !context)
		return err_set(err, EPERM, "`%s` needs a directory: `%s .`", verb->name, verb->name);
	return rc;
}

/* Flags may stand behind the context: those with a file must come first for us. */
static char **files_first(char *const words[])
{
	char **front = NULL, **back = NULL;
	for (size_t i = 0; words[i]; i++) {
		bool file = str_eq(words[i], "-f") || str_eq(words[i], "--file");
		strv_push(file || str_starts(words[i], "--file=") ? &front : &back, words[i]);
		if (file && words[i + 1])
			strv_push(&front, words[++i]);
	}
	for (size_t i = 0; back && back[i]; i++)
		strv_push(&front, back[i]);
	strv_free(back);
	return front;
}

/* What the program here finds: nothing of the job's that could change what it does, but for compose files. */
static void make_environment(const struct job_trip *t, char *const env[], bool deploy, struct door_words *w)
{
	static const char *const ours[] = { "PATH", "HOME", "MINICTR_ROOT", "MINICTR_CONFIG",
		"XDG_RUNTIME_DIR", "XDG_DATA_HOME" };
	static const char *const kept_away[] = { "LD_", "MINICTR_", "DOCKER_", "XDG_",
		"PATH=", "HOME=", "GCONV_", "MALLOC_", "COMPOSE_" };
	for (char *const *e = env; deploy && e && *e; e++) {
		bool away = false;
		for (size_t i = 0; i < ARRAY_LEN(kept_away); i++)
			away = away || str_starts(*e, kept_away[i]);
		if (!away)
			strv_push(&w->env, *e);
	}
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (getenv(ours[i]))
			strv_pushf(&w->env, "%s=%s", ours[i], getenv(ours[i]));
	strv_pushf(&w->env, "MINICTR_ROOT=%s", t->run->engine->root);
	strv_pushf(&w->env, "DOCKER_CONFIG=%s/%s/login", t->run->path,
		t->job->dir); /* a login ends with the job */
}

int door_words_check(const struct job_trip *t, const char *cwd, char *const words[], char *const env[],
	struct door_words *w, struct mc_err *err)
{
	size_t at = 1, v = 0;
	*w = (struct door_words){ .dir = -1, .job_env = env };
	if (words[0] && words[1] && words[2] && (str_eq(words[1], "buildx") || str_eq(words[1], "image")))
		at = 2; /* `docker buildx build`, `docker image push` */
	const char *name = words[0] && words[at] ? words[at] : "help";
	/* builders of buildx are not needed: this engine builds. Scripts that make one go on */
	static const char *const builders[] = { "create", "use", "ls", "inspect", "rm", "version" };
	for (size_t i = 0; at == 2 && str_eq(words[1], "buildx") && i < ARRAY_LEN(builders); i++)
		if (str_eq(name, builders[i])) {
			strv_push(&w->argv, "version");
			make_environment(t, env, false, w);
			return 0;
		}
	while (v < ARRAY_LEN(verbs) && !str_eq(verbs[v].name, name))
		v++;
	if (v == ARRAY_LEN(verbs)) {
		err_set(err, EPERM, "`%s` is not lent to jobs", name);
		return err_hint(err, "build, push, pull, tag, images and login are; what `run` would do is a "
				     "job with `image:`");
	}
	if (verbs[v].deploy && !t->run->lend_deploy) {
		err_set(err, EPERM, "`%s` from a job can mount any directory of this machine", name);
		return err_hint(err, "`minictr pipeline run --deploy` allows it, for files that you trust");
	}
	strv_push(&w->argv, name);
	make_environment(t, env, verbs[v].deploy, w);
	if (verbs[v].deploy) {
		_cleanup_free_ char *dir = inside(t, cwd, ".");
		for (size_t i = at + 1; words[i]; i++)
			strv_push(&w->argv, words[i]);
		w->dir = dir ? file_open_beneath(t->work, dir, O_RDONLY | O_DIRECTORY, 0, err)
			     : err_set(err, EPERM, "%s is not in the work tree", cwd);
		return w->dir < 0 ? w->dir : 0;
	}
	_cleanup_strv_ char **sorted =
		words[at + 1] ? files_first(words + at + 1) : xcalloc(1, sizeof(*sorted));
	return check_words(t, cwd, &verbs[v], sorted, w, err);
}

void door_words_release(struct door_words *w)
{
	strv_free(w->argv);
	strv_free(w->env);
	for (size_t i = 0; i < w->n_fds; i++)
		close_fd(w->fds[i]);
	close_fd(w->dir);
	*w = (struct door_words){ .dir = -1 };
}
