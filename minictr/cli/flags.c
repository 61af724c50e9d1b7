/*
 * flags.c - flags by table: one loop over argv, docker's words for what is wrong.
 *
 * getopt_long(3) is not used: it keeps file-level state (one parse a process; the REPL and the tests want
 * many), it prints its own words, it knows no `--detach=false`, and it cannot name the nearest flag.
 * Order: a word is looked at as `--`, `--long[=value]`, `-bundle` or operand, in this order; a lone `-` is
 * an operand.
 * Left out: abbreviated long flags (`--det`), which docker has not either.
 */
#include "cli/flags.h"

#include <limits.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wrap.h"
#include "cli/command.h"

struct parser {
	const struct command *cmd;
	char **argv;  /* what is parsed; operands are moved to the front */
	int argc, at; /* its length; the word being looked at */
	char *values; /* the struct that is filled */
	bool help;    /* --help or -h was there */
};

static const struct option_def no_options[] = { { 0 } };

static const struct option_def *options_of(const struct command *cmd)
{
	return cmd->options ? cmd->options : no_options;
}

static bool option_end(const struct option_def *o) { return !o->name && !o->short_name; }

static const struct option_def *find_long(const struct command *cmd, const char *name, size_t len)
{
	for (const struct option_def *o = options_of(cmd); !option_end(o); o++)
		if (o->name && strlen(o->name) == len && !strncmp(o->name, name, len))
			return o;
	return NULL;
}

static const struct option_def *find_short(const struct command *cmd, char c)
{
	for (const struct option_def *o = options_of(cmd); !option_end(o); o++)
		if (o->short_name && o->short_name == c)
			return o;
	return NULL;
}

/* All errors of usage: exit status 125, as docker's. */
static int usage_error(struct mc_err *err) { return err_exit(err, 125); }

static int unknown_long(const struct parser *p, const char *name, struct mc_err *err)
{
	const char *names[128];
	size_t n = 0;
	for (const struct option_def *o = options_of(p->cmd); !option_end(o) && n < ARRAY_LEN(names); o++)
		if (o->name)
			names[n++] = o->name;
	const char *near = nearest_word(name, names, n);
	err_set(err, EINVAL, "unknown flag: --%s", name);
	if (near)
		err_hint(err, "did you mean --%s?", near);
	return usage_error(err);
}

/* "-c, --cpus": how docker names a flag in an error. */
static void flag_name(const struct option_def *o, char *out, size_t size)
{
	if (o->short_name && o->name)
		snprintf(out, size, "-%c, --%s", o->short_name, o->name);
	else if (o->name)
		snprintf(out, size, "--%s", o->name);
	else
		snprintf(out, size, "-%c", o->short_name);
}

static const char *kind_wants(enum option_kind kind)
{
	switch (kind) {
	case OPT_FLAG:
	case OPT_YES_NO: return "true or false";
	case OPT_INT:
	case OPT_I64: return "a whole number";
	case OPT_BYTES: return "a size such as 64m, 1.5g or 100 (bytes)";
	case OPT_CPUS: return "a number of CPUs such as 0.5 or 2";
	case OPT_DURATION: return "a time such as 10s, 1m30s or 200ms";
	default: return "a text";
	}
}

/* Go's grammar, and what people type: a bare number means seconds. */
static int parse_time(const char *text, int64_t *ret_ns)
{
	uint64_t seconds;
	if (parse_u64(text, &seconds) < 0)
		return parse_duration(text, ret_ns);
	if (seconds > INT64_MAX / 1000000000)
		return -ERANGE;
	*ret_ns = (int64_t)seconds * 1000000000;
	return 0;
}

/* "0.5" CPUs as billionths. Returns 0 or -EINVAL. */
static int parse_cpus(const char *text, int64_t *ret_nano)
{
	size_t len = strspn(text, "0123456789.");
	if (!len || text[len])
		return -EINVAL;
	char *end;
	double v = strtod(text, &end);
	if (*end || v > 1e6)
		return -EINVAL;
	*ret_nano = (int64_t)(v * 1e9 + 0.5);
	return 0;
}

