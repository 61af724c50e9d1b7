/*
 * archive.h - tar streams, plain or compressed, read and written. The only door to libarchive.
 *
 * Reading never trusts an entry: names are given as they stand in the archive; the reader must resolve
 * them safely (unpack.c). Decompressed bytes can be hashed on their way (tar_finish), which is what a
 * layer's diff id is.
 */
#ifndef MC_IMAGE_ARCHIVE_H
#define MC_IMAGE_ARCHIVE_H

#include <sys/stat.h>
#include "base/err.h"
#include "image/digest.h"

struct tar_xattr {
	char *name;  /* "security.capability" */
	void *value; /* bytes */
	size_t len;  /* of value */
};

struct tar_entry {
	char *path;               /* as it stands in the archive, never empty */
	char *link;               /* target of a symlink or hardlink, else NULL */
	bool hardlink;            /* link names an earlier entry; all else but path is meaningless */
	struct stat st;           /* st_mode st_uid st_gid st_size st_mtim st_rdev */
	struct tar_xattr *xattrs; /* n_xattrs of them */
	size_t n_xattrs;
};
void tar_entry_release(struct tar_entry *e);

/*
 * Owners. A container with a user namespace of its own has other ids on disk than in archives: with a map,
 * a reader gives the ids on disk of what stands in the archive, and a writer takes ids on disk. NULL: they
 * are the same. An id without a place in the map becomes 65534, the overflow id. The map is borrowed and
 * must outlive reader and writer.
 */
struct id_maps;

/* --- reading --- */
struct tar_limits {
	uint64_t entries; /* most entries; 0 = the default, 4 million */
	uint64_t bytes;   /* most decompressed bytes; 0 = default, 1 TiB */
	/* Decompressed : compressed at most; 0 = default, 1100 (deflate's own limit is 1032), and 64 MiB besides. */
	uint64_t expansion;
	/* Hears how many bytes were read from fd so far, for progress; may be NULL. */
	void (*told)(void *told_ctx, uint64_t in);
	void *told_ctx;
	const struct digest *like; /* tar_finish() computes in the algorithm of this digest; NULL: SHA-256 */
};

struct tar_reader;
/*
 * Reads the archive in fd from its current offset; none, gzip, zstd, xz and bzip2 are recognised by content.
 * name serves messages; limits may be NULL. fd is borrowed and must outlive the reader.
 */
int tar_open(int fd, const char *name, const struct tar_limits *limits, struct tar_reader **ret,
	struct mc_err *err);
void tar_reader_ids(struct tar_reader *r, const struct id_maps *ids);
const struct id_maps *tar_ids(const struct tar_reader *r);
/* The next entry, owned by the reader until the next call. Returns 1, 0 at the end, -errno. */
int tar_next(struct tar_reader *r, const struct tar_entry **ret, struct mc_err *err);
/* Bytes of the present entry: returns a count, 0 at its end, -errno. */
ssize_t tar_read(struct tar_reader *r, void *data, size_t len, struct mc_err *err);
/* All bytes into fd, holes kept as holes. */
int tar_copy(struct tar_reader *r, int fd, struct mc_err *err);
/* Reads what follows the last entry, so that the hash covers every byte; the digest of all decompressed
 * bytes. */
int tar_finish(struct tar_reader *r, struct digest *ret_diffid, struct mc_err *err);
uint64_t tar_entries(const struct tar_reader *r);    /* entries read so far */
uint64_t tar_file_bytes(const struct tar_reader *r); /* sum of the sizes of regular files so far */
void tar_close(struct tar_reader *r);                /* NULL is fine */

/* Decompressed bytes of fd, without looking for a tar inside: for hashing (lab 04.5). Close with
 * tar_close(). */
int inflate_open(int fd, const char *name, struct tar_reader **ret, struct mc_err *err);
ssize_t inflate_read(
	struct tar_reader *r, const void **ret_data, struct mc_err *err); /* 0 at the end; data borrowed */

/* --- writing --- */
enum tar_compression { TAR_PLAIN, TAR_GZIP, TAR_ZSTD };
struct tar_writer;
typedef int tar_sink(void *arg, const void *data, size_t len, struct mc_err *err);
/* Every byte goes to sink(arg, ...). */
int tar_create(
	tar_sink *sink, void *arg, enum tar_compression c, struct tar_writer **ret, struct mc_err *err);
int tar_create_fd(
	int fd, enum tar_compression c, struct tar_writer **ret, struct mc_err *err); /* fd is borrowed */
/* For backups: holes of files stay holes, times keep their fractions. Layers are written without both, as
 * other builders do. */
int tar_create_whole(int fd, enum tar_compression c, struct tar_writer **ret, struct mc_err *err);
void tar_writer_ids(struct tar_writer *w, const struct id_maps *ids);
uint64_t tar_written_bytes(const struct tar_writer *w); /* sum of the sizes of regular files so far */
/* Header of an entry; then exactly e->st.st_size bytes by tar_write (regular files only). */
int tar_add(struct tar_writer *w, const struct tar_entry *e, struct mc_err *err);
int tar_write(struct tar_writer *w, const void *data, size_t len, struct mc_err *err);
/* A whole file from memory: manifest.json and whiteouts. */
int tar_add_data(struct tar_writer *w, const char *path, mode_t mode, const void *data, size_t len,
	struct mc_err *err);
/* An entry with the bytes of the file behind fd; exactly e->st.st_size of them are written. */
int tar_add_file(struct tar_writer *w, const struct tar_entry *e, int fd, struct mc_err *err);
/* Writes the end marks; frees. On failure it is freed as well. */
int tar_end(struct tar_writer *w, struct mc_err *err);
void tar_abort(struct tar_writer *w);
/* Digest of the uncompressed tar, valid until tar_end: ask with tar_end_digest instead of tar_end. */
int tar_end_digest(struct tar_writer *w, struct digest *ret_diffid, struct mc_err *err);

#endif
