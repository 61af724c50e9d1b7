/*
 * history.c - what `history` shows of a build: one line for each instruction, in BuildKit's words, so
 * that tools which read them (and people who compare two images) find the same text. image-spec
 * config.md, "history".
 */
#include "base/clock.h"
#include "build/configure.h"
#include "build/lexer.h"
#include "build/parse.h"

/* Go prints a list of strings as [a b]. */
static void history_list(struct buf *out, char *const words[], size_t n)
{
	buf_addc(out, '[');
	for (size_t k = 0; k < n; k++)
		buf_addf(out, "%s%s", k ? " " : "", words[k]);
	buf_addc(out, ']');
}

/* ... and with %q as ["a" "b"]. */
static void history_quoted(struct buf *out, char *const words[])
{
	buf_addc(out, '[');
	for (size_t k = 0; words && words[k]; k++) {
		buf_adds(out, k ? " \"" : "\"");
		for (const char *s = words[k]; *s; s++) {
			if (*s == '"' || *s == '\\')
				buf_addf(out, "\\%c", *s);
			else if (*s == '\n')
				buf_adds(out, "\\n");
			else if (*s == '\t')
				buf_adds(out, "\\t");
			else if ((unsigned char)*s < 32 || *s == 127)
				buf_addf(out, "\\x%02x", (unsigned char)*s);
			else
				buf_addc(out, *s);
		}
		buf_addc(out, '"');
	}
	buf_addc(out, ']');
}

/* "|2 A=1 B=2 " in front of a RUN: the ARGs that it could see, whether it used them or not. */
static void history_args(struct buf *out, const struct stage_config *c)
{
	size_t n = strv_len(c->arg_names);
	if (!n)
		return;
	buf_addf(out, "|%zu ", n);
	for (size_t k = 0; k < n; k++)
		buf_addf(out, "%s=%s ", c->arg_names[k], strv_env(c->vars, c->arg_names[k]) ?: "");
}

static void history_run(struct buf *out, const struct stage_config *c, const struct instruction *i)
{
	_cleanup_strv_ char **argv = stage_config_argv(c, i);
	buf_addc(out, ' ');
	history_args(out, c);
	for (size_t k = 0; argv && argv[k]; k++)
		buf_addf(out, "%s%s", k ? " " : "", argv[k]);
	buf_adds(out, " # buildkit");
}

static void history_copy(struct buf *out, const struct instruction *i)
{
	if (instruction_flag_on(i, "parents", false))
		buf_adds(out, " --parents");
	for (const char *const *name = (const char *const[]){ "chown", "chmod", NULL }; *name; name++)
		if (instruction_flag(i, *name))
			buf_addf(out, " --%s=%s", *name, instruction_flag(i, *name));
	for (size_t k = 0; k < i->n_words; k++)
		buf_addf(out, " %s", i->words[k]);
	buf_adds(out, " # buildkit");
}

static void history_pairs(struct buf *out, const struct instruction *i)
{
	for (size_t k = 0; k + 1 < i->n_words; k += 2)
		buf_addf(out, " %s=%s", i->words[k], i->words[k + 1]);
}

static void history_arg(struct buf *out, const struct stage_config *c, const struct instruction *i)
{
	for (size_t k = 0; k < i->n_words; k++) {
		_cleanup_free_ char *name = xstrndup(i->words[k], strcspn(i->words[k], "="));
		const char *value = strv_env(c->vars, name);
		buf_addf(out, value ? " %s=%s" : " %s", name, value);
	}
}

