/*
 * terminal.c - the container's own pseudo terminal: slave inside, master outside.
 *
 * Kernel objects: a devpts instance (each container has one, so terminal numbers start at 0 inside), its
 * ptmx file, the session and its controlling terminal (pty(7), devpts, ioctl_tty(2), credentials(7)).
 * Order and why: opened beneath the new root after its /dev/pts is mounted; TIOCGPTPEER opens the slave
 * without a path, so nothing the image planted can take its place (ptmx is checked to be one); setsid(2) came
 * before. The master leaves the container as a descriptor (SCM_RIGHTS, unix(7)); its holder uses the
 * terminal.
 */
#include "runtime/terminal.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/rootfs.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
enum { DEVPTS_MAGIC = 0x1cd1 };

static bool is_ptmx(int fd)
{
	struct stat st;
	struct statfs fs;
	return fstat(fd, &st) == 0 && fstatfs(fd, &fs) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(5, 2) && fs.f_type == DEVPTS_MAGIC;
}

/*
 * Opens the multiplexer of the container's devpts: a device 5:2 on a devpts, nothing else. Check before
 * opening, because opening may do something (a tape rewinds), and again after: the name may have changed.
 */
static int open_ptmx(int root, struct mc_err *err)
{
	_cleanup_close_ int place = file_open_beneath(root, "/dev/pts/ptmx", O_PATH | O_NOFOLLOW, 0, err);
	if (place < 0)
		return err_hint(err, "a terminal needs a mount of type devpts on /dev/pts");
	_cleanup_close_ int master = !is_ptmx(place) ? -EPERM
						     : file_open_beneath(root, "/dev/pts/ptmx",
							       O_RDWR | O_NOCTTY | O_NOFOLLOW, 0, err);
	if (master == -EPERM || (master >= 0 && !is_ptmx(master)))
		return err_set(err, EPERM, "/dev/pts/ptmx of the container is not a terminal multiplexer");
	return take_fd(&master);
}

static int open_pair(int root, int *ret_master, int *ret_slave, struct mc_err *err)
{
	int unlock = 0;
	_cleanup_close_ int master = open_ptmx(root, err);
	if (master < 0)
		return master;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_sys(err, "ioctl(TIOCSPTLCK)");
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_sys(err, "ioctl(TIOCGPTPEER)");
	*ret_slave = slave;
	*ret_master = take_fd(&master);
	return 0;
}

/* /dev/console is the terminal too: some programs, mainly init systems, write there. */
static int show_as_console(int root, int slave, struct mc_err *err)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", slave);
	_cleanup_close_ int target = rootfs_target(root, "/dev/console", true, err);
	if (target < 0)
		return target;
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	return tree < 0 ? tree : rootfs_attach_at(tree, target, err);
}

static int make_ours(const struct config_process *p, int slave, struct mc_err *err)
{
	struct winsize size = { .ws_row = (unsigned short)p->console_height,
		.ws_col = (unsigned short)p->console_width };
	if (size.ws_row && size.ws_col)
		ioctl(slave, TIOCSWINSZ, &size);
	(void)!fchown(slave, p->user.uid,
		(gid_t)-1); /* an unmapped id cannot own it; the program then uses its fds only */
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return err_sys(err, "ioctl(TIOCSCTTY)");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(slave, fd) < 0)
			return err_sys(err, "dup2");
	return 0;
}

int terminal_open(const struct config_process *p, int root, int sock, bool bind_console, struct mc_err *err)
{
	_cleanup_close_ int master = -1, slave = -1;
	int rc;
	if ((rc = open_pair(root, &master, &slave, err)) < 0)
		return err_wrap(err, "terminal");
	if (bind_console && (rc = show_as_console(root, slave, err)) < 0)
		return err_wrap(err, "/dev/console");
	/* The text is the terminal's name, as runc sends it; receivers look at the descriptor only. */
	if ((rc = sys_send_fd(sock, "/dev/ptmx", 9, master, err)) < 0)
		return err_wrap(err, "handing out the terminal");
	return make_ours(p, slave, err);
}

int terminal_connect(const char *path, struct mc_err *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(to.sun_path))
		return err_set(err, ENAMETOOLONG, "console socket %s: longer than %zu bytes", path,
			sizeof(to.sun_path) - 1);
	strcpy(to.sun_path, path);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return err_sys(err, "console socket %s", path);
	return take_fd(&fd);
}

/* Copies up to one buffer. 0 at the end of input, also when a terminal's other side is closed (EIO). */
static ssize_t copy(int from, int to)
{
	char data[4096];
	struct mc_err ignored = { 0 };
	ssize_t n = read(from, data, sizeof(data));
	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN) ? 1 : 0;
	return file_write_all(to, data, (size_t)n, &ignored) < 0 ? 0 : n;
}

static void relay_loop(int master)
{
	struct pollfd p[2] = { { .fd = master, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
	struct winsize size;
	for (;;) {
		if (ioctl(0, TIOCGWINSZ, &size) == 0)
			ioctl(master, TIOCSWINSZ,
				&size); /* cheap enough to do each time: no signal handler needed */
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if ((p[0].revents & (POLLIN | POLLHUP)) && copy(master, 1) == 0)
			return;
		if ((p[1].revents & (POLLIN | POLLHUP)) && copy(0, master) == 0)
			p[1].fd = -1; /* our input has ended; the program's output goes on */
	}
}

int terminal_relay(int master, struct mc_err *err)
{
	struct termios saved, raw;
	bool tty = tcgetattr(0, &saved) == 0;
	if (tty) {
		raw = saved;
		cfmakeraw(&raw); /* the inner terminal does the editing and the echo */
		tcsetattr(0, TCSANOW, &raw);
	}
	relay_loop(master);
	if (tty)
		tcsetattr(0, TCSANOW, &saved);
	return 0;
}
