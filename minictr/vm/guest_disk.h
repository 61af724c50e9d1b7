/*
 * guest_disk.h - an image as a disk: the same layers that a container mounts, as one ext4 file system in a
 * file.
 */
#ifndef MC_VM_GUEST_DISK_H
#define MC_VM_GUEST_DISK_H

#include "engine/engine.h"
#include "image/image.h"

/*
 * The disk of the image, made at first need and kept in ROOT/vm/disks; every machine reads the same file
 * and keeps its own changes elsewhere. Caller frees *ret_path. Disks of images that are gone are removed.
 */
int guest_disk_make(struct engine *e, const struct image *image, char **ret_path, struct mc_err *err);
/* Makes target an ext4 file system of `size` bytes with the files below root (a descriptor). */
int guest_disk_fill(int root, const char *target, uint64_t size, struct mc_err *err);

#endif
