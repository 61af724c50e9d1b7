/*
 * person.c - whose files these are. Under sudo the tool is root, but the learner's sources, progress and
 * objects belong to the user who typed the command (SUDO_UID), and their compiler runs as that user.
 * Kernel objects: setresuid(2), initgroups(3). Writing is done by a child that has become the person, so
 * that no link in a directory of theirs makes root write elsewhere.
 */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/lab.h"

const struct person *person(void)
{
	static struct person p;
	if (p.name)
		return &p;
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	uint64_t u, g;
	p.uid = getuid();
	p.gid = getgid();
	if (p.uid == 0 && uid && gid && parse_u64(uid, &u) == 0 && parse_u64(gid, &g) == 0) {
		p.uid = (uid_t)u;
		p.gid = (gid_t)g;
	}
	const struct passwd *entry = getpwuid(p.uid);
	p.home = xstrdup(entry ? entry->pw_dir : "/");
	p.name = entry ? xstrdup(entry->pw_name) : xasprintf("%u", (unsigned)p.uid);
	return &p;
}

int person_become(struct mc_err *err)
{
	const struct person *p = person();
	if (getuid() == p->uid)
		return 0;
	if (initgroups(p->name, p->gid) < 0 && setgroups(0, NULL) < 0)
		return err_sys(err, "initgroups %s", p->name);
	int rc = sys_setgid(p->gid, err);
	if (rc == 0)
		rc = sys_setuid(p->uid, err);
	setenv("HOME", p->home, 1);
	setenv("USER", p->name, 1);
	return rc;
}

int person_do(int (*deed)(void *arg, struct mc_err *err), void *arg, struct mc_err *err)
{
	int report[2], status;
	if (getuid() == person()->uid)
		return deed(arg, err);
	int rc = sys_pipe(report, err);
	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0) {
		struct mc_err failed = { 0 };
		rc = person_become(&failed);
		if (rc == 0)
			rc = deed(arg, &failed);
		if (rc < 0 && write(report[1], &failed, sizeof(failed)) < 0)
			_exit(2);
		_exit(rc < 0);
	}
	close(report[1]);
	ssize_t n = read(report[0], err, sizeof(*err));
	close(report[0]);
	rc = pid < 0 ? err_sys(err, "fork") : sys_wait(pid, &status, err);
	return rc < 0 ? rc : n > 0 ? -err->code : 0;
}

struct text_file {
	const char *path, *text;
};

/*
 * The top directory may belong to root and the learner be another user: root makes work/ and hands it over.
 */
static void hand_over(const char *path)
{
	char first[64];
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(path, "/"), path);
	if (geteuid() == 0 && person()->uid != 0 && mkdir(first, 0755) == 0 &&
		chown(first, person()->uid, person()->gid) < 0)
		rmdir(first);
}

static int do_mkdir(void *arg, struct mc_err *err)
{
	const struct text_file *f = arg;
	return dir_make(AT_FDCWD, f->path, 0755, err);
}

int person_mkdir(const char *path, struct mc_err *err)
{
	hand_over(path);
	return person_do(do_mkdir, &(struct text_file){ path, NULL }, err);
}

static int do_write(void *arg, struct mc_err *err)
{
	const struct text_file *f = arg;
	return file_write_atomic(AT_FDCWD, f->path, f->text, strlen(f->text), 0644, 0, err);
}

int person_write(const char *path, const char *text, struct mc_err *err)
{
	_cleanup_free_ char *dir = xstrdup(path);
	if (strrchr(dir, '/')) {
		*strrchr(dir, '/') = '\0';
		int rc = person_mkdir(dir, err);
		if (rc < 0)
			return rc;
	}
	return person_do(do_write, &(struct text_file){ path, text }, err);
}

int person_run(char *const argv[], struct buf *ret_out, struct mc_err *err)
{
	int out[2], status;
	int rc = sys_pipe(out, err);
	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0) {
		if (ret_out) {
			dup2(out[1], 1);
			dup2(out[1], 2);
		}
		/* What these tools read may be a learner's: a 3 GB array fills no disk, a loop ends. */
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 512 << 20, 512 << 20 });
		if (ret_out)
			setrlimit(RLIMIT_CPU, &(struct rlimit){ 60, 60 });
		if (person_become(err) == 0)
			execvp(argv[0], argv);
		dprintf(2, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(out[1]);
	if (ret_out)
		file_read_fd(out[0], argv[0], 8 << 20, ret_out, err);
	close(out[0]);
	rc = pid < 0 ? err_sys(err, "fork") : sys_wait(pid, &status, err);
	return rc < 0 ? rc : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
