/*
 * remote_run.c - run, create and attach on a daemon.
 *
 * Order and why (docker's own): create; attach, so that no byte of the program is lost; wait, so that its end
 * cannot be missed; only then start. The exit code is what wait answers. With --rm the daemon removes the
 * container, and wait answers after that.
 */
#include "cli/remote/remote.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/client_config.h"
#include "cli/remote/client_pump.h"
#include "cli/remote/remote_spec.h"
#include "engine/spec/options.h"

/* --- create --- */

/* 404 of a create may be an image's, a network's or a volume's. Is it the image that is not there? */
static bool image_is_absent(struct client *c, const char *image)
{
	_cleanup_buf_ struct buf path = { 0 };
	struct mc_err err = { 0 };
	buf_adds(&path, "/images/");
	path_add(&path, image);
	buf_adds(&path, "/json");
	return client_get(c, path.data, NULL, &err) == -ENOENT;
}

static int post_create(struct client *c, const struct run_options *o, const struct json *body, char **ret_id,
	struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_json_ struct json *answer = NULL;
	buf_adds(&path, "/containers/create");
	query_add(&path, "name", o->name);
	query_add(&path, "platform", o->platform);
	int rc = client_call(
		c, &(struct client_call){ .method = "POST", .path = path.data, .body = body }, &answer, err);
	if (rc < 0)
		return rc;
	const struct json *warnings = json_member(answer, "Warnings");
	for (size_t i = 0; i < json_len(warnings); i++)
		fprintf(stderr, "WARNING: %s\n", json_text_of(json_item(warnings, i)));
	*ret_id = xstrdup(json_text_of(json_member(answer, "Id")));
	return *ret_id ? 0 : err_set(err, EPROTO, "the daemon made a container and did not say its id");
}

static int connect_more(struct client *c, const struct json *more, const char *id, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < json_len(more); i++) {
		_cleanup_buf_ struct buf path = { 0 };
		_cleanup_json_ struct json *body = json_new_object();
		buf_adds(&path, "/networks/");
		path_add(&path, json_text_of(json_member(json_item(more, i), "Name")));
		buf_adds(&path, "/connect");
		json_set_string(body, "Container", id);
		json_set(body, "EndpointConfig", json_copy(json_member(json_item(more, i), "Settings")));
		rc = client_post(c, path.data, body, err);
	}
	return rc;
}

static int write_cidfile(const char *path, const char *id, struct mc_err *err)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, EEXIST,
			"container ID file found, make sure the other container isn't running or delete %s",
			path);
	return fd < 0 ? err_sys(err, "container ID file %s", path) : file_write_all(fd, id, strlen(id), err);
}

static int remove_container(struct client *c, const char *name, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/containers/");
	path_add(&path, name);
	buf_adds(&path, "?force=1&v=1");
	int rc = client_delete(c, path.data, err);
	return rc == -ENOENT ? 0 : rc;
}

/* Tells of the missing image as docker does. */
static int fetch_absent(struct client *c, const struct run_options *o, struct mc_err *err)
{
	if (o->image_absent)
		o->image_absent(o->image);
	return remote_fetch(c, o->image, o->platform, STDERR_FILENO, o->quiet_pull, false, err);
}

static int create(struct client *c, const struct run_values *v, char **ret_id, struct mc_err *err)
{
	const struct run_options *o = &v->o;
	_cleanup_json_ struct json *body = NULL, *more = NULL;
	int rc = options_check(o, err);
	if (rc >= 0)
		rc = remote_spec(o, c->minor, &body, &more, err);
	if (rc >= 0 && o->cidfile && path_exists(AT_FDCWD, o->cidfile))
		rc = write_cidfile(o->cidfile, "", err);
	if (rc >= 0 && v->replace)
		rc = remove_container(c, o->name, err);
	if (rc >= 0 && o->pull == PULL_ALWAYS)
		rc = remote_fetch(c, o->image, o->platform, STDERR_FILENO, o->quiet_pull, false, err);
	if (rc >= 0)
		rc = post_create(c, o, body, ret_id, err);
	if (rc == -ENOENT && o->pull == PULL_MISSING && image_is_absent(c, o->image)) {
		*err = (struct mc_err){ 0 };
		rc = fetch_absent(c, o, err);
		if (rc >= 0)
			rc = post_create(c, o, body, ret_id, err);
	}
	if (rc >= 0)
		rc = connect_more(c, more, *ret_id, err);
	if (rc >= 0 && o->cidfile)
		rc = write_cidfile(o->cidfile, *ret_id, err);
	return rc < 0 ? rc : 0;
}

int remote_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct run_values *v = (struct run_values *)values; /* ours to complete: the caller frees its lists */
	_cleanup_client_ struct client c = { 0 };
	_cleanup_free_ char *id = NULL;
	int rc = run_options_fill(v, argc, argv, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = create(&c, v, &id, err);
	if (rc >= 0)
		printf("%s\n", id);
	return rc < 0 ? rc : 0;
}

/* --- attach, wait, start --- */

struct starting {
	struct client *client;
	const char *id;
};

static int post_start(void *ctx, struct mc_err *err)
{
	const struct starting *s = ctx;
	_cleanup_free_ char *path = xasprintf("/containers/%s/start", s->id);
	return client_post(s->client, path, NULL, err);
}

static int attach_stream(
	struct client *c, const struct remote_follow *f, struct hijack **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	buf_addf(&path, "/containers/%s/attach?stream=1", f->id);
	query_add(&path, "stdin", f->input ? "1" : NULL);
	query_add(&path, "stdout", f->no_stdout ? NULL : "1");
	query_add(&path, "stderr", f->no_stderr ? NULL : "1");
	query_add(&path, "detachKeys", f->detach_keys);
	return hijack_open(c, path.data, NULL, ret, err);
}

