/*
 * add_source.c - what ADD can and COPY cannot: files from a URL, and archives that are unpacked.
 *
 * An archive is known by its content: a file that is called x.tar.gz and is none is copied, a tar without
 * a suffix is unpacked. image/unpack.c keeps every entry beneath the destination, whatever links and ".."
 * it holds.
 */
#include "build/steps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/file.h"
#include "base/sys.h"
#include "image/archive.h"
#include "image/layer.h"

char *add_url_name(const char *url)
{
	const char *path = strchr(strstr(url, "://") + 3, '/');
	size_t n = path ? strcspn(path, "?#") : 0;
	while (n && path[n - 1] == '/')
		n--;
	size_t begin = n;
	while (begin && path[begin - 1] != '/')
		begin--;
	_cleanup_free_ char *name = path ? xstrndup(path + begin, n - begin) : NULL;
	return !name || !*name || str_eq(name, ".") || str_eq(name, "..") ? NULL : take_ptr(&name);
}

/* --- URL --- */

/*
 * In the build's temporary directory, by the URL's hash: the key and the copy each ask, one download
 * serves both.
 */
static int fetched(struct build *b, const char *url, int64_t *ret_mtime, struct mc_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct stat st;
	_cleanup_free_ char *name = xasprintf("url-%016llx", (unsigned long long)fnv1a(url, strlen(url)));
	pthread_mutex_lock(&lock);
	int rc = 0, fd = openat(b->all->temp, name, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		fd = openat(b->all->temp, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		rc = fd < 0 ? err_sys(err, "create a file for %s", url) : fetch_url(url, fd, ret_mtime, err);
		struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = *ret_mtime } };
		if (rc >= 0)
			futimens(fd, times);
		else
			unlinkat(b->all->temp, name, 0);
	} else if (fstat(fd, &st) == 0) {
		*ret_mtime = st.st_mtim.tv_sec;
	}
	pthread_mutex_unlock(&lock);
	if (rc < 0)
		close_fd(fd);
	return rc < 0 ? rc : fd;
}

int add_fetch(struct build *b, const struct instruction *i, const char *url, struct digest *ret,
	int64_t *ret_mtime, struct mc_err *err)
{
	const char *want = instruction_flag(i, "checksum");
	struct digest wanted;
	*ret_mtime = 0;
	if (want && digest_parse(want, &wanted, err) < 0)
		return err_wrap(err, "--checksum");
	_cleanup_close_ int fd = fetched(b, url, ret_mtime, err);
	int rc = fd < 0 ? fd : digest_of_fd(fd, ret, err);
	if (rc >= 0 && want && !digest_eq(ret, &wanted))
		rc = err_set(err, EBADMSG, "%s: its digest is %s, but --checksum says %s", url, ret->text,
			wanted.text);
	if (rc >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		rc = err_sys(err, "lseek");
	return rc < 0 ? rc : take_fd(&fd);
}

/* --- archives --- */

bool add_is_archive(int fd, const char *name)
{
	struct tar_reader *r = NULL;
	const struct tar_entry *e;
	struct mc_err ignored;
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return false;
	bool yes = tar_open(fd, name, NULL, &r, &ignored) >= 0 && tar_next(r, &e, &ignored) > 0;
	tar_close(r);
	return lseek(fd, 0, SEEK_SET) == 0 && yes;
}

static int unpack_into(int fd, const char *name, int root, struct mc_err *err)
{
	struct tar_reader *r = NULL;
	int rc = tar_open(fd, name, NULL, &r, err);
	if (rc >= 0)
		rc = unpack(r, root, UNPACK_KEEP_ROOT, err);
	tar_close(r);
	return rc;
}

/*
 * --chown, --link: into a directory of ours first, and from there as any other tree. With --link nothing of
 * the stage may decide what the layer holds.
 */
static int unpack_as(
	struct build *b, struct copy_into *c, int fd, const char *name, const char *to, struct mc_err *err)
{
	struct mc_err ignored;
	_cleanup_free_ char *temp = xasprintf("%zu.%d.tar", b->index, b->n_uppers++);
	_cleanup_close_ int dir = dir_make_open(b->all->temp, temp, 0755, err);
	struct source_tree tree = { .root = dir, .what = name };
	struct source_top top = { .path = (char *)"", .real = (char *)"", .is_dir = true };
	int rc = dir < 0 ? dir : unpack_into(fd, name, dir, err);
	if (rc >= 0)
		rc = copy_top(c, &tree, &top, NULL, to, true, err);
	dir_remove(b->all->temp, temp, &ignored);
	return rc;
}

int add_unpack(
	struct build *b, struct copy_into *c, int fd, const char *name, const char *to, struct mc_err *err)
{
	/* Modes are the archive's, whatever --chmod says; owners, too, without --chown. */
	struct copy_into as = *c;
	as.chmod = NULL;
	as.has_owner = c->chowned;
	as.keep_xattrs = true;
	as.seen = NULL;
	as.n_seen = as.seen_room = 0;
	if (c->chowned || c->no_links) {
		int rc = unpack_as(b, &as, fd, name, to, err);
		copy_into_release(&as);
		return rc;
	}
	_cleanup_close_ int path = copy_make_dir(&as, to, err);
	_cleanup_close_ int dir = path < 0 ? path : dir_open(path, ".", err);
	return dir < 0 ? dir : unpack_into(fd, name, dir, err);
}