/* Go's duration: "30s", "1m30s", "0s", "500ms". */
static void history_duration(struct buf *out, const char *key, const struct instruction *i, const char *flag)
{
	int64_t ns = 0;
	const char *text = instruction_flag(i, flag);
	if (text)
		parse_duration(text, &ns);
	buf_addf(out, " %s:", key);
	if (ns && ns < 1000000000) {
		buf_addf(out, "%gms", (double)ns / 1e6);
		return;
	}
	int64_t minutes = ns / 60000000000;
	if (minutes >= 60)
		buf_addf(out, "%lldh", (long long)(minutes / 60));
	if (minutes)
		buf_addf(out, "%lldm", (long long)(minutes % 60));
	buf_addf(out, "%gs", (double)(ns % 60000000000) / 1e9);
}

static void history_health(struct buf *out, const struct stage_config *c, const struct instruction *i)
{
	_cleanup_strv_ char **test = NULL;
	struct mc_err ignored;
	json_get_strv(c->image, &test, &ignored, "config.Healthcheck.Test");
	buf_adds(out, " {Test:");
	history_list(out, test, strv_len(test));
	history_duration(out, "Interval", i, "interval");
	history_duration(out, "Timeout", i, "timeout");
	history_duration(out, "StartPeriod", i, "start-period");
	history_duration(out, "StartInterval", i, "start-interval");
	buf_addf(out, " Retries:%s}", instruction_flag(i, "retries") ?: "0");
}

static void history_key(struct buf *out, const struct stage_config *c, const char *key)
{
	_cleanup_strv_ char **words = NULL;
	struct mc_err ignored;
	json_get_strv(c->image, &words, &ignored, "config.%s", key);
	buf_addc(out, ' ');
	history_quoted(out, words);
}

static void history_expose(struct buf *out, const struct instruction *i)
{
	_cleanup_strv_ char **ports = NULL;
	struct mc_err ignored;
	for (size_t k = 0; k < i->n_words; k++)
		(void)expose_ports(i->words[k], &ports, &ignored);
	buf_addc(out, ' ');
	history_list(out, ports, strv_len(ports));
}

/* created_by alone; NULL when the instruction has no entry; caller frees. */
static char *history_text(const struct stage_config *c, const struct instruction *i)
{
	struct buf out = { 0 };
	buf_adds(&out, i->name);
	switch (i->kind) {
	case DO_FROM:
	case DO_ONBUILD: buf_release(&out); return NULL;
	case DO_RUN: history_run(&out, c, i); break;
	case DO_COPY:
	case DO_ADD: history_copy(&out, i); break;
	case DO_ENV:
	case DO_LABEL: history_pairs(&out, i); break;
	case DO_ARG: history_arg(&out, c, i); break;
	case DO_CMD: history_key(&out, c, "Cmd"); break;
	case DO_ENTRYPOINT: history_key(&out, c, "Entrypoint"); break;
	case DO_HEALTHCHECK: history_health(&out, c, i); break;
	case DO_EXPOSE: history_expose(&out, i); break;
	case DO_WORKDIR: buf_addf(&out, " %s", stage_config_workdir(c)); break;
	case DO_SHELL:
	case DO_VOLUME:
		buf_addc(&out, ' ');
		history_list(&out, i->words, i->n_words);
		break;
	case DO_MAINTAINER:
	case DO_STOPSIGNAL:
	case DO_USER: buf_addf(&out, " %s", i->n_words ? i->words[0] : ""); break;
	}
	return buf_take(&out);
}

void stage_config_history(
	struct stage_config *c, const struct instruction *i, int64_t created, bool empty_layer)
{
	_cleanup_free_ char *text = history_text(c, i);
	char when[40];
	if (!text)
		return;
	if (json_kind_of(json_member(c->image, "history")) != JSON_ARRAY)
		json_set(c->image, "history", json_new_array());
	time_rfc3339(created, when, sizeof(when));
	struct json *entry = json_new_object();
	json_set_string(entry, "created", when);
	json_set_string(entry, "created_by", text);
	json_set_string(entry, "comment", "buildkit.dockerfile.v0");
	if (empty_layer)
		json_set_bool(entry, "empty_layer", true);
	json_add((struct json *)json_member(c->image, "history"), entry);
}
