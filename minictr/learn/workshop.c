/*
 * workshop.c - the compiler's box: C from a stranger is input of a program with a hundred ways to read files.
 *
 * Kernel objects: mount_namespaces(7), pivot_root(2), getrlimit(2), user_namespaces(7) for unprivileged
 * users. The compiler sees /usr, the loader's files of /etc, the headers of the tree and one file of the
 * learner's, as it was read before. No .c of the engine is there: `#include "runtime/rootfs.c"` finds
 * nothing, and .incbin (an assembler word) no file of the host. Limits: time, memory, size of what it
 * writes (an array of 3 GB is six words of C). A work file is read as its owner, without following a link
 * or waiting at a fifo.
 *
 * Left out: a filter of system calls. No student code runs here, only the compiler.
 */
#include "learn/workshop.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/lab.h"

enum { OBJECT_MAX = 32 << 20, DIAGNOSTICS_MAX = 256 << 10, SECONDS = 20 };

/* --- work files --- */

static int read_plain(const char *path, size_t max, struct buf *ret, struct mc_err *err)
{
	struct stat st;
	_cleanup_close_ int fd =
		sys_open(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, err);
	if (fd < 0 && fd == -ELOOP)
		return err_set(err, ELOOP, "%s is a link; a work file is a plain file", path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s is no plain file (a fifo, a directory or a device)", path);
	if (st.st_size > (off_t)max)
		return err_set(err, EFBIG, "%s has %lld bytes; at most %zu are read", path,
			(long long)st.st_size, max);
	return file_read_fd(fd, path, max, ret, err);
}

int work_read(const char *path, size_t max, struct buf *ret, struct mc_err *err)
{
	if (getuid() == person()->uid)
		return read_plain(path, max, ret, err);
	int text[2], report[2], rc = sys_pipe(text, err);
	if (rc < 0 || (rc = sys_pipe(report, err)) < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0) {
		struct mc_err failed = { 0 };
		_cleanup_buf_ struct buf bytes = { 0 };
		rc = person_become(&failed);
		if (rc == 0)
			rc = read_plain(path, max, &bytes, &failed);
		if (rc == 0)
			rc = file_write_all(text[1], bytes.data, bytes.len, &failed);
		_exit(rc < 0 && write(report[1], &failed, sizeof(failed)) < 0);
	}
	close(text[1]);
	close(report[1]);
	rc = pid < 0 ? err_sys(err, "fork") : file_read_fd(text[0], path, max, ret, err);
	struct mc_err failed;
	if (rc == 0 && read(report[0], &failed, sizeof(failed)) == (ssize_t)sizeof(failed)) {
		*err = failed;
		rc = -failed.code;
	}
	close(text[0]);
	close(report[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return rc;
}

int work_owned(struct mc_err *err)
{
	static const char *const folders[] = { "work", ".lab" };
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		struct stat st;
		if (lstat(folders[i], &st) < 0 || (S_ISDIR(st.st_mode) && st.st_uid == person()->uid))
			continue;
		if (!S_ISDIR(st.st_mode))
			return err_set(err, ENOTDIR, "%s/ is no directory", folders[i]);
		const struct passwd *owner = getpwuid(st.st_uid);
		err_set(err, EPERM, "%s/ belongs to %s (uid %u), and this is %s's command", folders[i],
			owner ? owner->pw_name : "another user", (unsigned)st.st_uid, person()->name);
		return err_hint(err, "as %s: `sudo minictr lab ...`, or work in a checkout of your own",
			owner ? owner->pw_name : "its owner");
	}
	return 0;
}

/* --- the view --- */

struct view {
	const char *top; /* absolute path of the tree, the same inside */
	const char *source, *object;
	const struct buf *text;
	char *const *argv;
};

#define VIEW "/tmp" /* where the new root is put together; the mount namespace is our own */

static int bind_readonly(const char *path, struct mc_err *err)
{
	_cleanup_free_ char *target = xasprintf(VIEW "%s", path);
	char link[256];
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	if (n > 0) {
		link[n] = '\0';
		return sys_symlink(link, AT_FDCWD, target, err);
	}
	if (!path_exists(AT_FDCWD, path))
		return 0;
	int rc = 0, fd = -1;
	if (path_is_dir(AT_FDCWD, path))
		rc = dir_make(AT_FDCWD, target, 0755, err);
	else
		rc = fd = sys_open(AT_FDCWD, target, O_WRONLY | O_CREAT, 0644, err);
	close_fd(fd);
	if (rc >= 0)
		rc = sys_mount(path, target, NULL, MS_BIND | MS_REC, NULL, err);
	return rc;
}

static int bind_system(struct mc_err *err)
{
	static const char *const paths[] = { "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
		"/opt", "/etc/alternatives", "/etc/ld.so.cache", "/dev/null" };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(paths); i++)
		rc = bind_readonly(paths[i], err);
	return rc;
}

/* A tree below /usr or /opt came along with its sources: only its headers are to be seen. */
static int cover_tree(const char *top, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf(VIEW "%s", top);
	return path_is_dir(AT_FDCWD, path)
		       ? sys_mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755", err)
		       : 0;
}

static int copy_file(const char *path, const char *target, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_close_ int fd = -1;
	int rc = file_read(AT_FDCWD, path, 8 << 20, &text, err);
	if (rc == 0)
		rc = fd = sys_open(AT_FDCWD, target, O_WRONLY | O_CREAT | O_EXCL, 0644, err);
	return rc < 0 ? rc : file_write_all(fd, text.data, text.len, err);
}

/* Headers only: no directory below minictr/ shows a body. */
static int copy_headers(const char *folder, const char *top, struct mc_err *err)
{
	char **names = NULL;
	_cleanup_free_ char *target = xasprintf(VIEW "%s/%s", top, folder);
	int rc = dir_make(AT_FDCWD, target, 0755, err);
	if (rc == 0)
		rc = dir_list(AT_FDCWD, folder, &names, err);
	for (char **n = names; rc == 0 && *n; n++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", folder, *n),
				    *copy = xasprintf("%s/%s", target, *n);
		if (str_ends(*n, ".h"))
			rc = copy_file(path, copy, err);
		else if (path_is_dir(AT_FDCWD, path))
			rc = copy_headers(path, top, err);
	}
	strv_free(names);
	return rc;
}

static int put_source(const struct view *v, struct mc_err *err)
{
	_cleanup_free_ char *source = xasprintf(VIEW "%s/%s", v->top, v->source),
			    *object = xasprintf(VIEW "%s/%s", v->top, v->object);
	*strrchr(source, '/') = '\0';
	*strrchr(object, '/') = '\0';
	int rc = dir_make(AT_FDCWD, source, 0755, err);
	if (rc == 0)
		rc = dir_make(AT_FDCWD, object, 0777, err);
	if (rc == 0 && chmod(object, 0777) < 0)
		rc = err_sys(err, "chmod %s", object);
	source[strlen(source)] = '/';
	int fd = rc < 0 ? rc : sys_open(AT_FDCWD, source, O_WRONLY | O_CREAT | O_TRUNC, 0644, err);
	if (fd < 0)
		return fd;
	rc = file_write_all(fd, v->text->data ? v->text->data : "", v->text->len, err);
	close(fd);
	return rc;
}

static int map_own_id(struct mc_err *err)
{
	char line[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int rc = sys_unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC, err);
	if (rc == 0)
		rc = sys_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", err);
	snprintf(line, sizeof(line), "%u %u 1\n", uid, uid);
	if (rc == 0)
		rc = sys_write_file(AT_FDCWD, "/proc/self/uid_map", line, err);
	snprintf(line, sizeof(line), "%u %u 1\n", gid, gid);
	return rc == 0 ? sys_write_file(AT_FDCWD, "/proc/self/gid_map", line, err) : rc;
}

static int enter_view(const struct view *v, struct mc_err *err)
{
	_cleanup_free_ char *generated = xasprintf("%s/gen", build_folder());
	umask(022);
	int rc = geteuid() == 0 ? sys_unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC, err)
				: map_own_id(err);
	if (rc == 0)
		rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	_cleanup_close_ int top = rc < 0 ? rc : sys_open(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0, err);
	if (top < 0)
		return top;
	rc = sys_mount("tmpfs", VIEW, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=160m", err);
	if (rc == 0)
		rc = sys_fchdir(top, err); /* the tree may itself lie in /tmp: our "." still means it */
	if (rc == 0)
		rc = dir_make(AT_FDCWD, VIEW "/etc", 0755, err);
	if (rc == 0)
		rc = dir_make(AT_FDCWD, VIEW "/dev", 0755, err);
	if (rc == 0 && (mkdir(VIEW "/tmp", 01777) < 0 || chmod(VIEW "/tmp", 01777) < 0))
		rc = err_sys(err, "mkdir /tmp");
	if (rc == 0)
		rc = bind_system(err);
	if (rc == 0)
		rc = cover_tree(v->top, err);
	if (rc == 0)
		rc = copy_headers("minictr", v->top, err);
	if (rc == 0)
		rc = copy_headers(generated, v->top, err);
	if (rc == 0)
		rc = put_source(v, err);
	if (rc == 0)
		rc = sys_chdir(VIEW, err);
	if (rc == 0)
		rc = sys_pivot_root(".", ".", err);
	if (rc == 0)
		rc = sys_umount(".", MNT_DETACH, err);
	return rc == 0 ? sys_chdir(v->top, err) : rc;
}

/* --- the compiler --- */

static void __attribute__((noreturn)) compiler_main(const struct view *v, int out)
{
	static char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TMPDIR=/tmp",
		"CCACHE_DISABLE=1", "HOME=/tmp", NULL };
	const rlim_t memory = (rlim_t)1 << 30, file = OBJECT_MAX;
	struct mc_err err = { 0 };
	environ = (char **)env;
	setrlimit(RLIMIT_CPU, &(struct rlimit){ SECONDS, SECONDS });
	setrlimit(RLIMIT_AS, &(struct rlimit){ memory, memory });
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ file, file });
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	dup2(out, 1);
	dup2(out, 2);
	if (person_become(&err) == 0)
		execvpe(v->argv[0], v->argv, env);
	dprintf(2, "%s: %s\n", v->argv[0], strerror(errno));
	_exit(127);
}

