/*
 * stages.c - a Dockerfile as a graph of stages: which one builds on which, and which of them the target
 * needs.
 *
 * A stage needs its base (FROM builder) and the stages it copies from (COPY --from=builder, RUN
 * --mount=from=builder). Edges go to earlier stages only, so there is no cycle; what the target does not
 * reach is never run.
 */
#include "build/args.h"
#include "build/lexer.h"
#include "build/resolve.h"

#include <strings.h>

int stage_find(const struct dockerfile *d, const char *word, size_t before)
{
	uint64_t number;
	if (before > d->n_stages)
		before = d->n_stages;
	for (size_t k = before; k-- > 0;)
		if (d->stages[k].name && !strcasecmp(d->stages[k].name, word))
			return (int)k;
	return parse_u64(word, &number) == 0 && number < before ? (int)number : -1;
}

/*
 * The next --from= or from= word of an instruction, from flag *k on; NULL when there is no more. Caller
 * frees.
 */
static char *stage_source(const struct instruction *i, size_t *k)
{
	for (; *k < i->n_flags; ++*k) {
		const struct flag *f = &i->flags[*k];
		if (str_eq(f->name, "from"))
			return ++*k, xstrdup(f->value);
		const char *from = str_eq(f->name, "mount") ? strstr(f->value, "from=") : NULL;
		if (from && (from == f->value || from[-1] == ','))
			return ++*k, xstrndup(from + 5, strcspn(from + 5, ","));
	}
	return NULL;
}

/* Marks a stage and, as stages build on earlier ones only, goes on towards the first. */
static void stage_mark(const struct dockerfile *d, size_t at, bool need[])
{
	const struct stage *s = &d->stages[at];
	if (s->base >= 0)
		need[s->base] = true;
	for (size_t n = 0; n < s->n; n++) {
		char *word;
		for (size_t k = 0; (word = stage_source(&s->list[n], &k)) != NULL; free(word)) {
			int source = stage_find(d, word, at);
			if (source >= 0)
				need[source] = true;
		}
	}
}

static int stage_unknown(const struct dockerfile *d, const char *target, struct mc_err *err)
{
	const char *names[DOCKERFILE_MAX_STAGES];
	size_t n = 0;
	for (size_t k = 0; k < d->n_stages; k++)
		if (d->stages[k].name)
			names[n++] = d->stages[k].name;
	const char *near = nearest_word(target, names, n);
	err_set(err, ENOENT, "target stage \"%s\" could not be found in %s", target, d->name);
	return near ? err_hint(err, "did you mean %s?", near) : -ENOENT;
}

/*
 * Which stages must be built for target (NULL or "": the last one)? need[] has d->n_stages places; all
 * are filled: true for the target, its base, the stages that COPY --from, ADD --from and RUN
 * --mount=from= of a needed stage name, and so on; false for all others. A --from that names no earlier
 * stage is an image and needs no stage. -ENOENT for an unknown target; need[] is untouched then. Lab
 * 06.5: a stage that the result does not need is never run, and of a needed one only named files are
 * taken.
 */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err)
{
	int last = target && *target ? stage_find(d, target, d->n_stages) : (int)d->n_stages - 1;
	if (last < 0)
		return stage_unknown(d, target, err);
	for (size_t k = 0; k < d->n_stages; k++)
		need[k] = (int)k == last;
	/* Edges go backwards only: one pass from the target to the first stage sees each of them. */
	for (int k = last; k >= 0; k--)
		if (need[k])
			stage_mark(d, (size_t)k, need);
	return 0;
}

/* --- FROM and ONBUILD --- */

/* FROM's image and --platform with the global ARGs; the stage it means, if it means one. */
static int stage_resolve_from(
	struct dockerfile *d, size_t at, const struct vars *v, struct place *place, struct mc_err *err)
{
	struct stage *s = &d->stages[at];
	struct instruction ready;
	int rc = instruction_resolve(&s->list[0], v, d->name, place, &ready, err);
	if (rc < 0)
		return rc;
	const char *platform = instruction_flag(&ready, "platform");
	free(s->image);
	free(s->platform);
	s->image = xstrdup(ready.n_words ? ready.words[0] : "");
	s->platform = xstrdup(platform);
	instruction_free(&ready);
	/* An image named "0" is no stage: FROM takes names only. */
	s->base = -1;
	for (size_t k = at; k-- > 0 && s->base < 0;)
		if (d->stages[k].name && !strcasecmp(d->stages[k].name, s->image))
			s->base = (int)k;
	const struct instruction *from = &s->list[0];
	bool no_platform = s->platform && !*s->platform;
	if (*s->image && !no_platform)
		return 0;
	err_set(err, EINVAL, "%s is empty once its variables are replaced",
		*s->image ? "--platform" : "the base image");
	err_hint(err, "an ARG before the first FROM, or --build-arg, gives them a value");
	return err_place(err, d->name, *s->image ? from->flags[0].at : from->at_words[0], place);
}

