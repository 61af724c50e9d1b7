/*
 * build_context.c - where a build's files come from: a directory, a tar on standard input, a URL.
 *
 * Order and why: a tar is unpacked into the build's temporary directory (unpack.c lets nothing out of it)
 * and is a directory from then on. Standard input that is no tar is a Dockerfile without a context. The
 * Dockerfile may be ignored by .dockerignore and still steers the build. A FIFO or device as Dockerfile is
 * refused, not waited for.
 */
#include "build/build_context.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "build/stat_cache.h"
#include "build/steps.h"
#include "image/archive.h"
#include "image/layer.h"

/* --- reading texts --- */

static int read_regular(int fd, const char *name, size_t max, struct buf *ret, struct mc_err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s is not a regular file", name);
	int rc = file_read_fd(fd, name, max, ret, err);
	return rc < 0 ? rc : 0;
}

static int read_stdin(struct buf *ret, size_t max, struct mc_err *err)
{
	int rc = file_read_fd(0, "standard input", max, ret, err);
	return rc < 0 ? rc : 0;
}

/* -f is a path of the caller's; for a context that came as an archive, one inside it. */
static int open_dockerfile(struct builder *all, const char *name, struct mc_err *err)
{
	struct mc_err why;
	if (!*all->context.path || !all->o->file)
		return file_open_beneath(all->context.dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, err);
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* docker looks from the current directory; many type a path from the context */
	fd = file_open_beneath(all->context.dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &why);
	return fd >= 0 ? fd : err_sys(err, "open %s", name);
}

static int read_dockerfile(struct builder *all, struct buf *ret, char **ret_name, struct mc_err *err)
{
	const char *name = all->o->file ? all->o->file : "Dockerfile";
	const char *slash = strrchr(name, '/');
	*ret_name = xstrdup(str_eq(name, "-") ? "Dockerfile" : slash ? slash + 1 : name);
	if (str_eq(name, "-"))
		return read_stdin(ret, DOCKERFILE_MAX_BYTES, err);
	_cleanup_close_ int fd = open_dockerfile(all, name, err);
	if (fd < 0 && err->code == ENOENT) {
		err_set(err, ENOENT, "failed to read dockerfile: open %s: no such file or directory", name);
		return err_hint(err, all->o->file ? "-f is looked for from here, and in the context"
						  : "it is looked for in the context; -f names another");
	}
	return fd < 0 ? fd : read_regular(fd, name, DOCKERFILE_MAX_BYTES, ret, err);
}

/* --- the ignore file --- */

/* DOCKERFILE.dockerignore beside the Dockerfile, else .dockerignore of the context; never both. */
static int read_ignore(struct builder *all, struct mc_err *err)
{
	struct mc_err ignored;
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ char *own = xasprintf("%s.dockerignore", all->o->file ? all->o->file : "Dockerfile");
	const char *name = own;
	int fd = open_dockerfile(all, own, &ignored);
	if (fd < 0) {
		name = ".dockerignore";
		fd = file_open_beneath(all->context.dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, &ignored);
	}
	if (fd < 0)
		return 0;
	const char *slash = strrchr(name, '/');
	int rc = read_regular(fd, name, DOCKERFILE_MAX_BYTES, &text, err);
	close_fd(fd);
	if (rc >= 0)
		rc = ignore_parse(text.data ? text.data : "", text.len, slash ? slash + 1 : name,
			&all->context.ignore, err);
	return rc;
}

/* --- the directory --- */

static void set_tree(struct build_context *c, const char *what)
{
	c->tree = (struct source_tree){ .root = c->dir,
		.what = what,
		.ignore = c->ignore.n ? &c->ignore : NULL,
		.is_context = true,
		.cache = c->cache };
}

static int open_directory(struct builder *all, struct build_context *c, const char *path, struct mc_err *err)
{
	c->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir < 0) {
		err_sys(err, "open build context %s", path);
		return err_hint(err,
			"the last word of `minictr build` is the directory that holds the files: "
			"minictr build .");
	}
	c->path = fd_path(c->dir);
	c->cache = stat_cache_open(all->dir, c->path);
	return 0;
}

static int unpack_context(struct builder *all, int fd, const char *name, struct mc_err *err)
{
	struct tar_reader *r = NULL;
	struct build_context *c = &all->context;
	c->dir = dir_make_open(all->temp, "context", 0755, err);
	c->path = xstrdup("");
	int rc = c->dir < 0 ? c->dir : tar_open(fd, name, NULL, &r, err);
	if (rc >= 0)
		rc = unpack(r, c->dir, geteuid() == 0 ? 0 : UNPACK_NO_OWNER, err);
	tar_close(r);
	return rc;
}

