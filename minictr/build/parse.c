/*
 * parse.c - logical lines to typed instructions and stages. One row of rules[] is the grammar of one
 * instruction.
 *
 * The order: keyword, flags, heredocs (their bodies follow in the file), words. Errors do not stop the
 * work: all of them are collected, so that a file is mended in one go. No system call. Dockerfile
 * reference of moby/buildkit, one section an instruction.
 */
#include "build/parse.h"

#include <strings.h>

#include "base/utf8.h"

#define BLANKS " \t\v\f\r"

/* ONBUILD holds an instruction, which is read by the same rules from p->i->line; heredocs from p->lx. */
static void words_trigger(struct parse *p);
static void parse_instruction(struct parse *p);

static const struct instruction_rule rules[] = {
	{ "ADD", DO_ADD, words_list, true, true,
		{ { "chown", FLAG_TEXT }, { "chmod", FLAG_TEXT }, { "link", FLAG_BOOL },
			{ "keep-git-dir", FLAG_BOOL }, { "checksum", FLAG_TEXT }, { "unpack", FLAG_BOOL },
			{ "exclude", FLAG_MANY } } },
	{ "ARG", DO_ARG, words_names, false, true, { { 0 } } },
	{ "CMD", DO_CMD, words_command, false, true, { { 0 } } },
	{ "COPY", DO_COPY, words_list, true, true,
		{ { "chown", FLAG_TEXT }, { "from", FLAG_TEXT }, { "chmod", FLAG_TEXT },
			{ "link", FLAG_BOOL }, { "parents", FLAG_BOOL }, { "exclude", FLAG_MANY } } },
	{ "ENTRYPOINT", DO_ENTRYPOINT, words_command, false, true, { { 0 } } },
	{ "ENV", DO_ENV, words_pairs, false, true, { { 0 } } },
	{ "EXPOSE", DO_EXPOSE, words_split, false, true, { { 0 } } },
	{ "FROM", DO_FROM, words_from, false, false, { { "platform", FLAG_TEXT } } },
	{ "HEALTHCHECK", DO_HEALTHCHECK, words_health, false, true,
		{ { "interval", FLAG_TIME }, { "timeout", FLAG_TIME }, { "start-period", FLAG_TIME },
			{ "start-interval", FLAG_TIME }, { "retries", FLAG_COUNT } } },
	{ "LABEL", DO_LABEL, words_pairs, false, true, { { 0 } } },
	{ "MAINTAINER", DO_MAINTAINER, words_one, false, false, { { 0 } } },
	{ "ONBUILD", DO_ONBUILD, words_trigger, false, false, { { 0 } } },
	{ "RUN", DO_RUN, words_command, true, true,
		{ { "mount", FLAG_MANY }, { "network", FLAG_TEXT }, { "security", FLAG_TEXT },
			{ "device", FLAG_MANY } } },
	{ "SHELL", DO_SHELL, words_shell, false, true, { { 0 } } },
	{ "STOPSIGNAL", DO_STOPSIGNAL, words_one, false, true, { { 0 } } },
	{ "USER", DO_USER, words_one, false, true, { { 0 } } },
	{ "VOLUME", DO_VOLUME, words_list, false, true, { { 0 } } },
	{ "WORKDIR", DO_WORKDIR, words_one, false, true, { { 0 } } },
};

const struct instruction_rule *instruction_rule(enum instruction_kind kind)
{
	for (size_t k = 0; k < ARRAY_LEN(rules); k++)
		if (rules[k].kind == kind)
			return &rules[k];
	return NULL;
}

static const struct instruction_rule *instruction_rule_named(const char *word, size_t len)
{
	for (size_t k = 0; k < ARRAY_LEN(rules); k++)
		if (strlen(rules[k].name) == len && !strncasecmp(rules[k].name, word, len))
			return &rules[k];
	return NULL;
}

/* --- ONBUILD --- */

static bool trigger_allowed(struct parse *p, const struct instruction_rule *rule, size_t len)
{
	if (!rule || rule->trigger)
		return true;
	parse_problem(p, p->args_at, len, "%s is not allowed behind ONBUILD", rule->name);
	return false;
}

/* What an image keeps of a trigger with heredocs is their text, too. */
static void trigger_bodies(struct instruction *outer, const struct instruction *inner)
{
	struct buf text = { 0 };
	buf_adds(&text, outer->words[0]);
	for (size_t k = 0; k < inner->n_heredocs; k++)
		buf_addf(&text, "\n%s%s", inner->heredocs[k].body, inner->heredocs[k].name);
	free(outer->words[0]);
	outer->words[0] = buf_take(&text);
}

