/*
 * lints.c - `build --check`: which rules are on, and how findings are shown. The road: lint.c; the rules:
 * lint_text.c, lint_values.c.
 *
 * Options stand in "# check=skip=A,B;error=true" at the top, in --build-arg BUILDKIT_DOCKERFILE_CHECK,
 * and as a comment "# check=skip=A" above one instruction. docs.docker.com/build/checks
 */
#include "build/lints.h"

#include "build/lexer.h"

#include <ctype.h>
#include <stdarg.h>
#include <strings.h>

static void lint_names(char ***list, const char *names, size_t len)
{
	_cleanup_free_ char *copy = xstrndup(names, len);
	char *save = NULL;
	for (char *w = strtok_r(copy, ", \t", &save); w; w = strtok_r(NULL, ", \t", &save))
		strv_push(list, w);
}

int lints_options(struct lint *l, const char *text, struct mc_err *err)
{
	for (const char *p = text; p && *p;) {
		size_t len = strcspn(p, ";"), key = strcspn(p, "=;");
		if (key < len && !strncmp(p, "skip", key) && key == 4)
			lint_names(&l->skip, p + key + 1, len - key - 1);
		else if (key < len && !strncmp(p, "experimental", key) && key == 12)
			lint_names(&l->experimental, p + key + 1, len - key - 1);
		else if (key < len && !strncmp(p, "error", key) && key == 5)
			l->error = !strncasecmp(p + key + 1, "true", 4) || p[key + 1] == '1';
		else
			return err_set(err, EINVAL,
				"invalid check option \"%.*s\": skip=RULE,... error=true experimental=RULE",
				(int)len, p);
		p += len + (p[len] == ';');
	}
	return 0;
}

/* A comment "check=skip=A" above the instruction: skips there, whatever the file says. */
static bool lint_skipped_by(const char *doc, const char *rule)
{
	for (const char *line = doc; line && *line;
		line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		struct lint here = { 0 };
		struct mc_err ignored;
		const char *p = line + (strncasecmp(line, "check", 5) ? 0 : 5);
		if (p == line || *(p += strspn(p, " \t")) != '=')
			continue;
		p += 1 + strspn(p + 1, " \t");
		_cleanup_free_ char *options = xstrndup(p, strcspn(p, " \t\n"));
		bool ok = lints_options(&here, options, &ignored) == 0;
		bool skip = ok && (strv_has(here.skip, rule) || strv_has(here.skip, "all"));
		strv_free(here.skip);
		strv_free(here.experimental);
		if (skip)
			return true;
	}
	return false;
}

static bool lint_is_on(const struct lint *l, const char *rule, const char *doc)
{
	if (str_eq(rule, "InvalidDefinitionDescription"))
		return strv_has(l->experimental, rule) || strv_has(l->experimental, "all");
	return !strv_has(l->skip, rule) && !strv_has(l->skip, "all") && !lint_skipped_by(doc, rule);
}

static void lint_add(struct lint *l, const char *rule, const char *doc, struct place at, unsigned length,
	unsigned last_line, const char *text)
{
	if (!lint_is_on(l, rule, doc))
		return;
	size_t before = l->ret->n;
	problem_add(l->ret, at, length, last_line, "%s", text);
	if (l->ret->n > before)
		l->ret->list[before].rule = rule;
}

void lint_report(struct lint *l, const char *rule, const char *doc, struct place at, unsigned length,
	unsigned last_line, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lint_add(l, rule, doc, at, length, last_line, text);
}

void lint_instruction(struct lint *l, const char *rule, const struct instruction *i, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lint_add(l, rule, i->doc, i->at, (unsigned)strlen(i->keyword), i->last_line, text);
}

/* --- how they are shown --- */

/* JSONArgsRecommended -> json-args-recommended */
static void lint_link(const char *rule, struct buf *out)
{
	if (str_eq(rule, "InvalidBaseImagePlatform"))
		return;
	buf_adds(out, " - https://docs.docker.com/go/dockerfile/rule/");
	for (const char *c = rule; *c; c++) {
		bool word = c > rule && isupper((unsigned char)*c) &&
			    (islower((unsigned char)c[-1]) || islower((unsigned char)c[1]));
		buf_addf(out, "%s%c", word ? "-" : "", tolower((unsigned char)*c));
	}
	buf_addc(out, '/');
}

void lints_render(const struct dockerfile *d, const struct problems *p, struct buf *out)
{
	for (size_t k = 0; k < p->n; k++) {
		const struct problem *x = &p->list[k];
		buf_addf(out, "\nWARNING: %s", x->rule);
		lint_link(x->rule, out);
		buf_addf(out, "\n%s\n", x->text);
		dockerfile_show_at(d, x->at, x->length, x->last_line, out);
	}
}

void lints_summary(const struct problems *p, struct buf *out)
{
	size_t n = p->n + p->more;
	if (!n)
		buf_adds(out, "Check complete, no warnings found.\n");
	else if (n == 1)
		buf_adds(out, "Check complete, 1 warning has been found!\n");
	else
		buf_addf(out, "Check complete, %zu warnings have been found!\n", n);
}
