/*
 * guest/boot.c - the steps from an empty initramfs to the image's file system as root.
 *
 * What runtime/ does for a container by namespaces and mounts (clone3, pivot_root), a virtual machine does
 * by starting a kernel of its own: this kernel knows no process and no file system yet, not even a driver
 * for its disk. Man pages: init_module(2), mount(2), chroot(2), netdevice(7), proc_sys_kernel(5).
 */
#include "vm/guest/guest.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

enum { WAIT_STEPS = 1000, WAIT_US = 10000, BOOT_CONF_MAX = 1 << 20 };

/* Calls each(words, n, data) for every line of /boot.conf that begins with `key`; stops at a failure. */
static int boot_each(const char *key, int (*each)(char *words[], int n, void *data, void *err_data),
	void *data, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	char *save = NULL;
	int rc = file_read(AT_FDCWD, "/boot.conf", BOOT_CONF_MAX, &text, err);
	for (char *line = strtok_r(text.data, "\n", &save); rc >= 0 && line;
		line = strtok_r(NULL, "\n", &save)) {
		char *words[BOOT_LINE_WORDS] = { line }, *at = line;
		int n = 1;
		while (n < BOOT_LINE_WORDS && (at = strchr(at, '\t'))) {
			*at++ = '\0';
			words[n++] = at;
		}
		if (str_eq(words[0], key))
			rc = each(words + 1, n - 1, data, err);
	}
	return rc < 0 ? rc : 0;
}

/* The kernel shows nothing of itself before these are mounted: no process, no device. */
int boot_kernel_mounts(struct mc_err *err)
{
	static const char *const mounts[][2] = { { "proc", "/proc" }, { "sysfs", "/sys" },
		{ "devtmpfs", "/dev" } };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(mounts); i++) {
		mkdir(mounts[i][1], 0755);
		rc = sys_mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL, err);
	}
	return rc;
}

