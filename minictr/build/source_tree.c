/*
 * source_tree.c - from the words of a COPY to the files that it means.
 *
 * Kernel objects and man pages: openat2(2) with RESOLVE_IN_ROOT, O_PATH descriptors, /proc/self/fd
 * (proc(5)). Order and why: a word is cleaned first (".." stops at the root), wildcards are matched
 * component by component with Go's filepath.Match, and only then the ignore file is asked: about the place
 * where the file really lies, so that a link cannot bring in what .dockerignore keeps out. A link that is
 * named is followed inside the root; a link met during the walk stays a link.
 */
#include "build/source_tree.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

void source_tops_free(struct source_tops *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->list[i].path);
		free(t->list[i].real);
		free(t->list[i].below);
	}
	free(t->list);
	*t = (struct source_tops){ 0 };
}

/* "a/./b//../c/" to "a/c": never climbs above the root. Caller frees. */
static char *source_clean(const char *path)
{
	_cleanup_buf_ struct buf out = { 0 };
	buf_adds(&out, "");
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			char *slash = strrchr(out.data, '/');
			out.len = slash ? (size_t)(slash - out.data) : 0;
			out.data[out.len] = '\0';
		} else if (n && !(n == 1 && *p == '.')) {
			buf_addf(&out, "%s%.*s", out.len ? "/" : "", (int)n, p);
		}
		p += n + (p[n] == '/');
	}
	return buf_take(&out);
}

/* --- one name --- */

/* Where a descriptor lies below the root. A root that is "/" itself, or a detached mount, shows as "/". */
static char *path_below(int root, int fd)
{
	_cleanup_free_ char *top = fd_path(root), *path = fd_path(fd);
	size_t n = str_eq(top, "/") ? 0 : strlen(top);
	const char *rest = strncmp(path, top, n) == 0 ? path + n : path;
	return xstrdup(*rest == '/' ? rest + 1 : rest);
}

static bool is_ignored(const struct source_tree *s, const char *path, const struct ignore_pattern **which)
{
	return s->ignore && *path && ignore_match(s->ignore, path, which);
}

/* Says what a person needs to mend it: which ignore rule, which context. */
static int missing(
	const struct source_tree *s, const char *path, const struct ignore_pattern *p, struct mc_err *err)
{
	err_set(err, ENOENT, "\"/%s\": not found in %s", path, s->what);
	if (p)
		return err_hint(err, "%s:%u (%s%s) leaves it out of the context", s->ignore->file, p->line,
			p->negated ? "!" : "", p->text);
	return s->is_context
		       ? err_hint(err,
				 "paths count from the root of the context; links out of it lead nowhere")
		       : -ENOENT;
}

/*
 * Does a ! pattern bring back something below this ignored directory? Then it is a directory of the
 * context.
 */
static bool may_hold(const struct source_tree *s, const char *path, bool is_dir)
{
	return is_dir && !ignore_may_prune(s->ignore, path);
}

/*
 * A name that cannot be opened. A pattern may come to names that are not there (a file in place of a
 * directory), or that are ignored; but a link that it did match and that leads nowhere is an error: else
 * the image would silently lack a file.
 */
static bool no_match(const struct source_tree *s, const char *path)
{
	struct mc_err ignored;
	_cleanup_close_ int fd = file_open_beneath(s->root, path, O_PATH | O_NOFOLLOW, 0, &ignored);
	return fd < 0 || is_ignored(s, path, NULL);
}

static int add_top(
	const struct source_tree *s, const char *path, bool wild, struct source_tops *ret, struct mc_err *err)
{
	struct stat st;
	struct mc_err ignored;
	const struct ignore_pattern *which = NULL;
	_cleanup_close_ int fd = file_open_beneath(s->root, *path ? path : ".", O_PATH, 0, &ignored);
	if (fd < 0 || fstat(fd, &st) < 0)
		return wild && no_match(s, path) ? 0 : missing(s, path, NULL, err);
	_cleanup_free_ char *real = path_below(s->root, fd);
	bool is_dir = S_ISDIR(st.st_mode);
	if ((is_ignored(s, path, &which) && !may_hold(s, path, is_dir)) ||
		(is_ignored(s, real, &which) && !may_hold(s, real, is_dir)))
		return wild ? 0 : missing(s, path, which, err);
	ret->list = xrealloc(ret->list, (ret->n + 1) * sizeof(*ret->list));
	ret->list[ret->n++] = (struct source_top){
		.path = xstrdup(path), .real = take_ptr(&real), .is_dir = is_dir, .wild = wild
	};
	return 0;
}

