/*
 * ops_images.c - images over the API, those that are here: lists, names, removal.
 */
#include "daemon/ops_image_job.h"

#include "daemon/image_events.h"
#include "engine/events.h"
#include "engine/image_uses.h"
#include "engine/inspect.h"
#include "engine/row_filter.h"
#include "image/image.h"
#include "image/name.h"

/* --- list --- */

int op_images_list(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *rows = json_new_array();
	const char *reference = request_query(q, "filter");
	int store = engine_store(e, err);
	int rc = store < 0 ? store : request_filters(q, &filters, err);
	/* API below 1.41 had a parameter of its own for one filter. */
	if (reference && *reference)
		strv_pushf(&filters, "reference=%s", reference);
	if (rc >= 0)
		rc = job_images(store, NULL, filters, request_api(q), rows, err);
	if (rc < 0)
		return rc;
	reply_json(r, 200, rows);
	return 0;
}

/* --- one image --- */

/* docker's words, with the tag that was meant: clients look for "No such image". */
static int find_image(int store, const char *text, struct image *ret, struct mc_err *err)
{
	struct image_name n;
	struct mc_err ignored = { 0 };
	int rc = image_lookup(store, text, ret, err);
	if (rc != -ENOENT || image_name_parse(text, &n, &ignored) < 0)
		return rc;
	_cleanup_free_ char *brief = image_name_short(&n);
	err->hint[0] = '\0';
	return err_set(err, ENOENT, "No such image: %s", brief);
}

static void set_driver(struct engine *e, int store, const struct image *img, struct json *doc)
{
	_cleanup_strv_ char **layers = NULL;
	_cleanup_buf_ struct buf lower = { 0 };
	struct mc_err ignored = { 0 };
	struct json *driver = json_sub(doc, "GraphDriver"), *data = json_sub(driver, "Data");
	if (image_layers(store, img, NULL, &layers, &ignored) < 0)
		layers = NULL;
	for (size_t i = 1; layers && layers[0] && layers[i]; i++)
		buf_addf(&lower, "%s%s", lower.len ? ":" : "", layers[i]);
	json_set_string(driver, "Name", "overlay2");
	if (lower.len)
		json_set_string(data, "LowerDir", lower.data);
	json_set_string(data, "UpperDir", layers && layers[0] ? layers[0] : "");
}

/* Members that old clients read without asking whether they are there (portainer issue 6294). */
static void set_old_members(const struct image *img, int api, struct json *doc)
{
	const struct json *size = json_member(doc, "Size");
	const struct json *past = json_member(img->config, "container_config");
	const char *container = json_text_of(json_member(img->config, "container"));
	if (api < 44)
		json_set(doc, "VirtualSize", json_copy(size));
	json_set_string(doc, "DockerVersion", "");
	json_set_string(doc, "Container", container ? container : "");
	json_set_string(json_sub(doc, "Metadata"), "LastTagTime", "0001-01-01T00:00:00Z");
	inspect_fill_image(json_sub(doc, "Config"));
	past = json_kind_of(past) == JSON_OBJECT ? past : json_member(doc, "Config");
	inspect_fill_image(json_set(doc, "ContainerConfig", json_copy(past)));
}

int op_image_inspect(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	int store = engine_store(e, err);
	int rc = store < 0 ? store : find_image(store, request_name(q), &img, err);
	if (rc < 0)
		return rc;
	_cleanup_json_ struct json *doc = image_describe(&img);
	uint64_t bytes = image_unpacked_size(store, &img);
	if (bytes)
		json_set_u64(doc, "Size", bytes);
	set_driver(e, store, &img, doc);
	set_old_members(&img, request_api(q), doc);
	reply_json(r, 200, doc);
	return 0;
}

int op_image_history(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	_cleanup_json_ struct json *list = json_new_array();
	struct image_step *steps = NULL;
	size_t n = 0;
	int store = engine_store(e, err);
	int rc = store < 0 ? store : find_image(store, request_name(q), &img, err);
	if (rc >= 0)
		rc = image_history(store, &img, &steps, &n, err);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		struct json *o = json_add(list, json_new_object());
		json_set_string(o, "Id", steps[i].id.text[0] ? steps[i].id.text : "<missing>");
		json_set_i64(o, "Created", steps[i].created / 1000000000);
		json_set_string(o, "CreatedBy", steps[i].created_by ? steps[i].created_by : "");
		json_set(o, "Tags", i == 0 && img.names ? json_new_strv(img.names) : NULL);
		json_set_u64(o, "Size", steps[i].size);
		json_set_string(o, "Comment", steps[i].comment ? steps[i].comment : "");
	}
	image_history_free(steps, n);
	if (rc < 0)
		return rc;
	reply_json(r, 200, list);
	return 0;
}