static int parse_flag(const char *value, bool *ret)
{
	static const char *const yes[] = { "true", "1", "t", "TRUE", "True", "T" };
	static const char *const no[] = { "false", "0", "f", "FALSE", "False", "F" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (str_eq(value, yes[i]) || str_eq(value, no[i])) {
			*ret = str_eq(value, yes[i]);
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_size(const char *value, int64_t *ret)
{
	uint64_t u;
	if (str_eq(value, "-1")) { /* docker's "no limit" */
		*ret = -1;
		return 0;
	}
	int rc = parse_bytes(value, &u);
	if (rc == 0 && u > INT64_MAX)
		rc = -ERANGE;
	if (rc == 0)
		*ret = (int64_t)u;
	return rc;
}

static int parse_int(const char *value, int *ret)
{
	int64_t v;
	int rc = parse_i64(value, &v);
	if (rc == 0 && (v > INT_MAX || v < INT_MIN))
		rc = -ERANGE;
	if (rc == 0)
		*ret = (int)v;
	return rc;
}

static int store(struct parser *p, const struct option_def *o, const char *value, struct mc_err *err)
{
	void *field = p->values + o->offset;
	char flag[80];
	bool yes = false;
	int rc = 0;
	switch (o->kind) {
	case OPT_FLAG: rc = parse_flag(value, field); break;
	case OPT_YES_NO:
		rc = parse_flag(value, &yes);
		*(int *)field = yes ? 1 : -1;
		break;
	case OPT_STRING: *(const char **)field = value; break;
	case OPT_LIST: strv_push(field, value); break;
	case OPT_INT: rc = parse_int(value, field); break;
	case OPT_I64: rc = parse_i64(value, field); break;
	case OPT_BYTES: rc = parse_size(value, field); break;
	case OPT_CPUS: rc = parse_cpus(value, field); break;
	case OPT_DURATION: rc = parse_time(value, field); break;
	}
	if (rc == 0)
		return 0;
	flag_name(o, flag, sizeof(flag));
	err_set(err, -rc, "invalid argument \"%s\" for \"%s\" flag: %s", value, flag,
		rc == -ERANGE ? "out of range" : "it should be");
	if (rc != -ERANGE)
		snprintf(err->what + strlen(err->what), sizeof(err->what) - strlen(err->what), " %s",
			kind_wants(o->kind));
	return usage_error(err);
}

static bool stands_alone(const struct option_def *o) { return o->kind == OPT_FLAG || o->kind == OPT_YES_NO; }

static int needs_argument(const struct option_def *o, bool is_short, const char *bundle, struct mc_err *err)
{
	if (is_short)
		err_set(err, EINVAL, "flag needs an argument: '%c' in -%s", o->short_name, bundle);
	else
		err_set(err, EINVAL, "flag needs an argument: --%s", o->name);
	return usage_error(err);
}

static int parse_long(struct parser *p, char *word, struct mc_err *err)
{
	char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct option_def *o = find_long(p->cmd, word, len);
	if (!o && len == 4 && !strncmp(word, "help", 4)) {
		p->help = true;
		return 0;
	}
	if (!o) {
		_cleanup_free_ char *name = xstrndup(word, len);
		return unknown_long(p, name, err);
	}
	if (eq)
		return store(p, o, eq + 1, err);
	if (stands_alone(o))
		return store(p, o, "true", err);
	if (p->at + 1 >= p->argc)
		return needs_argument(o, false, NULL, err);
	return store(p, o, p->argv[++p->at], err);
}

static int parse_bundle(struct parser *p, char *word, struct mc_err *err)
{
	for (char *c = word; *c; c++) {
		const struct option_def *o = find_short(p->cmd, *c);
		if (!o && *c == 'h') {
			p->help = true;
			return 0;
		}
		if (!o) {
			err_set(err, EINVAL, "unknown shorthand flag: '%c' in -%s", *c, word);
			return usage_error(err);
		}
		if (stands_alone(o) && c[1] != '=') {
			store(p, o, "true", err);
			continue;
		}
		if (c[1]) /* -w/tmp, -w=/tmp */
			return store(p, o, c + 1 + (c[1] == '='), err);
		if (p->at + 1 >= p->argc)
			return needs_argument(o, true, word, err);
		return store(p, o, p->argv[++p->at], err);
	}
	return 0;
}

int options_parse(
	const struct command *cmd, int argc, char **argv, void *values, bool *ret_help, struct mc_err *err)
{
	struct parser p = { .cmd = cmd, .argv = argv, .argc = argc, .values = values };
	int operands = 0;
	bool only_operands = false;
	for (; p.at < argc && !p.help; p.at++) {
		char *word = argv[p.at];
		int rc = 0;
		if (only_operands || word[0] != '-' || !word[1]) {
			argv[operands++] = word;
			only_operands = only_operands || cmd->stop_at_operand;
		} else if (str_eq(word, "--")) {
			only_operands = true;
		} else if (word[1] == '-') {
			rc = parse_long(&p, word + 2, err);
		} else {
			rc = parse_bundle(&p, word + 1, err);
		}
		if (rc < 0)
			return rc;
	}
	argv[operands] = NULL;
	*ret_help = p.help;
	return operands;
}

void options_release(const struct option_def *options, void *values)
{
	for (const struct option_def *o = options ? options : no_options; !option_end(o); o++) {
		char ***list = (char ***)((char *)values + o->offset);
		if (o->kind != OPT_LIST)
			continue;
		strv_free(*list);
		*list = NULL;
	}
}

static void option_left(const struct option_def *o, struct buf *b)
{
	if (o->short_name)
		buf_addf(b, "  -%c%s", o->short_name, o->name ? ", " : "");
	else
		buf_adds(b, "      ");
	if (o->name)
		buf_addf(b, "--%s", o->name);
	if (o->arg)
		buf_addf(b, " %s", o->arg);
}

void help_row(FILE *out, const char *left, size_t width, const char *help)
{
	char lines[4096];
	_cleanup_free_ char *row = xasprintf("%-*s%s", (int)width, left, help);
	wrap_text(lines, sizeof(lines), row, wrap_width(fileno(out)), width);
	fprintf(out, "%s\n", lines);
}

void options_print(FILE *out, const struct option_def *options)
{
	size_t width = 0;
	_cleanup_buf_ struct buf b = { 0 };
	for (int pass = 0; pass < 2; pass++) {
		for (const struct option_def *o = options ? options : no_options; !option_end(o); o++) {
			if (!o->help)
				continue;
			buf_clear(&b);
			option_left(o, &b);
			if (pass == 0)
				width = b.len > width ? b.len : width;
			else
				help_row(out, b.data, width + 3, o->help);
		}
	}
}
