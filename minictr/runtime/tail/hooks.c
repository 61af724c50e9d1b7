/*
 * tail/hooks.c - runs external programs at fixed points of a container's life (config.md, "POSIX-platform
 * Hooks").
 *
 * Each gets the container's state as JSON on its standard input, the environment it asks for (ours when it
 * has no "env"), and `timeout` seconds. A failing hook fails the operation; poststop hooks, and before
 * ociVersion 1.3 poststart hooks, only cause a warning.
 *
 * Kernel objects: fork(2), pipe(2), pidfd_open(2), poll(2).
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/process.h"
#include "base/warn.h"

/*
 * In the child: standard input is the state, nothing else is open that is not close-on-exec. Hooks run in the
 * bundle's directory, as with the other runtimes; dir NULL: it is not reachable.
 */
static void become_hook(const struct hook *h, const char *dir, int input)
{
	char *plain[] = { (char *)h->path, NULL };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(input, 0) < 0)
		_exit(126);
	(void)!(dir && chdir(dir));
	execve(h->path, h->args && h->args[0] ? h->args : plain,
		h->env ? h->env : environ); /* without "env": ours, as with crun and runc */
	fprintf(stderr, "hook %s: %s\n", h->path, strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* true when pid ended in time; a hook without a timeout may run for ever. */
static bool ends_in_time(pid_t pid, int64_t seconds)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int pidfd = sys_pidfd_open(pid, &ignored);
	if (seconds <= 0 || pidfd < 0)
		return true;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t end = now_ns(CLOCK_MONOTONIC) + (uint64_t)seconds * 1000000000;
	for (;;) {
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		int left = now < end ? (int)((end - now) / 1000000) + 1 : 0;
		int n = poll(&p, 1, left);
		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
		if (!left)
			return false;
	}
}

static int run_hook(
	const struct hook *h, const char *name, const char *dir, const char *state, struct mc_err *err)
{
	int input[2], status;
	int rc = sys_pipe(input, err);
	if (rc < 0)
		return rc;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		become_hook(h, dir, input[0]);
	close_fd(input[0]);
	if (pid < 0) {
		close_fd(input[1]);
		return err_sys(err, "fork");
	}
	/* A hook need not read its input: EPIPE is no failure, and the state is smaller than a pipe. */
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	(void)!write(input[1], state, strlen(state));
	close_fd(input[1]);
	signal(SIGPIPE, old);
	bool in_time = ends_in_time(pid, h->timeout);
	if (!in_time)
		kill(pid, SIGKILL);
	if ((rc = sys_wait(pid, &status, err)) < 0)
		return rc;
	if (!in_time)
		return err_set(err, ETIMEDOUT, "%s hook %s took longer than its %lld seconds", name, h->path,
			(long long)h->timeout);
	status = process_exit_code(status);
	return status ? err_set(err, ECANCELED, "%s hook %s ended with status %d", name, h->path, status) : 0;
}

char *state_with(const char *state, pid_t pid, const char *status)
{
	struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	if (!state || json_parse(state, strlen(state), "state", &doc, &ignored) < 0)
		return NULL;
	json_set_i64(doc, "pid", pid);
	if (status)
		json_set_string(doc, "status", status);
	char *text = json_dump(doc, false);
	json_free(doc);
	return text;
}

/*
 * In the child the state came from before the clone: without its pid. Hooks in the container's namespaces
 * get the pid that is seen in there (runtime.md, "State"). The text lives as long as this process does.
 */
static const char *hooks_child_state(enum hook_point point, const char *state)
{
	static char *inside;
	free(inside);
	inside = state_with(state, getpid(), point == HOOK_START_CONTAINER ? "created" : NULL);
	return inside ? inside : state;
}

bool tail_has_hooks(const struct config *c, enum hook_point point) { return c->tail->hooks[point].n > 0; }

int tail_hooks(const struct config *c, enum hook_point point, const char *state, struct mc_err *err)
{
	static const char *const names[HOOK_POINTS] = { "prestart", "createRuntime", "createContainer",
		"startContainer", "poststart", "poststop" };
	const struct hooks *hooks = &c->tail->hooks[point];
	/*
	 * Up to 1.2 a failing poststart hook was only logged; from 1.3 on it ends the container
	 * (runtime.md, "Lifecycle" 9).
	 */
	int minor = 0;
	sscanf(c->oci_version ? c->oci_version : "", "1.%d", &minor);
	bool lenient = point == HOOK_POSTSTOP || (point == HOOK_POSTSTART && minor < 3);
	if (point == HOOK_CREATE_CONTAINER || point == HOOK_START_CONTAINER)
		state = hooks_child_state(point, state);
	const char *dir = point == HOOK_START_CONTAINER ? NULL : c->bundle;
	for (size_t i = 0; i < hooks->n; i++) {
		struct mc_err failed = { 0 };
		int rc = run_hook(&hooks->hook[i], names[point], dir, state ? state : "{}", &failed);
		if (rc < 0 && lenient)
			warn_user("%s", failed.what);
		else if (rc < 0) {
			*err = failed;
			return rc;
		}
	}
	return 0;
}
