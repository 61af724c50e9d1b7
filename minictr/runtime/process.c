/*
 * process.c - one ordinary process: find its file, start it, read its exit code, set its environment, end it.
 *
 * A container is first of all a process. Everything else in this directory changes what that process sees and
 * may do. This file shows a process without a container: fork(2), execve(2), waitpid(2), kill(2), environ(7).
 * Exit codes are the shell's (POSIX 2.8.2): 127 not found, 126 found but not executable, 128+n killed by
 * signal n.
 * Left out: job control, pipes between processes (the caller passes descriptors).
 */
#include "runtime/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"

/* Puts p's descriptors at 0, 1 and 2. They are first moved above 2, so that 1 and 2 can be swapped. */
static int place_stdio(const int stdio[3])
{
	int moved[3];
	for (int i = 0; i < 3; i++)
		moved[i] = stdio[i] >= 0 && stdio[i] != i ? fcntl(stdio[i], F_DUPFD_CLOEXEC, 3) : -1;
	for (int i = 0; i < 3; i++)
		if (moved[i] >= 0 && dup2(moved[i], i) < 0)
			return -errno;
	return 0;
}

/*
 * Starts p->argv as a child of the caller with p's environment, directory and standard streams (stdio[i]
 * -1: the caller's), and with nothing else of the caller's. 0 and *ret_pid on success, at once: the program
 * may run for hours. The caller stays as it is. The arguments reach the program exactly as they are: no shell
 * reads them; a name without a slash is looked up in p's PATH.
 * When the program cannot be run the child, and only the child, ends with 127 (no such file) or 126 (not
 * executable), at once (_exit: it flushes and calls nothing of the caller's). No descriptor is left open.
 *
 * Lab 00.2: a process is made in two steps, fork and exec, and the second may fail in the child.
 */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		/* Two processes run from here on. The child must not return as a second parent. */
		struct mc_err child = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		process_exec(p, &child);
		err_print(&child, NULL); /* exec returned, so it failed */
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}

/*
 * The status of waitpid(2) as a shell says it: the exit status, or 128 + n for a process that signal n ended.
 *
 * Lab 00.3: a wait status is not an exit code; it must be asked which of the two kinds it is.
 */
int process_exit_code(int wstatus)
{
	if (WIFEXITED(wstatus))
		return WEXITSTATUS(wstatus);
	if (WIFSIGNALED(wstatus))
		return 128 + WTERMSIG(wstatus);
	return 255; /* stopped or continued: the process has not ended; callers do not ask for that */
}

/* Takes NAME's entry out of env. */
static void env_remove(char **env, const char *name)
{
	size_t len = strlen(name), to = 0;
	for (size_t i = 0; env && env[i]; i++) {
		if (strncmp(env[i], name, len) == 0 && env[i][len] == '=')
			free(env[i]);
		else
			env[to++] = env[i];
	}
	if (env)
		env[to] = NULL;
}

/*
 * The environment of a program: the image's, changed by the options of -e. "NAME=VALUE" sets, "NAME" alone
 * carries the client's own value over, and a NAME that the client has not set is not set inside either,
 * whatever the image says. A NAME that options give appears once, with what the last of them says. Nothing
 * else of the client gets in: its environment holds passwords and paths that mean nothing inside. The lists
 * given stay as they are; all strings of the result are new: caller strv_free()s.
 *
 * Lab 00.4: the environment is a list that is handed over at exec, not something that is inherited by magic.
 */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; i < strv_len(options); i++) {
		const char *option = options[i];
		if (strchr(option, '=')) {
			strv_env_set(&env, option); /* the option wins over the image */
			continue;
		}
		const char *value = strv_env(client, option);
		if (value) {
			_cleanup_free_ char *pair = xasprintf("%s=%s", option, value);
			strv_env_set(&env, pair);
		} else {
			env_remove(env, option);
		}
	}
	return env;
}

/*
 * Asks a process to end with `signal`, waits at most `seconds` for it (below 0: without end), then takes
 * SIGKILL, which cannot be refused. Returns as soon as it is gone, reaped when it is our child: 0 when it
 * went by itself or had gone before, 1 when it had to be killed. Signals that the caller gets meanwhile
 * change nothing, and afterwards it has the same ones blocked as before.
 *
 * Lab 00.5: stopping is a question with a time limit, and the answer is read by waiting.
 */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err)
{
	struct pollfd gone = { .fd = pidfd,
		.events = POLLIN }; /* readable when the process has ended: pidfd_open(2) */
	int killed = 0;
	int rc = sys_pidfd_send_signal(pidfd, signal, err);
	if (rc < 0 && rc != -ESRCH) /* ESRCH: it is gone already, which is what we want */
		return rc;
	uint64_t end = now_ns(CLOCK_MONOTONIC) / 1000000 + (uint64_t)(seconds > 0 ? seconds : 0) * 1000;
	for (;;) {
		uint64_t now = now_ns(CLOCK_MONOTONIC) / 1000000;
		int left = killed || seconds < 0 ? -1 : now < end ? (int)(end - now) : 0;
		rc = poll(&gone, 1, left);
		if (rc > 0)
			break;
		if (rc < 0 && errno != EINTR)
			return err_sys(err, "poll of a pidfd");
		if (rc == 0) {
			killed = 1;
			rc = sys_pidfd_send_signal(pidfd, SIGKILL, err);
			if (rc < 0 && rc != -ESRCH)
				return rc;
		}
	}
	siginfo_t info;
	(void)waitid(
		P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG); /* not our child: ECHILD, its parent reaps */
	return killed;
}

/* Is it a file that we may execute? 0, or -errno as execve(2) would give it. */
static int check_executable(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

int process_find(const char *name, char *const env[], char **ret, struct mc_err *err)
{
	const char *path = strv_env(env, "PATH");
	int rc, worst = -ENOENT;
	if (strchr(name, '/')) {
		if ((rc = check_executable(name)) < 0)
			return process_missing(err, name, rc);
		*ret = xstrdup(name);
		return 0;
	}
	for (path = path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
		*name && *path;) {
		size_t len = strcspn(path, ":");
		char *file = len ? xasprintf("%.*s/%s", (int)len, path, name) : xasprintf("./%s", name);
		rc = check_executable(file);
		if (rc == 0) {
			*ret = file;
			return 0;
		}
		free(file);
		if (rc != -ENOENT && rc != -ENOTDIR)
			worst = rc; /* found, but not executable: search on, report this if there is no other */
		path += len + (path[len] == ':');
	}
	return process_missing(err, name, worst);
}

int process_exec(const struct process *p, struct mc_err *err)
{
	_cleanup_free_ char *file = NULL;
	char *const *env = p->env ? p->env : environ;
	int rc;
	if (p->cwd && (rc = sys_chdir(p->cwd, err)) < 0)
		return err_exit(err, 127);
	if ((rc = process_find(p->argv[0], env, &file, err)) < 0)
		return rc;
	rc = sys_execve(file, p->argv, env, err);
	return process_missing(err, p->argv[0], rc);
}
