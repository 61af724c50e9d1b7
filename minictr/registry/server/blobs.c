/*
 * server/blobs.c - blobs out (with ranges) and in (uploads).
 *
 * An upload is a file images/ingest/upload-ID that grows by appending; nothing else is remembered, so after kill -9 the
 * client asks how far it came (GET) and goes on, or begins another. Hashed when it is closed, renamed only when the digest
 * is right. Two requests that append to one upload at a time are kept apart by flock(2).
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "registry/server/server.h"
#include "registry/settings.h"

enum { DAY = 86400 };

/* --- out --- */

/*
 * "bytes=a-b", "bytes=a-", "bytes=-n" (RFC 9110, 14.1.2). Returns 206 for a part, 416 beyond the end, 200 for the whole:
 * what cannot be understood, and several ranges at once, may be ignored.
 */
static int parse_range(const char *text, uint64_t size, uint64_t *first, uint64_t *len)
{
	_cleanup_free_ char *from = NULL;
	const char *dash = text ? strchr(text, '-') : NULL;
	uint64_t a = 0, b = size - 1, suffix;
	*first = 0;
	*len = size;
	if (!dash || strncmp(text, "bytes=", 6) || !size)
		return 200;
	from = xstrndup(text + 6, (size_t)(dash - text - 6));
	if (!*from) {
		if (parse_u64(dash + 1, &suffix) < 0)
			return 200;
		a = suffix < size ? size - suffix : 0;
	} else if (parse_u64(from, &a) < 0 || (dash[1] && (parse_u64(dash + 1, &b) < 0 || b < a))) {
		return 200;
	}
	if (a >= size)
		return 416;
	*first = a;
	*len = (b < size ? b + 1 : size) - a;
	return 206;
}

enum MHD_Result serve_blob(struct call *c)
{
	_cleanup_close_ int fd = -1;
	struct mc_err err;
	struct digest d;
	uint64_t size, first, len;
	int status;
	digest_parse(c->route.reference, &d, &err);
	if (!str_eq(c->method, "GET") && !str_eq(c->method, "HEAD"))
		return reply_error(c, 405, "UNSUPPORTED",
			"blobs go with the images that use them: delete the manifest, then prune");
	if (!store_has(c->server->store, &d) && proxy_blob(c->server, c->route.name, &d, &err) < 0)
		return reply_error(c, 404, "BLOB_UNKNOWN", "blob unknown to registry");
	fd = store_open_blob(c->server->store, &d, &err);
	if (fd < 0 || store_blob_size(c->server->store, &d, &size, &err) < 0)
		return reply_failure(c, &err);
	reply_header(c, "Docker-Content-Digest: %s", d.text);
	reply_header(c, "Content-Type: application/octet-stream");
	reply_header(c, "Accept-Ranges: bytes");
	reply_header(c, "ETag: \"%s\"", d.text);
	reply_header(c, "Cache-Control: max-age=31536000, immutable");
	status = parse_range(call_header(c, "Range"), size, &first, &len);
	if (status == 416) {
		reply_header(c, "Content-Range: bytes */%llu", (unsigned long long)size);
		return reply_empty(c, 416);
	}
	if (status == 206)
		reply_header(c, "Content-Range: bytes %llu-%llu/%llu", (unsigned long long)first,
			(unsigned long long)(first + len - 1), (unsigned long long)size);
	return reply_file(c, status, take_fd(&fd), first, len);
}

/* --- in --- */

static void upload_path(const struct call *c, char out[64])
{
	snprintf(out, 64, "ingest/upload-%.32s", c->route.reference);
}

/* A Content-Range "a-b" must begin where the upload ends. */
static int check_position(struct call *c, struct mc_err *err)
{
	const char *range = call_header(c, "Content-Range");
	unsigned long long first;
	if (!range)
		return 0;
	if (!strncmp(range, "bytes ", 6))
		range += 6;
	if (sscanf(range, "%llu-", &first) == 1 && first == c->size)
		return 0;
	err_set(err, ERANGE, "the upload has %llu bytes: the next chunk begins there",
		(unsigned long long)c->size);
	return 416;
}

/* A client whose connection broke comes back before we have noticed: its old request is given two seconds. */
static bool lock_soon(int fd)
{
	int tries;
	for (tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (tries == 100)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	}
	return true;
}

