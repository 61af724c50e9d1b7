/*
 * ignore.c - .dockerignore: which paths of a context are never seen by COPY.
 *
 * Not git's rules: a pattern is anchored at the context's root ("*.log" means the top level only), a
 * trailing slash says nothing, and ! brings back a file even below an excluded directory. So a walk may
 * leave out an excluded directory only while no later ! could match below it. moby/patternmatcher;
 * docker's documentation, ".dockerignore files".
 */
#include "base/ignore.h"

#include "base/buf.h"

/*
 * As Go's path.Clean: "./a", "/a", "a//b/", "a/./b", "a/x/.." -> "a", "a", "a/b", "a/b", "a". "" for the
 * root itself.
 */
static char *ignore_clean(const char *text)
{
	_cleanup_strv_ char **parts = NULL;
	size_t n = 0;
	struct buf out = { 0 };
	for (const char *p = text; *(p += strspn(p, "/"));) {
		size_t len = strcspn(p, "/");
		bool up = len == 2 && !strncmp(p, "..", 2);
		if (up && n && !str_eq(parts[n - 1], "..")) {
			free(take_ptr(&parts[--n]));
		} else if ((len != 1 || *p != '.') && !(up && *text == '/')) {
			_cleanup_free_ char *part = xstrndup(p, len);
			strv_push(&parts, part);
			n++;
		}
		p += len;
	}
	for (size_t k = 0; k < n; k++)
		buf_addf(&out, "%s%s", k ? "/" : "", parts[k]);
	return buf_take(&out);
}

static char *ignore_trim(const char *text, size_t len)
{
	while (len && strchr(" \t\r\v\f", *text))
		text++, len--;
	while (len && strchr(" \t\r\v\f", text[len - 1]))
		len--;
	return xstrndup(text, len);
}

static int ignore_take(struct ignore *ig, const char *text, size_t len, unsigned line, struct mc_err *err)
{
	_cleanup_free_ char *word = ignore_trim(text, len), *rest = NULL;
	struct ignore_pattern p = { .line = line };
	if (!*word)
		return 0;
	p.negated = *word == '!';
	rest = ignore_trim(word + p.negated, strlen(word + p.negated));
	if (!*rest)
		return err_set(err, EINVAL, "a ! without a pattern behind it");
	if (ig->n >= IGNORE_MAX_PATTERNS)
		return err_set(err, E2BIG, "more than %d patterns", IGNORE_MAX_PATTERNS);
	p.text = ignore_clean(rest);
	int rc = glob_compile(p.text, true, &p.glob, err);
	if (rc < 0) {
		free(p.text);
		return rc;
	}
	ig->negations |= p.negated;
	ig->list = xrealloc(ig->list, (ig->n + 1) * sizeof(*ig->list));
	ig->list[ig->n++] = p;
	return 0;
}

int ignore_add(struct ignore *ig, const char *pattern, struct mc_err *err)
{
	int rc = ignore_take(ig, pattern, strlen(pattern), 0, err);
	return rc < 0 ? err_wrap(err, "--exclude=%s", pattern) : 0;
}

int ignore_parse(const char *text, size_t len, const char *file, struct ignore *ret, struct mc_err *err)
{
	*ret = (struct ignore){ .file = xstrdup(file) };
	unsigned line = 1;
	const char *p = text, *end = text + len;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		p += 3;
	for (; p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);
		int rc = memchr(p, '\0', n) ? err_set(err, EINVAL, "a NUL byte: this is no text file")
			 : *p == '#' && n   ? 0
					    : ignore_take(ret, p, n, line, err);
		if (rc < 0) {
			ignore_free(ret);
			return err_wrap(err, "%s:%u", file, line);
		}
		p += n + (nl ? 1 : 0);
	}
	return 0;
}

void ignore_free(struct ignore *ig)
{
	for (size_t k = 0; k < ig->n; k++) {
		free(ig->list[k].text);
		glob_free(ig->list[k].glob);
	}
	free(ig->list);
	free(ig->file);
	*ig = (struct ignore){ 0 };
}

bool ignore_match(const struct ignore *ig, const char *path, const struct ignore_pattern **ret_which)
{
	if (ret_which)
		*ret_which = NULL;
	/* The last one that matches decides, so the search begins at the end. */
	for (size_t k = ig->n; k-- > 0;) {
		const struct ignore_pattern *p = &ig->list[k];
		if (!*p->text || !glob_run(p->glob, path, true))
			continue;
		if (ret_which)
			*ret_which = p;
		return !p->negated;
	}
	return false;
}

/*
 * Could a pattern match something below dir? Compared part by part, as far as both go; ** could match
 * anything.
 */
static bool ignore_reaches_below(const char *pattern, const char *dir)
{
	while (*pattern && *dir) {
		size_t p = strcspn(pattern, "/"), d = strcspn(dir, "/");
		_cleanup_free_ char *part = xstrndup(pattern, p), *name = xstrndup(dir, d);
		/* A [ may hold a slash, and then this is no part. */
		if (strstr(part, "**") || strchr(part, '['))
			return true;
		if (!glob_match(part, name))
			return false;
		pattern += p + (pattern[p] == '/');
		dir += d + (dir[d] == '/');
	}
	return true;
}

bool ignore_may_prune(const struct ignore *ig, const char *dir)
{
	const struct ignore_pattern *which = NULL;
	if (!ignore_match(ig, dir, &which))
		return false;
	/* A ! above the deciding line is overruled by it, for everything below the directory, too. */
	for (const struct ignore_pattern *p = which + 1; p < ig->list + ig->n; p++)
		if (p->negated && ignore_reaches_below(p->text, dir))
			return false;
	return true;
}
