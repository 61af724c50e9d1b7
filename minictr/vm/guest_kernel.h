/*
 * guest_kernel.h - the kernel of the virtual machine: which file, and which of its drivers the guest needs.
 */
#ifndef MC_VM_GUEST_KERNEL_H
#define MC_VM_GUEST_KERNEL_H

#include "base/buf.h"
#include "base/err.h"

struct guest_kernel {
	char *image;   /* absolute path of vmlinuz; owned */
	char *release; /* "6.1.0-57-cloud-amd64"; owned */
	char *modules; /* its lib/modules/RELEASE; NULL: it has none, everything must be built in; owned */
};
/*
 * wanted: a vmlinuz, or the directory of an unpacked kernel package; NULL: MINICTR_VM_KERNEL, else the
 * newest in /boot, else what `make vm-kernel` left beside the executables. -ENOENT names the package.
 */
int guest_kernel_find(const char *wanted, struct guest_kernel *ret, struct mc_err *err);
void guest_kernel_release(struct guest_kernel *k);
#define _cleanup_guest_kernel_ __attribute__((cleanup(guest_kernel_release)))

/* --- guest_modules.c --- */
struct guest_modules {
	char **paths;       /* every module file of the kernel; owned */
	struct buf builtin; /* modules.builtin */
	char **chosen;      /* the ones to load, in order: what others need comes first; owned */
	bool none;          /* no modules directory */
};
int guest_modules_open(const struct guest_kernel *k, struct guest_modules *ret, struct mc_err *err);
/* Chooses `name` and what it depends on. Returns 1, also when it is built in; 0: this kernel lacks it. */
int guest_modules_add(struct guest_modules *m, const char *name, struct mc_err *err);
/* The content of one chosen file, decompressed: the guest's kernel may lack the decompressor. */
int guest_module_read(const char *path, struct buf *ret, struct mc_err *err);
void guest_modules_release(struct guest_modules *m);

/* --- initramfs.c: a cpio archive in the format that the kernel unpacks (buffer-format.rst) --- */
void initramfs_dir(struct buf *archive, const char *path);
void initramfs_file(struct buf *archive, const char *path, mode_t mode, const void *data, size_t len);
void initramfs_device(struct buf *archive, const char *path, unsigned major, unsigned minor);
void initramfs_end(struct buf *archive);

#endif
