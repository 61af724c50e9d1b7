/*
 * archive.c - tar streams, read. The only door to libarchive (with archive_write.c).
 *
 * Two libarchive readers stand in a row: the first ("raw") only decompresses, the second only reads tar.
 * Between them every decompressed byte passes one function, read_block(): there it is counted, limited and
 * hashed. That hash is the diff id of a layer, and no byte is read twice for it.
 *
 * Limits: a few bytes of gzip or zstd can promise terabytes. Entries, bytes, and the ratio of bytes out to
 * bytes in are bounded; deflate itself cannot exceed 1032:1, so an honest gzip never meets the last one.
 * Names: bytes, as they stand in the archive (archive_locale.h). man pages: libarchive(3), archive_read(3),
 * tar(5).
 */
#include "image/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/archive_locale.h"
#include "image/owners.h"

enum { IN_BLOCK = 256 * 1024 };
static const struct tar_limits default_limits = {
	.entries = 4000000, .bytes = 1ULL << 40, .expansion = 1100
};
static const uint64_t expansion_grace = 64 << 20;
/* ext4's largest file. A sparse one may be that large and cost nothing; beyond it a size is damage or an
 * attack. */
static const int64_t BIGGEST_FILE = 16LL << 40;

struct tar_reader {
	char *name; /* for messages */
	int fd;     /* borrowed */
	struct tar_limits limits;
	char *block;               /* IN_BLOCK bytes as they come from fd */
	uint64_t in, out;          /* bytes read from fd; bytes after decompression */
	uint64_t given;            /* bytes that tar_read() gave, the zeros of holes included */
	uint64_t entries, bytes;   /* entries; sum of regular files' sizes */
	struct archive *raw;       /* the decompressor */
	struct archive *tar;       /* NULL for inflate_open() */
	struct hash *hash;         /* of decompressed bytes; NULL for inflate_open() */
	struct tar_entry entry;    /* the present one */
	struct mc_err fault;       /* what read_block() found; code 0 = nothing */
	const struct id_maps *ids; /* borrowed; NULL: ids on disk are the archive's */
};

static la_ssize_t read_fd(struct archive *a, void *arg, const void **ret)
{
	struct tar_reader *r = arg;
	ssize_t n;
	do
		n = read(r->fd, r->block, IN_BLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		err_sys(&r->fault, "read %s", r->name);
		archive_set_error(a, errno, "read failed");
		return -1;
	}
	r->in += (uint64_t)n;
	if (r->limits.told)
		r->limits.told(r->limits.told_ctx, r->in);
	*ret = r->block;
	return n;
}

static int archive_fault(struct tar_reader *r, struct archive *a, struct mc_err *err)
{
	if (r->fault.code) {
		*err = r->fault;
		return -err->code;
	}
	if (r->in == 0)
		return err_set(err, EINVAL, "the archive is empty: not one byte came");
	const char *why = archive_error_string(a);
	return err_set(err, EINVAL, "damaged, or no tar archive: %s", why ? why : "unknown format");
}

static int over_limit(struct tar_reader *r)
{
	const struct tar_limits *l = &r->limits;
	uint64_t written = r->given > r->out ? r->given : r->out;
	if (written > l->bytes)
		return err_set(&r->fault, EFBIG, "more than %llu bytes come out of it; refused",
			(unsigned long long)l->bytes);
	if (written > r->in * l->expansion + expansion_grace)
		return err_set(&r->fault, EFBIG,
			"%llu bytes grew to more than %llu: a decompression bomb, refused",
			(unsigned long long)r->in, (unsigned long long)written);
	return 0;
}

/* The next decompressed bytes: a count, 0 at the end, -errno with r->fault. */
static ssize_t read_block(struct tar_reader *r, const void **ret)
{
	size_t len = 0;
	la_int64_t at;
	int rc = archive_read_data_block(r->raw, ret, &len, &at);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc < ARCHIVE_WARN)
		return archive_fault(r, r->raw, &r->fault);
	r->out += len;
	if (over_limit(r) < 0)
		return -r->fault.code;
	if (r->hash)
		hash_add(r->hash, *ret, len);
	return (ssize_t)len;
}

static la_ssize_t read_inflated(struct archive *a, void *arg, const void **ret)
{
	ssize_t n = read_block(arg, ret);
	if (n < 0)
		archive_set_error(a, (int)-n, "%s", ((struct tar_reader *)arg)->fault.what);
	return n < 0 ? -1 : n;
}

