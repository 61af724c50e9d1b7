/*
 * repl_words.c - a line into words, by the shell's quoting rules (sh(1), QUOTING) and nothing else of a
 * shell: no variables, no globs, no pipes. Those belong to the user's own shell, which `!` reaches, and a
 * line with one says so: taken as plain letters, `-e A=$HOME` would be a surprise inside of the container.
 */
#include "cli/prompt/repl.h"

#include <ctype.h>

#include "base/buf.h"

/* Reads the quoted part at p into b; returns what follows it, NULL when the quote is not closed. */
static const char *quoted(const char *p, struct buf *b)
{
	char quote = *p++;
	for (; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\' || p[1] == '$'))
			p++;
		buf_addc(b, *p);
	}
	return *p ? p + 1 : NULL;
}

/* Signs that a shell obeys and this prompt does not: what each means there. NULL for any other. */
static const char *shell_sign(const char *p, bool starts)
{
	switch (*p) {
	case '|': return "joins commands";
	case '<':
	case '>': return "sends input or output to a file";
	case ';':
	case '&': return "ends a command";
	case '`': return "puts a command's output here";
	case '*': return "stands for names of files";
	case '$':
		return isalpha((unsigned char)p[1]) || strchr("_{(?$!@#*", p[1])
			       ? p[1] ? "stands for a variable" : NULL
			       : NULL;
	case '~':
		return starts && (!p[1] || p[1] == '/' || isspace((unsigned char)p[1]))
			       ? "stands for your home"
			       : NULL;
	default: return NULL;
	}
}

static int one_word(const char **at, char ***words, const char *line, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	const char *p = *at;
	buf_add(&b, "", 0);
	while (*p && !isspace((unsigned char)*p)) {
		if (*p == '\'' || *p == '"') {
			p = quoted(p, &b);
			if (!p)
				return err_set(err, EINVAL, "a quote in this line is not closed");
		} else if (*p == '\\' && p[1]) {
			buf_addc(&b, p[1]);
			p += 2;
		} else if (shell_sign(p, p == *at)) {
			err_set(err, EINVAL, "'%c' %s in a shell, and this prompt is none", *p,
				shell_sign(p, p == *at));
			if (str_starts(line, "cd "))
				return err_hint(err, "write the directory out; cd alone goes home");
			return err_hint(
				err, "let your own do it:  !minictr %s   (or quote it: '%c')", line, *p);
		} else {
			buf_addc(&b, *p++);
		}
	}
	strv_push(words, b.data);
	*at = p;
	return 0;
}

int repl_split(const char *line, char ***ret, struct mc_err *err)
{
	const char *p = line;
	char **words = NULL;
	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		if (!*p || *p == '#')
			break;
		int rc = one_word(&p, &words, line, err);
		if (rc < 0) {
			strv_free(words);
			return rc;
		}
	}
	*ret = words;
	return 0;
}

bool repl_continues(const char *line)
{
	size_t n = strlen(line), slashes = 0;
	while (slashes < n && line[n - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}
