/*
 * archive_write.c - tar streams, written. pax where a plain header cannot say it, ustar elsewhere.
 *
 * As in archive.c two libarchive objects stand in a row: one writes tar, the other (only when asked)
 * compresses; between them the uncompressed bytes are hashed. Written so that the same tree gives the same
 * bytes: no access or change times, no user names, no time stamp in gzip's header. man pages:
 * archive_write(3), tar(5).
 */
#include "image/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "image/archive_locale.h"
#include "image/owners.h"

struct tar_writer {
	struct archive *tar;
	struct archive *squeeze;     /* the compressor; NULL for plain tar */
	struct archive_entry *entry; /* used again and again */
	struct hash *hash;           /* of the uncompressed tar */
	tar_sink *sink;
	void *arg;                 /* of sink */
	int fd;                    /* arg of the sink of tar_create_fd() */
	struct mc_err fault;       /* what the sink said */
	const struct id_maps *ids; /* borrowed; NULL: ids on disk are the archive's */
	uint64_t bytes;            /* sum of the sizes of regular files */
	bool whole;                /* tar_create_whole() */
};

static int write_fault(struct tar_writer *w, struct archive *a, struct mc_err *err)
{
	if (w->fault.code) {
		*err = w->fault;
		return -err->code;
	}
	const char *why = archive_error_string(a);
	return err_set(err, EIO, "writing an archive: %s", why ? why : "unknown failure");
}

static la_ssize_t to_sink(struct archive *a, void *arg, const void *data, size_t len)
{
	struct tar_writer *w = arg;
	if (w->sink(w->arg, data, len, &w->fault) < 0) {
		archive_set_error(a, w->fault.code, "%s", w->fault.what);
		return -1;
	}
	return (la_ssize_t)len;
}

static la_ssize_t to_next(struct archive *a, void *arg, const void *data, size_t len)
{
	struct tar_writer *w = arg;
	hash_add(w->hash, data, len);
	if (!w->squeeze)
		return to_sink(a, arg, data, len);
	if (archive_write_data(w->squeeze, data, len) < 0) {
		write_fault(w, w->squeeze, &w->fault);
		archive_set_error(a, EIO, "%s", w->fault.what);
		return -1;
	}
	return (la_ssize_t)len;
}

static int open_squeeze(struct tar_writer *w, enum tar_compression c, struct mc_err *err)
{
	w->squeeze = archive_write_new();
	archive_write_set_format_raw(w->squeeze);
	if (c == TAR_GZIP) {
		archive_write_add_filter_gzip(w->squeeze);
		archive_write_set_filter_option(w->squeeze, "gzip", "timestamp", NULL);
	} else
		archive_write_add_filter_zstd(w->squeeze);
	archive_write_set_bytes_in_last_block(w->squeeze, 1);
	archive_entry_clear(w->entry);
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_pathname(w->entry, "data");
	if (archive_write_open(w->squeeze, w, NULL, to_sink, NULL) != ARCHIVE_OK ||
		archive_write_header(w->squeeze, w->entry) != ARCHIVE_OK)
		return write_fault(w, w->squeeze, err);
	return 0;
}

static int create(tar_sink *sink, void *arg, enum tar_compression c, bool whole, struct tar_writer **ret,
	struct mc_err *err)
{
	struct tar_writer *w = xcalloc(1, sizeof(*w));
	*w = (struct tar_writer){ .sink = sink, .arg = arg, .fd = -1, .whole = whole };
	w->entry = archive_entry_new();
	w->hash = hash_new();
	int rc = c == TAR_PLAIN ? 0 : open_squeeze(w, c, err);
	w->tar = archive_write_new();
	if (whole) /* the restricted one leaves out fractions of a second that alone would need a pax header */
		archive_write_set_format_pax(w->tar);
	else
		archive_write_set_format_pax_restricted(w->tar);
	archive_write_set_format_option(
		w->tar, "pax", "xattrheader", "SCHILY"); /* what docker and tar read */
	archive_write_set_bytes_per_block(w->tar, 64 * 1024);
	archive_write_set_bytes_in_last_block(w->tar, 1);
	if (rc == 0 && archive_write_open(w->tar, w, NULL, to_next, NULL) != ARCHIVE_OK)
		rc = write_fault(w, w->tar, err);
	if (rc < 0)
		tar_abort(w);
	else
		*ret = w;
	return rc;
}

