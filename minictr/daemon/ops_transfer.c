/*
 * ops_transfer.c - images in archives: load, save, import; and commit.
 */
#include "daemon/ops_image_job.h"

#include <unistd.h>

#include "base/fetch.h"
#include "daemon/image_events.h"
#include "daemon/job.h"
#include "engine/commit.h"
#include "image/image.h"

/* --- load --- */

struct loading {
	struct engine *engine;
	struct reply *reply;
};

static void load_line(void *arg, const char *line)
{
	struct loading *x = arg;
	struct mc_err ignored = { 0 };
	_cleanup_json_ struct json *o = json_new_object();
	_cleanup_free_ char *text = xasprintf("%s\n", line);
	static const char named[] = "Loaded image: ";
	json_set_string(o, "stream", text);
	reply_message(x->reply, o, &ignored);
	if (str_starts(line, named))
		job_image_event(x->engine, "load", line + strlen(named));
}

int op_images_load(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct loading x = { e, r };
	struct image_report report = { load_line, &x };
	const char *platform = request_query(q, "platform");
	int store = engine_store(e, err);
	int rc = store < 0 ? store : reply_begin(r, 200, "application/json", err);
	/* docker's clients look for a damaged archive in the stream, not at the status. */
	r->ends_with_json = true;
	return rc < 0 ? rc
		      : image_load(store, 0, "body", platform && *platform ? platform : NULL, &report, err);
}

/* --- save --- */

int op_images_save(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **names = request_queries(q, "names");
	int store = engine_store(e, err);
	int rc = store < 0 ? store : 0;
	if (*request_name(q))
		strv_push(&names, request_name(q));
	if (rc >= 0 && !strv_len(names))
		rc = err_set(err, EINVAL, "which images? (names)");
	for (size_t i = 0; rc >= 0 && names[i]; i++) {
		_cleanup_image_ struct image img = { 0 };
		rc = image_lookup(store, names[i], &img, err);
	}
	if (rc >= 0)
		rc = reply_begin(r, 200, "application/x-tar", err);
	if (rc >= 0)
		rc = image_save(store, names, JOB_REPLY, err);
	for (size_t i = 0; rc >= 0 && names[i]; i++)
		job_image_event(e, "save", names[i]);
	return rc;
}

/* --- import --- */

int op_image_import(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const char *source = request_query(q, "fromSrc"), *repo = request_query(q, "repo");
	const char *tag = request_query(q, "tag"), *platform = request_query(q, "platform");
	_cleanup_strv_ char **changes = request_queries(q, "changes");
	_cleanup_free_ char *name = repo && *repo && tag && *tag ? xasprintf("%s:%s", repo, tag)
				    : repo && *repo              ? xstrdup(repo)
								 : NULL;
	_cleanup_json_ struct json *o = json_new_object();
	struct digest id;
	struct import_options options = { .name = name,
		.changes = changes,
		.message = request_query(q, "message"),
		.platform = platform && *platform ? platform : NULL };
	int store = engine_store(e, err);
	int rc = store < 0 ? store : 0;
	bool is_url = source && fetch_is_url(source);
	if (rc >= 0 && !is_url && !str_eq(source, "-"))
		rc = err_set(err, EINVAL, "fromSrc is a URL, or - for the body");
	_cleanup_close_ int fetched = rc >= 0 && is_url ? fetch_file(source, err) : -1;
	if (rc >= 0 && is_url && fetched < 0)
		rc = fetched;
	if (rc >= 0)
		rc = image_import(store, is_url ? fetched : 0, source, &options, &id, err);
	if (rc < 0)
		return rc;
	if (name)
		job_image_event(e, "tag", name);
	job_image_event(e, "import", id.text);
	rc = reply_begin(r, 200, "application/json", err);
	json_set_string(o, "status", id.text);
	return rc < 0 ? rc : reply_message(r, o, err);
}

/* --- commit --- */

/* Several instructions may stand in one parameter, one a line. */
static char **read_changes(const struct request *q)
{
	_cleanup_strv_ char **given = request_queries(q, "changes");
	char **lines = NULL;
	for (size_t i = 0; given && given[i]; i++) {
		char *save = NULL;
		for (char *l = strtok_r(given[i], "\n", &save); l; l = strtok_r(NULL, "\n", &save))
			strv_push(&lines, l);
	}
	return lines;
}

int op_commit(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const char *container = request_query(q, "container"), *repo = request_query(q, "repo");
	const char *tag = request_query(q, "tag");
	_cleanup_strv_ char **changes = read_changes(q);
	_cleanup_free_ char *name = repo && *repo && tag && *tag ? xasprintf("%s:%s", repo, tag)
				    : repo && *repo              ? xstrdup(repo)
								 : NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	const struct json *config = request_body(q);
	struct digest id;
	struct container_commit o = { .name = name,
		.author = request_query(q, "author"),
		.message = request_query(q, "comment"),
		.changes = changes,
		.config = json_len(config) ? config : NULL,
		.pause = request_flag(q, "pause", true) };
	int rc = container && *container ? container_commit(e, container, &o, &id, err)
					 : err_set(err, EINVAL, "which container? (container)");
	if (rc < 0)
		return rc;
	json_set_string(doc, "Id", id.text);
	reply_json(r, 201, doc);
	return 0;
}
