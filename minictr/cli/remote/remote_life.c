/*
 * remote_life.c - start, stop, restart, kill, pause, unpause, rm, rename, update, wait of a daemon's
 * containers.
 *
 * One call each. The daemon does the work; here its words become the words of the command line.
 */
#include "cli/remote/remote.h"

#include "cli/client_config.h"
#include "cli/remote/client_pump.h"
#include "engine/spec/options.h"
#include "engine/stop.h"

int remote_each(struct cli *cli, int argc, char **argv,
	int (*act)(struct client *c, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	int status = 0, rc = client_open(cli, &c, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < argc; i++) {
		struct mc_err one = { 0 };
		if (act(&c, argv[i], values, &one) < 0) {
			fflush(stdout);
			err_print(&one, "minictr");
			status = 1;
			continue;
		}
		printf("%s\n", argv[i]);
		fflush(stdout);
	}
	return status;
}

/* --all: the names of containers in one of these states (NULL: in any) instead of operands. */
static int names_or_all(
	struct cli *cli, bool all, const char *states, int argc, char **argv, char ***ret, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *list = NULL;
	if (all == (argc > 0)) {
		err_set(err, EINVAL,
			all ? "--all and names exclude each other"
			    : "'minictr %s' requires at least 1 argument",
			cli->called);
		return err_exit(err, all ? 125 : 1);
	}
	for (int i = 0; i < argc; i++)
		strv_push(ret, argv[i]);
	int rc = all ? client_open(cli, &c, err) : 0;
	if (rc >= 0 && all)
		rc = client_get(&c, "/containers/json?all=1", &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		const char *state = json_text_of(json_member(json_item(list, i), "State"));
		const char *name = json_text_of(json_item(json_member(json_item(list, i), "Names"), 0));
		if (name && (!states || (state && strstr(states, state))))
			strv_push(ret, name + (*name == '/'));
	}
	return rc < 0 ? rc : 0;
}

/* "/containers/NAME/VERB" */
static void verb_path(struct buf *path, const char *name, const char *verb)
{
	buf_adds(path, "/containers/");
	path_add(path, name);
	buf_adds(path, verb);
}

static int post_verb(struct client *c, const char *name, const char *verb, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	verb_path(&path, name, verb);
	return client_post(c, path.data, NULL, err);
}

/* --- start --- */

static int start_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	return post_verb(c, name, "/start", err);
}

static int start_attached(struct cli *cli, const struct start_values *v, const char *name, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_free_ char *own = v->detach_keys ? NULL : client_config("detachKeys");
	struct remote_follow f = {
		.start = true, .sig_proxy = true, .detach_keys = v->detach_keys ? v->detach_keys : own
	};
	int exit_code = 0, rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = remote_follow_look(&c, name, &f, &doc, err);
	if (rc < 0)
		return rc;
	json_get_bool(doc, &f.removed, err, "HostConfig.AutoRemove");
	f.input = f.input && v->interactive;
	rc = client_check_tty(f.tty, f.input, err);
	if (rc >= 0)
		rc = remote_follow(&c, &f, &exit_code, err);
	return rc < 0 ? err_exit(err, 1), rc : exit_code;
}

int remote_start(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct start_values *v = values;
	if (!v->attach && !v->interactive)
		return remote_each(cli, argc, argv, start_one, v, err);
	if (argc > 1)
		return err_set(err, EINVAL, "you cannot start and attach multiple containers at once");
	return start_attached(cli, v, argv[0], err);
}

/* --- stop, restart, kill, pause --- */

static int stop_verb(
	struct client *c, const char *name, const struct stop_values *v, const char *verb, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_free_ char *seconds = v->seconds == STOP_DEFAULT ? NULL : xasprintf("%d", v->seconds);
	verb_path(&path, name, verb);
	query_add(&path, "t", seconds);
	query_add(&path, "signal", v->signal);
	return client_post(c, path.data, NULL, err);
}

static int stop_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	return stop_verb(c, name, values, "/stop", err);
}

static int restart_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	return stop_verb(c, name, values, "/restart", err);
}

static int kill_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	const struct kill_values *v = values;
	_cleanup_buf_ struct buf path = { 0 };
	verb_path(&path, name, "/kill");
	query_add(&path, "signal", v->signal);
	return client_post(c, path.data, NULL, err);
}

static int pause_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	return post_verb(c, name, "/pause", err);
}

static int unpause_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	return post_verb(c, name, "/unpause", err);
}