static int sink_fd(void *arg, const void *data, size_t len, struct mc_err *err)
{
	return file_write_all(((struct tar_writer *)arg)->fd, data, len, err);
}

int tar_create(tar_sink *sink, void *arg, enum tar_compression c, struct tar_writer **ret, struct mc_err *err)
{
	return create(sink, arg, c, false, ret, err);
}

static int create_fd(int fd, enum tar_compression c, bool whole, struct tar_writer **ret, struct mc_err *err)
{
	/* Nothing is written before the first entry but a compressor's header, which stays in its buffer. */
	int rc = create(sink_fd, NULL, c, whole, ret, err);
	if (rc == 0) {
		(*ret)->arg = *ret;
		(*ret)->fd = fd;
	}
	return rc;
}

int tar_create_fd(int fd, enum tar_compression c, struct tar_writer **ret, struct mc_err *err)
{
	return create_fd(fd, c, false, ret, err);
}

int tar_create_whole(int fd, enum tar_compression c, struct tar_writer **ret, struct mc_err *err)
{
	return create_fd(fd, c, true, ret, err);
}

void tar_writer_ids(struct tar_writer *w, const struct id_maps *ids) { w->ids = ids; }

uint64_t tar_written_bytes(const struct tar_writer *w) { return w->bytes; }

static void set_owner(const struct tar_writer *w, const struct tar_entry *e, struct archive_entry *to)
{
	struct stat st = e->st;
	if (w->ids)
		owners_from_disk(w->ids, &st);
	archive_entry_set_uid(to, st.st_uid);
	archive_entry_set_gid(to, st.st_gid);
}

/* A program's capabilities carry the root of the namespace they were given in (capabilities(7), version 3):
 * on disk that is an id of this container's own. */
static void add_xattr(const struct tar_writer *w, const struct tar_xattr *x, struct archive_entry *to)
{
	uint8_t plain[FILE_CAPS_V2];
	_cleanup_free_ void *value = memcpy(xmalloc(x->len + 1), x->value, x->len);
	if (w->ids)
		owners_acl_from_disk(w->ids, x->name, value, x->len);
	if (w->ids && str_eq(x->name, "security.capability") &&
		owners_plain_caps(w->ids, x->value, x->len, plain))
		archive_entry_xattr_add_entry(to, x->name, plain, sizeof(plain));
	else
		archive_entry_xattr_add_entry(to, x->name, value, x->len);
}

/* Where fd has data (lseek(2), SEEK_DATA): a pax header tells it (tar(5), GNU.sparse). The rest is holes. */
static void add_holes(int fd, off_t size, struct archive_entry *to)
{
	off_t hole = lseek(fd, 0, SEEK_HOLE), data;
	if (hole < 0 || hole >= size)
		return; /* no hole, or no such thing on this file system */
	for (hole = 0; hole < size && (data = lseek(fd, hole, SEEK_DATA)) >= 0 && data < size;) {
		hole = lseek(fd, data, SEEK_HOLE);
		archive_entry_sparse_add_entry(to, data, (hole < size ? hole : size) - data);
	}
	if (hole < size)
		archive_entry_sparse_add_entry(to, size, 0); /* it ends with a hole */
}

