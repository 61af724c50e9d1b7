/*
 * why_missed.c - `build --explain-cache`: which input of a step differs from the last build of this
 * Dockerfile.
 *
 * The inputs of each step lie in ROOT/build/inputs, one file a step; the list of a stage's steps lies beside
 * them. Order and why: before two records are compared, the old step that the new one stands for is looked
 * for by its text. By number alone, one inserted line would compare every step behind it with its neighbour,
 * and a COPY "changed" into a RUN.
 */
#include "build/state.h"

#include <strings.h>
#include <unistd.h>

#include "base/file.h"

enum { INPUTS_MAX = 4 << 20, STEPS_MAX = 1 << 20 };

/* The steps of a stage as this build and the last one have them: the lines of those that change files. */
struct stage_steps {
	char **before, **now;
	size_t at; /* before[at] comes behind the counterpart of the step that was looked at last */
};

/* What names the stage: the context, the Dockerfile, the target and the stage's number. Caller frees. */
static char *stage_place(const struct build *b)
{
	return xasprintf("%s|%s|%s|%zu", b->all->context.path ? b->all->context.path : "",
		b->all->o->file ? b->all->o->file : "", b->all->o->target ? b->all->o->target : "", b->index);
}

static char *inputs_file(const struct build *b, const char *what)
{
	_cleanup_free_ char *place = stage_place(b), *whole = xasprintf("%s|%s", place, what);
	return xasprintf("inputs/%016llx", (unsigned long long)fnv1a(whole, strlen(whole)));
}

/* The record of steps[at]. A line that comes twice has two: equal lines above it are counted. */
static char *inputs_path(const struct build *b, char *const steps[], size_t at)
{
	size_t nth = 0;
	for (size_t k = 0; k < at; k++)
		nth += str_eq(steps[k], steps[at]);
	_cleanup_free_ char *what = xasprintf("%zu|%s", nth, steps[at]);
	return inputs_file(b, what);
}

/* --- the steps of a stage, now and before --- */

static char **steps_before(const struct build *b)
{
	_cleanup_free_ char *path = inputs_file(b, "steps");
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err ignored;
	char **list = NULL;
	if (json_parse_record(b->all->dir, path, STEPS_MAX, &doc, &ignored) < 0)
		return NULL;
	const struct json *steps = json_member(doc, "steps");
	for (size_t k = 0; k < json_len(steps); k++)
		strv_push(&list, json_text_of(json_item(steps, k)));
	return list;
}

void why_missed_begin(struct build *b)
{
	const struct stage *s = &b->all->file->stages[b->index];
	b->steps = xcalloc(1, sizeof(*b->steps));
	b->steps->before = steps_before(b);
	for (size_t k = 1; k < s->n; k++)
		if (instruction_changes_files(&s->list[k]))
			strv_push(&b->steps->now, s->list[k].line);
}

static bool same_steps(const struct stage_steps *s)
{
	size_t n = strv_len(s->now);
	bool same = n == strv_len(s->before);
	for (size_t k = 0; same && k < n; k++)
		same = str_eq(s->now[k], s->before[k]);
	return same;
}

/* The records of steps that are gone go, and the list of this build takes the old one's place. */
static void steps_keep(struct build *b)
{
	struct mc_err ignored;
	const struct stage_steps *s = b->steps;
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_free_ char *list = inputs_file(b, "steps");
	for (size_t k = 0; k < strv_len(s->before); k++) {
		_cleanup_free_ char *path = inputs_path(b, s->before, k);
		if (!strv_has(s->now, s->before[k]))
			unlinkat(b->all->dir, path, 0);
	}
	json_set_strv(doc, "steps", s->now);
	if (dir_make(b->all->dir, "inputs", 0700, &ignored) >= 0)
		json_write_file(b->all->dir, list, doc, 0600, 0, &ignored);
}

void why_missed_end(struct build *b)
{
	struct stage_steps *s = b->steps;
	if (!s)
		return;
	if (!same_steps(s))
		steps_keep(b);
	b->steps = NULL;
	strv_free(s->before);
	strv_free(s->now);
	free(s);
}

static bool same_keyword(const char *a, const char *b)
{
	size_t n = strcspn(a, " \t");
	return n == strcspn(b, " \t") && !strncasecmp(a, b, n);
}

/*
 * The place in before[] of the step that now[at] stands for, -1 for a new one. The same text is the same
 * step, wherever it stood. Another text is an edited step when the old step whose turn it is has the same
 * keyword and is no longer in the file.
 */
static int counterpart(const struct stage_steps *s, size_t at)
{
	size_t n = strv_len(s->before);
	for (size_t k = 0; k < n; k++)
		if (str_eq(s->before[(s->at + k) % n], s->now[at]))
			return (int)((s->at + k) % n);
	bool edited = s->at < n && same_keyword(s->before[s->at], s->now[at]) &&
		      !strv_has(s->now, s->before[s->at]);
	return edited ? (int)s->at : -1;
}

/* --- the differences --- */

static void note_difference(struct build *b, const char *name, const char *before, const char *now)
{
	if (!before)
		build_note(b, "%s is new", name);
	else if (!now)
		build_note(b, "%s is gone", name);
	else if (str_starts(before, "sha256:"))
		build_note(b, "%s changed", name);
	else
		build_note(b, "%s changed: \"%s\" before, \"%s\" now", name, before, now);
}

static void compare_inputs(struct build *b, const struct json *before, const struct json *now)
{
	enum { SAID = 10 };
	struct json_iter it = { 0 };
	size_t n = 0;
	while (json_next(now, &it)) {
		const char *old = json_text_of(json_member(before, it.key)), *new = json_text_of(it.value);
		if (!str_eq(old, new) && ++n <= SAID)
			note_difference(b, it.key, old, new);
	}
	it = (struct json_iter){ 0 };
	while (json_next(before, &it))
		if (!json_member(now, it.key) && ++n <= SAID)
			note_difference(b, it.key, json_text_of(it.value), NULL);
	if (n > SAID)
		build_note(b, "and %zu more", n - SAID);
	if (!n)
		build_note(b, "no input changed: its layer was removed, or the step has never succeeded");
}

static void explain_miss(struct build *b, int old)
{
	_cleanup_json_ struct json *before = NULL;
	struct mc_err ignored;
	if (old < 0 && b->steps->before) {
		build_note(b, "new step: the last build of this Dockerfile did not have it");
		return;
	}
	_cleanup_free_ char *path = old < 0 ? NULL : inputs_path(b, b->steps->before, (size_t)old);
	if (!path || json_parse_record(b->all->dir, path, INPUTS_MAX, &before, &ignored) < 0)
		build_note(b, "never built before from this Dockerfile");
	else
		compare_inputs(b, before, b->inputs);
}

void build_cache_explain(struct build *b, const struct instruction *i, const struct digest *key, bool hit)
{
	struct mc_err ignored;
	size_t at = 0;
	const struct stage *s = &b->all->file->stages[b->index];
	for (size_t k = 1; k < s->n && s->list[k].step < i->step; k++)
		at += instruction_changes_files(&s->list[k]);
	int old = counterpart(b->steps, at);
	if (old >= 0)
		b->steps->at = (size_t)old + 1;
	if (b->all->o->explain_cache && hit)
		build_note(b, "hit: key %.19s", key->text);
	else if (b->all->o->explain_cache)
		explain_miss(b, old);
	_cleanup_free_ char *path = inputs_path(b, b->steps->now, at);
	if (!hit && dir_make(b->all->dir, "inputs", 0700, &ignored) >= 0)
		json_write_file(b->all->dir, path, b->inputs, 0600, 0, &ignored);
}
