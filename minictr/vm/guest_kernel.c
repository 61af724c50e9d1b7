/*
 * guest_kernel.c - finds a kernel for the virtual machine.
 *
 * A container uses the kernel that runs; a virtual machine brings its own. We build none: the
 * distribution's kernel boots in qemu as it is. One that is installed is best (/boot, with its modules in
 * /lib/modules); a package that was only unpacked (dpkg -x) does as well, nothing has to be installed.
 */
#include "vm/guest_kernel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"

#if defined(__aarch64__)
#define KERNEL_PACKAGES "linux-image-cloud-arm64 (Debian) or linux-image-virtual (Ubuntu)"
#else
#define KERNEL_PACKAGES "linux-image-cloud-amd64 (Debian) or linux-image-virtual (Ubuntu)"
#endif

/* The newest vmlinuz-* of dir by version: 6.1.0-9 is older than 6.1.0-57. Caller frees. NULL: none. */
static char *newest_in(const char *dir)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored = { 0 };
	const char *best = NULL;
	if (dir_list(AT_FDCWD, dir, &names, &ignored) < 0)
		return NULL;
	for (size_t i = 0; names[i]; i++)
		if (str_starts(names[i], "vmlinuz-") && !str_ends(names[i], ".old") &&
			(!best || strverscmp(names[i], best) > 0))
			best = names[i];
	return best ? xasprintf("%s/%s", dir, best) : NULL;
}

/* Modules of a kernel file DIR/boot/vmlinuz-RELEASE are in DIR/lib/modules/RELEASE. */
static char *modules_of(const char *image, const char *release)
{
	static const char *const places[] = { "../lib/modules", "../usr/lib/modules", "lib/modules" };
	_cleanup_free_ char *dir = xstrdup(image);
	*strrchr(dir, '/') = '\0';
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char *path = xasprintf("%s/%s/%s", dir, places[i], release);
		if (path_is_dir(AT_FDCWD, path))
			return path;
		free(path);
	}
	char *path = xasprintf("/lib/modules/%s", release);
	if (path_is_dir(AT_FDCWD, path))
		return path;
	free(path);
	return NULL;
}

/*
 * What qemu can start has one of these marks: bzImage (kernel: arch/x86/boot.rst); vmlinux (qemu says what
 * it lacks); on arm64 Image, packed for EFI, and Image.gz (kernel: arch/arm64/booting.rst).
 */
static bool looks_like_kernel(const char *image)
{
	static const struct {
		size_t at;
		const char *bytes;
	} marks[] = { { 0x202, "HdrS" }, { 0, "\177ELF" }, { 56, "ARM\x64" }, { 4, "zimg" },
		{ 0, "\x1f\x8b" } };
	char head[0x206] = "";
	_cleanup_close_ int fd = open(image, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);
	for (size_t i = 0; n > 0 && i < ARRAY_LEN(marks); i++)
		if (memcmp(head + marks[i].at, marks[i].bytes, strlen(marks[i].bytes)) == 0)
			return true;
	return false;
}

static int take_image(const char *path, struct guest_kernel *ret, struct mc_err *err)
{
	struct stat st;
	char *image = realpath(path, NULL);
	if (!image || stat(image, &st) < 0 || !S_ISREG(st.st_mode)) {
		free(image);
		return err_set(err, ENOENT, "kernel %s: there is no such file", path);
	}
	if (access(image, R_OK) < 0) {
		err_sys(err, "kernel %s", image);
		err_hint(err, "some distributions let only root read kernels: sudo chmod +r %s", image);
		free(image);
		return -EACCES;
	}
	if (!looks_like_kernel(image)) {
		err_set(err, ENOEXEC, "kernel %s: this file is no Linux kernel", image);
		err_hint(err, "it is called vmlinuz-RELEASE in /boot, or in the package " KERNEL_PACKAGES);
		free(image);
		return err_exit(err, 125);
	}
	const char *dash = strchr(strrchr(image, '/'), '-');
	ret->image = image;
	ret->release = xstrdup(dash ? dash + 1 : "unknown");
	ret->modules = modules_of(image, ret->release);
	return 0;
}

/* A directory: an unpacked package, or one that holds vmlinuz files itself. */
static char *in_directory(const char *dir)
{
	_cleanup_free_ char *boot = xasprintf("%s/boot", dir);
	char *found = newest_in(boot);
	return found ? found : newest_in(dir);
}

/* build/vm-kernel, beside build/bin. */
static char *beside_programs(void)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *guest = NULL;
	if (program_path("minictr-guest", &guest, &ignored) < 0)
		return NULL;
	*strrchr(guest, '/') = '\0';
	_cleanup_free_ char *dir = xasprintf("%s/../vm-kernel", guest);
	return in_directory(dir);
}

int guest_kernel_find(const char *wanted, struct guest_kernel *ret, struct mc_err *err)
{
	const char *place = wanted ? wanted : getenv("MINICTR_VM_KERNEL");
	_cleanup_free_ char *found = NULL;
	*ret = (struct guest_kernel){ 0 };
	if (place && *place && !path_is_dir(AT_FDCWD, place))
		return take_image(place, ret, err);
	if (place && *place)
		found = in_directory(place);
	else if (!(found = newest_in("/boot")))
		found = beside_programs();
	if (found)
		return take_image(found, ret, err);
	err_set(err, ENOENT, "a virtual machine needs a kernel, and there is none in %s",
		place && *place ? place : "/boot");
	err_hint(err,
		"install the package " KERNEL_PACKAGES ", or unpack it anywhere (apt-get download, dpkg -x) "
		"and name the directory with --kernel");
	return err_exit(err, 125);
}

void guest_kernel_release(struct guest_kernel *k)
{
	free(k->image);
	free(k->release);
	free(k->modules);
	*k = (struct guest_kernel){ 0 };
}
