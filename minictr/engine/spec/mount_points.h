/*
 * spec/mount_points.h - what a container's volumes and binds are, decided once, when the container is made.
 *
 * The list is kept in container.json under "Mounts", each entry in the shape of docker's MountPoint
 * (`inspect` shows it) with a few keys more. docker's rules: https://docs.docker.com/engine/storage/volumes/
 *     Type         "volume" or "bind" (tmpfs has no life outside the container: it stays in HostConfig)
 *     Name         a volume's; Source: the path on the host; Destination; Driver: "local"
 *     Mode, RW, Propagation     as docker prints them
 *     NoCopy, Subpath, Labels, Options, Anonymous         of a volume
 *     NonRecursive, ReadOnlyMode, CreateSource            of a bind ("" "writable" "readonly"; -v makes a
 *     missing source)
 */
#ifndef MC_ENGINE_SPEC_MOUNT_POINTS_H
#define MC_ENGINE_SPEC_MOUNT_POINTS_H

#include "base/json.h"

/*
 * Makes the list of config ("Volumes" of image and -v /path) and host ("Binds", "Mounts"). inherited holds
 * n lists of other containers (--volumes-from). A target named here wins over an inherited one; an
 * anonymous volume gives way to both. Volumes without a name get one of 64 random hex digits. Nothing is
 * created. The caller owns *ret.
 * -EINVAL: a text that docker refuses as well, two mounts on one target among them.
 */
int mount_points_make(const struct json *config, const struct json *host, struct json *const inherited[],
	size_t n, struct json **ret, struct mc_err *err);

#endif