/*
 * What a start that failed leaves as an exit code: 126, 127 or 125 (docker's daemon writes it into the
 * state).
 */
static int failed_start(
	struct client *c, const struct remote_follow *f, struct client_wait *w, struct mc_err *err)
{
	struct mc_err ignored = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_free_ char *path = xasprintf("/containers/%s/json", f->id);
	int64_t code = 0;
	if (f->removed) {
		if (client_wait_end(w, &doc, &ignored) >= 0)
			code = json_int_of(json_member(doc, "StatusCode"));
	} else {
		client_wait_drop(w);
		if (client_get(c, path, &doc, &ignored) >= 0)
			code = json_int_of(json_at(doc, "State.ExitCode"));
	}
	err_exit(err, code == 126 || code == 127 ? (int)code : 125);
	return -err->code;
}

static int finish(struct client_wait *w, int *ret_exit, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = client_wait_end(w, &doc, err);
	const char *message = rc < 0 ? NULL : json_text_of(json_at(doc, "Error.Message"));
	if (message && *message)
		return err_set(err, EIO, "%s", message);
	if (rc >= 0)
		*ret_exit = (int)json_int_of(json_member(doc, "StatusCode"));
	return rc;
}

int remote_follow(struct client *c, const struct remote_follow *f, int *ret_exit, struct mc_err *err)
{
	struct starting s = { c, f->id };
	struct client_wait *w = NULL;
	_cleanup_free_ char *what = xasprintf("containers/%s", f->id);
	_cleanup_free_ char *path = xasprintf("/containers/%s/wait%s", f->id,
		f->removed ? "?condition=removed"
		: f->start ? "?condition=next-exit"
			   : "");
	struct client_pump p = { .client = c,
		.what = what,
		.tty = f->tty,
		.input = f->input,
		.output = true,
		.no_stdout = f->no_stdout,
		.no_stderr = f->no_stderr,
		.sig_proxy = f->sig_proxy,
		.detach_keys = f->detach_keys,
		.ready = f->start ? post_start : NULL,
		.ctx = &s };
	int rc = attach_stream(c, f, &p.stream, err);
	if (rc < 0)
		return rc;
	rc = client_wait_begin(c, path, &w, err);
	if (rc < 0) {
		hijack_close(p.stream);
		return rc;
	}
	rc = client_pump(&p, err);
	if (rc < 0)
		return failed_start(c, f, w, err);
	if (rc == 1) {
		client_wait_drop(w);
		*ret_exit = 0;
		return 0;
	}
	return finish(w, ret_exit, err);
}

static int run_attached(
	struct client *c, const struct run_options *o, const char *id, int *ret, struct mc_err *err)
{
	const struct remote_follow f = { .id = id,
		.tty = o->tty,
		.input = o->interactive && (!o->attach || strv_has(o->attach, "stdin")),
		.start = true,
		.removed = o->rm,
		.no_stdout = o->attach && !strv_has(o->attach, "stdout"),
		.no_stderr = o->attach && !strv_has(o->attach, "stderr"),
		.sig_proxy = o->sig_proxy,
		.detach_keys = o->detach_keys };
	int rc = remote_follow(c, &f, ret, err);
	if (rc < 0 && o->rm) { /* an older daemon leaves what never ran */
		struct mc_err ignored = { 0 };
		remove_container(c, id, &ignored);
	}
	return rc;
}

int remote_run_verb(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct run_values *v = (struct run_values *)values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_free_ char *id = NULL;
	int exit_code = 0, rc = run_options_fill(v, argc, argv, err);
	if (rc >= 0 && !v->o.detach)
		rc = client_check_tty(v->o.tty, v->o.interactive, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = create(&c, v, &id, err);
	if (rc < 0)
		return rc;
	if (!v->o.detach) {
		rc = run_attached(&c, &v->o, id, &exit_code, err);
		return rc < 0 ? rc : exit_code;
	}
	struct starting s = { &c, id };
	rc = post_start(&s, err);
	if (rc < 0) {
		const struct remote_follow f = { .id = id };
		return failed_start(&c, &f, NULL, err);
	}
	printf("%s\n", id);
	return 0;
}

int remote_follow_look(struct client *c, const char *name, struct remote_follow *f, struct json **ret_doc,
	struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/containers/");
	path_add(&path, name);
	buf_adds(&path, "/json");
	int rc = client_get(c, path.data, ret_doc, err);
	if (rc < 0)
		return rc;
	f->id = json_text_of(json_member(*ret_doc, "Id"));
	json_get_bool(*ret_doc, &f->tty, err, "Config.Tty");
	json_get_bool(*ret_doc, &f->input, err, "Config.OpenStdin");
	return 0;
}

int remote_attach(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct attach_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_free_ char *own = v->detach_keys ? NULL : client_config("detachKeys");
	struct remote_follow f = { .sig_proxy = v->sig_proxy,
		.detach_keys = v->detach_keys ? v->detach_keys : own };
	bool running = false, paused = false;
	int exit_code = 0, rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = remote_follow_look(&c, argv[0], &f, &doc, err);
	if (rc < 0)
		return rc;
	json_get_bool(doc, &running, err, "State.Running");
	json_get_bool(doc, &paused, err, "State.Paused");
	if (!running || paused)
		return err_set(err, EINVAL, "You cannot attach to a %s container, %s it first",
			paused ? "paused" : "stopped", paused ? "unpause" : "start");
	f.input = f.input && !v->no_stdin;
	rc = client_check_tty(f.tty, f.input, err);
	if (rc >= 0)
		rc = remote_follow(&c, &f, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}
