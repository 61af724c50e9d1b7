/*
 * owners.c - whose a file is depends on who looks: the same number on disk, other numbers inside a user
 * namespace.
 *
 * Kernel objects: user_namespaces(7); security.capability (capabilities(7), "File capability extended
 * attribute versioning"; struct vfs_ns_cap_data). Order and why: archives hold what the container sees, so
 * that an image committed from one container runs in any other.
 */
#include "image/owners.h"

#include <endian.h>
#include <linux/capability.h>
#include <string.h>

enum { NOBODY = 65534 };

static uint32_t outside(const struct id_map *m, uint32_t id)
{
	int64_t mapped = id_map_outside(m, id);
	if (mapped < 0)
		mapped = id_map_outside(m, NOBODY);
	return mapped < 0 ? id : (uint32_t)mapped;
}

static uint32_t inside(const struct id_map *m, uint32_t id)
{
	int64_t mapped = id_map_inside(m, id);
	return mapped < 0 ? NOBODY : (uint32_t)mapped;
}

void owners_to_disk(const struct id_maps *ids, struct stat *st)
{
	st->st_uid = outside(&ids->uids, st->st_uid);
	st->st_gid = outside(&ids->gids, st->st_gid);
}

void owners_from_disk(const struct id_maps *ids, struct stat *st)
{
	st->st_uid = inside(&ids->uids, st->st_uid);
	st->st_gid = inside(&ids->gids, st->st_gid);
}

bool owners_plain_caps(const struct id_maps *ids, const void *value, size_t len, uint8_t ret[FILE_CAPS_V2])
{
	struct vfs_ns_cap_data caps;
	if (len != sizeof(caps))
		return false;
	memcpy(&caps, value, sizeof(caps));
	uint32_t magic = le32toh(caps.magic_etc);
	if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3 ||
		id_map_inside(&ids->uids, le32toh(caps.rootid)) != 0)
		return false;
	caps.magic_etc = htole32(VFS_CAP_REVISION_2 | (magic & VFS_CAP_FLAGS_EFFECTIVE));
	memcpy(ret, &caps, FILE_CAPS_V2); /* version 3 is version 2 with the root behind it */
	return true;
}
