/*
 * remote_images.c - images, history, rmi, tag, search on a daemon.
 */
#include "cli/remote/remote.h"

#include "image/name.h"
#include "image/verbs.h"
#include "registry/push.h"

/* "/images/NAME/VERB": slashes and colons of the name stay as they are. */
static void image_path(struct buf *path, const char *name, const char *verb)
{
	buf_adds(path, "/images/");
	path_add(path, name);
	buf_adds(path, verb);
}

/* --- images --- */

static char *text_before(const char *text, char end)
{
	const char *at = strrchr(text, end);
	return xstrndup(text, at ? (size_t)(at - text) : strlen(text));
}

static void add_lines(struct json *rows, const struct images_values *v, const struct json *image)
{
	const struct json *tags = json_member(image, "RepoTags");
	_cleanup_strv_ char **digests = NULL;
	struct mc_err ignored = { 0 };
	json_get_strv(image, &digests, &ignored, "RepoDigests");
	const char *id = json_text_of(json_member(image, "Id"));
	struct image_line l = { .id = id ? id : "",
		.created = json_int_of(json_member(image, "Created")) * 1000000000,
		.size = json_int_of(json_member(image, "Size")) };
	size_t shown = 0;
	for (size_t i = 0; i < json_len(tags); i++) {
		const char *name = json_text_of(json_item(tags, i));
		if (!name || str_eq(name, "<none>:<none>"))
			continue;
		_cleanup_free_ char *repository = text_before(name, ':');
		l.repository = repository;
		l.tag = name[strlen(repository)] ? name + strlen(repository) + 1 : "<none>";
		l.digest = image_digest_in(digests, repository);
		images_row(rows, v, &l);
		shown++;
	}
	if (shown)
		return;
	_cleanup_free_ char *repository =
		digests && digests[0] ? text_before(digests[0], '@') : xstrdup("<none>");
	l.repository = repository;
	l.tag = "<none>";
	l.digest = image_digest_in(digests, repository);
	images_row(rows, v, &l);
}

int remote_images(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct images_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *list = NULL, *rows = json_new_array();
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_strv_ char **filters = strv_copy(v->filters);
	if (v->tree)
		return err_set(err, ENOTSUP, "--tree needs the layers, and a daemon's are not in reach");
	if (argc)
		strv_pushf(&filters, "reference=%s", argv[0]);
	buf_adds(&path, "/images/json");
	query_add(&path, "all", v->all ? "1" : NULL);
	query_filters(&path, filters);
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, path.data, &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++)
		add_lines(rows, v, json_item(list, i));
	return rc < 0 ? rc : images_print(v, rows, err);
}

/* --- history --- */

int remote_history(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct history_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *list = NULL, *rows = json_new_array();
	_cleanup_buf_ struct buf path = { 0 };
	image_path(&path, argv[0], "/history");
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, path.data, &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		const struct json *s = json_item(list, i);
		const char *id = json_text_of(json_member(s, "Id")),
			   *by = json_text_of(json_member(s, "CreatedBy"));
		const char *comment = json_text_of(json_member(s, "Comment"));
		struct image_step step = { .created = json_int_of(json_member(s, "Created")) * 1000000000,
			.created_by = (char *)(by ? by : ""),
			.comment = (char *)(comment ? comment : ""),
			.size = (uint64_t)json_int_of(json_member(s, "Size")) };
		if (id && !str_eq(id, "<missing>"))
			snprintf(step.id.text, sizeof(step.id.text), "%s", id);
		json_add(rows, history_row(v, &step));
	}
	return rc < 0 ? rc : history_print(v, rows, err);
}

/* --- rmi, tag --- */

int remote_rmi(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct rmi_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	int status = 0, rc = client_open(cli, &c, err);
	for (int i = 0; rc >= 0 && i < argc; i++) { /* one that fails does not keep the others */
		_cleanup_json_ struct json *lines = NULL;
		_cleanup_buf_ struct buf path = { 0 };
		struct mc_err one = { 0 };
		image_path(&path, argv[i], "");
		query_add(&path, "force", v->force ? "1" : NULL);
		query_add(&path, "noprune", v->no_prune ? "1" : NULL);
		int got = client_call(
			&c, &(struct client_call){ .method = "DELETE", .path = path.data }, &lines, &one);
		if (got < 0) {
			err_print(&one, "minictr");
			status = got == -ENOENT && v->force ? status : 1;
		}
		for (size_t k = 0; k < json_len(lines); k++) {
			struct json_iter it = { 0 };
			while (json_next(json_item(lines, k), &it))
				printf("%s: %s\n", it.key, json_text_of(it.value));
		}
	}
	return rc < 0 ? rc : status;
}

int remote_tag(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	struct image_name to;
	int rc = image_name_parse(argv[1], &to, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *repository = image_name_repository(&to);
	image_path(&path, argv[0], "/tag");
	query_add(&path, "repo", repository);
	query_add(&path, "tag", to.tag);
	rc = client_open(cli, &c, err);
	return rc < 0 ? rc : client_post(&c, path.data, NULL, err);
}

/* --- search --- */

int remote_search(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct search_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *list = NULL, *rows = json_new_array();
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_free_ char *limit = xasprintf("%d", v->limit), *auth = remote_auth_header(argv[0]);
	buf_adds(&path, "/images/search");
	query_add(&path, "term", argv[0]);
	query_add(&path, "limit", limit);
	query_filters(&path, v->filters);
	int rc = search_limit_check(v, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_call(&c, &(struct client_call){ .path = path.data, .header = auth }, &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		const struct json *h = json_item(list, i);
		const char *name = json_text_of(json_member(h, "name")),
			   *text = json_text_of(json_member(h, "description"));
		struct search_hit hit = { .name = (char *)(name ? name : ""),
			.description = (char *)(text ? text : ""),
			.stars = json_int_of(json_member(h, "star_count")) };
		json_get_bool(h, &hit.official, err, "is_official");
		json_get_bool(h, &hit.automated, err, "is_automated");
		json_add(rows, search_row(&hit, v->no_trunc));
	}
	return rc < 0 ? rc : search_print(v, rows, err);
}