static int rm_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	const struct rm_values *v = values;
	_cleanup_buf_ struct buf path = { 0 };
	verb_path(&path, name, "");
	query_add(&path, "force", v->force ? "1" : NULL);
	query_add(&path, "v", v->volumes ? "1" : NULL);
	int rc = client_delete(c, path.data, err);
	if (rc == -ENOENT && v->force) { /* docker: `rm -f` of what is not there says so and succeeds */
		err_print(err, "minictr");
		return 0;
	}
	return rc;
}

static int all_or_each(struct cli *cli, bool all, const char *states, int argc, char **argv,
	int (*act)(struct client *c, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	int rc = names_or_all(cli, all, states, argc, argv, &names, err);
	return rc < 0 ? rc : remote_each(cli, (int)strv_len(names), names, act, values, err);
}

int remote_stop(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stop_values *v = values;
	return all_or_each(cli, v->all, "running paused restarting", argc, argv, stop_one, v, err);
}

int remote_restart(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stop_values *v = values;
	return all_or_each(cli, v->all, "running paused restarting", argc, argv, restart_one, v, err);
}

int remote_kill(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct kill_values *v = values;
	return all_or_each(cli, v->all, "running paused restarting", argc, argv, kill_one, v, err);
}

int remote_pause(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct pause_values *v = values;
	return all_or_each(cli, v->all, "running", argc, argv, pause_one, v, err);
}

int remote_unpause(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct pause_values *v = values;
	return all_or_each(cli, v->all, "paused", argc, argv, unpause_one, v, err);
}

int remote_rm(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct rm_values *v = values;
	return all_or_each(cli, v->all, NULL, argc, argv, rm_one, v, err);
}

/* --- rename, update --- */

int remote_rename(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	verb_path(&path, argv[0], "/rename");
	query_add(&path, "name", argv[1]);
	int rc = client_open(cli, &c, err);
	return rc < 0 ? rc : client_post(&c, path.data, NULL, err);
}

static int update_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	const struct update_options *o = values;
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = { { "Memory", (int64_t)o->memory },
		{ "MemoryReservation", (int64_t)o->memory_reservation }, { "MemorySwap", o->memory_swap },
		{ "NanoCpus", (int64_t)o->nano_cpus }, { "CpuShares", (int64_t)o->cpu_shares },
		{ "CpuPeriod", (int64_t)o->cpu_period }, { "CpuQuota", o->cpu_quota },
		{ "PidsLimit", o->pids_limit } };
	_cleanup_json_ struct json *body = json_new_object(), *answer = NULL;
	_cleanup_buf_ struct buf path = { 0 };
	struct json *restart = NULL;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].value)
			json_set_i64(body, numbers[i].key, numbers[i].value);
	json_set_string(body, "CpusetCpus", o->cpuset_cpus);
	json_set_string(body, "CpusetMems", o->cpuset_mems);
	int rc = o->restart ? options_parse_restart(o->restart, &restart, err) : 0;
	if (rc < 0)
		return rc;
	if (restart)
		json_set(body, "RestartPolicy", restart);
	verb_path(&path, name, "/update");
	return client_call(
		c, &(struct client_call){ .method = "POST", .path = path.data, .body = body }, &answer, err);
}

int remote_update(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	int rc = update_check(values, err);
	return rc < 0 ? rc : remote_each(cli, argc, argv, update_one, values, err);
}

/* --- wait --- */

int remote_wait(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	static const struct {
		const char *word, *condition;
	} known[] = { { "stopped", "not-running" }, { "not-running", "not-running" },
		{ "exited", "not-running" }, { "next-exit", "next-exit" }, { "removed", "removed" } };
	const struct wait_values *v = values;
	const char *condition = v->conditions ? NULL : "";
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (v->conditions && !v->conditions[1] && str_eq(v->conditions[0], known[i].word))
			condition = known[i].condition;
	if (!condition) {
		err_set(err, EINVAL, "--condition: a daemon waits for one of stopped, next-exit and removed");
		return err_exit(err, 125);
	}
	_cleanup_client_ struct client c = { 0 };
	int status = 0, rc = client_open(cli, &c, err);
	for (int i = 0; rc >= 0 && i < argc; i++) {
		_cleanup_json_ struct json *doc = NULL;
		_cleanup_buf_ struct buf path = { 0 };
		struct mc_err one = { 0 };
		verb_path(&path, argv[i], "/wait");
		query_add(&path, "condition", *condition ? condition : NULL);
		if (client_call(&c, &(struct client_call){ .method = "POST", .path = path.data }, &doc,
			    &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
			continue;
		}
		printf("%lld\n", (long long)json_int_of(json_member(doc, "StatusCode")));
		fflush(stdout);
	}
	return rc < 0 ? rc : status;
}
