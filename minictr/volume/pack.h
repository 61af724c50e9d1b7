/*
 * pack.h - a volume as one stream: backup, moving to another machine, a second copy.
 *
 * The stream is a pax tar (zstd, gzip or plain; recognised by content when read) of numeric owners, modes,
 * times, extended attributes, hard links. Its first entry, ".minictr-volume.json", is the volume's record
 * with its labels; everything else lies under "data/". Any tar can read it. Needs libarchive: linked into
 * minictr-image only.
 */
#ifndef MC_VOLUME_PACK_H
#define MC_VOLUME_PACK_H

#include "image/archive.h"
#include "volume/volume.h"

/* Lab 08.5; the contract stands in pack.c. */
int volume_move(int from, struct tar_writer *out, struct mc_err *err);

/* Writes the record's entry, first in the stream. */
int pack_record(const struct volume *v, struct tar_writer *out, struct mc_err *err);
/*
 * Reads such a stream, or a tar without a record (then all of it is data), into the new volume `name`,
 * which appears only when all of it has arrived. labels: "key=value" that are added; may be NULL. The lock
 * of the store is held. -EEXIST when the name is taken.
 */
int volume_import(int store, const char *name, int in, char *const labels[], struct mc_err *err);
/* A second volume with the same data, record and labels. The lock is held. */
int volume_clone(int store, const char *from, const char *to, struct mc_err *err);

/*
 * What a tree looked like: to see afterwards whether it moved while it was read. Free with
 * pack_moment_free().
 */
struct pack_moment;
int pack_moment_take(int dir, struct pack_moment **ret, struct mc_err *err);
void pack_moment_free(struct pack_moment *m);
/* Paths that changed, came or went since then; the caller strv_free()s *ret. */
int pack_moment_compare(const struct pack_moment *m, int dir, char ***ret, struct mc_err *err);

#endif