/* --- wildcards --- */

struct globbing {
	const struct source_tree *s;
	bool deep; /* --parents: ** is any number of directories, also none */
	struct source_tops *ret;
};

static int glob_step(struct globbing *g, const char *done, const char *rest, bool wild, struct mc_err *err);

/* All children of `done` that match one component. */
static int glob_children(
	struct globbing *g, const char *done, const char *part, const char *rest, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	_cleanup_close_ int dir =
		file_open_beneath(g->s->root, *done ? done : ".", O_RDONLY | O_DIRECTORY, 0, &ignored);
	int rc = dir < 0 || dir_list(dir, ".", &names, &ignored) < 0 ? 0 : 1;
	for (char **n = names; rc >= 0 && n && *n; n++) {
		if (!glob_match(part, *n))
			continue;
		_cleanup_free_ char *child = xasprintf("%s%s%s", done, *done ? "/" : "", *n);
		rc = glob_step(g, child, rest, true, err);
	}
	return rc < 0 ? rc : 0;
}

/* Links to directories are not entered: they could lead round in a circle. */
static int glob_deep(struct globbing *g, const char *done, const char *rest, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	_cleanup_close_ int dir =
		file_open_plain(g->s->root, *done ? done : ".", O_RDONLY | O_DIRECTORY, &ignored);
	if (dir < 0)
		return 0;
	int rc = *rest ? glob_step(g, done, rest, true, err) : glob_children(g, done, "*", "", err);
	if (!*rest || dir_list(dir, ".", &names, &ignored) < 0)
		return rc;
	for (char **n = names; rc >= 0 && *n; n++) {
		_cleanup_free_ char *child = xasprintf("%s%s%s", done, *done ? "/" : "", *n);
		rc = glob_deep(g, child, rest, err);
	}
	return rc;
}

static int glob_step(struct globbing *g, const char *done, const char *rest, bool wild, struct mc_err *err)
{
	if (!*rest)
		return add_top(g->s, done, wild, g->ret, err);
	size_t n = strcspn(rest, "/");
	_cleanup_free_ char *part = xstrndup(rest, n);
	rest += n + (rest[n] == '/');
	if (g->deep && str_eq(part, "**"))
		return glob_deep(g, done, rest, err);
	if (glob_has_magic(part))
		return glob_children(g, done, part, rest, err);
	_cleanup_free_ char *child = xasprintf("%s%s%s", done, *done ? "/" : "", part);
	return glob_step(g, child, rest, wild, err);
}

/*
 * --parents: what stands behind "/./" (or everything) keeps its directories. They are known once a name is
 * found.
 */
static void keep_parents(struct source_tops *t, size_t from, const char *pivot)
{
	size_t skip = *pivot ? strlen(pivot) + 1 : 0;
	for (size_t i = from; i < t->n; i++) {
		const char *path = t->list[i].path;
		const char *rest = strlen(path) >= skip ? path + skip : "";
		const char *slash = strrchr(rest, '/');
		free(t->list[i].below);
		/* a directory is kept whole, a file's name is added by the copy */
		t->list[i].below = t->list[i].is_dir ? xstrdup(rest)
						     : xstrndup(rest, slash ? (size_t)(slash - rest) : 0);
	}
}

int source_select(const struct source_tree *s, const char *pattern, bool parents, struct source_tops *ret,
	struct mc_err *err)
{
	const char *dot = parents ? strstr(pattern, "/./") : NULL;
	_cleanup_free_ char *head = dot ? xstrndup(pattern, (size_t)(dot - pattern)) : xstrdup("");
	_cleanup_free_ char *pivot = source_clean(head), *clean = source_clean(pattern);
	struct globbing g = { s, parents, ret };
	size_t before = ret->n;
	if (!glob_valid(clean))
		return err_set(err, EINVAL, "\"%s\": syntax error in pattern", pattern);
	int rc = glob_step(&g, "", clean, false, err);
	if (rc >= 0 && parents)
		keep_parents(ret, before, pivot);
	return rc;
}

/* --- walking --- */

struct walking {
	const struct source_tree *s;
	const struct ignore *exclude;
	source_visit *visit;
	void *arg;
};

/* A directory on the way down. Ignored ones are told only once something below them is wanted. */
struct way {
	const struct way *up;
	const struct source_entry *entry;
	bool *told;
};

