/*
 * build.c - from a Dockerfile to an image: the road.
 *
 * Kernel objects: a temporary directory below ROOT/build with a lock that says "this build lives"
 * (flock(2)); everything else is made by the steps. Order and why: see the table. Whatever fails,
 * close_build() takes the temporary directory away; what a killed build left is swept by the next one,
 * once its lock is free.
 */
#include "build/build.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/explain.h"
#include "base/file.h"
#include "build/build_context.h"
#include "build/build_sweep.h"
#include "build/lexer.h"
#include "build/lints.h"
#include "build/publish.h"
#include "build/run_network.h"
#include "build/stage_road.h"
#include "engine/networks.h"
#include "registry/manifest.h"

struct road {
	struct builder all;
	struct buf text;      /* the Dockerfile */
	char *name;           /* its name in messages */
	struct image *images; /* that the linter asked for */
	size_t n_images;
};

static int open_store(struct road *r, struct mc_err *err)
{
	struct builder *all = &r->all;
	int rc = all->store = engine_store(all->engine, err);
	if (rc >= 0)
		rc = all->busy = store_busy(all->store, err);
	if (rc >= 0)
		rc = all->dir = dir_make_open(all->engine->dir, "build", 0700, err);
	return rc;
}

static int sweep(struct road *r, struct mc_err *err)
{
	build_sweep(r->all.engine, r->all.dir);
	return 0;
}

/*
 * Asks ext4 to put each build's directory into a part of the disk of its own (chattr(1), +T). Otherwise it
 * lies beside the one that the last build deleted, and ext4 does not give out an inode that was freed less
 * than a minute ago: each new file's search passes all of those. A second build took three times as long.
 */
static void spread_builds(int dir)
{
	int flags = 0;
	if (ioctl(dir, FS_IOC_GETFLAGS, &flags) == 0 && !(flags & FS_TOPDIR_FL)) {
		flags |= FS_TOPDIR_FL;
		(void)!ioctl(dir, FS_IOC_SETFLAGS, &flags); /* other file systems do not know it */
	}
}

static int make_temp(struct road *r, struct mc_err *err)
{
	struct builder *all = &r->all;
	spread_builds(all->dir);
	random_hex(all->nonce, 6);
	_cleanup_free_ char *name = xasprintf("tmp-%s", all->nonce);
	all->temp_path = xasprintf("%s/build/%s", all->engine->root, name);
	int rc = all->temp_lock = build_sweep_lock(all->dir, all->nonce, err);
	if (rc >= 0)
		rc = all->temp = dir_make_open(all->dir, name, 0700, err);
	return rc;
}

static int open_contexts(struct road *r, struct mc_err *err)
{
	int rc = context_open(&r->all, &r->text, &r->name, err);
	return rc < 0 ? rc : context_open_named(&r->all, err);
}

/* --- the plan: no system call --- */

static void show_problems(struct road *r, const struct problems *p)
{
	_cleanup_buf_ struct buf shown = { 0 };
	problems_render(r->all.file, p, &shown);
	r->all.result->failed = buf_take(&shown);
}

static int parse(struct road *r, struct mc_err *err)
{
	_cleanup_problems_ struct problems problems = { 0 };
	int rc = dockerfile_parse(
		r->text.data ? r->text.data : "", r->text.len, r->name, &r->all.file, &problems, err);
	if (!problems.n)
		return rc;
	show_problems(r, &problems);
	return rc;
}

/* --build-arg NAME without a value takes that of our environment; without one there it is left out. */
static char **given_args(const struct build_options *o)
{
	char **given = NULL;
	for (size_t i = 0; o->args && o->args[i]; i++) {
		const char *value = strchr(o->args[i], '=') ? NULL : getenv(o->args[i]);
		if (strchr(o->args[i], '='))
			strv_push(&given, o->args[i]);
		else if (value)
			strv_pushf(&given, "%s=%s", o->args[i], value);
	}
	return given;
}

static int set_platforms(struct builder *all, struct mc_err *err)
{
	struct platform p;
	all->host = (struct build_platform){ "linux", image_architecture(), "" };
	all->target = all->host;
	if (!all->o->platform)
		return 0;
	int rc = platform_parse(all->o->platform, &p, err);
	if (rc < 0)
		return err_wrap(err, "--platform");
	all->target_arch = xstrdup(p.architecture);
	all->target_variant = xstrdup(p.variant);
	all->target = (struct build_platform){ "linux", all->target_arch, all->target_variant };
	return 0;
}

/* SOURCE_DATE_EPOCH: as build-arg, else of our environment (reproducible-builds.org). */
static int set_epoch(struct builder *all, char *const given[], struct mc_err *err)
{
	const char *text = strv_env(given, "SOURCE_DATE_EPOCH");
	uint64_t seconds;
	all->epoch = -1;
	if (!text)
		text = getenv("SOURCE_DATE_EPOCH");
	if (!text || !*text)
		return 0;
	if (parse_u64(text, &seconds) < 0 || seconds > INT32_MAX * 16ULL)
		return err_set(err, EINVAL, "SOURCE_DATE_EPOCH=%s: wanted seconds since 1970", text);
	all->epoch = (int64_t)seconds;
	return 0;
}