static int add_entry(struct tar_writer *w, const struct tar_entry *e, int fd, struct mc_err *err)
{
	struct archive_entry *to = archive_entry_clear(w->entry);
	archive_entry_set_pathname(to, e->path);
	archive_entry_set_mode(to, e->st.st_mode);
	set_owner(w, e, to);
	archive_entry_set_mtime(to, e->st.st_mtim.tv_sec, e->st.st_mtim.tv_nsec);
	off_t size = S_ISREG(e->st.st_mode) && !e->hardlink ? e->st.st_size : 0;
	archive_entry_set_size(to, size);
	w->bytes += (uint64_t)size;
	if (e->hardlink)
		archive_entry_set_hardlink(to, e->link);
	else if (e->link)
		archive_entry_set_symlink(to, e->link);
	if (S_ISCHR(e->st.st_mode) || S_ISBLK(e->st.st_mode)) {
		archive_entry_set_rdevmajor(to, major(e->st.st_rdev));
		archive_entry_set_rdevminor(to, minor(e->st.st_rdev));
	}
	for (size_t i = 0; i < e->n_xattrs && !e->hardlink; i++)
		add_xattr(w, &e->xattrs[i], to);
	if (w->whole && fd >= 0)
		add_holes(fd, size, to);
	locale_t old = archive_locale_utf8();
	int rc = archive_write_header(w->tar, to);
	archive_locale_end(old);
	if (rc < ARCHIVE_WARN)
		return err_wrap(
			err, "%s: %s", e->path, write_fault(w, w->tar, err) ? "cannot be written" : "");
	return 0;
}

int tar_add(struct tar_writer *w, const struct tar_entry *e, struct mc_err *err)
{
	return add_entry(w, e, -1, err);
}

int tar_write(struct tar_writer *w, const void *data, size_t len, struct mc_err *err)
{
	return archive_write_data(w->tar, data, len) < 0 ? write_fault(w, w->tar, err) : 0;
}

int tar_add_data(
	struct tar_writer *w, const char *path, mode_t mode, const void *data, size_t len, struct mc_err *err)
{
	struct tar_entry e = { .path = (char *)path };
	e.st.st_mode = S_IFREG | mode;
	e.st.st_size = (off_t)len;
	int rc = tar_add(w, &e, err);
	return rc < 0 ? rc : tar_write(w, data, len, err);
}

int tar_add_file(struct tar_writer *w, const struct tar_entry *e, int fd, struct mc_err *err)
{
	enum { CHUNK = 128 * 1024 };
	int rc = add_entry(w, e, fd, err);
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	/* The header is out already: a file that shrinks meanwhile is filled with zeros, one that grows is cut. */
	for (off_t at = 0; rc == 0 && at < e->st.st_size;) {
		size_t want = e->st.st_size - at < CHUNK ? (size_t)(e->st.st_size - at) : CHUNK;
		/* libarchive leaves holes out itself, but it wants their zeros */
		off_t data = w->whole ? lseek(fd, at, SEEK_DATA) : at;
		bool hole = data < 0 ? errno == ENXIO : data >= at + (off_t)want;
		ssize_t n = hole ? 0 : pread(fd, chunk, want, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "read %s", e->path);
		if (n == 0) {
			memset(chunk, 0, want);
			n = (ssize_t)want;
		}
		rc = tar_write(w, chunk, (size_t)n, err);
		at += n;
	}
	return rc;
}

int tar_end_digest(struct tar_writer *w, struct digest *ret_diffid, struct mc_err *err)
{
	int rc = archive_write_close(w->tar) < ARCHIVE_WARN ? write_fault(w, w->tar, err) : 0;
	if (rc == 0 && w->squeeze && archive_write_close(w->squeeze) < ARCHIVE_WARN)
		rc = write_fault(w, w->squeeze, err);
	hash_end(w->hash, rc == 0 ? ret_diffid : NULL);
	w->hash = NULL;
	tar_abort(w);
	return rc;
}

int tar_end(struct tar_writer *w, struct mc_err *err) { return tar_end_digest(w, NULL, err); }

void tar_abort(struct tar_writer *w)
{
	if (!w)
		return;
	if (w->hash && w->tar)
		archive_write_fail(w->tar); /* else freeing would write the end marks */
	if (w->hash && w->squeeze)
		archive_write_fail(w->squeeze);
	archive_write_free(w->tar);
	archive_write_free(w->squeeze);
	archive_entry_free(w->entry);
	hash_end(w->hash, NULL);
	free(w);
}