/* The instruction behind ONBUILD is read like any other; the text itself is what the image keeps. */
static void words_trigger(struct parse *p)
{
	struct instruction *outer = p->i, *inner;
	const char *text = outer->line + p->args_at;
	size_t at = p->args_at, len = strcspn(text, BLANKS);
	if (!len) {
		parse_problem(p, 0, strlen(outer->keyword), "ONBUILD needs an instruction");
		return;
	}
	word_push(p, text, strlen(text), at);
	if (!trigger_allowed(p, instruction_rule_named(text, len), len))
		return;
	inner = xcalloc(1, sizeof(*inner));
	inner->at = instruction_place(outer, at);
	inner->last_line = outer->last_line;
	inner->line = xstrdup(text);
	inner->spans = xcalloc(outer->n_spans + 1, sizeof(*inner->spans));
	inner->spans[inner->n_spans++] = (struct span){ 0, inner->at };
	for (size_t k = 0; k < outer->n_spans; k++)
		if (outer->spans[k].offset > at)
			inner->spans[inner->n_spans++] =
				(struct span){ outer->spans[k].offset - at, outer->spans[k].at };
	outer->trigger = inner;
	p->i = inner;
	parse_instruction(p);
	p->i = outer;
	outer->last_line = inner->last_line;
	trigger_bodies(outer, inner);
}

/* --- one instruction --- */

