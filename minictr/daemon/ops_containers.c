/*
 * ops_containers.c - lists, documents, and what is done to a container that need not run.
 */
#include "daemon/ops_job.h"

#include "base/warn.h"
#include "daemon/create_body.h"
#include "daemon/job.h"
#include "daemon/list_cache.h"
#include "engine/attach.h"
#include "engine/container_diff.h"
#include "engine/create.h"
#include "engine/ensure_image.h"
#include "engine/events.h"
#include "engine/inspect.h"
#include "engine/network_jobs.h"
#include "engine/ps_filters.h"
#include "engine/spec/options.h"
#include "engine/stop.h"
#include "image/store.h"

/* --- list and inspect --- */

static int list_rows(struct engine *e, const struct request *q, char *const filters[], struct json *rows,
	struct mc_err *err)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int store = store_open(e->root, &ignored);
	struct ps_context ps = { .engine = e, .list = &list, .store = store };
	int64_t limit;
	bool size = request_flag(q, "size", false);
	int rc = request_number(q, "limit", 0, &limit, err);
	if (rc >= 0)
		rc = container_list(e, &list, err);
	if (rc >= 0)
		rc = ps_filter_check(&list, filters, err);
	bool any_state = request_flag(q, "all", false) || limit > 0 || ps_filter_asks_state(filters);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		const struct container *c = &list.items[i];
		struct json *row = NULL;
		if ((!any_state && !container_is_active(c)) || !ps_filter(&ps, c, filters))
			continue;
		if (limit > 0 && json_len(rows) == (size_t)limit)
			break;
		if (container_summary(e, c, size, &row, &ignored) == 0)
			json_add(rows, row);
	}
	return rc;
}

int op_list(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *rows = json_new_array();
	_cleanup_buf_ struct buf text = { 0 };
	const char *limit = request_query(q, "limit");
	int rc = request_filters(q, &filters, err);
	/* what `docker ps` asks for is answered from the rows of the last time */
	bool plain = !strv_len(filters) && (!limit || str_eq(limit, "0")) && !request_flag(q, "size", false);
	if (rc >= 0 && plain)
		rc = list_cache_rows(e, request_flag(q, "all", false), &text, err);
	else if (rc >= 0)
		rc = list_rows(e, q, filters, rows, err);
	if (rc < 0)
		return rc;
	if (plain)
		reply_json_text(r, 200, text.data);
	else
		reply_json(r, 200, rows);
	return 0;
}

int op_inspect(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0)
		rc = container_inspect(e, &c, request_flag(q, "size", false), &doc, err);
	if (rc < 0)
		return rc;
	reply_json(r, 200, doc);
	return 0;
}

/* --- create --- */

/*
 * A 404 makes the docker command fetch the image and ask again. So only a missing image, or one of another
 * platform, is one: a missing container, path or runtime is a fault of the request.
 */
static int blame_request(struct engine *e, const struct run_options *o, struct mc_err *err)
{
	const struct image_wish wish = { .name = o->image, .pull = PULL_NEVER };
	struct image image = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int pin = -1;
	if (ensure_image(e, &wish, &image, &pin, &ignored) >= 0 &&
		options_check_platform(o, image.config, &ignored) >= 0)
		err->code = EINVAL;
	image_free(&image);
	return -err->code;
}

int op_create(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct run_options o = RUN_OPTIONS_DEFAULT;
	_cleanup_json_ struct json *exact = NULL, *doc = json_new_object();
	const char *name = request_query(q, "name"), *platform = request_query(q, "platform");
	char id[CONTAINER_ID_LEN + 1];
	run_options_init(&o);
	int rc = create_body_parse(e, (struct json *)request_body(q), &o, &exact, err);
	if (name && *name)
		o.name = xstrdup(name);
	if (platform && *platform)
		o.platform = xstrdup(platform);
	if (rc >= 0)
		rc = container_create(e, &o, id, err);
	if (rc == -ENOENT && o.image)
		rc = blame_request(e, &o, err);
	run_options_release(&o);
	if (rc < 0)
		return rc;
	json_set_string(doc, "Id", id);
	json_set(doc, "Warnings", job_warnings());
	reply_json(r, 201, doc);
	return 0;
}

/* --- remove, prune, rename --- */

int op_remove(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	unsigned flags = (request_flag(q, "force", false) ? REMOVE_FORCE : 0) |
			 (request_flag(q, "v", false) ? REMOVE_VOLUMES : 0);
	int rc = request_flag(q, "link", false) ? engine_unlink(e, request_name(q), err)
						: container_remove(e, request_name(q), flags, err);
	if (rc < 0)
		return rc;
	reply_empty(r, 204);
	return 0;
}

