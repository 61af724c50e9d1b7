/*
 * exec.c - one more process in a running container.
 *
 * Kernel objects and man pages: the OCI runtime does setns(2); here unix(7) for the console socket.
 * Order and why: the new process is the container's own ("process" of its config.json) with what the user
 * changed, so it has the same capabilities, filter and limits. Its output and input pass through us
 * (exec_pump.c).
 */
#include "engine/exec.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/events.h"
#include "engine/exec_process.h"
#include "engine/exec_pump.h"
#include "engine/monitor/oci_runtime.h"
#include "engine/oci.h"
#include "engine/spec/spec.h"
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
	if (rc < 0)
		return rc;
	rc = spec_find_user(root, o->user ? o->user : own ? own : "", groups, ret, err);
	if (rc < 0)
		/* docker's: a user that is not there is a program that cannot be run */
		return err_exit(err, 126);
	json_set(process, "user", spec_user_json(ret));
	return 0;
}

int exec_process_json(struct engine *e, const struct container *c, const struct exec_options *o,
	struct json **ret, struct mc_err *err)
{
	_cleanup_json_ struct json *spec = NULL;
	_cleanup_free_ char *path = container_path(e, c->id, "config.json");
	_cleanup_strv_ char **more = given_env(o->env);
	struct spec_user user = { 0 };
	struct winsize size;
	int rc = json_parse_record(AT_FDCWD, path, CONTAINER_CONFIG_MAX, &spec, err);
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

/* --- the runtime's part --- */

static char **exec_words(struct engine *e, const struct container *c, const struct oci *oci,
	const struct exec_options *o, const char *process, const char *console)
{
	char **v = NULL;
	const char *const words[] = { "exec", "--process", process };
	strv_push(&v, oci->path);
	strv_push(&v, "--root");
	strv_push(&v, e->oci_root);
	if (!oci->foreign) {
		strv_pushf(&v, "--log=%s.log", process);
		strv_push(&v, "--log-format=json");
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strv_push(&v, words[i]);
	if (o->tty)
		strv_pushf(&v, "--console-socket=%s", console);
	if (o->detach)
		strv_push(&v, "--detach");
	strv_push(&v, c->id);
	return v;
}

static int exec_check(const struct container *c, const struct exec_options *o, struct mc_err *err)
{
	if (c->status == CONTAINER_PAUSED)
		return err_set(
			err, EBUSY, "Container %s is paused, unpause the container before exec", c->name);
	if (c->status == CONTAINER_RESTARTING)
		return err_set(
			err, EBUSY, "Container %s is restarting, wait until the container is running", c->id);
	if (c->status != CONTAINER_RUNNING) {
		err_set(err, ESRCH, "container %s is not running", c->id);
		return err_hint(err, "start it first: minictr start %s", c->name);
	}
	if (!strv_len(o->command))
		return err_set(err, EINVAL, "No exec command specified");
	if (o->tty && o->interactive && !o->detach && !o->output && !isatty(0)) {
		err_set(err, ENOTTY, "the input device is not a TTY");
		return err_hint(err, "leave out -t: -i alone is right for a pipe");
	}
	return 0;
}

static int exec_start(struct engine *e, const struct container *c, const struct exec_options *o,
	const char *process, int *ret_exit, struct mc_err *err)
{
	struct oci oci = { 0 };
	char name[24] = "x";
	random_hex(name + 1, 4);
	_cleanup_free_ char *run_dir = engine_run_path(e, c->id);
	_cleanup_free_ char *console = xasprintf("%s/%s", run_dir, name);
	_cleanup_close_ int listener = -1;
	int rc = oci_find(e, c, &oci, err);
	if (rc >= 0 && o->tty)
		rc = listener = runtime_listen(run_dir, name, SOCK_STREAM, err);
	_cleanup_strv_ char **argv = rc < 0 ? NULL : exec_words(e, c, &oci, o, process, console);
	if (rc >= 0)
		rc = listener >= 0 ? exec_pump_terminal(&oci, argv, listener, o, ret_exit, err)
				   : exec_pump_pipes(&oci, argv, o, ret_exit, err);
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
	char own[2 * 32 + 1];
	const char *id = o->id ? o->id : own;
	*ret_exit = 0;
	int rc = container_find(e, name, &c, err);
	if (rc >= 0)
		rc = exec_check(&c, o, err);
	if (rc < 0)
		return rc;
	random_hex(own, 32);
	if (!o->id)
		event_exec(e, &c, "exec_create", id, o->command);
	event_exec(e, &c, "exec_start", id, o->command);
	rc = exec_process_json(e, &c, o, &process, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *run_dir = engine_run_path(e, c.id);
	_cleanup_free_ char *path = xasprintf("%s/exec-%.16s.json", run_dir, id);
	rc = json_write_file(AT_FDCWD, path, process, 0600, 0, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *log = xasprintf("exec-%.16s.json.log", id);
	rc = exec_start(e, &c, o, path, ret_exit, err);
	unlink(path);
	oci_tell_warnings(e, c.id, log);
	/* A detached one goes on: the caller writes its end, when it is the one to hear of it. */
	if (!o->detach || rc < 0)
		event_exec_die(e, &c, id, *ret_exit);
	return rc;
}
