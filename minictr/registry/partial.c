/*
 * partial.c - blobs half downloaded: open(2), flock(2), rename(2).
 *
 * The lock is on the file itself. Between our open and our lock another pull may have renamed the file into
 * place or dropped it; then we hold a lock on a file that has no name any more, and begin again.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "registry/partial.h"
#include "registry/progress.h"
#include "registry/settings.h"

static bool still_named(int fd, int dir, const char *path)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && fstatat(dir, path, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Hashes what an earlier pull left, so that the end can be checked as if all had come at once. */
static int rehash(struct partial *p, struct mc_err *err)
{
	_cleanup_free_ char *piece = xmalloc(256 << 10);
	ssize_t n;
	p->hash = hash_new_like(&p->want);
	p->size = 0;
	while ((n = read(p->fd, piece, 256 << 10)) > 0) {
		hash_add(p->hash, piece, (size_t)n);
		p->size += (uint64_t)n;
	}
	if (n < 0)
		return err_sys(err, "read %s", p->path);
	p->resumed = p->size;
	return p->size > p->limit ? partial_restart(p, err) : 0;
}

int partial_open(
	int store, const struct digest *want, uint64_t limit, struct partial *ret, struct mc_err *err)
{
	int rc = dir_make(store, "ingest", 0700, err);
	if (rc < 0)
		return rc;
	ret->store = store;
	ret->limit = limit;
	ret->want = *want;
	snprintf(ret->path, sizeof(ret->path), "ingest/%s.part", digest_hex(want));
	for (;;) {
		ret->fd = sys_open(store, ret->path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0600, err);
		if (ret->fd < 0)
			return ret->fd;
		if (flock(ret->fd, LOCK_EX) < 0 && errno != EINTR)
			return err_sys(err, "flock %s", ret->path);
		if (still_named(ret->fd, store, ret->path))
			return rehash(ret, err);
		ret->fd = close_fd(ret->fd);
	}
}

int partial_restart(struct partial *p, struct mc_err *err)
{
	if (ftruncate(p->fd, 0) < 0)
		return err_sys(err, "ftruncate %s", p->path);
	if (p->hash)
		hash_end(p->hash, NULL);
	p->hash = hash_new_like(&p->want);
	p->size = p->resumed = 0;
	return 0;
}

/* Does the server go on where we stopped? "Content-Range: bytes 100-199/200" (RFC 9110, 14.4) */
static bool range_fits(const struct http_reply *reply, uint64_t at)
{
	_cleanup_free_ char *range = http_header(reply, "Content-Range", 0);
	unsigned long long first;
	return range && sscanf(range, "bytes %llu-", &first) == 1 && first == at;
}

int partial_write(void *ctx, const struct http_reply *reply, const void *data, size_t len, struct mc_err *err)
{
	struct partial *p = ctx;
	int rc = 0;
	if (p->size == p->resumed && p->size && reply->status == 200)
		rc = partial_restart(p, err); /* the server knows no ranges and sends all of it */
	else if (p->size == p->resumed && reply->status == 206 && !range_fits(reply, p->size))
		return err_set(
			err, EPROTO, "%s: the server sent another part than was asked for", reply->url);
	if (rc < 0)
		return rc;
	if (len > p->limit - p->size)
		return err_set(err, EFBIG, "%s: more than the %llu bytes that the manifest promises",
			p->want.text, (unsigned long long)p->limit);
	rc = file_write_all(p->fd, data, len, err);
	if (rc < 0)
		return store_disk_full(err_wrap(err, "%s", p->path), err);
	hash_add(p->hash, data, len);
	p->size += len;
	progress_bytes(p->progress, &p->want, p->size);
	return 0;
}

void partial_digest(struct partial *p, struct digest *ret)
{
	hash_end(p->hash, ret);
	p->hash = NULL;
}

int partial_keep(struct partial *p, struct mc_err *err)
{
	char blob[BLOB_PATH];
	int rc;
	if (fchmod(p->fd, 0644) < 0 || fdatasync(p->fd) < 0)
		return err_sys(err, "fdatasync %s", p->path);
	if (digest_is_sha512(&p->want) && (rc = dir_make(p->store, "blobs/sha512", 0755, err)) < 0)
		return rc;
	rc = sys_rename(p->store, p->path, p->store, store_blob_path(&p->want, blob), err);
	if (rc == 0)
		p->path[0] = 0;
	return rc;
}

void partial_drop(struct partial *p)
{
	if (p->path[0])
		unlinkat(p->store, p->path, 0);
	p->path[0] = 0;
}

void partial_close(struct partial *p)
{
	if (p->hash)
		hash_end(p->hash, NULL);
	p->hash = NULL;
	if (p->path[0] && p->fd >= 0 && p->size == 0)
		unlinkat(p->store, p->path, 0); /* still locked: no other pull can have begun to fill it */
	p->fd = close_fd(p->fd);
}
