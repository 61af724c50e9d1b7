/*
 * blob.c - writing blobs: hash while writing, rename only when the hash is known to be right.
 *
 * A blob grows under a random name in ingest/ and gets its final name by rename(2): readers never see half
 * of one, and another writer of the same blob renames the same bytes over it. fsync(2) comes
 * before the rename: after a power cut a name with nothing behind it would be a blob whose hash is wrong,
 * and nothing would ever look again. Whole chunks go past the page cache (open(2), O_DIRECT): we would wait
 * for the disk anyway, this blob is seldom read again, and the memory stays with the files that are.
 * Left out: resuming (registry/, which keeps its own parts).
 */
#include "image/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

/* O_DIRECT wants memory, offset and length in multiples of the disk's block: 512 or 4096 bytes. */
enum { CHUNK = 1 << 20, PAGE = 4096 };

int blob_begin(int store, struct blob_writer *ret, struct mc_err *err)
{
	char nonce[25];
	random_hex(nonce, 12);
	*ret = (struct blob_writer){ .store = store, .fd = -1 };
	snprintf(ret->temp, sizeof(ret->temp), "ingest/%s", nonce);
	ret->fd = openat(store, ret->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (ret->fd < 0 && errno == ENOENT && mkdirat(store, "ingest", 0700) == 0)
		ret->fd = openat(store, ret->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (ret->fd < 0)
		return err_sys(err, "create a new blob in the image store");
	ret->hash = hash_new();
	return 0;
}

static int write_chunk(struct blob_writer *w, struct mc_err *err)
{
	size_t done = 0;
	if (w->fill == CHUNK && fcntl(w->fd, F_SETFL, O_DIRECT) == 0) {
		ssize_t n = write(w->fd, w->chunk, CHUNK);
		done = n > 0 ? (size_t)n : 0;
		fcntl(w->fd, F_SETFL, 0);
	}
	/* The tail of the blob. Where the file system takes the flag but not the write: all of it. */
	int rc = file_write_all(w->fd, w->chunk + done, w->fill - done, err);
	w->fill = 0;
	return rc < 0 ? store_disk_full(err_wrap(err, "image store"), err) : 0;
}

int blob_write(struct blob_writer *w, const void *data, size_t len, struct mc_err *err)
{
	int rc = 0;
	if (!w->chunk && posix_memalign((void **)&w->chunk, PAGE, CHUNK) != 0)
		return err_set(err, ENOMEM, "no memory for a blob");
	hash_add(w->hash, data, len);
	w->size += len;
	for (const char *p = data; rc == 0 && len;) {
		size_t n = len < CHUNK - w->fill ? len : CHUNK - w->fill;
		memcpy(w->chunk + w->fill, p, n);
		w->fill += n;
		p += n;
		len -= n;
		rc = w->fill == CHUNK ? write_chunk(w, err) : 0;
	}
	return rc;
}

static int put_in_place(struct blob_writer *w, const struct digest *d, struct mc_err *err)
{
	char path[BLOB_PATH];
	if (fdatasync(w->fd) < 0)
		return err_sys(err, "fdatasync a blob");
	if (fchmod(w->fd, 0644) < 0) /* whatever the umask says: other tools read the store */
		return err_sys(err, "fchmod a blob");
	const char *folder = digest_is_sha512(d) ? "blobs/sha512" : "blobs/sha256";
	if (renameat(w->store, w->temp, w->store, store_blob_path(d, path)) < 0 &&
		(errno != ENOENT || dir_make(w->store, folder, 0755, err) < 0 ||
			renameat(w->store, w->temp, w->store, path) < 0))
		return err_sys(err, "rename a new blob to %s", path);
	w->temp[0] = '\0';
	return 0;
}

int blob_commit(struct blob_writer *w, const struct digest *want, struct digest *ret, struct mc_err *err)
{
	struct digest got;
	hash_end(w->hash, &got);
	w->hash = NULL;
	int rc = write_chunk(w, err);
	if (rc == 0 && want &&
		digest_is_sha512(want)) /* named in the other algorithm: seldom, so it is read once more */
		rc = digest_of_fd_like(want, w->fd, &got, err);
	if (rc == 0 && want && !digest_eq(want, &got))
		rc = err_set(err, EBADMSG,
			"the content has digest %s, but %s was promised; nothing was stored", got.text,
			want->text);
	else if (rc == 0 && !store_has(w->store, &got))
		rc = put_in_place(w, &got, err);
	if (rc == 0 && ret)
		*ret = got;
	blob_abort(w);
	return rc;
}

void blob_abort(struct blob_writer *w)
{
	hash_end(w->hash, NULL);
	w->hash = NULL;
	if (w->temp[0])
		unlinkat(w->store, w->temp, 0);
	w->temp[0] = '\0';
	free(w->chunk);
	w->chunk = NULL;
	if (w->fd > 0) /* a writer that was never begun is all zero */
		close_fd(take_fd(&w->fd));
}

static int put_blob(int store, const void *data, size_t len, const struct digest *want, struct digest *ret,
	struct mc_err *err)
{
	struct blob_writer w;
	int rc = blob_begin(store, &w, err);
	if (rc < 0)
		return rc;
	rc = blob_write(&w, data, len, err);
	if (rc == 0)
		rc = blob_commit(&w, want, ret, err);
	blob_abort(&w);
	return rc;
}

int blob_put(int store, const void *data, size_t len, struct digest *ret, struct mc_err *err)
{
	return put_blob(store, data, len, NULL, ret, err);
}

int blob_put_named(int store, const void *data, size_t len, const struct digest *want, struct mc_err *err)
{
	return put_blob(store, data, len, want, NULL, err);
}

int blob_put_json(
	int store, const struct json *doc, struct digest *ret, uint64_t *ret_size, struct mc_err *err)
{
	int rc = json_check_utf8(doc, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *text = json_dump(doc, false);
	if (ret_size)
		*ret_size = strlen(text);
	return blob_put(store, text, strlen(text), ret, err);
}
