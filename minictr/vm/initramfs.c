/*
 * initramfs.c - the archive that the guest's kernel unpacks into its first file system.
 *
 * Interface: Documentation/driver-api/early-userspace/buffer-format.rst, format "newc": a head of 110
 * bytes in hexadecimal, the name, the content, each padded to four bytes; a file TRAILER!!! ends it.
 */
#include "vm/guest_kernel.h"

#include <sys/stat.h>

static void pad(struct buf *b)
{
	while (b->len % 4)
		buf_addc(b, '\0');
}

static void add_entry(struct buf *b, const char *path, mode_t mode, const void *data, size_t len,
	unsigned major, unsigned minor)
{
	unsigned links = S_ISDIR(mode) ? 2 : 1, inode = path[0] == 'T' ? 0 : (unsigned)b->len + 1;
	buf_addf(b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode, (unsigned)mode, 0, 0,
		links, 0, (unsigned)len, 0, 0, major, minor, (unsigned)strlen(path) + 1, 0);
	buf_add(b, path, strlen(path) + 1);
	pad(b);
	buf_add(b, data, len);
	pad(b);
}

void initramfs_dir(struct buf *archive, const char *path)
{
	add_entry(archive, path, S_IFDIR | 0755, "", 0, 0, 0);
}

void initramfs_file(struct buf *archive, const char *path, mode_t mode, const void *data, size_t len)
{
	add_entry(archive, path, S_IFREG | mode, data, len, 0, 0);
}

void initramfs_device(struct buf *archive, const char *path, unsigned major, unsigned minor)
{
	add_entry(archive, path, S_IFCHR | 0600, "", 0, major, minor);
}

void initramfs_end(struct buf *archive) { add_entry(archive, "TRAILER!!!", 0, "", 0, 0, 0); }
