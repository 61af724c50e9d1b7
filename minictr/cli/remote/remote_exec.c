/*
 * remote_exec.c - exec on a daemon: made, started with a stream of its own, and asked for its exit
 * code at the end.
 */
#include "cli/remote/remote.h"

#include "cli/client_config.h"
#include "cli/env_file.h"
#include "cli/remote/client_pump.h"

static struct json *exec_body(
	const struct exec_values *v, char *const env[], char **command, const char *keys)
{
	struct json *body = json_new_object();
	json_set_string(body, "User", v->user);
	json_set_string(body, "WorkingDir", v->workdir);
	json_set_string(body, "DetachKeys", keys);
	json_set_bool(body, "Privileged", v->privileged);
	json_set_bool(body, "Tty", v->tty);
	json_set_bool(body, "AttachStdin", v->interactive && !v->detach);
	json_set_bool(body, "AttachStdout", !v->detach);
	json_set_bool(body, "AttachStderr", !v->detach);
	json_set_bool(body, "Detach", v->detach);
	json_set_strv(body, "Env", env);
	json_set_strv(body, "Cmd", command);
	return body;
}

/* -e NAME alone takes the client's own value; one that is not set is left out. */
static int collect_env(const struct exec_values *v, char ***ret, struct mc_err *err)
{
	_cleanup_strv_ char **all = NULL;
	int rc = read_env_files(v->env_files, &all, err);
	for (size_t i = 0; v->env && v->env[i]; i++)
		strv_push(&all, v->env[i]);
	for (size_t i = 0; rc >= 0 && all && all[i]; i++) {
		const char *own = strchr(all[i], '=') ? NULL : getenv(all[i]);
		if (own)
			strv_pushf(ret, "%s=%s", all[i], own);
		else if (strchr(all[i], '='))
			strv_push(ret, all[i]);
	}
	return rc < 0 ? rc : 0;
}

static int start_exec(struct client *c, const struct exec_values *v, const char *id, const char *keys,
	int *ret_exit, struct mc_err *err)
{
	_cleanup_json_ struct json *body = json_new_object(), *doc = NULL;
	_cleanup_free_ char *path = xasprintf("/exec/%s/start", id), *look = xasprintf("/exec/%s/json", id);
	_cleanup_free_ char *what = xasprintf("exec/%s", id);
	json_set_bool(body, "Detach", v->detach);
	json_set_bool(body, "Tty", v->tty);
	if (v->detach)
		return client_post(c, path, body, err);
	struct client_pump p = { .client = c,
		.what = what,
		.tty = v->tty,
		.input = v->interactive,
		.output = true,
		.detach_keys = keys };
	int rc = hijack_open(c, path, body, &p.stream, err);
	if (rc >= 0)
		rc = client_pump(&p, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = client_get(c, look, &doc, err);
	if (rc >= 0)
		*ret_exit = (int)json_int_of(json_member(doc, "ExitCode"));
	return rc;
}

int remote_exec(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct exec_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_strv_ char **env = NULL;
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_json_ struct json *answer = NULL;
	_cleanup_free_ char *own = v->detach_keys || !v->tty ? NULL : client_config("detachKeys");
	const char *keys = v->detach_keys ? v->detach_keys : own;
	int exit_code = 0, rc = v->detach ? 0 : client_check_tty(v->tty, v->interactive, err);
	if (rc >= 0)
		rc = collect_env(v, &env, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	_cleanup_json_ struct json *body = exec_body(v, env, argv + 1, keys);
	buf_adds(&path, "/containers/");
	path_add(&path, argv[0]);
	buf_adds(&path, "/exec");
	if (rc >= 0)
		rc = client_call(&c,
			&(struct client_call){ .method = "POST", .path = path.data, .body = body }, &answer,
			err);
	const char *id = json_text_of(json_member(answer, "Id"));
	if (rc >= 0 && !id)
		rc = err_set(err, EPROTO, "the daemon did not say the id of the exec");
	if (rc >= 0)
		rc = start_exec(&c, v, id, keys, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}
