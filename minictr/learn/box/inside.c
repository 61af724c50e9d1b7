/*
 * box/inside.c - planting and looking: a helper of the grader joins the box's user and mount namespace, as
 * its root, does one thing there and is gone.
 *
 * Kernel objects: setns(2) with a pidfd, user_namespaces(7). The helper does not enter the box's pid
 * namespace, so nothing inside can name it; links planted by student code lead only to places of the box,
 * because its root is the box's.
 */
#include "learn/box/box.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"

enum { READ_MAX = 1 << 20 };

static int helper_main(const struct box *b, box_deed *deed, void *arg, int out, struct mc_err *err)
{
	int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;
	int rc = box_join(b, flags, err);
	if (rc == 0)
		rc = box_become_root(b->ids, err);
	umask(0);
	return rc == 0 ? deed(arg, out, err) : rc;
}

int box_inside(const struct box *b, box_deed *deed, void *arg, struct buf *ret, struct mc_err *err)
{
	int data[2], report[2], rc = sys_pipe(data, err), status = 0;
	if (rc < 0 || (rc = sys_pipe(report, err)) < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0) {
		struct mc_err failed = { 0 };
		rc = helper_main(b, deed, arg, data[1], &failed);
		if (rc < 0 && write(report[1], &failed, sizeof(failed)) < 0)
			_exit(2);
		_exit(rc < 0);
	}
	close(data[1]);
	close(report[1]);
	_cleanup_buf_ struct buf discard = { 0 };
	rc = pid < 0 ? err_sys(err, "fork")
		     : file_read_fd(data[0], "box", READ_MAX, ret ? ret : &discard, err);
	struct mc_err failed;
	if (rc == 0 && read(report[0], &failed, sizeof(failed)) == (ssize_t)sizeof(failed)) {
		*err = failed;
		rc = -failed.code;
	}
	close(data[0]);
	close(report[0]);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	return rc == 0 && status != 0 ? err_set(err, EIO, "a helper in the box ended with status %d", status)
				      : rc;
}

/* --- deeds --- */

struct planting {
	const char *path, *text;
	size_t len;
	unsigned mode;
	unsigned long flags;
	const char *type, *data;
	int fd;
};

static int do_mkdir(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	int rc = dir_make(AT_FDCWD, p->path, p->mode, err);
	return rc == 0 ? sys_chmod(AT_FDCWD, p->path, p->mode, err) : rc;
}

static int make_parent(const char *path, struct mc_err *err)
{
	_cleanup_free_ char *parent = xstrdup(path);
	char *slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return 0;
	*slash = '\0';
	return dir_make(AT_FDCWD, parent, 0755, err);
}

static int do_write(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	int rc = make_parent(p->path, err);
	int fd = rc < 0 ? rc
			: sys_open(AT_FDCWD, p->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK,
				  p->mode, err);
	if (fd < 0)
		return fd;
	rc = file_write_all(fd, p->text, p->len, err);
	if (rc == 0 && fchmod(fd, p->mode) < 0) /* not umask, and set-uid bits too */
		rc = err_sys(err, "fchmod %s", p->path);
	close(fd);
	return rc;
}

static int do_symlink(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	int rc = make_parent(p->path, err);
	return rc == 0 ? sys_symlink(p->text, AT_FDCWD, p->path, err) : rc;
}

static int do_mount(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	return sys_mount(p->text, p->path, p->type, p->flags, p->data, err);
}

static int do_read(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_close_ int fd = sys_open(AT_FDCWD, p->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, err);
	int rc = fd < 0 ? fd : file_read_fd(fd, p->path, READ_MAX - 1, &text, err);
	return rc == 0 ? file_write_all(out, text.data ? text.data : "", text.len, err) : rc;
}

static int do_stat(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	struct stat st;
	if (lstat(p->path, &st) < 0)
		return err_sys(err, "lstat %s", p->path);
	return file_write_all(out, &st, sizeof(st), err);
}

static int do_bytes(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	char **names = NULL;
	int64_t sum = 0;
	int rc = dir_list(AT_FDCWD, p->path, &names, err);
	for (char **n = names; rc == 0 && *n; n++) {
		_cleanup_free_ char *file = xasprintf("%s/%s", p->path, *n);
		struct stat st;
		if (str_ends(*n, p->text) && lstat(file, &st) == 0)
			sum += st.st_size;
	}
	strv_free(names);
	return rc == 0 ? file_write_all(out, &sum, sizeof(sum), err) : rc;
}

static int do_lock(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	_cleanup_close_ int fd = sys_open(AT_FDCWD, p->path, O_RDONLY | O_NONBLOCK, 0, err);
	char held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	return file_write_all(out, &held, 1, err);
}

