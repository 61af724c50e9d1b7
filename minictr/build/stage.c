/*
 * stage.c - one stage from its FROM to its last instruction.
 *
 * Each instruction: variables replaced, files changed (or found in the cache), configuration changed, a
 * line of history. The key is computed before anything runs; a hit takes the layer on and runs nothing.
 * Two builds, or two stages, that come to one key at the same time do the work once: the second waits for
 * the first one's entry.
 */
#include "build/stage_road.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "build/base_image.h"
#include "build/publish.h"
#include "build/resolve.h"
#include "build/run_network.h"
#include "build/steps.h"
#include "image/verbs.h"

/* "[builder 2/5] RUN make": FROM and the instructions that change files are counted, as BuildKit does. */
static char *step_name(const struct build *b, const struct instruction *i)
{
	const struct stage *s = &b->all->file->stages[b->index];
	size_t n = 1, total = 1;
	for (size_t k = 1; k < s->n; k++) {
		total += instruction_changes_files(&s->list[k]);
		n += instruction_changes_files(&s->list[k]) && s->list[k].step <= i->step &&
		     i->kind != DO_FROM;
	}
	_cleanup_free_ char *stage = s->name                      ? xasprintf("%s ", s->name)
				     : b->all->file->n_stages > 1 ? xasprintf("stage-%zu ", b->index)
								  : xstrdup("");
	return xasprintf("[%s%zu/%zu] %s", stage, n, total, i->line);
}

static void begin_step(struct build *b, const struct instruction *i)
{
	_cleanup_free_ char *name = step_name(b, i);
	b->step = __atomic_add_fetch(&b->all->n_steps, 1, __ATOMIC_RELAXED);
	b->step_begin = now_ns(CLOCK_MONOTONIC);
	build_say(b, BUILD_STARTED, name, NULL);
}

/*
 * The lines of the Dockerfile around the instruction that failed: the first failure by place in the file
 * is shown.
 */
static int step_failed(struct build *b, const struct instruction *i, struct mc_err *err)
{
	if (err->code == ECANCELED) {
		build_say(b, BUILD_CANCELED, NULL, NULL);
		return -ECANCELED;
	}
	build_say(b, BUILD_FAILED, NULL, err->what);
	buf_release(&b->where);
	dockerfile_show(b->all->file, i->at.line, i->last_line, &b->where);
	b->failed_line = i->at.line;
	/* A RUN has kept more: what it left. Without this, the debugger would open an older build's failure. */
	if (!b->all->result->kept && instruction_changes_files(i))
		failed_state_keep(b, NULL);
	else if (!b->all->result->kept)
		failed_state_drop(b->all);
	return -err->code;
}

/* --- one step --- */

/* Waits until no other step with this key runs, in this build or another. Returns the lock. */
static int lock_key(struct build *b, const struct digest *key, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("locks/%s", digest_hex(key));
	int rc = dir_make(b->all->dir, "locks", 0700, err);
	while (rc >= 0) {
		int fd = file_lock(b->all->dir, path, false, err);
		if (fd >= 0 || err->code != EWOULDBLOCK)
			return fd;
		if (build_canceled())
			return err_set(err, ECANCELED, "canceled");
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	}
	return rc;
}

static int do_files(struct build *b, const struct instruction *i, struct mc_err *err)
{
	switch (i->kind) {
	case DO_RUN: return step_run(b, i, err);
	case DO_WORKDIR: return step_workdir(b, i, err);
	default: return step_copy(b, i, err);
	}
}

/* Runs the step and remembers its layer under the key. */
static int do_miss(struct build *b, const struct instruction *i, const struct digest *key, struct mc_err *err)
{
	const struct json *ids = json_at(b->config.image, "rootfs.diff_ids");
	size_t before = json_len(ids);
	struct digest layer = { "" };
	builder_take_slot(b->all);
	int rc = build_canceled() ? err_set(err, ECANCELED, "canceled") : do_files(b, i, err);
	builder_give_slot(b->all);
	if (rc < 0)
		return rc;
	ids = json_at(b->config.image, "rootfs.diff_ids");
	if (json_len(ids) > before)
		snprintf(layer.text, sizeof(layer.text), "%s", json_text_of(json_item(ids, before)));
	b->created = (int64_t)now_ns(CLOCK_REALTIME);
	return build_cache_put(b->all, key, &layer, b->created, err);
}