/* Variables of FROM lines, and which stages are needed. An error is shown as the parser's own are. */
static int plan_stages(struct road *r, struct mc_err *err)
{
	struct builder *all = &r->all;
	_cleanup_problems_ struct problems problems = { 0 };
	struct place at = { 0, 0 };
	int rc = args_global(&all->args, all->file, &at, err);
	if (rc >= 0)
		rc = dockerfile_resolve(all->file, &all->args, &at, err);
	all->need = xcalloc(all->file->n_stages + 1, sizeof(bool));
	if (rc >= 0)
		rc = stages_needed(all->file, all->o->target, all->need, err);
	if (rc >= 0)
		rc = stages_check_sources(all->file, all->need, &at, err);
	if (rc >= 0 || !at.line)
		return rc;
	problem_add(&problems, at, 0, at.line, "%s", err->what);
	show_problems(r, &problems);
	return err_place(err, all->file->name, at, NULL);
}

/* Before anything runs; what a base image's ONBUILD asks for is looked at when its turn comes. */
static int check_allowed(struct road *r, struct mc_err *err)
{
	const struct dockerfile *d = r->all.file;
	_cleanup_problems_ struct problems problems = { 0 };
	struct place at;
	for (size_t k = 0; k < d->n_stages && !r->all.o->check; k++)
		for (size_t n = 0; n < d->stages[k].n && r->all.need[k]; n++)
			if (run_is_allowed(r->all.o, &d->stages[k].list[n], d->name, &at, err) < 0)
				problem_add(&problems, at, 0, d->stages[k].list[n].last_line, "%s; %s",
					err->what, err->hint);
	if (problems.n)
		show_problems(r, &problems);
	return problems_verdict(d, &problems, err);
}

static int plan(struct road *r, struct mc_err *err)
{
	struct builder *all = &r->all;
	_cleanup_strv_ char **given = given_args(all->o);
	_cleanup_network_ struct network named = { 0 };
	struct net_home h = engine_networks(all->engine);
	int rc = run_network_is_named(all->o->network) ? network_find(&h, all->o->network, &named, err) : 0;
	if (rc >= 0)
		rc = set_platforms(all, err);
	if (rc >= 0)
		rc = set_epoch(all, given, err);
	if (rc < 0)
		return rc;
	args_init(&all->args, given, &all->host, &all->target, all->o->target);
	rc = plan_stages(r, err);
	if (rc < 0)
		return rc;
	all->stages = xcalloc(all->file->n_stages + 1, sizeof(*all->stages));
	int target = all->o->target && *all->o->target
			     ? stage_find(all->file, all->o->target, all->file->n_stages)
			     : (int)all->file->n_stages - 1;
	all->target_stage = target < 0 ? 0 : (size_t)target;
	return check_allowed(r, err);
}

/* The configuration of a base image, if the image is here: the linter asks for its variables. */
static const struct json *image_config(void *context, const char *name, bool *ret_only)
{
	struct road *r = context;
	struct image img = { 0 };
	struct mc_err ignored;
	if (r->all.o->pull) /* what it will be is not known yet */
		return NULL;
	if (image_lookup(r->all.store, name, &img, &ignored) < 0)
		return NULL;
	r->images = xrealloc(r->images, (r->n_images + 1) * sizeof(*r->images));
	r->images[r->n_images++] = img;
	*ret_only = digest_eq(&img.entry, &img.manifest); /* else an index: a list of platforms */
	return img.config;
}

/* `--check` shows everything; a build one line for each finding, as docker does. */
static void show_lints(struct road *r, const struct problems *found)
{
	_cleanup_buf_ struct buf text = { 0 };
	if (r->all.o->check) {
		lints_summary(found, &text);
		lints_render(r->all.file, found, &text);
	} else if (found->n) {
		buf_addf(&text,
			"%zu warning%s found (minictr build --check shows more):", found->n + found->more,
			found->n + found->more == 1 ? "" : "s");
		for (size_t i = 0; i < found->n; i++)
			buf_addf(&text, "\n - %s: %s (line %u)", found->list[i].rule, found->list[i].text,
				found->list[i].at.line);
	}
	r->all.result->checked = buf_take(&text);
}

static int lint(struct road *r, struct mc_err *err)
{
	struct builder *all = &r->all;
	_cleanup_problems_ struct problems found = { 0 }, broken = { 0 };
	struct lint_input in = { .d = all->file,
		.args = &all->args,
		.ignore = all->context.ignore.n ? &all->context.ignore : NULL,
		.target = all->o->target,
		.need = all->o->check ? NULL : all->need,
		.platform = all->o->platform,
		.options = strv_env(all->args.given, "BUILDKIT_DOCKERFILE_CHECK"),
		.image = image_config,
		.context = r };
	int rc = dockerfile_lint(&in, &found, &broken, &all->result->check_failed, err);
	if (broken.n)
		show_problems(r, &broken);
	if (rc < 0)
		return rc;
	all->result->warnings = found.n + found.more;
	show_lints(r, &found);
	if (all->result->check_failed && found.n && !all->o->check)
		return err_set(err, EINVAL, "lint violation found for rules: %s", found.list[0].rule);
	return 0;
}

