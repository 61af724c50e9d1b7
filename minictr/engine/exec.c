/*
 * exec.c - one more process in a running container.
 *
 * Kernel objects and man pages: the OCI runtime does setns(2); here unix(7) for the console socket, pty(7), poll(2).
 * Order and why: the new process is the container's own ("process" of its config.json) with what the user changed, so
 * it has the same capabilities, filter and limits. Without a terminal the runtime gets our own stdio and its exit
 * status is the answer: no process of ours stands in between. With one, the master side comes back over a socket and
 * is pumped here.
 */
#include "engine/exec.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/events.h"
#include "engine/exec_process.h"
#include "engine/monitor/oci_runtime.h"
#include "engine/oci.h"
#include "engine/spec/spec.h"
#include "engine/client_terminal.h"
#include "runtime/caps.h"
#include "runtime/process.h"

extern char **environ;

/* --- the process document --- */

/* "-e NAME" takes the client's value, an unset one carries nothing. */
static char **given_env(char *const env[]) { return process_env(NULL, env, environ); }

static int set_user(const struct container *c, const struct exec_options *o, struct json *process,
	struct spec_user *ret, struct mc_err *err)
{
	char path[40];
	_cleanup_strv_ char **groups = NULL;
	const char *own = json_text_of(json_member(c->config, "User"));
	snprintf(path, sizeof(path), "/proc/%d/root", (int)c->init.pid);
	_cleanup_close_ int root = dir_open(AT_FDCWD, path, err);
	int rc = root;
	if (root >= 0 &&
		!process_id_alive(&c->init)) /* its number may be another process's by now: the host's "/" */
		rc = err_set(err, ESRCH, "container %s is not running", c->id);
	if (rc >= 0)
		rc = json_get_strv(c->host, &groups, err, "GroupAdd");
	if (rc >= 0)
		rc = spec_find_user(root, o->user ? o->user : own ? own : "", groups, ret, err);
	if (rc >= 0)
		json_set(process, "user", spec_user_json(ret));
	return rc;
}

int exec_process_json(struct engine *e, const struct container *c, const struct exec_options *o,
	struct json **ret, struct mc_err *err)
{
	_cleanup_json_ struct json *spec = NULL;
	_cleanup_free_ char *path = container_path(e, c->id, "config.json");
	_cleanup_strv_ char **more = given_env(o->env);
	struct spec_user user = { 0 };
	struct winsize size;
	int rc = json_parse_file(AT_FDCWD, path, 8 << 20, &spec, err);
	if (rc < 0)
		return rc;
	_cleanup_json_ struct json *process = json_copy(json_member(spec, "process"));
	rc = set_user(c, o, process, &user, err);
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **env = spec_env(c, more, o->tty, &user);
	json_set_strv(process, "args", o->command);
	json_set_strv(process, "env", env);
	json_set_bool(process, "terminal", o->tty);
	json_unset(process, "consoleSize");
	if (o->tty && ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row) {
		json_set_i64(json_sub(process, "consoleSize"), "height", size.ws_row);
		json_set_i64(json_sub(process, "consoleSize"), "width", size.ws_col);
	}
	if (o->workdir && *o->workdir)
		json_set_string(process, "cwd", o->workdir);
	if (o->privileged)
		json_set(process, "capabilities", spec_capabilities_json(caps_known()));
	*ret = take_ptr(&process);
	return 0;
}

/* --- with a terminal --- */

struct exec_pump {
	int master, signals;
	pid_t runtime;
	bool reads_stdin, detached, ended;
	int status;
	struct terminal terminal;
	struct detach_keys keys;
};

static void send_size(int master)
{
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size);
}

static void on_signals(struct exec_pump *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGWINCH)
			send_size(p->master);
	if (waitpid(p->runtime, &p->status, WNOHANG) == p->runtime)
		p->ended = true;
}

static void on_input(struct exec_pump *p)
{
	char in[4096], out[4096 + DETACH_KEYS_MAX];
	struct mc_err ignored = { 0 };
	size_t len = 0;
	ssize_t n = read(0, in, sizeof(in));
	if (n <= 0) {
		p->reads_stdin = false;
		return;
	}
	p->detached = detach_feed(&p->keys, in, (size_t)n, out, &len);
	file_write_all(p->master, out, len, &ignored);
}