int upload_open(struct call *c, struct mc_err *err)
{
	int flags = O_RDWR | O_APPEND | O_NOFOLLOW;
	struct stat st;
	char path[64];
	if (str_eq(c->method, "POST")) {
		random_hex(c->route.reference, 16);
		flags |= O_CREAT | O_EXCL;
		if (dir_make(c->server->store, "ingest", 0700, err) < 0)
			return 500;
	}
	upload_path(c, path);
	c->upload = sys_open(c->server->store, path, flags, 0600, err);
	if (c->upload < 0)
		return c->upload == -ENOENT ? 404 : 500;
	if (!lock_soon(c->upload) || fstat(c->upload, &st) < 0) {
		err_set(err, EBUSY, "another request writes to this upload");
		return 409;
	}
	c->size = (uint64_t)st.st_size;
	server_writes(c->server);
	return check_position(c, err);
}

int upload_data(struct call *c, const void *data, size_t len, struct mc_err *err)
{
	int rc;
	if (len > registry_settings()->max_blob - c->size)
		return err_set(err, EFBIG, "the blob is larger than max-blob-size of the server");
	rc = file_write_all(c->upload, data, len, err);
	if (rc == 0)
		c->size += len;
	return rc;
}

static enum MHD_Result reply_progress(struct call *c, int status)
{
	c->upload = close_fd(c->upload); /* before the reply: the client's next request wants the lock */
	reply_header(c, "Location: /v2/%s/blobs/uploads/%s", c->route.name, c->route.reference);
	reply_header(c, "Docker-Upload-UUID: %s", c->route.reference);
	reply_header(c, "Range: 0-%llu", (unsigned long long)(c->size ? c->size - 1 : 0));
	return reply_empty(c, status);
}

static enum MHD_Result reply_created(struct call *c, const struct digest *d)
{
	c->upload = close_fd(c->upload);
	reply_header(c, "Location: /v2/%s/blobs/%s", c->route.name, d->text);
	reply_header(c, "Docker-Content-Digest: %s", d->text);
	return reply_empty(c, 201);
}

/* The upload is complete: it becomes a blob, or nothing. */
static enum MHD_Result upload_close(struct call *c, const char *digest)
{
	struct digest want, got;
	char path[64], blob[80];
	struct mc_err err;
	upload_path(c, path);
	if (!digest || digest_parse(digest, &want, &err) < 0)
		return reply_error(c, 400, "DIGEST_INVALID", "PUT wants ?digest=sha256:...");
	if (lseek(c->upload, 0, SEEK_SET) < 0 || digest_of_fd(c->upload, &got, &err) < 0)
		return reply_failure(c, &err);
	if (!digest_eq(&want, &got)) {
		unlinkat(c->server->store, path, 0);
		return reply_error(c, 400, "DIGEST_INVALID", "the bytes received do not have that digest");
	}
	if (fchmod(c->upload, 0644) < 0 || fdatasync(c->upload) < 0) {
		err_sys(&err, "fdatasync");
		return reply_failure(c, &err);
	}
	if (sys_rename(c->server->store, path, c->server->store, store_blob_path(&want, blob), &err) < 0)
		return reply_failure(c, &err);
	return reply_created(c, &want);
}

static void upload_forget(const struct call *c)
{
	char path[64];
	upload_path(c, path);
	unlinkat(c->server->store, path, 0);
}

/* POST: a mount when we have the blob, a whole blob when a digest came with it, else a new upload. */
static enum MHD_Result serve_post(struct call *c)
{
	const char *mount = call_query(c, "mount"), *digest = call_query(c, "digest");
	struct mc_err ignored;
	struct digest d;
	if (digest)
		return upload_close(c, digest);
	if (mount && digest_parse(mount, &d, &ignored) == 0 && store_has(c->server->store, &d)) {
		upload_forget(c);
		return reply_created(c, &d);
	}
	return reply_progress(c, 202);
}

enum MHD_Result serve_upload(struct call *c)
{
	if (c->rc == -EFBIG) {
		upload_forget(c);
		return reply_error(c, 413, "SIZE_INVALID", c->err.what);
	}
	if (c->rc < 0)
		return reply_failure(c, &c->err);
	if (str_eq(c->method, "POST"))
		return serve_post(c);
	if (str_eq(c->method, "PATCH"))
		return reply_progress(c, 202);
	if (str_eq(c->method, "PUT"))
		return upload_close(c, call_query(c, "digest"));
	if (str_eq(c->method, "DELETE")) {
		upload_forget(c);
		return reply_empty(c, 204);
	}
	return reply_progress(c, 204);
}

void uploads_clean(int store)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	struct stat st;
	if (dir_list(store, "ingest", &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *path = xasprintf("ingest/%s", names[i]);
		if (str_starts(names[i], "upload-") && fstatat(store, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			st.st_mtime + DAY < time(NULL))
			unlinkat(store, path, 0);
	}
}
