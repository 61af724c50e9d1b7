/*
 * owners.c - whose a file is depends on who looks: the same number on disk, other numbers inside a user
 * namespace.
 *
 * Kernel objects: user_namespaces(7); security.capability (capabilities(7), "File capability extended
 * attribute versioning"; struct vfs_ns_cap_data); POSIX ACLs (acl(5); the attribute is a version and entries
 * of 8 bytes, linux/posix_acl_xattr.h).
 * Order and why: archives hold what the container sees, so that an image committed from one container runs in
 * any other.
 */
#include "image/owners.h"

#include <endian.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/util.h"

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

typedef uint32_t map_one(const struct id_map *m, uint32_t id);

static bool is_acl(const char *name) { return str_starts(name, "system.posix_acl_"); }

static bool acl_named(const struct posix_acl_xattr_entry *e)
{
	return e->e_tag == htole16(ACL_USER) || e->e_tag == htole16(ACL_GROUP);
}

static void map_acl(const struct id_maps *ids, map_one *to, const char *name, char *value, size_t len)
{
	struct posix_acl_xattr_entry e;
	if (!is_acl(name))
		return;
	for (size_t at = sizeof(struct posix_acl_xattr_header); at + sizeof(e) <= len; at += sizeof(e)) {
		memcpy(&e, value + at, sizeof(e));
		bool user = e.e_tag == htole16(ACL_USER);
		if (acl_named(&e))
			e.e_id = htole32(to(user ? &ids->uids : &ids->gids, le32toh(e.e_id)));
		memcpy(value + at, &e, sizeof(e));
	}
}

void owners_acl_to_disk(const struct id_maps *ids, const char *name, void *value, size_t len)
{
	map_acl(ids, outside, name, value, len);
}

void owners_acl_from_disk(const struct id_maps *ids, const char *name, void *value, size_t len)
{
	map_acl(ids, inside, name, value, len);
}

static int set_xattr(int fd, const char *file, const char *name, const void *value, size_t len)
{
	return file ? lsetxattr(file, name, value, len, 0) : fsetxattr(fd, name, value, len, 0);
}

/* Takes named users and groups out, all of them or those without an id (as the kernel gives an id that has no
 * place here). Returns the new length. */
static size_t acl_shorten(char *value, size_t len, bool all)
{
	struct posix_acl_xattr_entry e;
	size_t kept = sizeof(struct posix_acl_xattr_header);
	for (size_t at = kept; at + sizeof(e) <= len; at += sizeof(e)) {
		memcpy(&e, value + at, sizeof(e));
		if (acl_named(&e) && (all || e.e_id == htole32(ACL_UNDEFINED_ID)))
			continue;
		memcpy(value + kept, &e, sizeof(e));
		kept += sizeof(e);
	}
	return kept < len ? kept : len;
}

int owners_set_xattr(int fd, const char *file, const char *name, const void *value, size_t len)
{
	int rc = set_xattr(fd, file, name, value, len);
	if (rc == 0 || errno != EINVAL || !is_acl(name))
		return rc;
	_cleanup_free_ char *plain = memcpy(xmalloc(len + 1), value, len);
	len = acl_shorten(plain, len, false);
	rc = set_xattr(fd, file, name, plain, len);
	if (rc == 0 || errno != EINVAL)
		return rc;
	return set_xattr(fd, file, name, plain, acl_shorten(plain, len, true));
}
