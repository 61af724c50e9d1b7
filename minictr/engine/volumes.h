/*
 * volumes.h - volumes as the engine's users know them: made with a container or by hand, used, listed,
 * taken away.
 *
 * The store itself is volume/volume.h's. What this adds is who uses what: users are the containers whose
 * record names the volume, stopped ones too, and they are read anew each time.
 */
#ifndef MC_ENGINE_VOLUMES_H
#define MC_ENGINE_VOLUMES_H

#include "engine/container.h"
#include "volume/volume.h"

/* --- with a container --- */

/*
 * Part of create: makes every volume that points (a list of spec/mount_points.h) names and that does not
 * exist, and writes its path into "Source". The lock of the volume store is held from before this call
 * until the record is saved.
 */
int volumes_make(struct engine *e, int store, struct json *points, struct mc_err *err);
/*
 * Part of start: mounts volumes with driver options and fills empty ones from the image, whose tree is
 * behind rootfs. Filling is done by a container's first start only, as docker does at create.
 */
int volumes_prepare(struct engine *e, const struct container *c, int rootfs, struct mc_err *err);
/* After the end of a container: volumes with driver options that no container uses any more are unmounted. */
void volumes_release(struct engine *e, const struct container *c);
/*
 * `rm -v` and --rm, after the container itself is gone: its anonymous volumes, unless another container
 * has one too.
 */
void volumes_remove_of(struct engine *e, const struct container *c);
/* The events "mount" at a start and "unmount" at an end, as docker writes them, one for each volume. */
void volumes_events(struct engine *e, const struct container *c, bool mounted);
/* Opens the source of mount point p beneath the volume (its "Subpath"), so that no link in it leads
 * elsewhere. Returns an O_PATH descriptor, -ENOENT when it is not there. */
int volumes_open_subpath(struct engine *e, const struct json *p, struct mc_err *err);

/* --- by hand --- */

struct volume_options {
	const char *name;                     /* NULL: a made-up one */
	const char *driver;                   /* NULL or "local" */
	char *const *options, *const *labels; /* "key=value"; may be NULL */
};
/*
 * `volume create`. The name comes back in *ret, the caller frees it. Existing with the same options:
 * success.
 */
int engine_volume_create(struct engine *e, const struct volume_options *o, char **ret, struct mc_err *err);
/*
 * `volume rm`: -EBUSY with the names of the containers that use it, force or not; force forgives a missing
 * one.
 */
int engine_volume_remove(struct engine *e, const char *name, bool force, struct mc_err *err);
/* Names of the containers that use a volume; the caller strv_free()s *ret. */
int engine_volume_users(struct engine *e, const char *name, char ***ret, struct mc_err *err);
/* One object as `volume inspect` prints it; size: UsageData too. The caller frees *ret. */
int engine_volume_inspect(
	struct engine *e, const char *name, bool size, struct json **ret, struct mc_err *err);
/* All of them, as an array of such objects. */
int engine_volume_list(struct engine *e, bool size, struct json **ret, struct mc_err *err);

#endif