/* Waits at most SECONDS for the compiler and its children; its exit status as a shell says it. */
static int wait_for(pid_t pid)
{
	struct mc_err err;
	int status = 0;
	_cleanup_close_ int pidfd = sys_pidfd_open(pid, &err);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	bool up = pidfd >= 0 && poll(&p, 1, SECONDS * 1000) == 0;
	if (up)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return up ? WORKSHOP_TIME_UP : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* An unprivileged user without user namespaces: the compiler then reads what this user may read anyway. */
static bool goes_without(const struct mc_err *err)
{
	return geteuid() != 0 && (err->code == EPERM || err->code == ENOSPC || err->code == ENOSYS);
}

/* Inside: enters the view, runs the compiler, hands the object out. Its exit status is the compiler's. */
static void __attribute__((noreturn)) workshop_main(const struct view *v, int out, int object, int report)
{
	struct mc_err err = { 0 };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (enter_view(v, &err) < 0 && !goes_without(&err))
		_exit(write(report, &err, sizeof(err)) < 0 ? 2 : 1);
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		compiler_main(v, out);
	}
	close(out);
	int status = pid < 0 ? 127 : wait_for(pid);
	_cleanup_buf_ struct buf bytes = { 0 };
	if (status == 0 && (read_plain(v->object, OBJECT_MAX, &bytes, &err) < 0 || bytes.len == 0))
		status = 1;
	_exit(file_write_all(object, bytes.data, bytes.len, &err) < 0 ? 1 : status);
}

