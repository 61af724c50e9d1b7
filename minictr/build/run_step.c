/*
 * run_step.c - the program of a RUN: in a container like any other, with config.json, default capabilities
 * and filter, but without a record, a monitor or a log.
 *
 * Order and why: what the program is given (words, environment, directory, user) is put into docker's
 * "Config" and "HostConfig", and engine/spec makes config.json of it: the same road as `minictr run`. The
 * bundle lies in the engine's run directory, on tmpfs, and is removed with the step.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "build/run_keeper.h"
#include "build/publish.h"
#include "build/run_mounts.h"
#include "build/run_network.h"
#include "build/steps.h"
#include "engine/spec/spec.h"

#define RUN_HOSTNAME "buildkitsandbox" /* BuildKit's: some build scripts look for it */

/* --- what it is given --- */

static const char *network_of(const struct build *b, const struct instruction *i)
{
	const char *flag = instruction_flag(i, "network");
	if (!flag || str_eq(flag, "default"))
		flag = b->all->o->network;
	return !flag || str_eq(flag, "default") ? "bridge" : flag;
}

int run_key(const struct build *b, const struct instruction *i, struct key *k, struct mc_err *err)
{
	_cleanup_strv_ char **words = stage_config_argv(&b->config, i),
			    **env = stage_config_key_env(&b->config);
	key_add_list(k, "word", words);
	for (size_t n = 0; env && env[n]; n++) {
		size_t len = strcspn(env[n], "=");
		_cleanup_free_ char *name = xasprintf("variable %.*s", (int)len, env[n]);
		key_add(k, name, env[n][len] ? env[n] + len + 1 : "");
	}
	key_add(k, "directory", stage_config_workdir(&b->config));
	key_add(k, "user", stage_config_user(&b->config));
	key_add(k, "network", network_of(b, i));
	key_add(k, "security", instruction_flag(i, "security"));
	return run_mounts_key(b, i, k, err);
}

/* --- the container --- */

/* An engine whose root is the run directory: config.json and the three files of /etc are made there. */
struct bundle {
	struct engine engine;
	struct container c;
	char *path;
};

static void bundle_release(struct bundle *n)
{
	struct mc_err ignored;
	if (n->path)
		dir_remove(AT_FDCWD, n->path, &ignored);
	free(n->path);
	free(n->engine.root);
	json_free(n->c.doc);
}

static int bundle_begin(struct build *b, const struct instruction *i, struct bundle *n, struct mc_err *err)
{
	static int serial;
	_cleanup_strv_ char **words = stage_config_argv(&b->config, i),
			    **env = stage_config_run_env(&b->config, &b->all->args);
	*n = (struct bundle){ .engine = *b->all->engine };
	n->engine.root = xasprintf("%s/build", b->all->engine->run_dir);
	snprintf(n->c.id, sizeof(n->c.id), "build-%s-%d", b->all->nonce,
		__atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED));
	n->c.name = n->c.id;
	n->c.doc = json_new_object();
	n->c.config = json_sub(n->c.doc, "Config");
	n->c.host = json_sub(n->c.doc, "HostConfig");
	json_set_string(n->c.doc, "Path", words[0]);
	json_set_strv(n->c.doc, "Args", words + 1);
	json_set_string(n->c.config, "Hostname", RUN_HOSTNAME);
	json_set_string(n->c.config, "User", stage_config_user(&b->config));
	json_set_string(n->c.config, "WorkingDir", stage_config_workdir(&b->config));
	json_set_strv(n->c.config, "Env", env);
	json_set_string(n->c.host, "NetworkMode", network_of(b, i));
	json_set_strv(n->c.host, "ExtraHosts", b->all->o->hosts);
	n->path = container_path(&n->engine, n->c.id, "");
	n->path[strlen(n->path) - 1] = '\0';
	_cleanup_free_ char *rootfs = xasprintf("%s/rootfs", n->path);
	return dir_make(AT_FDCWD, rootfs, 0700, err);
}

/* Its network namespace is the one that the stage's RUNs share. */
static void join_network(struct json *doc, pid_t holder)
{
	const struct json *list = json_at(doc, "linux.namespaces");
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)holder);
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_text_of(json_member(json_item(list, i), "type")), "network"))
			json_set_string((struct json *)json_item(list, i), "path", path);
}