static void parse_unknown(struct parse *p, size_t len)
{
	const char *names[ARRAY_LEN(rules)], *near = NULL;
	_cleanup_free_ char *word = xstrndup(p->i->line, len);
	for (size_t k = 0; k < ARRAY_LEN(rules); k++)
		names[k] = rules[k].name;
	for (char *c = word; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c -= 'a' - 'A';
	/* A word of a megabyte is no slip of the keyboard, and comparing it takes its length squared. */
	near = len < 40 ? nearest_word(word, names, ARRAY_LEN(names)) : NULL;
	if (near)
		parse_problem(p, 0, len, "unknown instruction \"%.*s\"; did you mean %s?", (int)len,
			p->i->line, near);
	else
		parse_problem(p, 0, len, "unknown instruction \"%.*s\"", (int)len, p->i->line);
}

/* --from takes a stage or an image as it is written: which one must be known before anything is built. */
static void parse_check_from(struct parse *p)
{
	for (size_t k = 0; k < p->i->n_flags; k++) {
		const struct flag *f = &p->i->flags[k];
		const char *from = str_eq(f->name, "from") ? f->value : NULL;
		if (str_eq(f->name, "mount")) {
			from = strstr(f->value, "from=");
			if (from && from != f->value && from[-1] != ',')
				from = NULL;
		}
		if (from && strcspn(from, "$") < strcspn(from, ","))
			problem_add(p->problems, f->at, 0, p->i->last_line,
				"variables do not work in %sfrom=: write \"FROM $NAME AS alias\" above and "
				"use the alias",
				str_eq(f->name, "from") ? "--" : "--mount=");
	}
}

static bool parse_is_one_of(const char *value, const char *const words[])
{
	for (; *words; words++)
		if (str_eq(value, *words))
			return true;
	return strchr(value, '$') != NULL;
}

/*
 * RUN's flags are read again when the step comes; what is wrong with them is told now, with all other
 * mistakes.
 */
static void parse_check_run(struct parse *p)
{
	static const char *const networks[] = { "default", "none", "host", NULL }, *const securities[] = {
		"sandbox", "insecure", NULL
	};
	for (size_t k = 0; k < p->i->n_flags && p->i->kind == DO_RUN; k++) {
		const struct flag *f = &p->i->flags[k];
		unsigned len = (unsigned)strlen(f->name) + 2;
		struct mc_err err = { 0 };
		if (str_eq(f->name, "mount") && run_mount_check(f->value, &err) < 0)
			problem_add(p->problems, f->at, len, p->i->last_line, "%s%s%s", err.what,
				*err.hint ? "; " : "", err.hint);
		if (str_eq(f->name, "network") && !parse_is_one_of(f->value, networks))
			problem_add(p->problems, f->at, len, p->i->last_line,
				"--network=%s is none of default, none, host", f->value);
		if (str_eq(f->name, "security") && !parse_is_one_of(f->value, securities))
			problem_add(p->problems, f->at, len, p->i->last_line,
				"--security=%s is none of sandbox, insecure", f->value);
	}
}

/* Exec form has no heredocs; a quick look is enough, because words_json() decides later. */
static bool parse_may_have_heredocs(const struct parse *p, const struct instruction_rule *rule)
{
	if (!rule->heredoc || !strstr(p->i->line, "<<"))
		return false;
	struct parse trial = *p;
	struct problems ignored = { 0 };
	struct instruction copy = *p->i;
	copy.words = NULL;
	copy.at_words = NULL;
	copy.n_words = 0;
	trial.i = &copy;
	trial.problems = &ignored;
	rule->words(&trial);
	bool exec = copy.exec_form;
	for (size_t k = 0; k < copy.n_words; k++)
		free(copy.words[k]);
	free(copy.words);
	free(copy.at_words);
	problems_free(&ignored);
	return !exec;
}

/* What an instruction says becomes JSON (the image's configuration and history), and that is UTF-8. */
static void parse_check_utf8(struct parse *p)
{
	size_t good = utf8_valid_len(p->i->line, strlen(p->i->line));
	if (p->i->line[good])
		parse_problem(p, good, 1, "byte 0x%02x is not UTF-8: save the file as UTF-8",
			(unsigned char)p->i->line[good]);
	for (size_t k = 0; k < p->i->n_heredocs && p->i->kind == DO_RUN; k++)
		if (!utf8_valid(p->i->heredocs[k].body))
			problem_add(p->problems, p->i->heredocs[k].at, 0, p->i->last_line,
				"the lines up to %s are not UTF-8", p->i->heredocs[k].name);
}

static void parse_instruction(struct parse *p)
{
	struct instruction *i = p->i;
	size_t len = strcspn(i->line, BLANKS);
	const struct instruction_rule *rule = instruction_rule_named(i->line, len);
	i->keyword = xstrndup(i->line, len);
	i->name = rule ? rule->name : "";
	i->kind = rule ? rule->kind : DO_RUN;
	if (!rule) {
		i->args = xstrdup("");
		parse_unknown(p, len);
		return;
	}
	p->args_at = parse_flags(p, rule, len);
	i->args = xstrdup(i->line + p->args_at);
	if (parse_may_have_heredocs(p, rule))
		lexer_heredocs(&p->lx, i);
	parse_check_utf8(p);
	rule->words(p);
	parse_check_from(p);
	parse_check_run(p);
}

/* --- the file --- */

static struct instruction *parse_slot(struct instruction **list, size_t *n)
{
	*list = xrealloc(*list, (*n + 1) * sizeof(**list));
	(*list)[*n] = (struct instruction){ 0 };
	return &(*list)[(*n)++];
}

static struct stage *parse_stage(struct dockerfile *d, const struct instruction *from)
{
	d->stages = xrealloc(d->stages, (d->n_stages + 1) * sizeof(*d->stages));
	struct stage *s = &d->stages[d->n_stages++];
	*s = (struct stage){ .base = -1 };
	if (from->n_words == 3) {
		s->written_name = xstrdup(from->words[2]);
		s->name = xstrdup(from->words[2]);
		for (char *c = s->name; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c += 'a' - 'A';
	}
	return s;
}

/* Where it belongs: a FROM opens a stage, an ARG may stand before the first one, all else needs a stage. */
static void parse_place(struct parse *p, struct instruction *i)
{
	struct dockerfile *d = p->d;
	if (i->kind == DO_FROM) {
		if (d->n_stages >= DOCKERFILE_MAX_STAGES) {
			parse_problem(p, 0, 0, "more than %d stages", DOCKERFILE_MAX_STAGES);
			instruction_free(i);
			return;
		}
		parse_stage(d, i);
	}
	if (!d->n_stages) {
		if (i->kind != DO_ARG)
			parse_problem(p, 0, strlen(i->keyword),
				"%s before the first FROM: only ARG may stand there", i->name);
		*parse_slot(&d->args, &d->n_args) = *i;
		return;
	}
	struct stage *s = &d->stages[d->n_stages - 1];
	i->step = (int)s->n + 1;
	*parse_slot(&s->list, &s->n) = *i;
}

static void parse_line(struct parse *p, struct logical_line *l)
{
	struct instruction i = { .at = l->at, .last_line = l->last_line };
	i.line = take_ptr(&l->text);
	i.spans = take_ptr(&l->spans);
	i.n_spans = l->n_spans;
	i.doc = take_ptr(&l->doc);
	p->i = &i;
	parse_instruction(p);
	if (*i.name)
		parse_place(p, &i);
	else
		instruction_free(&i);
}

static int parse_verdict(const struct dockerfile *d, struct problems *p, struct mc_err *err)
{
	if (!p->n && !d->n_stages)
		problem_add(p, (struct place){ 1, 1 }, 0, 1,
			d->len ? "no stage to build: a Dockerfile needs at least one FROM"
			       : "the file is empty");
	return problems_verdict(d, p, err);
}

int dockerfile_parse(const char *text, size_t len, const char *name, struct dockerfile **ret,
	struct problems *problems, struct mc_err *err)
{
	struct dockerfile *d = xcalloc(1, sizeof(*d));
	d->name = xstrdup(name);
	d->len = len > DOCKERFILE_MAX_BYTES ? 0 : len;
	d->text = xstrndup("", 0);
	d->escape = '\\';
	*ret = d;
	if (len > DOCKERFILE_MAX_BYTES) {
		problem_add(problems, (struct place){ 1, 1 }, 0, 1,
			"the file has %zu bytes; a Dockerfile has at most %d", len, DOCKERFILE_MAX_BYTES);
		return parse_verdict(d, problems, err);
	}
	free(d->text);
	d->text = xmalloc(len + 1);
	memcpy(d->text, text, len);
	d->text[len] = '\0';
	struct parse p = { .d = d, .problems = problems };
	struct logical_line line;
	lexer_begin(&p.lx, d, problems);
	while (lexer_next(&p.lx, &line)) {
		parse_line(&p, &line);
		logical_line_free(&line);
	}
	return parse_verdict(d, problems, err);
}

/* A trigger's text is a little file of one instruction. */
int instruction_parse(const char *text, struct instruction *ret, struct mc_err *err)
{
	_cleanup_dockerfile_ struct dockerfile *d = xcalloc(1, sizeof(*d));
	_cleanup_problems_ struct problems problems = { 0 };
	d->name = xstrdup("ONBUILD");
	d->text = xstrdup(text);
	d->len = strlen(text);
	struct parse p = { .d = d, .problems = &problems };
	struct logical_line line;
	lexer_begin(&p.lx, d, &problems);
	if (!lexer_next(&p.lx, &line))
		return err_set(err, EINVAL, "ONBUILD: the trigger is empty");
	*ret = (struct instruction){ .at = line.at, .last_line = line.last_line };
	ret->line = take_ptr(&line.text);
	ret->spans = take_ptr(&line.spans);
	ret->n_spans = line.n_spans;
	free(line.doc);
	p.i = ret;
	parse_instruction(&p);
	const struct instruction_rule *rule = *ret->name ? instruction_rule(ret->kind) : NULL;
	if (rule && !rule->trigger)
		parse_problem(&p, 0, 0, "%s is not allowed behind ONBUILD", rule->name);
	if (lexer_next(&p.lx, &line)) {
		parse_problem(&p, 0, 0, "more than one instruction in a trigger");
		logical_line_free(&line);
	}
	if (!problems.n)
		return 0;
	instruction_free(ret);
	return err_set(err, EINVAL, "ONBUILD trigger \"%.200s\": %s", text, problems.list[0].text);
}

/* --- memory --- */

void instruction_free(struct instruction *i)
{
	for (size_t k = 0; k < i->n_words; k++)
		free(i->words[k]);
	for (size_t k = 0; k < i->n_flags; k++) {
		free(i->flags[k].name);
		free(i->flags[k].value);
	}
	for (size_t k = 0; k < i->n_heredocs; k++)
		heredoc_free(&i->heredocs[k]);
	if (i->trigger)
		instruction_free(i->trigger);
	void *owned[] = { i->keyword, i->line, i->args, i->flags, i->words, i->at_words, i->heredocs,
		i->trigger, i->doc, i->spans };
	for (size_t k = 0; k < ARRAY_LEN(owned); k++)
		free(owned[k]);
	*i = (struct instruction){ 0 };
}

static void stage_free(struct stage *s)
{
	for (size_t k = 0; k < s->n; k++)
		instruction_free(&s->list[k]);
	free(s->list);
	free(s->name);
	free(s->written_name);
	free(s->image);
	free(s->platform);
}

void dockerfile_free(struct dockerfile **pd)
{
	struct dockerfile *d = *pd;
	*pd = NULL;
	if (!d)
		return;
	for (size_t k = 0; k < d->n_args; k++)
		instruction_free(&d->args[k]);
	for (size_t k = 0; k < d->n_stages; k++)
		stage_free(&d->stages[k]);
	void *owned[] = { d->name, d->text, d->syntax, d->check, d->args, d->stages, d->notes };
	for (size_t k = 0; k < ARRAY_LEN(owned); k++)
		free(owned[k]);
	free(d);
}