static int do_names(void *arg, int out, struct mc_err *err)
{
	const struct planting *p = arg;
	char **names = NULL;
	int rc = dir_list(AT_FDCWD, p->path, &names, err);
	for (char **n = names; rc == 0 && *n; n++)
		rc = file_write_all(out, *n, strlen(*n) + 1, err);
	strv_free(names);
	return rc;
}

/* --- check.h --- */

static void plant(struct box *b, box_deed *deed, struct planting *p)
{
	struct mc_err err = { 0 };
	if (box_inside(b, deed, p, NULL, &err) < 0)
		check_trouble(b->check, "planting in the box: %s", err.what);
}

void box_mkdir(struct box *b, const char *path, unsigned mode)
{
	plant(b, do_mkdir, &(struct planting){ .path = path, .mode = mode ? mode : 0755 });
}

void box_write(struct box *b, const char *path, const char *text, unsigned mode)
{
	plant(b, do_write,
		&(struct planting){
			.path = path, .text = text, .len = strlen(text), .mode = mode ? mode : 0644 });
}

void box_copy(struct box *b, const char *host_file, const char *path, unsigned mode)
{
	struct mc_err err = { 0 };
	_cleanup_buf_ struct buf bytes = { 0 };
	if (file_read(AT_FDCWD, host_file, 64 << 20, &bytes, &err) < 0)
		check_trouble(b->check, "%s", err.what);
	plant(b, do_write,
		&(struct planting){
			.path = path, .text = bytes.data, .len = bytes.len, .mode = mode ? mode : 0755 });
}

void box_symlink(struct box *b, const char *target, const char *path)
{
	plant(b, do_symlink, &(struct planting){ .path = path, .text = target });
}

void box_mount(struct box *b, const char *source, const char *target, const char *type, unsigned long flags,
	const char *data)
{
	plant(b, do_mount,
		&(struct planting){
			.path = target, .text = source, .type = type, .flags = flags, .data = data });
}

char *box_read(struct box *b, const char *path)
{
	struct mc_err err;
	struct buf text = { 0 };
	if (box_inside(b, do_read, &(struct planting){ .path = path }, &text, &err) < 0) {
		buf_release(&text);
		return NULL;
	}
	return check_keep(b->check, buf_take(&text));
}

bool box_transfer(struct box *from, const char *path, struct box *to, const char *target)
{
	struct mc_err err;
	_cleanup_buf_ struct buf bytes = { 0 };
	if (box_inside(from, do_read, &(struct planting){ .path = path }, &bytes, &err) < 0)
		return false;
	plant(to, do_write,
		&(struct planting){ .path = target,
			.text = bytes.data ? bytes.data : "",
			.len = bytes.len,
			.mode = 0644 });
	return true;
}

static bool stat_inside(struct box *b, const char *path, struct stat *ret)
{
	struct mc_err err;
	_cleanup_buf_ struct buf data = { 0 };
	if (box_inside(b, do_stat, &(struct planting){ .path = path }, &data, &err) < 0 ||
		data.len != sizeof(*ret))
		return false;
	memcpy(ret, data.data, sizeof(*ret));
	return true;
}

int64_t box_bytes(struct box *b, const char *folder, const char *suffix)
{
	struct mc_err err;
	int64_t sum = 0;
	_cleanup_buf_ struct buf data = { 0 };
	if (box_inside(b, do_bytes, &(struct planting){ .path = folder, .text = suffix }, &data, &err) == 0 &&
		data.len == sizeof(sum))
		memcpy(&sum, data.data, sizeof(sum));
	return sum;
}

char **box_names(struct box *b, const char *folder)
{
	struct mc_err err;
	_cleanup_buf_ struct buf data = { 0 };
	char **names = xcalloc(1, sizeof(char *));
	if (box_inside(b, do_names, &(struct planting){ .path = folder }, &data, &err) < 0)
		return names;
	for (size_t at = 0; at < data.len; at += strlen(data.data + at) + 1)
		strv_push(&names, data.data + at);
	return names;
}

bool box_locked(struct box *b, const char *path)
{
	struct mc_err err;
	_cleanup_buf_ struct buf data = { 0 };
	return box_inside(b, do_lock, &(struct planting){ .path = path }, &data, &err) == 0 &&
	       data.len == 1 && data.data[0];
}

bool box_exists(struct box *b, const char *path)
{
	struct stat st;
	return stat_inside(b, path, &st);
}

uint64_t box_inode(struct box *b, const char *path, uint64_t *ret_dev)
{
	struct stat st;
	if (!stat_inside(b, path, &st))
		return 0;
	if (ret_dev)
		*ret_dev = st.st_dev;
	return st.st_ino;
}
