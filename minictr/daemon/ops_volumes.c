/*
 * ops_volumes.c - volumes over the API.
 */
#include "daemon/ops_job.h"

#include "daemon/job.h"
#include "engine/volume_filters.h"

int op_volumes_list(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *all = NULL, *doc = json_new_object();
	struct json *list = json_set(doc, "Volumes", json_new_array());
	json_set(doc, "Warnings", NULL);
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = volume_filters_check(filters, err);
	if (rc >= 0)
		rc = engine_volume_list(e, false, &all, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < json_len(all); i++)
		if (volume_passes(json_item(all, i), filters))
			/* who uses it is told by system/df only */
			json_unset(json_add(list, json_copy(json_item(all, i))), "UsageData");
	reply_json(r, 200, doc);
	return 0;
}

static int reply_volume(struct engine *e, const char *name, int status, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = engine_volume_inspect(e, name, false, &doc, err);
	if (rc >= 0)
		reply_json(r, status, doc);
	return rc;
}

int op_volume_inspect(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	return reply_volume(e, request_name(q), 200, r, err);
}

int op_volume_create(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *b = request_body(q);
	const char *name = json_text_of(json_member(b, "Name")),
		   *driver = json_text_of(json_member(b, "Driver"));
	_cleanup_strv_ char **labels = job_pairs(json_member(b, "Labels")),
			    **options = job_pairs(json_member(b, "DriverOpts"));
	static const struct {
		const char *key;
		enum json_kind kind;
	} kinds[] = { { "Name", JSON_STRING }, { "Driver", JSON_STRING }, { "Labels", JSON_OBJECT },
		{ "DriverOpts", JSON_OBJECT } };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		enum json_kind is = json_kind_of(json_member(b, kinds[i].key));
		if (is != JSON_NULL && is != kinds[i].kind)
			return err_set(err, EINVAL, "%s: expected %s", kinds[i].key,
				kinds[i].kind == JSON_STRING ? "a string" : "an object");
	}
	_cleanup_free_ char *made = NULL;
	struct volume_options o = { name && *name ? name : NULL, driver && *driver ? driver : NULL, options,
		labels };
	int rc = engine_volume_create(e, &o, &made, err);
	return rc < 0 ? rc : reply_volume(e, made, 201, r, err);
}

int op_volume_remove(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	int rc = engine_volume_remove(e, request_name(q), request_flag(q, "force", false), err);
	if (rc < 0)
		return rc;
	reply_empty(r, 204);
	return 0;
}

static void add_name(const struct json *volume, void *data)
{
	json_add(data, json_copy(json_member(volume, "Name")));
}

/* Before API 1.42 all unused volumes were meant, from then on the anonymous ones (unless "all"). */
int op_volumes_prune(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	struct json *names = json_set(doc, "VolumesDeleted", json_new_array());
	uint64_t freed = 0;
	bool all = request_api(q) < 42;
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = volume_prune_check(filters, &all, err);
	if (rc >= 0)
		rc = engine_volumes_prune(e, all, filters, add_name, names, &freed, err);
	if (rc < 0)
		return rc;
	json_set_u64(doc, "SpaceReclaimed", freed);
	reply_json(r, 200, doc);
	return 0;
}
