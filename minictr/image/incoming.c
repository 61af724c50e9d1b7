/*
 * incoming.c - layers on their way into the store: which compression, and bytes kept exactly where images
 * allow it.
 */
#include "image/incoming.h"

#include <unistd.h>

#include "image/archive.h"
#include "image/layer.h"

/* By magic number; NULL for compressions that no image may use (xz, bzip2). */
static const char *type_by_magic(const unsigned char *p, ssize_t n)
{
	if (n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return MEDIA_OCI_LAYER_GZIP;
	if (n >= 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return MEDIA_OCI_LAYER_ZSTD;
	if ((n >= 6 && memcmp(p,
			       "\xfd"
			       "7zXZ",
			       6) == 0) ||
		(n >= 3 && memcmp(p, "BZh", 3) == 0))
		return NULL;
	return MEDIA_OCI_LAYER;
}

static int store_plain(int store, const struct digest *from, struct digest *ret, struct mc_err *err)
{
	struct blob_writer w = { .fd = -1 };
	struct tar_reader *r = NULL;
	_cleanup_close_ int fd = store_open_blob(store, from, err);
	int rc = fd < 0 ? fd : inflate_open(fd, "layer", &r, err);
	if (rc == 0)
		rc = blob_begin(store, &w, err);
	const void *data;
	ssize_t n = 0;
	while (rc == 0 && (n = inflate_read(r, &data, err)) > 0)
		rc = blob_write(&w, data, (size_t)n, err);
	if (n < 0)
		rc = (int)n;
	if (rc == 0)
		rc = blob_commit(&w, NULL, ret, err);
	blob_abort(&w);
	tar_close(r);
	return rc;
}

int incoming_type(int store, struct digest *d, const char **ret_type, struct mc_err *err)
{
	unsigned char magic[8];
	_cleanup_close_ int fd = store_open_blob(store, d, err);
	if (fd < 0)
		return fd;
	ssize_t n = pread(fd, magic, sizeof(magic), 0);
	*ret_type = type_by_magic(magic, n);
	if (*ret_type)
		return 0;
	*ret_type = MEDIA_OCI_LAYER;
	struct digest old = *d;
	return store_plain(store, &old, d, err);
}

int incoming_layer(
	int store, int fd, const char *source, struct digest *ret, const char **ret_type, struct mc_err *err)
{
	enum { CHUNK = 256 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	struct blob_writer w;
	int rc = blob_begin(store, &w, err);
	while (rc == 0) {
		ssize_t n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(err, "read %s", source);
		if (n <= 0)
			break;
		rc = blob_write(&w, chunk, (size_t)n, err);
	}
	if (rc == 0 && w.size == 0)
		rc = err_set(err, EINVAL, "%s is empty", source);
	if (rc == 0)
		rc = blob_commit(&w, NULL, ret, err);
	blob_abort(&w);
	return rc < 0 ? rc : incoming_type(store, ret, ret_type, err);
}

struct diff_sink {
	struct blob_writer w;
	bool (*stop)(void);
};
static int to_blob(void *arg, const void *data, size_t len, struct mc_err *err)
{
	struct diff_sink *s = arg;
	if (s->stop && s->stop())
		return err_set(err, ECANCELED, "canceled");
	return blob_write(&s->w, data, len, err);
}

int incoming_diff(int store, int upper, const struct id_maps *ids, bool (*stop)(void), struct digest *ret,
	uint64_t *ret_bytes, struct mc_err *err)
{
	struct diff_sink s = { .stop = stop };
	struct tar_writer *tar = NULL;
	int rc = blob_begin(store, &s.w, err);
	if (rc < 0)
		return rc;
	rc = tar_create(to_blob, &s, TAR_PLAIN, &tar, err);
	if (rc == 0) {
		tar_writer_ids(tar, ids);
		rc = layer_diff(upper, tar, err);
		if (ret_bytes)
			*ret_bytes = tar_written_bytes(tar);
	}
	if (rc == 0)
		rc = tar_end(tar, err);
	else
		tar_abort(tar);
	if (rc == 0)
		rc = blob_commit(&s.w, NULL, ret, err);
	blob_abort(&s.w);
	return rc;
}