static bool may_hit(const struct build *b)
{
	const struct stage *s = &b->all->file->stages[b->index];
	return !b->all->o->no_cache &&
	       !(s->name && strv_has((char *const *)b->all->o->no_cache_stages, s->name));
}

/* 1: the cache had it. */
static int take_from_cache(struct build *b, const struct digest *key, struct mc_err *err)
{
	struct digest layer;
	if (!may_hit(b) || !build_cache_find(b->all, key, &layer, &b->created))
		return 0;
	int rc = build_add_layer(b, &layer, err);
	return rc < 0 ? rc : 1;
}

/* `minictr explain build`: the step, its key, and what became of it. */
static void explain_found(
	const struct build *b, const struct instruction *i, const struct digest *key, bool hit)
{
	char why[240];
	if (!explain_on(EXPLAIN_STEPS))
		return;
	const struct json *ids = json_at(b->config.image, "rootfs.diff_ids");
	const char *layer =
		hit && b->upper_used ? json_text_of(json_item(ids, json_len(ids) - 1)) : "sha256:none";
	if (hit)
		snprintf(why, sizeof(why), "%s %.40s: key %.12s names layer %.12s of an earlier build",
			i->name, i->args, digest_hex(key), layer + 7);
	else
		snprintf(why, sizeof(why),
			"%s %.40s: no build has kept a result under key %.12s: it is done now", i->name,
			i->args, digest_hex(key));
	explain_step(hit ? "build.hit" : "build.miss", 6, why);
}

static int find_or_do(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct digest key;
	int rc = cache_key(b, i, &key, err);
	if (rc >= 0)
		rc = take_from_cache(b, &key, err);
	if (rc < 0)
		return rc;
	build_cache_explain(b, i, &key, rc > 0);
	explain_found(b, i, &key, rc > 0);
	if (rc > 0)
		return 1;
	_cleanup_close_ int lock = lock_key(b, &key, err);
	if (lock < 0)
		return lock;
	rc = take_from_cache(b, &key, err); /* while we waited another build may have made it */
	if (rc == 0)
		rc = do_miss(b, i, &key, err);
	_cleanup_free_ char *path = xasprintf("locks/%s", digest_hex(&key));
	unlinkat(b->all->dir, path, 0);
	return rc;
}

static int do_step(struct build *b, const struct instruction *i, struct mc_err *err)
{
	begin_step(b, i);
	b->now = i;
	b->inputs = json_new_object();
	int rc = find_or_do(b, i, err);
	json_free(take_ptr(&b->inputs));
	if (rc < 0)
		return step_failed(b, i, err);
	build_say(b, rc > 0 ? BUILD_CACHED : BUILD_DONE, NULL, NULL);
	return 0;
}

/* --- one instruction --- */

/*
 * Waits for the stages that the instruction takes files from, before the step begins: a step that waits must
 * not hold a slot.
 */
static int await_sources(struct build *b, const struct instruction *i, struct mc_err *err)
{
	int rc = 0;
	for (size_t n = 0; rc >= 0 && n < i->n_flags; n++) {
		const struct flag *f = &i->flags[n];
		const char *from = str_eq(f->name, "from")    ? f->value
				   : str_eq(f->name, "mount") ? strstr(f->value, "from=")
							      : NULL;
		if (!from)
			continue;
		from += str_eq(f->name, "mount") ? strlen("from=") : 0;
		_cleanup_free_ char *word = xstrndup(from, strcspn(from, ","));
		int stage = stage_find(b->all->file, word, b->index);
		rc = stage < 0 ? 0 : builder_await_stage(b->all, (size_t)stage, err);
	}
	return rc;
}