static void add_id(const struct container *c, void *data) { json_add(data, json_new_string(c->id)); }

int op_containers_prune(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	struct json *ids = json_set(doc, "ContainersDeleted", json_new_array());
	uint64_t freed = 0;
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = containers_prune(e, filters, add_id, ids, &freed, err);
	if (rc < 0)
		return rc;
	json_set_u64(doc, "SpaceReclaimed", freed);
	reply_json(r, 200, doc);
	return 0;
}

int op_rename(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const char *name = request_query(q, "name");
	int rc = name && *name ? container_rename(e, request_name(q), name, err)
			       : err_set(err, EINVAL, "Neither old nor new names may be empty");
	if (rc < 0)
		return rc;
	reply_empty(r, 204);
	return 0;
}

/* --- update --- */

static int read_update(const struct json *b, struct update_options *o, struct mc_err *err)
{
	int rc = json_get_u64(b, &o->memory, err, "Memory");
	if (rc >= 0)
		rc = json_get_u64(b, &o->memory_reservation, err, "MemoryReservation");
	if (rc >= 0)
		rc = json_get_i64(b, &o->memory_swap, err, "MemorySwap");
	if (rc >= 0)
		rc = json_get_u64(b, &o->nano_cpus, err, "NanoCpus");
	if (rc >= 0)
		rc = json_get_u64(b, &o->cpu_shares, err, "CpuShares");
	if (rc >= 0)
		rc = json_get_u64(b, &o->cpu_period, err, "CpuPeriod");
	if (rc >= 0)
		rc = json_get_i64(b, &o->cpu_quota, err, "CpuQuota");
	if (rc >= 0)
		rc = json_get_i64(b, &o->pids_limit, err, "PidsLimit");
	return rc;
}

static const char *text_or_null(const struct json *b, const char *key)
{
	const char *text = json_text_of(json_member(b, key));
	return text && *text ? text : NULL;
}

int op_update(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *b = request_body(q);
	_cleanup_json_ struct json *doc = json_new_object();
	const char *policy = json_text_of(json_at(b, "RestartPolicy.Name"));
	int64_t count = json_int_of(json_at(b, "RestartPolicy.MaximumRetryCount"));
	_cleanup_free_ char *restart = !policy || !*policy ? NULL
				       : count             ? xasprintf("%s:%lld", policy, (long long)count)
							   : xstrdup(policy);
	struct update_options o = { .restart = restart,
		.cpuset_cpus = text_or_null(b, "CpusetCpus"),
		.cpuset_mems = text_or_null(b, "CpusetMems") };
	int rc = read_update(b, &o, err);
	if (rc >= 0 && json_int_of(json_member(b, "BlkioWeight")))
		warn_user("the block I/O weight is not changed: it is set when a container is created");
	if (rc >= 0)
		body_warn_limits(b);
	if (rc >= 0)
		rc = container_update(e, request_name(q), &o, err);
	if (rc < 0)
		return rc;
	json_set(doc, "Warnings", job_warnings());
	reply_json(r, 200, doc);
	return 0;
}

/* --- top, changes, resize --- */

int op_top(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_strv_ char **args = NULL;
	const char *given = request_query(q, "ps_args");
	_cleanup_free_ char *text = xstrdup(given ? given : "");
	char *save = NULL;
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save))
		strv_push(&args, w);
	int rc = container_top(e, request_name(q), args, &doc, err);
	if (rc < 0)
		return rc;
	event_named(e, request_name(q), "top");
	reply_json(r, 200, doc);
	return 0;
}

static void add_change(char kind, const char *path, void *data)
{
	struct json *o = json_add(data, json_new_object());
	json_set_string(o, "Path", path);
	json_set_i64(o, "Kind", kind == 'C' ? 0 : kind == 'A' ? 1 : 2);
}

int op_changes(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *list = json_new_array();
	int rc = container_diff(e, request_name(q), add_change, list, err);
	if (rc < 0)
		return rc;
	reply_json(r, 200, list);
	return 0;
}

int op_resize(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int64_t rows, columns;
	int rc = request_window(q, &rows, &columns, err);
	if (rc >= 0)
		rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0 && !container_is_active(&c))
		rc = err_set(err, ESRCH, "Container %s is not running", c.id);
	/* Some clients ask for 0 by 0 while they have no terminal yet: nothing changes. */
	if (rc >= 0 && rows && columns)
		rc = container_resize(e, c.id, (unsigned)rows, (unsigned)columns, err);
	if (rc < 0)
		return rc;
	reply_empty(r, 200);
	return 0;
}
