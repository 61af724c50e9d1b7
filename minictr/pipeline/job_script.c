/*
 * job_script.c - lists of commands become one shell script.
 *
 * Like GitLab's runner: `set -eo pipefail` where bash runs it, `set -e` in any other shell, each command
 * shown before it runs. After each one a line goes into a file, so that the one that failed can be named.
 */
#include "base/buf.h"
#include "pipeline/ci_values.h"
#include "pipeline/job_run.h"

/* 'text' for a shell. */
static void add_quoted(struct buf *b, const char *text, size_t len)
{
	buf_addc(b, '\'');
	for (size_t i = 0; i < len; i++)
		buf_adds(b, text[i] == '\'' ? "'\\''" : (char[]){ text[i], '\0' });
	buf_addc(b, '\'');
}

static void add_command(struct buf *b, const char *line, bool steps)
{
	size_t first = strcspn(line, "\n");
	bool more = line[first] && line[first + strspn(line + first, "\n")];
	buf_adds(b, "printf '\\033[32;1m$ %s\\033[0;m\\n' ");
	add_quoted(b, line, first);
	buf_adds(b, more ? "' ...'\n" : "\n");
	buf_adds(b, line);
	buf_adds(b, "\n");
	if (steps)
		buf_adds(b, "{ echo >>/minictr-job/steps; } 2>/dev/null || :\n");
}

int job_script_text(const struct yaml *conf, const char *const keys[], bool steps, char **ret, int *ret_n,
	struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	*ret_n = 0;
	buf_adds(&b, "if [ -n \"${BASH_VERSION:-}\" ]; then set -eo pipefail; else set -e; fi\n");
	buf_adds(&b, "if [ -d /minictr-job/bin ]; then PATH=\"/minictr-job/bin:$PATH\"; export PATH; fi\n");
	for (size_t i = 0; keys[i]; i++) {
		_cleanup_strv_ char **lines = NULL;
		int rc = ci_strings(ynode_get(conf, keys[i]), keys[i], &lines, err);
		if (rc < 0)
			return rc;
		for (char **l = lines; l && *l; l++, ++*ret_n)
			add_command(&b, *l, steps);
	}
	*ret = buf_take(&b);
	return 0;
}

/* The n-th text of nested lists; n counts down. */
static const struct yaml *nth_text(const struct yaml *y, int *n)
{
	if (!y || y->kind == YAML_NULL)
		return NULL;
	if (y->kind == YAML_SCALAR)
		return (*n)-- == 0 ? y : NULL;
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *found = nth_text(y->items[i], n);
		if (found)
			return found;
	}
	return NULL;
}

char *job_script_place(const struct yaml *conf, int n, char **ret_line)
{
	const struct yaml *y = nth_text(ynode_get(conf, "before_script"), &n);
	if (!y)
		y = nth_text(ynode_get(conf, "script"), &n);
	if (!y)
		return NULL;
	*ret_line = xstrdup(y->text);
	return xasprintf("%s:%d:%d", y->file, y->line, y->column);
}
