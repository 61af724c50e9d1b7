/*
 * path_set.c - patterns over a tree, and copying by descriptors.
 *
 * Kernel objects and man pages: openat2(2) RESOLVE_NO_SYMLINKS, ioctl_ficlone(2), sendfile(2), symlinkat(2).
 * Order and why: a job may leave a link where a later copy wants a directory (out -> /etc). Each directory
 * of the target is therefore opened on its own with O_NOFOLLOW, from the top down, and what is no directory
 * is replaced by one.
 */
#include "pipeline/path_set.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/warn.h"
#include "image/tree.h"

enum { BRACES_MAX = 100 };

/* --- patterns --- */

static bool climbs(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
		if (str_eq(p, "..") || str_starts(p, "../"))
			return true;
	return false;
}

/* As the tree names it: relative, without "./" and a last slash. NULL: it leads out. Caller frees. */
static char *normal(const char *pattern, const char *project_dir)
{
	size_t base = project_dir ? strlen(project_dir) : 0;
	if (base && str_starts(pattern, project_dir) && (pattern[base] == '/' || !pattern[base]))
		pattern += base + (pattern[base] == '/');
	while (str_starts(pattern, "./"))
		pattern += 2;
	if (*pattern == '/' || climbs(pattern))
		return NULL;
	char *copy = xstrdup(*pattern && !str_eq(pattern, ".") ? pattern : "**");
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	return copy;
}

/* "a.{c,h}" becomes "a.c" and "a.h"; at most BRACES_MAX come of one pattern. */
static void spread_braces(const char *pattern, char ***ret)
{
	const char *open = strchr(pattern, '{'), *close = open ? strchr(open, '}') : NULL;
	if (!close || strv_len(*ret) >= BRACES_MAX) {
		strv_push(ret, pattern);
		return;
	}
	for (const char *part = open + 1; part <= close; part += strcspn(part, ",}") + 1) {
		_cleanup_free_ char *one = xasprintf("%.*s%.*s%s", (int)(open - pattern), pattern,
			(int)strcspn(part, ",}"), part, close + 1);
		spread_braces(one, ret);
	}
}

bool path_match(const char *pattern, const char *path)
{
	_cleanup_strv_ char **all = NULL;
	bool found = false;
	spread_braces(pattern, &all);
	for (char **p = all; *p && !found; p++)
		found = glob_match_deep(*p, path);
	return found;
}

/* patterns becomes the list of what was meant: braces spread, relative to the tree. */
static int compile_list(char ***patterns, const char *project_dir, const char *what, struct glob ***ret,
	size_t *ret_n, struct mc_err *err)
{
	_cleanup_strv_ char **all = NULL;
	for (char **p = *patterns; p && *p; p++)
		spread_braces(*p, &all);
	size_t n = strv_len(all);
	*ret = xcalloc(n + 1, sizeof(**ret));
	*ret_n = n;
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *clean = normal(all[i], project_dir);
		if (!clean) {
			warn_user(
				"%s: %s leads out of the project's directory, and is left out", what, all[i]);
			continue;
		}
		int rc = glob_compile(clean, true, &(*ret)[i], err);
		if (rc < 0)
			return err_wrap(err, "%s: %s", what, all[i]);
	}
	strv_free(*patterns);
	*patterns = take_ptr(&all);
	return 0;
}

int path_set_compile(struct path_set *s, const char *project_dir, const char *what, struct mc_err *err)
{
	int rc = compile_list(&s->include, project_dir, what, &s->in, &s->n_in, err);
	if (rc >= 0)
		rc = compile_list(&s->exclude, project_dir, what, &s->out, &s->n_out, err);
	s->seen = xcalloc(s->n_in + 1, sizeof(*s->seen));
	return rc;
}

void path_set_release(struct path_set *s)
{
	for (size_t i = 0; i < s->n_in; i++)
		glob_free(s->in[i]);
	for (size_t i = 0; i < s->n_out; i++)
		glob_free(s->out[i]);
	free(s->in);
	free(s->out);
	free(s->seen);
	strv_free(s->include);
	strv_free(s->exclude);
	*s = (struct path_set){ 0 };
}

bool path_set_has(struct path_set *s, const char *path)
{
	bool found = false;
	for (size_t i = 0; i < s->n_in; i++)
		if (s->in[i] && glob_run(s->in[i], path, true))
			found = s->seen[i] = true;
	for (size_t i = 0; found && i < s->n_out; i++)
		if (s->out[i] && glob_run(s->out[i], path, false))
			found = false;
	return found;
}

int path_set_unseen(const struct path_set *s, int i)
{
	for (; (size_t)i < s->n_in; i++)
		if (s->in[i] && !s->seen[i])
			return i;
	return -1;
}

