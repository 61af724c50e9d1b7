/*
 * run_command.c - which program a RUN starts, and in which environment. Heredocs take three roads
 * (convert.go of BuildKit):
 *   RUN <<EOF alone         the body is the script of the SHELL
 *   ... that begins with #! the body becomes an executable file, so that any interpreter works
 *   RUN <<EOF python        the text goes to the shell as it is, and the shell reads the here-document
 */
#include "build/configure.h"
#include "build/lexer.h"

char **stage_config_shell(const struct stage_config *c)
{
	char **shell = NULL;
	struct mc_err ignored;
	json_get_strv(c->image, &shell, &ignored, "config.Shell");
	if (strv_len(shell))
		return shell;
	strv_free(shell);
	return strv_copy((char *[]){ "/bin/sh", "-c", NULL });
}

/* The heredoc that is the whole command; NULL when other words stand beside it. */
static const struct heredoc *run_alone(const struct instruction *i)
{
	struct heredoc h = { 0 };
	bool alone = i->n_heredocs == 1 && i->n_words == 1 && !i->exec_form && heredoc_word(i->words[0], &h);
	heredoc_free(&h);
	return alone ? &i->heredocs[0] : NULL;
}

const struct heredoc *run_script(const struct instruction *i)
{
	const struct heredoc *h = run_alone(i);
	return h && str_starts(h->body, "#!") ? h : NULL;
}

char **stage_config_argv(const struct stage_config *c, const struct instruction *i)
{
	char **argv = NULL;
	if (i->exec_form) {
		for (size_t k = 0; k < i->n_words; k++)
			strv_push(&argv, i->words[k]);
		return argv;
	}
	argv = stage_config_shell(c);
	const struct heredoc *alone = run_alone(i);
	if (run_script(i)) {
		strv_pushf(&argv, RUN_SCRIPT_DIR "/%s", alone->name);
		return argv;
	}
	_cleanup_buf_ struct buf text = { 0 };
	buf_adds(&text, alone ? alone->body : i->n_words ? i->words[0] : "");
	for (size_t k = 0; k < i->n_heredocs && !alone; k++)
		buf_addf(&text, "\n%s%s", i->heredocs[k].body, i->heredocs[k].name);
	strv_push(&argv, text.data);
	return argv;
}

/* Proxies need no ARG; they reach RUN, but neither its cache key nor the image's history. */
char **stage_config_run_env(const struct stage_config *c, const struct args *args)
{
	char **env = strv_copy(c->vars);
	for (char **g = args->given; g && *g; g++) {
		_cleanup_free_ char *name = xstrndup(*g, strcspn(*g, "="));
		if (arg_is_proxy(name) && !strv_has(c->arg_names, name))
			strv_env_set(&env, *g);
	}
	return env;
}

char **stage_config_vars(const struct stage_config *c) { return strv_copy(c->vars); }

static int env_order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

char **stage_config_key_env(const struct stage_config *c)
{
	char **env = strv_copy(c->vars);
	if (strv_len(env))
		qsort(env, strv_len(env), sizeof(*env), env_order);
	return env;
}
