/*
 * lint.c - `build --check` from its options to the list of findings: the table of contents.
 *
 * The rules: lint_text.c (spelling), lint_values.c (what values come out). Which of them are on, and how a
 * finding is shown: lints.c.
 */
#include "build/lints.h"

#include "build/lexer.h"

static int lint_order(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	return x->at.column < y->at.column ? -1 : x->at.column > y->at.column;
}

int dockerfile_lint(const struct lint_input *in, struct problems *ret, bool *error, struct mc_err *err)
{
	struct lint l = { .in = in, .ret = ret };
	bool need[DOCKERFILE_MAX_STAGES];
	memset(need, true, sizeof(need));
	int rc = lints_options(&l, in->options ?: in->d->check, err);
	if (rc == 0 && in->target && *in->target)
		rc = stages_needed(in->d, in->target, need, err);
	if (rc == 0) {
		lint_text(&l);
		lint_from(&l);
		lint_stages(&l, need);
	}
	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list), lint_order);
	*error = l.error;
	strv_free(l.skip);
	strv_free(l.experimental);
	return rc;
}