/* Metadata has the time of the files below it; on scratch there may be none. */
static int64_t created_ns(struct build *b)
{
	if (b->all->epoch >= 0)
		return b->all->epoch * 1000000000;
	if (!b->created)
		b->created = (int64_t)now_ns(CLOCK_REALTIME);
	return b->created;
}

/* Only here when the base image had to come first: lints.c tells all others before anything runs. */
static int instruction_broken(
	struct build *b, const struct instruction *i, struct place at, struct mc_err *err)
{
	buf_release(&b->where);
	dockerfile_show_at(b->all->file, at, 0, i->last_line, &b->where);
	b->failed_line = i->at.line;
	return err_place(err, b->all->file->name, at, NULL);
}

static int configure(struct build *b, const struct instruction *i, struct mc_err *err)
{
	int rc = stage_config_apply(&b->config, &b->all->args, i, b->all->file, err);
	if (rc < 0)
		return instruction_broken(b, i, i->at, err);
	stage_config_history(&b->config, i, created_ns(b), !(instruction_changes_files(i) && b->upper_used));
	return 0;
}

static int do_instruction(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct instruction ready = { 0 };
	_cleanup_strv_ char **values = stage_config_vars(&b->config);
	struct vars v = { .values = values, .escape = b->all->file->escape };
	struct place at;
	int rc = instruction_resolve(i, &v, b->all->file->name, &at, &ready, err);
	b->upper_used = b->told_no_match = false;
	if (rc < 0)
		return instruction_broken(b, i, at, err);
	rc = run_is_allowed(b->all->o, &ready, b->all->file->name, &at, err);
	if (rc < 0)
		rc = instruction_broken(b, i, at, err);
	else
		rc = await_sources(b, &ready, err);
	if (rc >= 0 && instruction_changes_files(&ready))
		rc = do_step(b, &ready, err);
	if (rc >= 0)
		rc = configure(b, &ready, err);
	instruction_free(&ready);
	return rc;
}

/* --- FROM --- */

static int begin_from_stage(struct build *b, const struct build *base, struct mc_err *err)
{
	b->layers = json_copy(base->layers);
	b->created = base->created;
	return stage_config_begin(&b->config, base->config.image, &b->all->target, &base->config, err);
}

static int begin_from_image(struct build *b, const struct stage *s, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	begin_step(b, &s->list[0]);
	int rc = base_image_find(b, s->image, s->platform ? s->platform : b->all->o->platform, &img, err);
	if (rc < 0)
		return step_failed(b, &s->list[0], err);
	b->layers = image_layers_in_oci(&img);
	b->created = img.created;
	rc = stage_config_begin(&b->config, img.config, &b->all->target, NULL, err);
	if (rc >= 0 && b->config.onbuild) {
		pthread_mutex_lock(&b->all->lock);
		rc = stage_add_triggers(b->all->file, b->index, b->config.onbuild, err);
		pthread_mutex_unlock(&b->all->lock);
	}
	build_say(b, rc < 0 ? BUILD_FAILED : BUILD_CACHED, NULL, rc < 0 ? err->what : NULL);
	return rc;
}

static int begin_stage(struct build *b, struct mc_err *err)
{
	const struct stage *s = &b->all->file->stages[b->index];
	if (s->base >= 0) {
		int rc = builder_await_stage(b->all, (size_t)s->base, err);
		return rc < 0 ? rc : begin_from_stage(b, &b->all->stages[s->base], err);
	}
	if (!str_eq(s->image, "scratch"))
		return begin_from_image(b, s, err);
	b->layers = json_new_array();
	return stage_config_begin(&b->config, NULL, &b->all->target, NULL, err);
}

int stage_build(struct build *b, struct mc_err *err)
{
	const struct stage *s = &b->all->file->stages[b->index];
	int rc = begin_stage(b, err);
	if (rc >= 0)
		why_missed_begin(b);
	for (size_t n = 1; rc >= 0 && n < s->n; n++)
		rc = build_canceled() ? err_set(err, ECANCELED, "canceled")
				      : do_instruction(b, &s->list[n], err);
	why_missed_end(b);
	run_network_end(b);
	return rc;
}