int op_image_tag(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	const char *repo = request_query(q, "repo"), *tag = request_query(q, "tag");
	int store = engine_store(e, err);
	int rc = store < 0 ? store : find_image(store, request_name(q), &img, err);
	if (rc >= 0 && (!repo || !*repo))
		rc = err_set(err, EINVAL, "repository name cannot be empty");
	if (rc < 0)
		return rc;
	_cleanup_free_ char *target = tag && *tag ? xasprintf("%s:%s", repo, tag) : xstrdup(repo);
	rc = image_tag(store, request_name(q), target, err);
	if (rc < 0)
		return rc;
	job_image_event(e, "tag", target);
	reply_empty(r, 201);
	return 0;
}

/* --- remove and prune --- */

struct removal {
	struct engine *engine;
	struct json *list;
};

/* "Untagged: NAME" and "Deleted: ID" become docker's objects. */
static void removal_line(void *arg, const char *line)
{
	struct removal *x = arg;
	const char *colon = strstr(line, ": ");
	if (!colon)
		return;
	_cleanup_free_ char *key = xstrndup(line, (size_t)(colon - line));
	if (*key >= 'a' && *key <= 'z')
		*key = (char)(*key - 'a' + 'A');
	json_set_string(json_add(x->list, json_new_object()), key, colon + 2);
	job_image_event(x->engine, *key == 'U' ? "untag" : "delete", colon + 2);
}

static int begin_removal(struct engine *e, int *ret_pin, struct image_uses *uses, struct mc_err *err)
{
	int store = engine_store(e, err);
	*ret_pin = store < 0 ? store : store_pin_none(store, err);
	return *ret_pin < 0 ? *ret_pin : engine_image_uses(e, uses, err);
}

int op_image_remove(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *list = json_new_array();
	struct removal x = { e, list };
	struct image_report report = { removal_line, &x };
	struct image_uses uses = { 0 };
	_cleanup_image_ struct image img = { 0 };
	_cleanup_close_ int pin = -1;
	int rc = begin_removal(e, &pin, &uses, err);
	if (rc >= 0)
		rc = find_image(e->store, request_name(q), &img, err);
	if (rc >= 0)
		rc = image_remove(e->store, request_name(q), request_flag(q, "force", false),
			request_flag(q, "noprune", false), &uses, &report, err);
	free((void *)uses.use);
	if (rc < 0)
		return rc;
	reply_json(r, 200, list);
	return 0;
}

/* "dangling=false" is how clients say "all". */
static bool wants_all(char **filters)
{
	bool all = false;
	size_t kept = 0;
	for (size_t i = 0; filters && filters[i]; i++) {
		if (!str_starts(filters[i], "dangling=")) {
			filters[kept++] = filters[i];
			continue;
		}
		all = str_eq(filters[i], "dangling=false") || str_eq(filters[i], "dangling=0");
		free(filters[i]);
	}
	if (filters)
		filters[kept] = NULL;
	return all;
}

int op_images_prune(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	struct removal x = { e, json_set(doc, "ImagesDeleted", json_new_array()) };
	struct image_report report = { removal_line, &x };
	_cleanup_strv_ char **filters = NULL;
	struct image_uses uses = { 0 };
	uint64_t freed = 0;
	_cleanup_close_ int pin = -1;
	static const struct filter_key keys[] = { { "dangling", FILTER_BOOL, NULL },
		{ "until", FILTER_TIME, NULL }, { "label", FILTER_TEXT, NULL },
		{ "label!", FILTER_TEXT, NULL }, { NULL, 0, NULL } };
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = filter_check_values(filters, keys, err);
	bool all = wants_all(filters);
	if (rc >= 0)
		rc = begin_removal(e, &pin, &uses, err);
	if (rc >= 0)
		rc = image_prune(e->store, all, filters, &uses, &report, &freed, err);
	free((void *)uses.use);
	if (rc < 0)
		return rc;
	event_prune(e, "image", freed);
	json_set_u64(doc, "SpaceReclaimed", freed);
	reply_json(r, 200, doc);
	return 0;
}
