/*
 * remote_transfer.c - pull, push, login; save, load, import, export, commit: images and files as streams.
 *
 * Passwords: a daemon that pulls for us needs what `login` stored here; it travels with the request
 * (X-Registry-Auth, base64 of JSON), for this image's registry only.
 */
#include "cli/remote/remote.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/file.h"
#include "base/result_file.h"
#include "cli/image_common.h"
#include "cli/remote/remote_progress.h"
#include "image/name.h"
#include "registry/login.h"

/* base64 with the alphabet of URLs (RFC 4648, 5), as docker's daemon wants it. */
static char *auth_text(const struct login *who, const char *host)
{
	_cleanup_json_ struct json *o = json_new_object();
	json_set_string(o, "username", who->user);
	json_set_string(o, "password", who->password);
	json_set_string(o, "identitytoken", who->identity_token);
	if (json_len(o))
		json_set_string(o, "serveraddress", login_key(host));
	_cleanup_free_ char *text = json_dump(o, false);
	char *encoded = base64_encode(text, strlen(text));
	for (char *p = encoded; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	return encoded;
}

char *remote_auth_header(const char *image)
{
	struct image_name name;
	struct mc_err ignored = { 0 };
	_cleanup_login_ struct login who = { 0 };
	const char *host = image_name_parse(image, &name, &ignored) < 0 ? "docker.io" : name.host;
	login_find(host, &who, &ignored);
	_cleanup_free_ char *text = auth_text(&who, host);
	return xasprintf("X-Registry-Auth: %s", text);
}

static int follow_progress(
	struct client *c, struct client_call *q, struct remote_progress *p, struct mc_err *err)
{
	struct json_cutter cutter = { .take = remote_progress_take, .ctx = p };
	q->sink = json_cut;
	q->ctx = &cutter;
	int rc = client_call(c, q, NULL, err);
	json_cutter_release(&cutter);
	return rc;
}

int remote_fetch(struct client *c, const char *name, const char *platform, int fd, bool quiet, bool all_tags,
	struct mc_err *err)
{
	struct image_name n;
	struct remote_progress p = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	int rc = image_name_parse(name, &n, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *repository = image_name_repository(&n), *auth = remote_auth_header(name);
	buf_adds(&path, "/images/create");
	query_add(&path, "fromImage", repository);
	query_add(&path, "tag", all_tags ? NULL : *n.digest.text ? n.digest.text : n.tag);
	query_add(&path, "platform", platform);
	p.progress = quiet ? NULL : progress_new(fd);
	rc = follow_progress(
		c, &(struct client_call){ .method = "POST", .path = path.data, .header = auth }, &p, err);
	remote_progress_release(&p);
	return rc;
}

int remote_pull(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct pull_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	struct image_name name;
	int rc = pull_name(v, argv[0], &name, err);
	if (rc < 0)
		return rc;
	rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = remote_fetch(
			&c, argv[0], v->registry.platform, STDOUT_FILENO, v->quiet, v->all_tags, err);
	_cleanup_free_ char *full = image_name_full(&name);
	if (rc >= 0)
		printf("%s\n", full);
	return rc < 0 ? rc : 0;
}

int remote_push(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct push_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	struct image_name n;
	int rc = image_name_parse(argv[0], &n, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *repository = image_name_repository(&n), *auth = remote_auth_header(argv[0]);
	_cleanup_free_ char *full = image_name_full(&n);
	buf_adds(&path, "/images/");
	path_add(&path, repository);
	buf_adds(&path, "/push");
	query_add(&path, "tag", v->all_tags ? NULL : n.tag);
	rc = client_open(cli, &c, err);
	struct remote_progress p = { .progress = v->quiet ? NULL : progress_new(STDOUT_FILENO) };
	if (rc >= 0)
		rc = follow_progress(&c,
			&(struct client_call){ .method = "POST", .path = path.data, .header = auth }, &p,
			err);
	remote_progress_release(&p);
	if (rc >= 0 && v->quiet)
		printf("%s\n", full);
	return rc < 0 ? rc : 0;
}

int remote_login(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_free_ char *host = login_host(argc ? argv[0] : "docker.io");
	_cleanup_login_ struct login who = { 0 };
	_cleanup_json_ struct json *body = json_new_object(), *answer = NULL;
	int rc = login_gather(values, &who, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	json_set_string(body, "username", who.user);
	json_set_string(body, "password", who.password);
	json_set_string(body, "serveraddress", login_key(host));
	if (rc >= 0)
		rc = client_call(&c, &(struct client_call){ .method = "POST", .path = "/auth", .body = body },
			&answer, err);
	const char *token = json_text_of(json_member(answer, "IdentityToken"));
	if (rc >= 0 && token && *token) {
		who.identity_token = xstrdup(token);
		free(take_ptr(&who.password));
	}
	return rc < 0 ? rc : login_keep(host, &who, err);
}

/* --- archives --- */

static int write_piece(void *ctx, const void *data, size_t len, struct mc_err *err)
{
	return file_write_all(*(int *)ctx, data, len, err);
}

/* An answer into a file (NULL: standard output). */
static int download(struct cli *cli, const char *path, const char *output, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_free_ char *temp = NULL;
	if (!output && isatty(STDOUT_FILENO))
		return err_set(
			err, EINVAL, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
	int rc = client_open(cli, &c, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int out = output ? output_begin(output, 0600, &temp, err) : dup(STDOUT_FILENO);
	if (out < 0)
		return output ? out : err_sys(err, "standard output");
	rc = client_call(
		&c, &(struct client_call){ .path = path, .sink = write_piece, .ctx = &out }, NULL, err);
	return output_end(output, temp, rc, err);
}

int remote_save(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct save_values *v = values;
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/images/get");
	for (int i = 0; i < argc; i++)
		query_add(&path, "names", argv[i]);
	return download(cli, path.data, v->output, err);
}

int remote_export(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct export_values *v = values;
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/containers/");
	path_add(&path, argv[0]);
	buf_adds(&path, "/export");
	return download(cli, path.data, v->output, err);
}

static int upload(struct cli *cli, const char *path, const char *input, bool quiet, struct remote_progress *p,
	struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_close_ int in = image_cli_input(input, err);
	int rc = in < 0 ? in : client_open(cli, &c, err);
	if (rc >= 0)
		rc = follow_progress(&c,
			&(struct client_call){
				.method = "POST", .path = path, .type = "application/x-tar", .fd = in },
			p, err);
	return rc < 0 ? rc : 0;
}

int remote_load(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct load_values *v = values;
	struct remote_progress p = {
		.progress = v->quiet || !isatty(STDOUT_FILENO) ? NULL : progress_new(STDOUT_FILENO),
		.text = stdout
	};
	int rc = upload(cli, v->quiet ? "/images/load?quiet=1" : "/images/load", v->input, v->quiet, &p, err);
	remote_progress_release(&p);
	return rc;
}

/* Keeps the last status: the id of what was made. */
static int take_status(void *ctx, const struct json *m, const char *text, struct mc_err *err)
{
	struct buf *last = ctx;
	const char *error = json_text_of(json_member(m, "error")),
		   *status = json_text_of(json_member(m, "status"));
	if (error)
		return err_set(err, EIO, "%.900s", error);
	buf_clear(last);
	buf_adds(last, status ? status : "");
	return 0;
}

int remote_import(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct import_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 }, id = { 0 };
	struct json_cutter cutter = { .take = take_status, .ctx = &id };
	/* A URL is fetched by the daemon, as docker does: its network, not ours, has to reach it. */
	bool is_url = fetch_is_url(argv[0]);
	buf_adds(&path, "/images/create");
	query_add(&path, "fromSrc", is_url ? argv[0] : "-");
	query_add(&path, "repo", argc > 1 ? argv[1] : NULL);
	query_add(&path, "message", v->message);
	query_add(&path, "platform", v->platform);
	for (size_t i = 0; v->changes && v->changes[i]; i++)
		query_add(&path, "changes", v->changes[i]);
	_cleanup_close_ int in = is_url ? -1 : image_cli_input(argv[0], err);
	int rc = in < 0 && !is_url ? in : client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_call(&c,
			&(struct client_call){ .method = "POST",
				.path = path.data,
				.type = is_url ? NULL : "application/x-tar",
				.fd = in,
				.sink = json_cut,
				.ctx = &cutter },
			NULL, err);
	json_cutter_release(&cutter);
	if (rc >= 0 && id.len)
		puts(id.data);
	return rc < 0 ? rc : 0;
}

int remote_commit(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct commit_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *answer = NULL, *body = json_new_object();
	_cleanup_buf_ struct buf path = { 0 };
	struct image_name n;
	int rc = argc > 1 ? image_name_parse(argv[1], &n, err) : 0;
	if (rc < 0)
		return rc;
	_cleanup_free_ char *repository = argc > 1 ? image_name_repository(&n) : NULL;
	buf_adds(&path, "/commit");
	query_add(&path, "container", argv[0]);
	query_add(&path, "repo", repository);
	query_add(&path, "tag", argc > 1 ? n.tag : NULL);
	query_add(&path, "author", v->author);
	query_add(&path, "comment", v->message);
	query_add(&path, "pause", v->pause ? NULL : "0");
	for (size_t i = 0; v->changes && v->changes[i]; i++)
		query_add(&path, "changes", v->changes[i]);
	rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_call(&c,
			&(struct client_call){ .method = "POST", .path = path.data, .body = body }, &answer,
			err);
	const char *id = json_text_of(json_member(answer, "Id"));
	if (rc >= 0 && id)
		puts(id);
	return rc < 0 ? rc : 0;
}
