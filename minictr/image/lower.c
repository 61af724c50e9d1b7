/*
 * lower.c - overlayfs's rule for one path (overlayfs.rst, "Upper and Lower", "whiteouts and opaque
 * directories").
 *
 * The layers are asked from the top. A layer that has the path answers. A whiteout, a file where a
 * directory is needed, or an opaque directory on the way hides all layers below it. A path that a layer
 * does not have is asked of the next one.
 */
#include "image/lower.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/file.h"

enum answer { ANSWER_FOUND, ANSWER_HIDDEN, ANSWER_ASK_BELOW };

static bool is_marked_opaque(int dir)
{
	char mark = 0;
	return (fgetxattr(dir, "trusted.overlay.opaque", &mark, 1) == 1 ||
		       fgetxattr(dir, "user.overlay.opaque", &mark, 1) == 1) &&
	       mark == 'y';
}

static enum answer ask_layer(int layer, const char *path, struct stat *ret)
{
	_cleanup_close_ int dir = -1;
	enum answer absent = ANSWER_ASK_BELOW;
	for (const char *p = path + strspn(path, "/");;) {
		size_t len = strcspn(p, "/");
		_cleanup_free_ char *name = len ? xstrndup(p, len) : xstrdup(".");
		struct stat st;
		if (fstatat(dir < 0 ? layer : dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOTDIR ? ANSWER_HIDDEN : absent;
		if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0))
			return ANSWER_HIDDEN;
		p += len;
		p += strspn(p, "/");
		if (!*p) {
			*ret = st;
			return ANSWER_FOUND;
		}
		int next =
			openat(dir < 0 ? layer : dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return ANSWER_HIDDEN;
		close_fd(dir);
		dir = next;
		if (is_marked_opaque(dir))
			absent = ANSWER_HIDDEN;
	}
}

int lower_open(char *const dirs[], struct lower_view *ret, struct mc_err *err)
{
	*ret = (struct lower_view){ .fds = xcalloc(strv_len((char **)dirs) + 1, sizeof(int)) };
	for (char *const *d = dirs; d && *d; d++) {
		int fd = dir_open(AT_FDCWD, *d, err);
		if (fd < 0)
			return fd;
		ret->fds[ret->n++] = fd;
	}
	return 0;
}

bool lower_find(const struct lower_view *v, const char *path, struct stat *ret)
{
	for (size_t i = 0; i < v->n; i++) {
		enum answer a = ask_layer(v->fds[i], path, ret);
		if (a != ANSWER_ASK_BELOW)
			return a == ANSWER_FOUND;
	}
	return false;
}

void lower_close(struct lower_view *v)
{
	for (size_t i = 0; i < v->n; i++)
		close_fd(v->fds[i]);
	free(v->fds);
	*v = (struct lower_view){ 0 };
}