/* Puts parsed triggers behind FROM. They show as standing where the FROM stands. */
static void stage_insert(struct stage *s, struct instruction *triggers, size_t n)
{
	s->list = xrealloc(s->list, (s->n + n) * sizeof(*s->list));
	memmove(s->list + 1 + n, s->list + 1, (s->n - 1) * sizeof(*s->list));
	for (size_t k = 0; k < n; k++) {
		struct instruction *i = &s->list[1 + k];
		*i = triggers[k];
		i->at = s->list[0].at;
		i->last_line = s->list[0].last_line;
		i->onbuild = true;
		for (size_t w = 0; w < i->n_words; w++)
			i->at_words[w] = i->at;
		for (size_t f = 0; f < i->n_flags; f++)
			i->flags[f].at = i->at;
		for (size_t h = 0; h < i->n_heredocs; h++)
			i->heredocs[h].at = i->at;
		i->n_spans = 1;
		i->spans[0].at = i->at;
	}
	s->n += n;
	for (size_t k = 0; k < s->n; k++)
		s->list[k].step = (int)k + 1;
}

int stage_add_triggers(struct dockerfile *d, size_t stage, char *const triggers[], struct mc_err *err)
{
	struct stage *s = &d->stages[stage];
	size_t n = strv_len(triggers);
	struct instruction *list = xcalloc(n + 1, sizeof(*list));
	for (size_t k = 0; k < n; k++) {
		int rc = instruction_parse(triggers[k], &list[k], err);
		if (rc < 0) {
			while (k-- > 0)
				instruction_free(&list[k]);
			free(list);
			return err_wrap(err, "%s:%u: FROM %s", d->name, s->list[0].at.line, s->image ?: "");
		}
	}
	stage_insert(s, list, n);
	free(list);
	return 0;
}

/*
 * ONBUILDs of a stage of this file reach the stages FROM it as those of an image would. Once: not
 * grandchildren.
 */
static int stage_own_triggers(struct dockerfile *d, size_t at, struct mc_err *err)
{
	_cleanup_strv_ char **triggers = NULL;
	const struct stage *base = d->stages[at].base >= 0 ? &d->stages[d->stages[at].base] : NULL;
	for (size_t k = 0; base && k < base->n; k++)
		if (base->list[k].kind == DO_ONBUILD && !base->list[k].onbuild && base->list[k].n_words)
			strv_push(&triggers, base->list[k].words[0]);
	return triggers ? stage_add_triggers(d, at, triggers, err) : 0;
}

/*
 * A --from that means this stage or a later one: it could only be an image of that name, which is never
 * meant.
 */
static int stage_check_sources(const struct dockerfile *d, size_t at, struct place *place, struct mc_err *err)
{
	const struct stage *s = &d->stages[at];
	for (size_t n = 0; n < s->n; n++) {
		char *word;
		for (size_t k = 0; (word = stage_source(&s->list[n], &k)) != NULL; free(word)) {
			uint64_t number;
			int late = stage_find(d, word, at) < 0 ? stage_find(d, word, d->n_stages) : -1;
			bool numeric = parse_u64(word, &number) == 0 && number >= d->n_stages;
			if (late < 0 && !numeric)
				continue;
			err_set(err, EINVAL, "from=%s: %s", word,
				numeric           ? "there is no stage of that number"
				: late == (int)at ? "a stage can't copy from itself"
						  : "that stage comes later; stages copy from earlier ones");
			free(word);
			return err_place(err, d->name, s->list[n].flags[k - 1].at, place);
		}
	}
	return 0;
}

int stages_check_sources(const struct dockerfile *d, const bool need[], struct place *at, struct mc_err *err)
{
	int rc = 0;
	for (size_t k = 0; rc == 0 && k < d->n_stages; k++)
		rc = need[k] ? stage_check_sources(d, k, at, err) : 0;
	return rc;
}

int dockerfile_resolve(struct dockerfile *d, const struct args *args, struct place *at, struct mc_err *err)
{
	struct vars v = { .values = args->global, .escape = d->escape };
	for (size_t k = 0; k < d->n_stages; k++) {
		int rc = stage_resolve_from(d, k, &v, at, err);
		if (rc == 0)
			rc = stage_own_triggers(d, k, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