static int tell_way(struct walking *w, const struct way *way, struct mc_err *err)
{
	if (!way || *way->told)
		return 0;
	int rc = tell_way(w, way->up, err);
	if (rc >= 0)
		rc = w->visit(w->arg, way->entry, err);
	*way->told = true;
	return rc;
}

static bool left_out(const struct walking *w, const struct source_entry *e, bool *ret_prune)
{
	bool out = is_ignored(w->s, e->path, NULL);
	bool excluded = w->exclude && *e->rel && ignore_match(w->exclude, e->rel, NULL);
	*ret_prune = (out && ignore_may_prune(w->s->ignore, e->path)) ||
		     (excluded && ignore_may_prune(w->exclude, e->rel));
	return out || excluded;
}

static int walk_entry(struct walking *w, const struct way *up, struct source_entry *e, struct mc_err *err);

static int walk_children(struct walking *w, const struct way *way, struct mc_err *err)
{
	const struct source_entry *e = way->entry;
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int dir = openat(e->dir, e->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, "open directory %s of %s", e->path, w->s->what);
	int rc = dir_list(dir, ".", &names, err);
	for (char **n = names; rc >= 0 && *n; n++) {
		_cleanup_free_ char *path = xasprintf("%s%s%s", e->path, *e->path ? "/" : "", *n);
		_cleanup_free_ char *rel = xasprintf("%s%s%s", e->rel, *e->rel ? "/" : "", *n);
		struct source_entry child = { .dir = dir, .name = *n, .path = path, .rel = rel };
		rc = walk_entry(w, way, &child, err);
	}
	return rc < 0 ? rc : 0;
}

static int walk_entry(struct walking *w, const struct way *up, struct source_entry *e, struct mc_err *err)
{
	char target[4097];
	bool prune = false, told = false;
	if (fstatat(e->dir, e->name, &e->st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "stat %s", e->path);
	bool out = left_out(w, e, &prune);
	bool is_dir = S_ISDIR(e->st.st_mode);
	if (out && (prune || !is_dir))
		return 0;
	if (S_ISLNK(e->st.st_mode)) {
		ssize_t n = readlinkat(e->dir, e->name, target, sizeof(target) - 1);
		if (n < 0)
			return err_sys(err, "readlink %s", e->path);
		target[n] = '\0';
		e->link = target;
	}
	struct way way = { up, e, &told };
	int rc = out ? 0 : tell_way(w, &way, err);
	return rc >= 0 && is_dir ? walk_children(w, &way, err) : rc;
}

int source_walk(const struct source_tree *s, const struct source_top *top, const struct ignore *exclude,
	source_visit *visit, void *arg, struct mc_err *err)
{
	struct walking w = { s, exclude, visit, arg };
	const char *slash = strrchr(top->real, '/');
	_cleanup_free_ char *parent = slash ? xstrndup(top->real, (size_t)(slash - top->real)) : xstrdup(".");
	_cleanup_close_ int dir = file_open_beneath(s->root, parent, O_RDONLY | O_DIRECTORY, 0, err);
	if (dir < 0)
		return dir;
	struct source_entry e = { .dir = dir,
		.name = !*top->real ? "."
			: slash     ? slash + 1
				    : top->real,
		.path = top->real,
		.rel = "" };
	/* --exclude may name the file itself */
	const char *base = strrchr(top->path, '/');
	if (exclude && !top->is_dir && ignore_match(exclude, base ? base + 1 : top->path, NULL))
		return 0;
	return walk_entry(&w, NULL, &e, err);
}

int source_parents(const struct source_tree *s, const struct source_top *top, source_visit *visit, void *arg,
	struct mc_err *err)
{
	const char *below = top->below ? top->below : "", *slash = strrchr(top->path, '/');
	size_t skip = strlen(top->path) - strlen(below) - (top->is_dir || !slash ? 0 : strlen(slash));
	int rc = 0;
	for (size_t n = strspn(below, "/"); rc >= 0 && below[n]; n += strspn(below + n, "/")) {
		n += strcspn(below + n, "/");
		_cleanup_free_ char *path = xstrndup(top->path, skip + n), *rel = xstrndup(below, n);
		_cleanup_close_ int fd = file_open_beneath(s->root, path, O_PATH | O_DIRECTORY, 0, err);
		struct source_entry e = { .dir = fd, .name = ".", .path = path, .rel = rel };
		if (fd < 0 || fstat(fd, &e.st) < 0)
			return fd < 0 ? fd : err_sys(err, "stat %s", path);
		rc = visit(arg, &e, err);
	}
	return rc;
}
