/*
 * server/uploads.c - blobs in: POST begins an upload, PATCH appends, PUT closes it under its digest.
 *
 * An upload is a file images/ingest/upload-ID that grows by appending; nothing else is remembered, so after
 * kill -9 the client asks how far it came (GET) and goes on, or begins another. Hashed when it is closed,
 * renamed only when the digest is right. Two requests that append to one upload at a time are kept apart by
 * flock(2).
 *
 * The disk: what no client can go on with is deleted at once (the POST that failed, a full disk, a wrong
 * digest); an upload that no request touched for ten minutes is given up. `system df` counts what is there,
 * `system prune` clears it (gc.c).
 */
#include "registry/server/handlers.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "registry/server/repositories.h"

enum { KEEP_SECONDS = 600 };

static void upload_path(const struct call *c, char out[64])
{
	snprintf(out, 64, "ingest/upload-%.32s", c->route.reference);
}

void upload_forget(const struct call *c)
{
	char path[64];
	upload_path(c, path);
	unlinkat(c->server->store, path, 0);
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
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (tries == 100)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	}
	return true;
}

static int upload_lock(struct call *c, struct mc_err *err)
{
	struct stat st;
	if (!lock_soon(c->upload) || fstat(c->upload, &st) < 0) {
		err_set(err, EBUSY, "another request writes to this upload");
		return 409;
	}
	c->size = (uint64_t)st.st_size;
	server_writes(c->server);
	return check_position(c, err);
}

int upload_open(struct call *c, struct mc_err *err)
{
	bool is_new = str_eq(c->method, "POST");
	int flags = O_RDWR | O_APPEND | O_NOFOLLOW | (is_new ? O_CREAT | O_EXCL : 0);
	char path[64];
	if (is_new) {
		uploads_clean(c->server->store);
		random_hex(c->route.reference, 16);
		if (dir_make(c->server->store, "ingest", 0700, err) < 0)
			return 500;
	}
	upload_path(c, path);
	c->upload = sys_open(c->server->store, path, flags, 0600, err);
	if (c->upload == -ENOENT)
		err_set(err, ENOENT, "blob upload unknown to registry"); /* not the path of a file here */
	if (c->upload < 0)
		return c->upload == -ENOENT ? 404 : 500;
	int status = upload_lock(c, err);
	if (status && is_new)
		upload_forget(c); /* the client never hears of it */
	return status;
}

int upload_data(struct call *c, const void *data, size_t len, struct mc_err *err)
{
	if (len > c->server->max_blob - c->size)
		return err_set(err, EFBIG, "the blob is larger than max-blob-size of the server");
	int rc = file_write_all(c->upload, data, len, err);
	if (rc == 0)
		c->size += len;
	return rc;
}

static enum MHD_Result reply_progress(struct call *c, int status)
{
	c->upload = close_fd(c->upload); /* before the reply: the client's next request wants the lock */
	answer_header(c, "Location: /v2/%s/blobs/uploads/%s", c->route.name, c->route.reference);
	answer_header(c, "Docker-Upload-UUID: %s", c->route.reference);
	answer_header(c, "Range: 0-%llu", (unsigned long long)(c->size ? c->size - 1 : 0));
	return answer_empty(c, status);
}

static enum MHD_Result reply_created(struct call *c, const struct digest *d)
{
	c->upload = close_fd(c->upload);
	ledger_add(c->server, c->route.name, d);
	answer_header(c, "Location: /v2/%s/blobs/%s", c->route.name, d->text);
	answer_header(c, "Docker-Content-Digest: %s", d->text);
	return answer_empty(c, 201);
}

/* The bytes are right: they become the blob. */
static int keep_upload(struct call *c, const struct digest *d, struct mc_err *err)
{
	char path[64], blob[BLOB_PATH];
	upload_path(c, path);
	if (fchmod(c->upload, 0644) < 0 || fdatasync(c->upload) < 0)
		return err_sys(err, "fdatasync");
	int rc = digest_is_sha512(d) ? dir_make(c->server->store, "blobs/sha512", 0755, err) : 0;
	return rc < 0 ? rc
		      : sys_rename(c->server->store, path, c->server->store, store_blob_path(d, blob), err);
}

/* The upload is complete: it becomes a blob, or nothing. */
static enum MHD_Result upload_close(struct call *c, const char *digest)
{
	struct digest want, got;
	struct mc_err err;
	if (!digest || digest_parse(digest, &want, &err) < 0) {
		if (str_eq(c->method, "POST"))
			upload_forget(
				c); /* a PUT may come again with the right words, a POST has no second time */
		return answer_error(c, 400, "DIGEST_INVALID", "wanted ?digest=sha256:... or sha512:...");
	}
	int rc = digest_of_fd_like(&want, c->upload, &got, &err);
	if (rc == 0 && !digest_eq(&want, &got)) {
		upload_forget(c);
		return answer_error(c, 400, "DIGEST_INVALID", "the bytes received do not have that digest");
	}
	if (rc == 0)
		rc = keep_upload(c, &want, &err);
	if (rc < 0) {
		upload_forget(c);
		return answer_failure(c, &err);
	}
	return reply_created(c, &want);
}

/* A mount names the repository that has the blob; without one, any will do. */
static bool may_mount(struct call *c, const char *mount, struct digest *ret)
{
	const char *from = call_query(c, "from");
	struct mc_err ignored;
	if (!mount || digest_parse(mount, ret, &ignored) < 0)
		return false;
	return from && *from ? ledger_has(c->server, from, ret) : store_has(c->server->store, ret);
}

/* POST: a whole blob when a digest came with it, a mount when the blob is here, else a new upload. */
static enum MHD_Result serve_post(struct call *c)
{
	const char *mount = call_query(c, "mount"), *digest = call_query(c, "digest");
	struct digest d;
	if (digest)
		return upload_close(c, digest);
	if (may_mount(c, mount, &d)) {
		upload_forget(c);
		return reply_created(c, &d);
	}
	return reply_progress(c, 202);
}

enum MHD_Result serve_upload(struct call *c)
{
	if (c->rc < 0) {
		upload_forget(c); /* on a full disk, what came would keep it full */
		return c->rc == -EFBIG ? answer_error(c, 413, "SIZE_INVALID", c->err.what)
				       : answer_failure(c, &c->err);
	}
	if (str_eq(c->method, "POST"))
		return serve_post(c);
	if (str_eq(c->method, "PATCH"))
		return reply_progress(c, 202);
	if (str_eq(c->method, "PUT"))
		return upload_close(c, call_query(c, "digest"));
	if (str_eq(c->method, "DELETE")) {
		upload_forget(c);
		return answer_empty(c, 204);
	}
	if (str_eq(c->method, "GET") || str_eq(c->method, "HEAD"))
		return reply_progress(c, 204);
	return answer_error(c, 405, "UNSUPPORTED", "method not allowed here");
}

/* An upload that a request writes to is locked; an old one that is not has no client any more. */
static void clean_upload(int store, const char *path)
{
	struct stat st;
	_cleanup_close_ int fd = openat(store, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_mtime + KEEP_SECONDS < time(NULL) &&
		flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(store, path, 0);
}

void uploads_clean(int store)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	if (dir_list(store, "ingest", &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *path = xasprintf("ingest/%s", names[i]);
		if (str_starts(names[i], "upload-"))
			clean_upload(store, path);
	}
}
