/*
 * engine_door.c - the socket behind which a job's words are checked and run.
 *
 * Kernel objects and man pages: unix(7) SCM_RIGHTS, SOCK_SEQPACKET: one message is one request; fork(2).
 * The client is copied into the directory, not mounted from where it is installed: the job sees one
 * directory that is its own.
 */
#include "pipeline/engine_door.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/spawn.h"
#include "pipeline/path_set.h"

/* --- one request --- */

static int receive(int fd, char *text, size_t size, int streams[3])
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int) * 3)];
	} control = { 0 };
	struct iovec v = { text, size - 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int) * 3))
		return -1;
	memcpy(streams, CMSG_DATA(c), sizeof(int) * 3);
	text[n] = '\0';
	return (int)n;
}

static char **split_words(const char *text, int n)
{
	char **words = NULL;
	for (int i = 0; i < n && strv_len(words) < DOOR_WORDS_MAX; i += (int)strlen(text + i) + 1)
		strv_push(&words, text + i);
	return words;
}

static int run_words(struct door_words *w, const int streams[3], struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_free_ char *minictr = NULL;
	int rc = program_path("minictr", &minictr, err);
	if (rc < 0)
		return rc;
	strv_push(&argv, minictr);
	for (char **a = w->argv; *a; a++)
		strv_push(&argv, *a);
	for (size_t i = 0; i < w->n_fds; i++)
		fcntl(w->fds[i], F_SETFD, 0); /* the program opens it by /proc/self/fd */
	if (w->dir >= 0 ? fchdir(w->dir) < 0 : chdir("/") < 0)
		return err_sys(err, "chdir");
	struct spawn s = {
		.argv = argv, .env = w->env, .in = streams[0], .out = streams[1], .err = streams[2]
	};
	return spawn_run(&s, err);
}

static void serve_one(struct job_trip *t, int fd)
{
	char text[DOOR_MESSAGE_MAX];
	int streams[3], n = receive(fd, text, sizeof(text), streams);
	struct mc_err err = { 0 };
	struct door_words w = { .dir = -1 };
	if (n < 0)
		return;
	/* number of words, directory, words, environment (job_client_main.c) */
	_cleanup_strv_ char **all = split_words(text, n), **words = NULL;
	size_t sent = strv_len(all), count = sent ? strtoul(all[0], NULL, 10) : 0;
	bool whole = count && sent >= 2 && count <= sent - 2;
	for (size_t i = 0; whole && i < count; i++)
		strv_push(&words, all[2 + i]);
	int rc = whole ? door_words_check(t, all[1], words, all + 2 + count, &w, &err)
		       : err_set(&err, EINVAL, "no command");
	if (rc >= 0)
		rc = run_words(&w, streams, &err);
	if (rc < 0) {
		dprintf(streams[2], "minictr: %s\n%s%s%s", err.what, *err.hint ? "  " : "", err.hint,
			*err.hint ? "\n" : "");
		rc = 125;
	}
	unsigned char status = (unsigned char)rc;
	if (write(fd, &status, 1) < 0)
		return;
}

/*
 * Each request in a process of its own: a job may build two images at once. These processes are outside the
 * job's limits, so their number has one here. All are one process group: what a job began ends with it.
 */
static void serve(struct job_trip *t, int listener)
{
	size_t at_once = 0;
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			_exit(0);
		while (waitpid(-1, NULL, at_once < DOOR_REQUESTS_MAX ? WNOHANG : 0) > 0)
			at_once--;
		pid_t pid = fork();
		at_once += pid > 0;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			serve_one(t, fd);
			_exit(0);
		}
		close(fd);
	}
}

/* --- the directory --- */

static int copy_client(int dir, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	int rc = program_path("minictr-job", &path, err);
	char *slash = rc < 0 ? NULL : strrchr(path, '/');
	if (rc < 0)
		return rc;
	*slash = '\0';
	_cleanup_close_ int from = dir_open(AT_FDCWD, path, err);
	rc = from < 0 ? from : path_take(from, slash + 1, dir, true, err);
	if (rc >= 0 && renameat(dir, slash + 1, dir, name) < 0)
		rc = err_sys(err, "rename %s", slash + 1);
	return rc < 0 ? rc : 0;
}

/* sun_path is short: the socket is named through the directory's descriptor. */
static int listen_in(int dir, struct mc_err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/socket", dir);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 16) < 0 ||
		fchmodat(dir, "socket", 0666, 0) < 0)
		return err_sys(err, "socket of the engine");
	return take_fd(&fd);
}

int engine_door_open(struct job_trip *t, struct mc_err *err)
{
	if (!t->run->lend_engine) {
		err_set(err, EPERM, "job %s wants an engine to build images with", t->job->name);
		return err_hint(err, "`minictr pipeline run --engine` lets its jobs build and push with this "
				     "machine's engine");
	}
	dir_remove(t->dir, "door", &(struct mc_err){ 0 });
	_cleanup_close_ int dir = dir_make_open(t->dir, "door", 0755, err);
	int rc = dir < 0 ? dir : copy_client(dir, "minictr", err);
	if (rc >= 0)
		rc = copy_client(dir, "docker", err);
	_cleanup_close_ int listener = rc < 0 ? rc : listen_in(dir, err);
	if (listener < 0)
		return listener;
	fflush(NULL);
	t->door_pid = fork();
	if (t->door_pid < 0)
		return err_sys(err, "fork()");
	if (t->door_pid == 0)
		serve(t, listener);
	setpgid(t->door_pid,
		t->door_pid); /* also here: engine_door_close() may come before the child's own call */
	t->door = xasprintf("%s/%s/door", t->run->path, t->job->dir);
	return 0;
}

void engine_door_close(struct job_trip *t)
{
	if (t->door_pid > 0) {
		kill(-t->door_pid, SIGTERM);
		waitpid(t->door_pid, NULL, 0);
	}
	t->door_pid = 0;
	free(t->door);
	t->door = NULL;
	if (t->dir >= 0) {
		dir_remove(t->dir, "door", &(struct mc_err){ 0 });
		dir_remove(t->dir, "login", &(struct mc_err){ 0 });
	}
}
