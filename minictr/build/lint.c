/*
 * lint.c - `build --check` from its options to the list of findings: the table of contents.
 *
 * The rules: lint_text.c (spelling), lint_values.c (what values come out). Which of them are on, and how a
 * finding is shown: lints.c.
 */
#include "build/lints.h"

#include "build/lexer.h"

int dockerfile_lint(const struct lint_input *in, struct problems *ret, struct problems *broken, bool *error,
	struct mc_err *err)
{
	struct lint l = { .in = in, .ret = ret, .broken = broken };
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
	problems_sort(ret);
	*error = l.error;
	strv_free(l.skip);
	strv_free(l.experimental);
	return rc < 0 ? rc : problems_verdict(in->d, broken, err);
}