int inflate_open(int fd, const char *name, struct tar_reader **ret, struct mc_err *err)
{
	struct tar_reader *r = xcalloc(1, sizeof(*r));
	*r = (struct tar_reader){ .name = xstrdup(name), .fd = fd, .limits = default_limits };
	r->block = xmalloc(IN_BLOCK);
	r->raw = archive_read_new();
	archive_read_support_filter_gzip(r->raw);
	archive_read_support_filter_zstd(r->raw);
	archive_read_support_filter_xz(r->raw);
	archive_read_support_filter_bzip2(r->raw);
	archive_read_support_format_raw(r->raw);
	archive_read_support_format_empty(r->raw);
	struct archive_entry *ignored;
	int rc = archive_read_open(r->raw, r, NULL, read_fd, NULL);
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header(r->raw, &ignored);
	if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF) {
		rc = archive_fault(r, r->raw, err);
		tar_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

ssize_t inflate_read(struct tar_reader *r, const void **ret_data, struct mc_err *err)
{
	ssize_t n = read_block(r, ret_data);
	if (n < 0)
		*err = r->fault;
	return n;
}

int tar_open(int fd, const char *name, const struct tar_limits *limits, struct tar_reader **ret,
	struct mc_err *err)
{
	struct tar_reader *r = NULL;
	int rc = inflate_open(fd, name, &r, err);
	if (rc < 0)
		return rc;
	if (limits && limits->entries)
		r->limits.entries = limits->entries;
	if (limits && limits->bytes)
		r->limits.bytes = limits->bytes;
	if (limits && limits->expansion)
		r->limits.expansion = limits->expansion;
	if (limits) {
		r->limits.told = limits->told;
		r->limits.told_ctx = limits->told_ctx;
	}
	r->hash = hash_new_like(limits ? limits->like : NULL);
	r->tar = archive_read_new();
	archive_read_support_format_tar(r->tar);
	archive_read_support_format_empty(r->tar);
	if (archive_read_open(r->tar, r, NULL, read_inflated, NULL) != ARCHIVE_OK) {
		rc = archive_fault(r, r->tar, err);
		tar_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void tar_entry_release(struct tar_entry *e)
{
	for (size_t i = 0; i < e->n_xattrs; i++) {
		free(e->xattrs[i].name);
		free(e->xattrs[i].value);
	}
	free(e->xattrs);
	free(e->path);
	free(e->link);
	*e = (struct tar_entry){ 0 };
}

/* The value of two hex digits; -1: they are none. */
static int hex_pair(const char *s)
{
	char *end, two[3] = { s[0], s[0] ? s[1] : '\0', '\0' };
	long v = strtol(two, &end, 16);
	return isxdigit((unsigned char)two[0]) && end == two + 2 ? (int)v : -1;
}

/* In a pax header the name of an attribute ends at "=", so writers put %3D for that (GNU tar: %25 and %3D
 * only, libarchive: all that is not plain ASCII). libarchive does not undo it for SCHILY.xattr. */
static char *xattr_name(const char *coded)
{
	char *name = xstrdup(coded), *to = name;
	for (int c; *coded; *to++ = (char)c) {
		c = *coded == '%' ? hex_pair(coded + 1) : -1;
		coded += c > 0 ? 3 : 1;
		c = c > 0 ? c : coded[-1];
	}
	*to = '\0';
	return name;
}

static void take_xattrs(const struct tar_reader *r, struct archive_entry *from, struct tar_entry *to)
{
	int n = archive_entry_xattr_reset(from);
	to->xattrs = n > 0 ? xcalloc((size_t)n, sizeof(*to->xattrs)) : NULL;
	const char *name;
	const void *value;
	size_t len;
	while (n-- > 0 && archive_entry_xattr_next(from, &name, &value, &len) == ARCHIVE_OK) {
		struct tar_xattr *x = &to->xattrs[to->n_xattrs++];
		*x = (struct tar_xattr){
			.name = xattr_name(name), .value = xmalloc(len ? len : 1), .len = len
		};
		memcpy(x->value, value, len);
		if (r->ids)
			owners_acl_to_disk(r->ids, x->name, x->value, len);
	}
}

void tar_reader_ids(struct tar_reader *r, const struct id_maps *ids) { r->ids = ids; }
const struct id_maps *tar_ids(const struct tar_reader *r) { return r->ids; }

/* libarchive's entry as ours. */
static int take_entry(struct tar_reader *r, struct archive_entry *from, struct mc_err *err)
{
	struct tar_entry *e = &r->entry;
	const char *path = archive_entry_pathname(from);
	const char *hardlink = archive_entry_hardlink(from);
	const char *link = hardlink ? hardlink : archive_entry_symlink(from);
	if (!path || !*path)
		return err_set(err, EINVAL, "entry %llu has no name", (unsigned long long)r->entries);
	e->path = xstrdup(path);
	e->link = xstrdup(link);
	e->hardlink = hardlink != NULL;
	e->st.st_mode = archive_entry_mode(from);
	e->st.st_uid = (uid_t)archive_entry_uid(from);
	e->st.st_gid = (gid_t)archive_entry_gid(from);
	if (r->ids)
		owners_to_disk(r->ids, &e->st);
	e->st.st_size = archive_entry_size(from);
	e->st.st_mtim.tv_sec = archive_entry_mtime(from);
	e->st.st_mtim.tv_nsec = archive_entry_mtime_nsec(from);
	e->st.st_rdev = archive_entry_rdev(from);
	take_xattrs(r, from, e);
	if (!hardlink && (e->st.st_mode & S_IFMT) == 0)
		e->st.st_mode |= S_IFREG;
	if (e->st.st_size < 0 || e->st.st_size > BIGGEST_FILE)
		return err_set(err, EFBIG, "entry %llu \"%.200s\" claims a size of %lld bytes; refused",
			(unsigned long long)r->entries, path, (long long)e->st.st_size);
	if (!hardlink && S_ISREG(e->st.st_mode))
		r->bytes += (uint64_t)e->st.st_size;
	return 1;
}

int tar_next(struct tar_reader *r, const struct tar_entry **ret, struct mc_err *err)
{
	struct archive_entry *from;
	tar_entry_release(&r->entry);
	locale_t old = archive_locale_bytes();
	int rc = archive_read_next_header(r->tar, &from);
	if (rc == ARCHIVE_EOF)
		rc = r->fault.code ? archive_fault(r, r->tar, err) : 0;
	else if (rc < ARCHIVE_WARN)
		rc = archive_fault(r, r->tar, err);
	else if (++r->entries > r->limits.entries)
		rc = err_set(
			err, EFBIG, "more than %llu entries; refused", (unsigned long long)r->limits.entries);
	else
		rc = take_entry(r, from, err);
	archive_locale_end(old);
	*ret = &r->entry;
	return rc;
}

/* Holes of sparse files come as zeros that no byte of the archive stands for, so they are counted here:
 * what is written is limited, not only what is read. */
ssize_t tar_read(struct tar_reader *r, void *data, size_t len, struct mc_err *err)
{
	la_ssize_t n = archive_read_data(r->tar, data, len);
	if (n < 0)
		return archive_fault(r, r->tar, err);
	r->given += (uint64_t)n;
	if (over_limit(r) < 0)
		return archive_fault(r, r->tar, err);
	return (ssize_t)n;
}

static int write_at(int fd, const char *data, size_t len, off_t at, struct mc_err *err)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "write");
		data += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int tar_copy(struct tar_reader *r, int fd, struct mc_err *err)
{
	off_t end = 0;
	for (;;) {
		const void *data;
		size_t len;
		la_int64_t at;
		int rc = archive_read_data_block(r->tar, &data, &len, &at);
		if (rc == ARCHIVE_EOF)
			break;
		if (rc < ARCHIVE_WARN)
			return archive_fault(r, r->tar, err);
		if (at < 0 || at > r->entry.st.st_size || (int64_t)len > r->entry.st.st_size - at)
			return err_set(err, EINVAL, "damaged: a sparse file has data behind its end");
		rc = write_at(fd, data, len, at, err);
		if (rc < 0)
			return rc;
		end = at + (off_t)len;
	}
	/* A sparse file may end with a hole, which no block describes. */
	if (end < r->entry.st.st_size && ftruncate(fd, r->entry.st.st_size) < 0)
		return err_sys(err, "make a file of %lld bytes", (long long)r->entry.st.st_size);
	return 0;
}

int tar_finish(struct tar_reader *r, struct digest *ret_diffid, struct mc_err *err)
{
	const void *data;
	ssize_t n;
	while ((n = read_block(r, &data)) > 0)
		;
	if (n < 0) {
		*err = r->fault;
		return (int)n;
	}
	hash_end(r->hash, ret_diffid);
	r->hash = NULL;
	return 0;
}

uint64_t tar_entries(const struct tar_reader *r) { return r->entries; }

uint64_t tar_file_bytes(const struct tar_reader *r) { return r->bytes; }

void tar_close(struct tar_reader *r)
{
	if (!r)
		return;
	archive_read_free(r->tar);
	archive_read_free(r->raw);
	hash_end(r->hash, NULL);
	tar_entry_release(&r->entry);
	free(r->block);
	free(r->name);
	free(r);
}