/* --- copying --- */

/* The directory of path below `to`, made without following a link. Returns its descriptor. */
static int make_parent(int to, const char *path, struct mc_err *err)
{
	int dir = fcntl(to, F_DUPFD_CLOEXEC, 3);
	for (const char *slash; dir >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		_cleanup_free_ char *name = xstrndup(path, (size_t)(slash - path));
		int next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0) {
			unlinkat(dir, name, 0);
			if (mkdirat(dir, name, 0777) == 0 && fchmodat(dir, name, 0777, 0) == 0)
				next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		if (next < 0)
			err_sys(err, "mkdir %s", name);
		close_fd(dir);
		dir = next;
	}
	return dir < 0 ? -EIO : dir;
}

static int copy_bytes_of(int in, int out, const struct stat *st, struct mc_err *err)
{
	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	for (off_t left = st->st_size; left > 0;) {
		ssize_t n = sendfile(out, in, NULL, (size_t)left);
		if (n == 0)
			break; /* it became shorter */
		if (n < 0)
			return err_sys(err, "sendfile()");
		left -= n;
	}
	return 0;
}

static mode_t taken_mode(mode_t mode, bool open_modes)
{
	mode &= 0777; /* never set-user-id: the file belongs to the engine's user now */
	return !open_modes ? mode : mode & 0111 ? 0777 : 0666;
}

static int take_file(
	int from, const char *name, int to, const char *leaf, bool open_modes, struct mc_err *err)
{
	struct stat st;
	_cleanup_close_ int in = file_open_regular(from, name, &st, err);
	if (in < 0)
		return in;
	_cleanup_close_ int out =
		openat(to, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(err, "create %s", leaf);
	int rc = copy_bytes_of(in, out, &st, err);
	struct timespec times[2] = { st.st_atim, st.st_mtim };
	if (rc >= 0 && (fchmod(out, taken_mode(st.st_mode, open_modes)) < 0 || futimens(out, times) < 0))
		rc = err_sys(err, "%s", leaf);
	return rc < 0 ? rc : 1;
}

static int take_link(int from, const char *name, int to, const char *leaf, struct mc_err *err)
{
	char target[4096];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(err, "readlink %s", name);
	target[n] = '\0';
	return symlinkat(target, to, leaf) < 0 ? err_sys(err, "symlink %s", leaf) : 1;
}

static int take_dir(int to, const char *leaf, bool open_modes, mode_t mode, struct mc_err *err)
{
	struct stat st;
	if (fstatat(to, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
		return 1;
	unlinkat(to, leaf, 0);
	if (mkdirat(to, leaf, 0777) < 0 ||
		fchmodat(to, leaf, open_modes ? 0777 : (mode & 0777) | 0700, 0) < 0)
		return err_sys(err, "mkdir %s", leaf);
	return 1;
}

int path_take(int from, const char *path, int to, bool open_modes, struct mc_err *err)
{
	const char *slash = strrchr(path, '/'), *leaf = slash ? slash + 1 : path;
	_cleanup_free_ char *above = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	_cleanup_close_ int source = file_open_plain(from, above, O_RDONLY | O_DIRECTORY, err);
	struct stat st;
	if (source < 0)
		return source;
	if (fstatat(source, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "%s", path);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return 0;
	_cleanup_close_ int target = make_parent(to, path, err);
	if (target < 0)
		return target;
	if (S_ISDIR(st.st_mode))
		return take_dir(target, leaf, open_modes, st.st_mode, err);
	struct mc_err absent = { 0 };
	dir_remove(target, leaf, &absent); /* a directory of an earlier state, too */
	return S_ISREG(st.st_mode) ? take_file(source, leaf, target, leaf, open_modes, err)
				   : take_link(source, leaf, target, leaf, err);
}

int path_take_all(int from, int to, bool open_modes, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *i;
	int rc = tree_open(from, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0)
		if (!str_eq(i->path, "."))
			rc = path_take(from, i->path, to, open_modes, err);
	tree_close(t);
	return rc < 0 ? rc : 0;
}

bool path_link_leaves(int dir, const char *path)
{
	char target[4096];
	int depth = 0;
	ssize_t n = readlinkat(dir, path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	if (*target == '/')
		return true;
	for (const char *p = path; (p = strchr(p, '/')); p++)
		depth++;
	for (const char *p = target; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
		size_t len = strcspn(p, "/");
		if (len == 2 && str_starts(p, ".."))
			depth--;
		else if (len && !(len == 1 && *p == '.'))
			depth++;
		if (depth < 0)
			return true;
	}
	return false;
}