/* Both pipes to their end; of the diagnostics only the first part is kept, but all is read. */
static void read_both(int out, int object, struct buf *diagnostics, struct buf *bytes)
{
	struct pollfd p[] = { { .fd = out, .events = POLLIN }, { .fd = object, .events = POLLIN } };
	struct buf *to[] = { diagnostics, bytes };
	size_t room[] = { DIAGNOSTICS_MAX, OBJECT_MAX };
	char part[16384];
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		for (int i = 0; i < 2; i++) {
			ssize_t n = p[i].fd >= 0 && p[i].revents ? read(p[i].fd, part, sizeof(part)) : -1;
			if (n > 0 && to[i]->len + (size_t)n <= room[i])
				buf_add(to[i], part, (size_t)n);
			if (n == 0)
				p[i].fd = -1;
		}
	}
}

struct object_file {
	const char *path;
	const struct buf *bytes;
};

static int write_object(void *arg, struct mc_err *err)
{
	const struct object_file *f = arg;
	return file_write_atomic(AT_FDCWD, f->path, f->bytes->data, f->bytes->len, 0644, 0, err);
}

int workshop_compile(char *const argv[], const char *source, const struct buf *text, const char *object,
	struct buf *out, struct mc_err *err)
{
	_cleanup_free_ char *top = get_current_dir_name();
	struct view v = { .top = top, .source = source, .object = object, .text = text, .argv = argv };
	int diagnostics[2], bytes[2], report[2], status = 0;
	int rc = sys_pipe(diagnostics, err);
	if (rc < 0 || (rc = sys_pipe(bytes, err)) < 0 || (rc = sys_pipe(report, err)) < 0)
		return rc;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		workshop_main(&v, diagnostics[1], bytes[1], report[1]);
	close(diagnostics[1]);
	close(bytes[1]);
	close(report[1]);
	_cleanup_buf_ struct buf made = { 0 };
	read_both(diagnostics[0], bytes[0], out, &made);
	struct mc_err failed;
	if (read(report[0], &failed, sizeof(failed)) == (ssize_t)sizeof(failed)) {
		*err = failed;
		rc = err_wrap(err, "the compiler's box");
	}
	close(diagnostics[0]);
	close(bytes[0]);
	close(report[0]);
	if (pid < 0)
		return err_sys(err, "fork");
	if (sys_wait(pid, &status, err) < 0)
		return -err->code;
	if (rc < 0)
		return rc;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	struct object_file f = { object, &made };
	return code != 0 ? code : person_do(write_object, &f, err);
}