static bool is_check(const struct road *r) { return r->all.o->check; }

/* --- the work --- */

static int run_stages(struct road *r, struct mc_err *err)
{
	for (size_t i = 0; i < r->all.file->n_stages; i++) {
		struct build_event e = { .kind = BUILD_SKIPPED, .name = r->all.file->stages[i].name };
		if (!r->all.need[i] && e.name)
			r->all.report->event(r->all.report->arg, &e);
	}
	int rc = builder_run_stages(&r->all, stage_build, err);
	if (rc < 0 && rc != -ECANCELED)
		failed_context_keep(&r->all);
	return rc;
}

static int publish(struct road *r, struct mc_err *err)
{
	failed_state_drop(&r->all);
	failed_context_drop(&r->all);
	return publish_outputs(&r->all, &r->all.stages[r->all.target_stage], err);
}

static int warn_unused(struct road *r, struct mc_err *err)
{
	_cleanup_strv_ char **unused = args_unused(&r->all.args, r->all.file);
	for (size_t i = 0; unused && unused[i]; i++) {
		_cleanup_free_ char *text = xasprintf(
			"--build-arg %.*s: no ARG declares it", (int)strcspn(unused[i], "="), unused[i]);
		struct build_event e = { .kind = BUILD_NOTE, .text = text };
		r->all.report->event(r->all.report->arg, &e);
	}
	return 0;
}

static const struct {
	int (*run)(struct road *r, struct mc_err *err);
	const char *id;
	const char *why;
	bool plan; /* `build --check` goes as far as the last of these */
} steps[] = {
	{ open_store, "build.store", "garbage collection waits while layers are made", true },
	{ sweep, "build.sweep", "what a killed build left is taken away", true },
	{ make_temp, "build.temp",
		"new layers are written beside the store, so that they can be renamed into it", true },
	{ open_contexts, "build.context", "which files the build may see", true },
	{ parse, "build.parse", "all syntax errors at once, before anything runs", true },
	{ plan, "build.plan", "variables of FROM, and which stages are needed", true },
	{ lint, "build.lint", "what is legal and probably not meant", true },
	{ run_stages, "build.stages", "each stage in a thread; a step is a container, a copy, or a hit",
		false },
	{ publish, "build.publish", "the name is the last thing that is written", false },
	{ warn_unused, "build.unused", "a misspelt --build-arg changes nothing, and should be told", false },
};

static void close_build(struct road *r)
{
	struct builder *all = &r->all;
	struct mc_err ignored;
	for (size_t i = 0; all->stages && i < all->file->n_stages; i++) {
		if (all->stages[i].config.image)
			stage_config_free(&all->stages[i].config);
		json_free(all->stages[i].layers);
		buf_release(&all->stages[i].where);
	}
	context_close(&all->context);
	for (size_t i = 0; i < all->n_more; i++)
		context_close(&all->more[i]);
	if (all->temp >= 0) {
		close_fd(all->temp);
		dir_remove(AT_FDCWD, all->temp_path, &ignored);
	}
	if (all->temp_lock >= 0)
		build_sweep_unlock(all->dir, all->nonce, all->temp_lock);
	net_sweep(all->engine, true);
	close_fd(all->dir);
	close_fd(all->busy);
	args_free(&all->args);
	dockerfile_free(&all->file);
	free(all->temp_path);
	free(all->more);
	free(all->need);
	free(all->stages);
	free(all->target_arch);
	free(all->target_variant);
	for (size_t i = 0; i < r->n_images; i++)
		image_free(&r->images[i]);
	free(r->images);
	buf_release(&r->text);
	free(r->name);
}

int build_image(struct engine *e, const struct build_options *o, const struct build_report *report,
	struct build_result *ret, struct mc_err *err)
{
	struct road r = { .all = { .engine = e, .o = o, .report = report, .result = ret, .store = -1 } };
	struct builder *all = &r.all;
	int rc = 0;
	all->busy = all->dir = all->temp = all->temp_lock = all->context.dir = -1;
	pthread_mutex_init(&all->lock, NULL);
	pthread_mutex_init(&all->say_lock, NULL);
	pthread_cond_init(&all->changed, NULL);
	*ret = (struct build_result){ .id = { "" } };
	for (size_t i = 0; i < ARRAY_LEN(steps) && rc >= 0 && (steps[i].plan || !is_check(&r)); i++) {
		explain_step(steps[i].id, 6, steps[i].why);
		rc = steps[i].run(&r, err);
	}
	close_build(&r);
	return rc < 0 ? rc : 0;
}

void build_result_release(struct build_result *r)
{
	free(r->failed);
	free(r->checked);
	free(r->step_command);
	*r = (struct build_result){ .id = { "" } };
}