static int write_config(
	struct build *b, struct bundle *n, const struct run_mounts *mounts, int root, struct mc_err *err)
{
	static const struct id_maps none;
	struct spec_input in = { .engine = &n->engine, .container = &n->c, .rootfs = root, .ids = &none };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_free_ char *path = xasprintf("%s/config.json", n->path);
	const char *mode = json_text_of(json_member(n->c.host, "NetworkMode"));
	bool plugged = str_eq(mode, "bridge") || run_network_is_named(mode);
	int holder = plugged ? run_network_get(b, err) : 0;
	if (holder < 0)
		return holder;
	in.network = holder ? b->network->program : NULL;
	if (plugged)
		run_network_names(b, n->c.host);
	int rc = spec_write_files(&in, err);
	if (rc >= 0)
		rc = spec_make(&in, &doc, err);
	if (rc >= 0 && holder)
		join_network(doc, holder);
	if (rc >= 0)
		rc = run_mounts_add(mounts, doc, err);
	return rc < 0 ? rc : json_write_file(AT_FDCWD, path, doc, 0600, 0, err);
}

/* --- its output --- */

struct output {
	struct build *b;
	struct buf line;
	char *const *hidden; /* values of secrets */
};

static void say_output(struct output *o)
{
	_cleanup_free_ char *text = run_secrets_hide(o->hidden, o->line.data ? o->line.data : "");
	build_say(o->b, BUILD_OUTPUT, NULL, text);
	buf_clear(&o->line);
}

/*
 * Whole lines only: two stages print at the same time. A carriage return ends one too (progress bars of
 * tools).
 */
static void take_output(void *arg, const char *data, size_t len)
{
	struct output *o = arg;
	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n' && data[i] != '\r' && o->line.len < 8192) {
			buf_addc(&o->line, data[i]);
			continue;
		}
		if (o->line.len || data[i] == '\n')
			say_output(o);
		if (data[i] != '\n' && data[i] != '\r')
			buf_addc(&o->line, data[i]);
	}
}

static int run_container(struct build *b, struct keeper *k, const struct run_mounts *mounts, struct bundle *n,
	struct mc_err *err)
{
	struct output out = { .b = b, .hidden = mounts->hidden };
	_cleanup_free_ char *oci = NULL, *oci_root = xasprintf("%s/build-oci", b->all->engine->run_dir);
	int rc = program_path("minictr-oci", &oci, err);
	if (rc >= 0)
		rc = write_config(b, n, mounts, k->root, err);
	if (rc >= 0)
		rc = dir_make(AT_FDCWD, oci_root, 0700, err);
	k->oci = oci;
	k->oci_root = oci_root;
	k->bundle = n->path;
	k->id = n->c.id;
	k->mounts = mounts->attach;
	k->n_mounts = mounts->n_attach;
	k->output = take_output;
	k->arg = &out;
	if (rc >= 0)
		rc = keeper_run(k, err);
	if (out.line.len)
		say_output(&out);
	buf_release(&out.line);
	return rc;
}

int run_program(struct build *b, const struct instruction *i, const struct upper *u, int *ret_exit,
	struct mc_err *err)
{
	struct bundle n = { 0 };
	struct run_mounts mounts = { 0 };
	struct run_points points = { 0 };
	struct keeper k = {
		.systemd = b->all->engine->systemd, .root = u->root, .cancel = build_cancel_fd()
	};
	int rc = bundle_begin(b, i, &n, err);
	if (rc >= 0)
		rc = run_mounts_make(b, i, n.path, &mounts, err);
	if (rc >= 0)
		rc = run_points_begin(u->root, &mounts, &points, err);
	if (rc >= 0)
		rc = *ret_exit = run_container(b, &k, &mounts, &n, err);
	run_points_end(&points, u->root);
	run_mounts_end(&mounts);
	bundle_release(&n);
	return rc < 0 ? rc : 0;
}

int run_failed(struct build *b, const struct instruction *i, struct upper *u, int status, struct mc_err *err)
{
	_cleanup_strv_ char **words = stage_config_argv(&b->config, i);
	_cleanup_buf_ struct buf text = { 0 };
	for (size_t n = 0; words && words[n]; n++)
		buf_addf(&text, "%s%s", n ? " " : "", words[n]);
	failed_state_keep(b, u);
	b->all->result->step_exit = status;
	free(b->all->result->step_command);
	b->all->result->step_command = xstrdup(text.data ? text.data : "");
	err_set(err, ECHILD, "process \"%.300s\" did not complete successfully: exit code: %d", text.data,
		status);
	return err_hint(err, "last good image: " FAILED_BEFORE "; what the step left: " FAILED_AFTER
			     "; a shell in it: minictr debug build");
}
