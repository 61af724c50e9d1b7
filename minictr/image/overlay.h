/*
 * overlay.h - layers become one tree: overlayfs (kernel: Documentation/filesystems/overlayfs.rst).
 */
#ifndef MC_IMAGE_OVERLAY_H
#define MC_IMAGE_OVERLAY_H

#include "base/err.h"

struct id_maps; /* runtime/userns.h */

struct layers {
	char **lower;     /* absolute directories, TOP layer first, NULL-terminated, at least one; owned */
	char *upper;      /* where changes go; NULL = a read-only view; owned */
	char *work;       /* empty directory on upper's file system; owned */
	bool is_volatile; /* never sync: for --rm and build steps; see overlay_forget_volatile() */
	bool userxattr; /* marks are user.overlay.*: inside a user namespace; overlay_needs_userxattr() finds out */
};
void layers_release(struct layers *l);

/*
 * Lab 04.1. Mounts the overlay. target NULL: it stays detached, the descriptor is returned (fsmount(2)), to
 * be handed to the container, which attaches it with move_mount(2); else it is attached there and 0 is
 * returned. Any number of layers (the kernel's limit is 500).
 */
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err);

/*
 * The same, detached, with the owners of the lower layers mapped by ids; nothing is copied. upper is not
 * mapped: what is in it has the container's ids. For root, from Linux 5.19 on; -EINVAL with a hint where
 * the file system of the layers cannot be mapped. (overlay_idmap.c)
 */
int overlay_mount_idmapped(const struct layers *l, const struct id_maps *ids, struct mc_err *err);

/* A volatile overlay refuses a second mount of its upper directory: removes the mark. work may be missing. */
int overlay_forget_volatile(const char *work, struct mc_err *err);
/* True when this process is in a user namespace other than the first: overlays need userxattr there. */
bool overlay_needs_userxattr(void);

#endif