/* False at the end of the terminal. */
static bool on_output(struct exec_pump *p)
{
	char text[16384];
	struct mc_err ignored = { 0 };
	ssize_t n = read(p->master, text, sizeof(text));
	if (n > 0)
		file_write_all(1, text, (size_t)n, &ignored);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void pump(struct exec_pump *p)
{
	bool open = true;
	while (!p->detached && (open || !p->ended)) {
		struct pollfd set[] = { { open ? p->master : -1, POLLIN, 0 }, { p->signals, POLLIN, 0 },
			{ p->reads_stdin && open ? 0 : -1, POLLIN, 0 } };
		/* a process left in the background may keep the terminal open: what is there is read, then it is over */
		int n = poll(set, ARRAY_LEN(set), p->ended ? 0 : -1);
		if (n == 0 && p->ended)
			return;
		if (set[0].revents)
			open = on_output(p);
		if (set[1].revents)
			on_signals(p);
		if (set[2].revents)
			on_input(p);
	}
}

/* The runtime connects when the terminal exists; if it fails before, its end is what we hear. */
static int wait_console(int listener, struct exec_pump *p, struct mc_err *err)
{
	char text[64];
	for (;;) {
		struct pollfd set[] = { { listener, POLLIN, 0 }, { p->signals, POLLIN, 0 } };
		poll(set, 2, -1);
		if (set[0].revents) {
			_cleanup_close_ int sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			int rc = sock < 0 ? err_sys(err, "accept the console")
					  : sys_recv_fd(sock, text, sizeof(text), &p->master, err);
			return rc < 0 ? rc : 0;
		}
		on_signals(p);
		if (p->ended)
			return 0; /* it has said why on our stderr */
	}
}

static void open_signals(struct exec_pump *p, sigset_t *ret_old)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, ret_old);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run_tty(const struct oci *oci, char *const argv[], int listener, const struct exec_options *o,
	int *ret_exit, struct mc_err *err)
{
	struct exec_pump p = { .master = -1, .terminal = { .fd = -1 }, .reads_stdin = o->interactive };
	sigset_t old;
	static const int same[3] = { 0, 1, 2 };
	int rc = detach_parse(&p.keys, o->detach_keys, err);
	if (rc < 0)
		return rc;
	rc = oci_spawn(oci, argv, same, &p.runtime, err);
	if (rc < 0)
		return rc;
	open_signals(&p, &old);
	rc = wait_console(listener, &p, err);
	if (rc >= 0 && p.master >= 0) {
		if (o->interactive)
			terminal_raw(&p.terminal, 0);
		send_size(p.master);
		pump(&p);
		terminal_restore(&p.terminal);
	}
	close_fd(p.master);
	close_fd(p.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	*ret_exit = p.detached ? 0 : process_exit_code(p.status);
	return rc;
}

/* --- without --- */

static int run_plain(const struct oci *oci, char *const argv[], const struct exec_options *o, int *ret_exit,
	struct mc_err *err)
{
	int status = 0;
	pid_t pid;
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int stdio[3] = { o->interactive && !o->detach ? 0 : null, o->detach ? null : 1,
		o->detach ? null : 2 };
	int rc = oci_spawn(oci, argv, stdio, &pid, err);
	if (rc >= 0)
		rc = sys_wait(pid, &status, err);
	*ret_exit = process_exit_code(status);
	return rc < 0 ? rc : 0;
}

static char **exec_words(struct engine *e, const struct container *c, const struct oci *oci,
	const struct exec_options *o, const char *process, const char *console)
{
	char **v = NULL;
	const char *const words[] = { oci->path, "--root", e->oci_root, "exec", "--process", process };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strv_push(&v, words[i]);
	if (o->tty && !o->detach)
		strv_pushf(&v, "--console-socket=%s", console);
	if (o->detach)
		strv_push(&v, "--detach");
	strv_push(&v, c->id);
	return v;
}

static int check(const struct container *c, const struct exec_options *o, struct mc_err *err)
{
	if (c->status == CONTAINER_PAUSED)
		return err_set(
			err, EINVAL, "Container %s is paused, unpause the container before exec", c->name);
	if (c->status == CONTAINER_RESTARTING)
		return err_set(err, EINVAL, "Container %s is restarting, wait until the container is running",
			c->id);
	if (c->status != CONTAINER_RUNNING) {
		err_set(err, EINVAL, "container %s is not running", c->id);
		return err_hint(err, "start it first: minictr start %s", c->name);
	}
	if (!strv_len(o->command))
		return err_set(err, EINVAL, "No exec command specified");
	if (o->tty && o->interactive && !o->detach && !isatty(0)) {
		err_set(err, ENOTTY, "the input device is not a TTY");
		return err_hint(err, "leave out -t: -i alone is right for a pipe");
	}
	return 0;
}

static int run(struct engine *e, const struct container *c, const struct exec_options *o, const char *process,
	int *ret_exit, struct mc_err *err)
{
	struct oci oci = { 0 };
	char name[24] = "x";
	random_hex(name + 1, 4);
	_cleanup_free_ char *run_dir = engine_run_path(e, c->id);
	_cleanup_free_ char *console = xasprintf("%s/%s", run_dir, name);
	_cleanup_close_ int listener = -1;
	int rc = oci_find(e, c, &oci, err);
	if (rc >= 0 && o->tty && !o->detach)
		rc = listener = runtime_listen(run_dir, name, SOCK_STREAM, err);
	_cleanup_strv_ char **argv = rc < 0 ? NULL : exec_words(e, c, &oci, o, process, console);
	if (rc >= 0)
		rc = listener >= 0 ? run_tty(&oci, argv, listener, o, ret_exit, err)
				   : run_plain(&oci, argv, o, ret_exit, err);
	if (listener >= 0)
		unlink(console);
	oci_release(&oci);
	return rc;
}

int container_exec(
	struct engine *e, const char *name, const struct exec_options *o, int *ret_exit, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_json_ struct json *process = NULL;
	char suffix[17], extra[32];
	*ret_exit = 0;
	int rc = container_find(e, name, &c, err);
	if (rc >= 0)
		rc = check(&c, o, err);
	if (rc >= 0)
		rc = exec_process_json(e, &c, o, &process, err);
	if (rc < 0)
		return rc;
	random_hex(suffix, 8);
	_cleanup_free_ char *run_dir = engine_run_path(e, c.id);
	_cleanup_free_ char *path = xasprintf("%s/exec-%s.json", run_dir, suffix);
	rc = json_write_file(AT_FDCWD, path, process, 0600, 0, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *started = xasprintf("execID=%s", suffix);
	event_container(e, &c, "exec_start", started);
	rc = run(e, &c, o, path, ret_exit, err);
	unlink(path);
	snprintf(extra, sizeof(extra), "exitCode=%d", *ret_exit);
	event_container(e, &c, "exec_die", extra);
	return rc;
}
