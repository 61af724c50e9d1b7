/*
 * dotenv.c - the .env dialect of compose: `export K=v`, '...' literal, "..." and bare text with variables,
 * # after a blank.
 * https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
 */
#include "compose/dotenv.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/file.h"

enum { DOTENV_BYTES_MAX = 1 << 20 };

struct dotenv {
	const char *name; /* of the file */
	const char *p;    /* what is left of it */
	int line;
	struct variables vars; /* environment as given, file: the lines so far */
	char **outer;          /* the project's .env when this is an env_file */
	char **result;
};

static int dotenv_error(const struct dotenv *d, struct mc_err *err, const char *what)
{
	return err_set(err, EINVAL, "%s:%d: %s", d->name, d->line, what);
}

static void dotenv_skip_blanks(struct dotenv *d)
{
	while (*d->p == ' ' || *d->p == '\t')
		d->p++;
}

static void dotenv_skip_line(struct dotenv *d)
{
	d->p += strcspn(d->p, "\n");
	if (*d->p) {
		d->p++;
		d->line++;
	}
}

/* '...': nothing inside means anything. May hold line ends. */
static int dotenv_single(struct dotenv *d, struct buf *out, struct mc_err *err)
{
	const char *end = strchr(++d->p, '\'');
	if (!end)
		return dotenv_error(d, err, "a ' that is not closed");
	for (; d->p < end; d->p++) {
		d->line += *d->p == '\n';
		buf_addf(out, "%c", *d->p);
	}
	d->p++;
	return 0;
}

/* "...": \n \r \t \" \\ \$ and variables. */
static int dotenv_double(struct dotenv *d, struct buf *out, struct mc_err *err)
{
	static const char from[] = "nrt\"\\", to[] = "\n\r\t\"\\";
	_cleanup_buf_ struct buf text = { 0 };
	struct yaml at = { .file = d->name, .line = d->line, .column = 1 };
	buf_adds(&text, "");
	for (d->p++; *d->p && *d->p != '"'; d->p++) {
		d->line += *d->p == '\n';
		const char *escape = *d->p == '\\' && d->p[1] ? strchr(from, d->p[1]) : NULL;
		if (escape && *escape) {
			buf_addf(&text, "%c", to[escape - from]);
			d->p++;
		} else if (d->p[0] == '\\' && d->p[1] == '$') {
			buf_adds(&text, "$$");
			d->p++;
		} else {
			buf_addf(&text, "%c", *d->p);
		}
	}
	if (*d->p != '"')
		return dotenv_error(d, err, "a \" that is not closed");
	d->p++;
	_cleanup_free_ char *value = NULL;
	int rc = interpolate(text.data, &d->vars, &at, &value, err);
	if (rc >= 0)
		buf_adds(out, value);
	return rc;
}

/* Up to the line's end or a # behind a blank; blanks at both ends do not count. */
static int dotenv_bare(struct dotenv *d, struct buf *out, struct mc_err *err)
{
	struct yaml at = { .file = d->name, .line = d->line, .column = 1 };
	size_t n = 0;
	while (d->p[n] && d->p[n] != '\n' &&
		!(d->p[n] == '#' && (n == 0 || isblank((unsigned char)d->p[n - 1]))))
		n++;
	d->p += n;
	while (n && isspace((unsigned char)d->p[-1]) && n--)
		d->p--;
	_cleanup_free_ char *text = xstrndup(d->p - n, n), *value = NULL;
	int rc = interpolate(text, &d->vars, &at, &value, err);
	if (rc >= 0)
		buf_adds(out, value);
	return rc;
}

static void dotenv_put(struct dotenv *d, const char *name, const char *value)
{
	_cleanup_free_ char *pair = xasprintf("%s=%s", name, value);
	strv_env_set(&d->result, pair);
	_cleanup_strv_ char **old = d->vars.file;
	d->vars.file = strv_copy(d->result);
	for (size_t i = 0; d->outer && d->outer[i]; i++) {
		_cleanup_free_ char *other = xstrndup(d->outer[i], strcspn(d->outer[i], "="));
		if (!strv_env(d->vars.file, other))
			strv_push(&d->vars.file, d->outer[i]);
	}
}

static int dotenv_value(struct dotenv *d, const char *name, struct mc_err *err)
{
	_cleanup_buf_ struct buf value = { 0 };
	buf_adds(&value, "");
	dotenv_skip_blanks(d);
	int rc = *d->p == '\''  ? dotenv_single(d, &value, err)
		 : *d->p == '"' ? dotenv_double(d, &value, err)
				: dotenv_bare(d, &value, err);
	if (rc < 0)
		return rc;
	dotenv_skip_blanks(d);
	if (*d->p && *d->p != '\n' && *d->p != '\r' && *d->p != '#')
		return dotenv_error(d, err, "text behind the closing quote");
	dotenv_put(d, name, value.data);
	return 0;
}

static int dotenv_line(struct dotenv *d, bool raw, struct mc_err *err)
{
	dotenv_skip_blanks(d);
	if (*d->p == '#' || *d->p == '\n' || *d->p == '\r' || !*d->p)
		return 0;
	if (!raw && str_starts(d->p, "export ")) {
		d->p += strlen("export ");
		dotenv_skip_blanks(d);
	}
	size_t n = strcspn(d->p, raw ? "=\n" : "=:\n \t\r");
	_cleanup_free_ char *name = xstrndup(d->p, n);
	d->p += n;
	dotenv_skip_blanks(d);
	if (!*name || name[strcspn(name, "'\"$`\\")])
		return dotenv_error(d, err, "unexpected character in the name of a variable");
	if (*d->p == '=' || (*d->p == ':' && !raw)) {
		d->p++;
		if (!raw)
			return dotenv_value(d, name, err);
		n = strcspn(d->p, "\n");
		_cleanup_free_ char *value = xstrndup(d->p, n && d->p[n - 1] == '\r' ? n - 1 : n);
		dotenv_put(d, name, value);
		return 0;
	}
	if (*d->p && *d->p != '\n' && *d->p != '\r' && *d->p != '#')
		return dotenv_error(d, err, "expected NAME=value");
	const char *inherited = variables_get(&d->vars, name, strlen(name));
	if (inherited)
		dotenv_put(d, name, inherited);
	return 0;
}

int dotenv_read(int dir, const char *path, struct variables *vars, bool raw, char ***ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(dir, path, DOTENV_BYTES_MAX, &text, err);
	if (rc < 0)
		return rc;
	const char *start = text.data ? text.data : "";
	struct dotenv d = { .name = path,
		.p = str_starts(start, "\xef\xbb\xbf") ? start + 3 : start,
		.line = 1,
		.outer = vars->file };
	d.vars = (struct variables){ .environment = vars->environment, .file = strv_copy(vars->file) };
	if (strlen(start) != text.len)
		rc = err_set(err, EINVAL, "%s: a NUL byte: this is no text", path);
	while (rc >= 0 && *d.p) {
		rc = dotenv_line(&d, raw, err);
		dotenv_skip_line(&d);
	}
	strv_free(d.vars.file);
	strv_free(d.vars.missing);
	if (rc < 0)
		strv_free(d.result);
	else
		*ret = d.result;
	return rc < 0 ? rc : 0;
}
