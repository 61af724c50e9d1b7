/*
 * mounts.h - everything that is mounted inside the new root: "mounts", /dev, masked and read-only paths.
 */
#ifndef MC_RUNTIME_MOUNTS_H
#define MC_RUNTIME_MOUNTS_H

#include <sys/stat.h>

#include "runtime/config.h"

/*
 * Opens the sources of all bind mounts as detached mounts: ret[i] for c->mounts[i], -1 for other mounts and
 * where that needs privileges the caller lacks. The parent does it, on the host's side: only there "rslave"
 * and "rshared" work, and only it may enter directories that a mapped root may not. Without has_root, a root
 * that is mounted already, it leaves to init what init can open as well.
 */
int mounts_open_sources(const struct config *c, bool has_root, int *ret, struct mc_err *err);
/* Is there a bind mount that only the parent can open? The root must be older than its clone. */
bool mounts_want_root_first(const struct config *c);
/* Makes all of c->mounts inside root, in the order of the file. sources as filled above. */
int mounts_make(const struct config *c, int root, int *sources, struct mc_err *err);

/* Device nodes that every container has (runtime-spec, config-linux.md "Default Devices"); then, behind
 * linux.devices, the links: a privileged container is given the host's /dev/ptmx, and must not keep it. */
int dev_nodes(const struct config *c, int root, struct mc_err *err);
int dev_links(const struct config *c, int root, struct mc_err *err);
/* Sets mode and owner of a node just made or found: of that device only, even if the name changed. */
int dev_dress(int dir, const char *name, const struct stat *want, struct mc_err *err);

/* linux.maskedPaths: nothing readable. linux.readonlyPaths: nothing writable. Missing paths are fine. */
int mask_paths(const struct config *c, int root, struct mc_err *err);
int lock_paths(const struct config *c, int root, struct mc_err *err);

#endif