static int load_module(char *words[], int n, void *data, void *err)
{
	_cleanup_close_ int fd = n < 1 ? -1 : open(words[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
		return err_sys(err, "load kernel module %s", n < 1 ? "" : words[0]);
	return 0;
}

int boot_modules(struct mc_err *err) { return boot_each("module", load_module, NULL, err); }

/* Devices appear while the kernel still looks for them: wait, ten seconds at most. */
static int wait_for(const char *path, struct mc_err *err)
{
	for (int i = 0; i < WAIT_STEPS; i++) {
		if (access(path, F_OK) == 0)
			return 0;
		usleep(WAIT_US);
	}
	return err_set(err, ENODEV, "the guest's kernel shows no %s: a driver is missing", path);
}

static int mount_disk(char *words[], int n, void *data, void *err)
{
	const char *device = n < 1 ? "" : words[0];
	int rc = wait_for(device, err);
	mkdir("/image", 0755);
	return rc < 0 ? rc : sys_mount(device, "/image", "ext4", 0, NULL, err);
}

/* A file that the host gave along is copied: the initramfs is out of reach once the root has changed. */
static int copy_file(char *words[], int n, void *data, void *err)
{
	_cleanup_buf_ struct buf content = { 0 };
	if (n < 2)
		return 0;
	int rc = file_read(AT_FDCWD, words[0], 64 << 20, &content, err);
	_cleanup_free_ char *target = xasprintf("/image%s", words[1]);
	return rc < 0 ? rc : file_write_atomic(AT_FDCWD, target, content.data, content.len, 0755, 0, err);
}

int boot_root(struct mc_err *err)
{
	int rc = boot_each("root", mount_disk, NULL, err);
	return rc < 0 ? rc : boot_each("file", copy_file, NULL, err);
}

static int mount_share(char *words[], int n, void *data, void *err)
{
	if (n < 4)
		return 0;
	_cleanup_close_ int root = dir_open(AT_FDCWD, "/image", err);
	/* Beneath the image: a link in it must not lead the mount to a place outside. */
	int rc = root < 0 ? root : dir_make(root, words[2] + 1, 0755, err);
	_cleanup_close_ int place =
		rc < 0 ? rc : file_open_beneath(root, words[2], O_PATH | O_DIRECTORY, 0, err);
	if (place < 0)
		return place;
	bool is_9p = str_eq(words[1], "9p");
	_cleanup_free_ char *target = xasprintf("/proc/self/fd/%d", place);
	return sys_mount(words[0], target, words[1], str_eq(words[3], "ro") ? MS_RDONLY : 0,
		is_9p ? "trans=virtio,version=9p2000.L,msize=512000" : NULL, err);
}

int boot_shares(struct mc_err *err) { return boot_each("share", mount_share, NULL, err); }

/* --- network: one card, addresses known beforehand (qemu's user network always gives the same) --- */

static int set_address(int sock, const char *card, unsigned long what, const char *address)
{
	struct ifreq r = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", card);
	in->sin_family = AF_INET;
	inet_pton(AF_INET, address, &in->sin_addr);
	return ioctl(sock, what, &r);
}

static int set_up(int sock, const char *card)
{
	struct ifreq r = { .ifr_flags = IFF_UP | IFF_RUNNING };
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", card);
	return ioctl(sock, SIOCSIFFLAGS, &r);
}

static int set_default_route(int sock, const char *gateway)
{
	struct rtentry r = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in *to = (struct sockaddr_in *)&r.rt_gateway;
	((struct sockaddr_in *)&r.rt_dst)->sin_family = AF_INET;
	((struct sockaddr_in *)&r.rt_genmask)->sin_family = AF_INET;
	to->sin_family = AF_INET;
	inet_pton(AF_INET, gateway, &to->sin_addr);
	return ioctl(sock, SIOCADDRT, &r);
}

static int configure_card(char *words[], int n, void *data, void *err)
{
	int sock = *(int *)data;
	if (n < 3)
		return 0;
	int rc = wait_for("/sys/class/net/eth0", err);
	if (rc < 0)
		return rc;
	if (set_address(sock, "eth0", SIOCSIFADDR, words[0]) < 0 ||
		set_address(sock, "eth0", SIOCSIFNETMASK, "255.255.255.0") < 0 || set_up(sock, "eth0") < 0 ||
		set_default_route(sock, words[1]) < 0)
		return err_sys(err, "set the address %s of eth0", words[0]);
	_cleanup_free_ char *dns = xasprintf("nameserver %s\n", words[2]);
	mkdir("/image/etc", 0755);
	/* By rename: an image whose resolv.conf is a link to somewhere gets a file instead. */
	return file_write_atomic(AT_FDCWD, "/image/etc/resolv.conf", dns, strlen(dns), 0644, 0, err);
}

static int set_hostname(char *words[], int n, void *data, void *err)
{
	_cleanup_free_ char *hosts =
		xasprintf("127.0.0.1\tlocalhost %s\n::1\tlocalhost\n", n ? words[0] : "");
	int rc = n < 1 ? 0 : sys_sethostname(words[0], err);
	mkdir("/image/etc", 0755);
	if (rc >= 0 && n >= 1)
		rc = file_write_atomic(AT_FDCWD, "/image/etc/hosts", hosts, strlen(hosts), 0644, 0, err);
	return rc;
}

int boot_network(struct mc_err *err)
{
	_cleanup_close_ int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Loopback is down in a new kernel, as it is in a new network namespace. */
	set_up(sock, "lo");
	int rc = boot_each("hostname", set_hostname, NULL, err);
	return rc < 0 ? rc : boot_each("address", configure_card, &sock, err);
}

/* --- the root --- */

static int count_line(char *words[], int n, void *data, void *err)
{
	(*(int *)data)++;
	return 0;
}

int boot_enter_root(struct mc_err *err)
{
	static const struct {
		const char *type, *target, *options;
	} fresh[] = { { "devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5" },
		{ "tmpfs", "dev/shm", "mode=1777" }, { "cgroup2", "sys/fs/cgroup", NULL } };
	static const char *const moved[] = { "proc", "sys", "dev" };
	int disks = 0, rc = boot_each("root", count_line, &disks, err);
	/* No disk was given: the initramfs stays the root, with what is in it. */
	if (rc < 0 || !disks)
		return rc;
	rc = sys_chdir("/image", err);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(moved); i++) {
		_cleanup_free_ char *from = xasprintf("/%s", moved[i]);
		mkdir(moved[i], 0755);
		rc = sys_mount(from, moved[i], NULL, MS_MOVE, NULL, err);
	}
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(fresh); i++) {
		mkdir(fresh[i].target, 0755);
		rc = sys_mount(fresh[i].type, fresh[i].target, fresh[i].type, 0, fresh[i].options, err);
	}
	static const char *const links[][2] = { { "/proc/self/fd", "dev/fd" },
		{ "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" } };
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (symlink(links[i][0], links[i][1]) < 0 && errno != EEXIST)
			return err_sys(err, "symlink(\"%s\")", links[i][1]);
	/* The initramfs cannot be left by pivot_root(2): it is the root of all mounts. It is mounted over. */
	if (rc >= 0)
		rc = sys_mount(".", "/", NULL, MS_MOVE, NULL, err);
	if (rc >= 0)
		rc = sys_chroot(".", err);
	return rc < 0 ? rc : sys_chdir("/", err);
}

/* --- the port --- */

static int port_named(const char *name, struct mc_err *err)
{
	_cleanup_strv_ char **ports = NULL;
	struct mc_err ignored = { 0 };
	if (dir_list(AT_FDCWD, "/sys/class/virtio-ports", &ports, &ignored) < 0)
		return -ENOENT;
	for (size_t i = 0; ports && ports[i]; i++) {
		_cleanup_buf_ struct buf b = { 0 };
		_cleanup_free_ char *path = xasprintf("/sys/class/virtio-ports/%s/name", ports[i]);
		if (file_read(AT_FDCWD, path, 64, &b, &ignored) < 0 || !b.data || !str_starts(b.data, name))
			continue;
		_cleanup_free_ char *device = xasprintf("/dev/%s", ports[i]);
		int fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		return fd < 0 ? -errno : fd;
	}
	return -ENOENT;
}

int boot_channel(struct mc_err *err)
{
	int asked = 0, fd = -ENOENT, rc = boot_each("channel", count_line, &asked, err);
	if (rc < 0 || !asked)
		return rc < 0 ? rc : -ENOENT;
	for (int i = 0; fd < 0 && i < WAIT_STEPS; i++) {
		fd = port_named("minictr", err);
		if (fd < 0)
			usleep(WAIT_US);
	}
	return fd < 0 ? err_set(err, ENODEV, "the guest's kernel shows no port to the host") : fd;
}