/* All of standard input (a pipe) into a file, so that it can be looked at twice. */
static int spool_stdin(struct builder *all, struct mc_err *err)
{
	enum { CHUNK = 128 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	_cleanup_close_ int fd = openat(all->temp, "stdin", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "create a file for standard input");
	if (isatty(0))
		return err_set(
			err, EINVAL, "the context \"-\" is read from standard input, and that is a terminal");
	for (ssize_t n; (n = read(0, chunk, CHUNK)) != 0;) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read standard input");
		int rc = file_write_all(fd, chunk, (size_t)n, err);
		if (rc < 0)
			return rc;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? err_sys(err, "lseek") : take_fd(&fd);
}

/* An archive of no file is two blocks of zeros and padding (tar(5)): neither text nor a tar with an entry. */
static bool is_empty_archive(int fd)
{
	char first[1024];
	for (size_t i = 0, n = (size_t)pread(fd, first, sizeof(first), 0); n == sizeof(first); i++)
		if (i == n || first[i])
			return i == n;
	return false;
}

/* A tar is the context; anything else is the Dockerfile. */
static int open_stream(
	struct builder *all, int fd, const char *name, struct buf *text, char **ret_name, struct mc_err *err)
{
	struct build_context *c = &all->context;
	if (add_is_archive(fd, name))
		return unpack_context(all, fd, name, err);
	if (is_empty_archive(fd))
		return err_set(err, ENOENT, "the context \"%s\" is an archive without a single file", name);
	c->empty = true;
	c->path = xstrdup("");
	*ret_name = xstrdup("Dockerfile");
	return read_regular(fd, name, DOCKERFILE_MAX_BYTES, text, err);
}

static int open_main(struct builder *all, struct buf *text, char **ret_name, struct mc_err *err)
{
	const char *where = all->o->context;
	struct instruction none = { 0 };
	struct build b = { .all = all };
	struct digest d;
	int64_t mtime;
	if (str_eq(where, "-") && str_eq(all->o->file, "-"))
		return err_set(err, EINVAL, "standard input can be the context or the Dockerfile, not both");
	/* docker takes "github.com/..." for git too, but a directory of that name comes first. */
	if (add_is_git(where) || (str_starts(where, "github.com/") && access(where, F_OK) < 0)) {
		err_set(err, ENOTSUP, "%s: a git repository cannot be the context", where);
		return err_hint(
			err, "clone it, and build the directory: git clone URL DIR && minictr build DIR");
	}
	if (!str_eq(where, "-") && !add_is_url(where))
		return open_directory(all, &all->context, where, err);
	_cleanup_close_ int fd =
		str_eq(where, "-") ? spool_stdin(all, err) : add_fetch(&b, &none, where, &d, &mtime, err);
	return fd < 0 ? fd : open_stream(all, fd, where, text, ret_name, err);
}

int context_open(struct builder *all, struct buf *ret_text, char **ret_name, struct mc_err *err)
{
	int rc = open_main(all, ret_text, ret_name, err);
	if (rc < 0)
		return rc;
	if (!all->context.empty)
		rc = read_dockerfile(all, ret_text, ret_name, err);
	if (rc >= 0 && !all->context.empty)
		rc = read_ignore(all, err);
	set_tree(&all->context, "the build context");
	return rc;
}

int context_open_named(struct builder *all, struct mc_err *err)
{
	all->n_more = strv_len((char **)all->o->contexts);
	all->more = xcalloc(all->n_more + 1, sizeof(*all->more));
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < all->n_more; i++) {
		struct build_context *c = &all->more[i];
		const char *text = all->o->contexts[i], *eq = strchr(text, '=');
		c->dir = -1;
		if (!eq || eq == text || !eq[1])
			return err_set(err, EINVAL, "--build-context %s: wanted NAME=DIRECTORY", text);
		c->name = xstrndup(text, (size_t)(eq - text));
		if (str_starts(eq + 1, "docker-image://")) {
			c->image = xstrdup(eq + 1 + strlen("docker-image://"));
			continue;
		}
		rc = open_directory(all, c, eq + 1, err);
		set_tree(c, c->name);
	}
	return rc;
}

void context_close(struct build_context *c)
{
	stat_cache_close(c->cache);
	close_fd(c->dir);
	ignore_free(&c->ignore);
	free(c->path);
	free(c->name);
	free(c->image);
}
