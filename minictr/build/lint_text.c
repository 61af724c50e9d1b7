/*
 * lint_text.c - rules of `build --check` that need no values: spelling, names, old forms.
 */
#include "build/lints.h"

#include "build/lexer.h"

#include <ctype.h>

static bool lint_lower(const char *s)
{
	for (; *s; s++)
		if (isupper((unsigned char)*s))
			return false;
	return true;
}

static bool lint_upper(const char *s)
{
	for (; *s; s++)
		if (islower((unsigned char)*s))
			return false;
	return true;
}

/* --- keywords: all lower or all upper case --- */

static void lint_case(struct lint *l, bool lower)
{
	const struct dockerfile *d = l->in->d;
	for (size_t s = 0; s < d->n_stages; s++)
		for (size_t k = 0; k < d->stages[s].n; k++) {
			const struct instruction *i = &d->stages[s].list[k];
			if (!i->onbuild && !(lower ? lint_lower(i->keyword) : lint_upper(i->keyword)))
				lint_instruction(l, "ConsistentInstructionCasing", i,
					"Command '%s' should match the case of the command majority (%s)",
					i->keyword, lower ? "lowercase" : "uppercase");
		}
}

static void lint_majority(struct lint *l)
{
	const struct dockerfile *d = l->in->d;
	size_t lower = 0, upper = 0;
	for (size_t s = 0; s < d->n_stages; s++)
		for (size_t k = 0; k < d->stages[s].n; k++) {
			lower += lint_lower(d->stages[s].list[k].keyword);
			upper += lint_upper(d->stages[s].list[k].keyword);
		}
	lint_case(l, lower > upper);
}

/* --- names of stages --- */

static void lint_from_as(struct lint *l, const struct instruction *from)
{
	const char *as = from->words[1];
	bool lower = lint_lower(from->keyword), upper = lint_upper(from->keyword);
	if ((lower && !lint_lower(as)) || (upper && !lint_upper(as)))
		lint_instruction(l, "FromAsCasing", from, "'%s' and '%s' keywords' casing do not match", as,
			from->keyword);
}

static void lint_stage_name(struct lint *l, size_t at)
{
	const struct stage *s = &l->in->d->stages[at];
	const struct instruction *from = &s->list[0];
	struct place place = from->at_words[2];
	unsigned len = (unsigned)strlen(s->name);
	if (!lint_lower(s->written_name))
		lint_report(l, "StageNameCasing", from->doc, place, len, from->last_line,
			"Stage name '%s' should be lowercase", s->written_name);
	if (str_eq(s->name, "context") || str_eq(s->name, "scratch"))
		lint_report(l, "ReservedStageName", from->doc, place, len, from->last_line,
			"Stage name should not use the same name as reserved stage \"%s\"", s->name);
	for (size_t k = 0; k < at; k++)
		if (str_eq(l->in->d->stages[k].name, s->name)) {
			lint_report(l, "DuplicateStageName", from->doc, place, len, from->last_line,
				"Duplicate stage name \"%s\", stage names should be unique", s->name);
			return;
		}
}

/* --- comments that describe an ARG or a stage --- */

static void lint_description(struct lint *l, const struct instruction *i, char *const names[])
{
	const char *last = i->doc ? strrchr(i->doc, '\n') : NULL;
	last = last ? last + 1 : i->doc;
	if (!last || !names)
		return;
	_cleanup_free_ char *word = xstrndup(last, strcspn(last, " "));
	if (!strv_has(names, word))
		lint_instruction(l, "InvalidDefinitionDescription", i,
			"Comment for %s should follow the format: `# %s <description>`", i->name,
			strv_len(names) > 1 ? "<arg_key>" : names[0]);
}

static void lint_arg_description(struct lint *l, const struct instruction *i)
{
	_cleanup_strv_ char **names = NULL;
	for (size_t k = 0; k < i->n_words; k++) {
		_cleanup_free_ char *name = xstrndup(i->words[k], strcspn(i->words[k], "="));
		strv_push(&names, name);
	}
	lint_description(l, i, names);
}

static void lint_one(struct lint *l, const struct instruction *i)
{
	if (i->onbuild)
		return;
	if (i->kind == DO_MAINTAINER)
		lint_instruction(l, "MaintainerDeprecated", i,
			"Maintainer instruction is deprecated in favor of using label");
	if (i->kind == DO_ARG)
		lint_arg_description(l, i);
}

void lint_text(struct lint *l)
{
	const struct dockerfile *d = l->in->d;
	for (size_t k = 0; k < d->n_notes; k++)
		lint_report(l, d->notes[k].rule, NULL, d->notes[k].at, 0, d->notes[k].at.line,
			"Empty continuation line");
	lint_majority(l);
	for (size_t k = 0; k < d->n_args; k++)
		lint_one(l, &d->args[k]);
	for (size_t s = 0; s < d->n_stages; s++) {
		if (d->stages[s].name) {
			lint_from_as(l, &d->stages[s].list[0]);
			lint_stage_name(l, s);
			lint_description(l, &d->stages[s].list[0], (char *[]){ d->stages[s].name, NULL });
		}
		for (size_t k = 0; k < d->stages[s].n; k++)
			lint_one(l, &d->stages[s].list[k]);
	}
}
