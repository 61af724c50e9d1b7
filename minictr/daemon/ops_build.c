/*
 * ops_build.c - the classic build over the API: a tar in, docker's lines out; and the cache's prune.
 *
 * The context is our standard input: build_image() reads it as `minictr build -` does. Parameters that
 * compose sends empty ("ulimits=null", "memory=0") mean nothing.
 */
#include "daemon/ops_image_job.h"

#include <signal.h>
#include <stdarg.h>

#include "build/build.h"
#include "build/build_prune.h"
#include "daemon/image_events.h"
#include "daemon/job.h"
#include "engine/image_uses.h"

struct building {
	struct reply *reply;
	bool quiet;
	int from_step; /* the newest one that is a base image */
};

static void send_text(struct building *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void send_text(struct building *b, const char *fmt, ...)
{
	_cleanup_json_ struct json *o = json_new_object();
	struct mc_err ignored = { 0 };
	char text[16384];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_set_string(o, "stream", text);
	/* What fails before the first line has a status of its own. */
	if (!b->reply->begun)
		reply_begin(b->reply, 200, "application/json", &ignored);
	if (reply_message(b->reply, o, &ignored) < 0)
		build_cancel();
}

/* "[builder 2/5] RUN make" is "Step 2/5 : RUN make" in docker's older words, which clients still look for. */
static void send_step(struct building *b, const struct build_event *e)
{
	const char *end = e->name && *e->name == '[' ? strchr(e->name, ']') : NULL;
	const char *count = end;
	while (count && count > e->name + 1 && count[-1] != ' ')
		count--;
	if (end && end[1] == ' ' && strchr("0123456789", *count))
		send_text(b, "Step %.*s : %s\n", (int)(end - count), count, end + 2);
	else
		send_text(b, "Step %d : %s\n", e->step, e->name ? e->name : "");
}

static void on_build(void *arg, const struct build_event *e)
{
	struct building *b = arg;
	if (b->quiet)
		return;
	switch (e->kind) {
	case BUILD_STARTED:
		if (e->name && strstr(e->name, "] FROM "))
			b->from_step = e->step;
		send_step(b, e);
		break;
	case BUILD_CACHED:
		/* A base image is taken from nowhere else: clients count these lines. */
		if (e->step != b->from_step)
			send_text(b, " ---> Using cache\n");
		break;
	case BUILD_OUTPUT: send_text(b, "%s\n", e->text ? e->text : ""); break;
	case BUILD_NOTE: send_text(b, " ---> %s\n", e->text ? e->text : ""); break;
	default: break;
	}
}

/* A parameter that holds a JSON object of texts: "NAME=value" words. null: "NAME" alone says nothing. */
static int read_pairs(const struct request *q, const char *key, char ***ret, struct mc_err *err)
{
	const char *text = request_query(q, key);
	_cleanup_json_ struct json *doc = NULL;
	struct json_iter it = { 0 };
	if (!text || !*text || str_eq(text, "null"))
		return 0;
	int rc = json_parse(text, strlen(text), key, &doc, err);
	if (rc >= 0 && json_kind_of(doc) != JSON_OBJECT)
		rc = err_set(err, EINVAL, "%s: expected a JSON object", key);
	while (rc >= 0 && json_next(doc, &it))
		if (json_text_of(it.value))
			strv_pushf(ret, "%s=%s", it.key, json_text_of(it.value));
	return rc;
}

/* A parameter that is one text, several, or a list of them in JSON. */
static char **read_list(const struct request *q, const char *key)
{
	_cleanup_strv_ char **given = request_queries(q, key);
	char **all = NULL;
	for (size_t n = 0; given && given[n]; n++) {
		_cleanup_json_ struct json *doc = NULL;
		struct mc_err ignored = { 0 };
		if (json_parse(given[n], strlen(given[n]), key, &doc, &ignored) < 0)
			strv_push(&all, given[n]);
		for (size_t i = 0; i < json_len(doc); i++)
			if (json_text_of(json_item(doc, i)))
				strv_push(&all, json_text_of(json_item(doc, i)));
	}
	return all;
}

/* "cachefrom" names the only images whose steps may be taken: none of them here, none is. */
static bool has_cache(struct engine *e, const struct request *q)
{
	_cleanup_strv_ char **names = read_list(q, "cachefrom");
	struct mc_err ignored = { 0 };
	int store = engine_store(e, &ignored);
	bool found = !strv_len(names);
	for (size_t i = 0; names && names[i] && !found; i++) {
		_cleanup_image_ struct image img = { 0 };
		found = store >= 0 && image_lookup(store, names[i], &img, &ignored) >= 0;
	}
	return found;
}

static const char *text_of(const struct request *q, const char *key)
{
	const char *text = request_query(q, key);
	return text && *text ? text : NULL;
}

static void on_end(int signal) { build_cancel(); }

static int tell_result(struct engine *e, struct building *b, char *const tags[], const struct build_result *r,
	struct mc_err *err)
{
	_cleanup_json_ struct json *o = json_new_object();
	json_set_string(json_sub(o, "aux"), "ID", r->id.text);
	int rc = b->reply->begun ? 0 : reply_begin(b->reply, 200, "application/json", err);
	if (rc >= 0)
		rc = reply_message(b->reply, o, err);
	if (b->quiet)
		send_text(b, "%s\n", r->id.text);
	else
		send_text(b, "Successfully built %.12s\n", digest_hex(&r->id));
	for (size_t i = 0; tags && tags[i]; i++) {
		if (!b->quiet)
			send_text(b, "Successfully tagged %s%s\n", tags[i],
				strchr(strrchr(tags[i], '/') ? strrchr(tags[i], '/') : tags[i], ':')
					? ""
					: ":latest");
		job_image_event(e, "build", tags[i]);
	}
	return rc;
}

static int build(struct engine *e, const struct build_options *o, struct building *b, struct mc_err *err)
{
	struct build_result result = { .id = { "" } };
	struct build_report report = { on_build, b };
	signal(SIGTERM, on_end);
	b->reply->ends_with_json = true;
	int rc = build_image(e, o, &report, &result, err);
	if (rc < 0 && result.step_exit) {
		/* The classic builder's sentence: clients look for it. */
		err_set(err, ECHILD, "The command '%.800s' returned a non-zero code: %d", result.step_command,
			result.step_exit);
		err_exit(err, result.step_exit);
	}
	if (rc < 0 && result.failed && b->reply->begun)
		send_text(b, "%s\n", result.failed);
	if (rc >= 0)
		rc = tell_result(e, b, o->tags, &result, err);
	build_result_release(&result);
	return rc;
}

int op_build(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **tags = request_queries(q, "t"), **args = NULL, **labels = NULL,
			    **hosts = read_list(q, "extrahosts");
	const char *remote = text_of(q, "remote"), *network = text_of(q, "networkmode");
	struct building b = { .reply = r, .quiet = request_flag(q, "q", false) };
	size_t kept = 0;
	for (size_t i = 0; tags && tags[i]; i++) {
		if (*tags[i])
			tags[kept++] = tags[i];
		else
			free(tags[i]);
	}
	if (tags)
		tags[kept] = NULL;
	const char *version = request_query(q, "version");
	if (str_eq(version, "2"))
		return err_set(err, EINVAL, "minictrd has no BuildKit: set DOCKER_BUILDKIT=0");
	if (version && *version && !str_eq(version, "1"))
		return err_set(err, EINVAL, "invalid version \"%s\"", version);
	int rc = read_pairs(q, "buildargs", &args, err);
	if (rc >= 0)
		rc = read_pairs(q, "labels", &labels, err);
	if (rc < 0)
		return rc;
	struct build_options o = { .context = remote ? remote : "-",
		.file = text_of(q, "dockerfile"),
		.tags = tags,
		.args = args,
		.labels = labels,
		.hosts = hosts,
		.target = text_of(q, "target"),
		.platform = text_of(q, "platform"),
		.network = str_eq(network, "bridge") ? NULL : network,
		.no_cache = request_flag(q, "nocache", false) || !has_cache(e, q),
		.pull = request_flag(q, "pull", false) };
	return build(e, &o, &b, err);
}

int op_build_prune(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	struct image_uses uses = { 0 };
	uint64_t freed = 0;
	int64_t keep;
	_cleanup_strv_ char **filters = NULL;
	/* A filter or a size that was passed over would cost more of the cache than the client wants to lose. */
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = request_number(q, "keep-storage", 0, &keep, err);
	bool none = false;
	for (size_t i = 0; filters && filters[i]; i++)
		none |= str_starts(filters[i], "label");
	if (rc >= 0 && (keep || (filters && filters[0])) && !none)
		rc = err_set(
			err, EINVAL, "the build cache is removed as a whole: no filters, no keep-storage");
	if (rc >= 0 && !none) /* no entry of the cache has a label: `docker system prune` asks so */
		rc = engine_image_uses(e, &uses, err);
	if (rc >= 0 && !none)
		rc = build_prune(e, &uses, request_flag(q, "all", false), &freed, err);
	free((void *)uses.use);
	if (rc < 0)
		return rc;
	json_set(doc, "CachesDeleted", json_new_array());
	json_set_u64(doc, "SpaceReclaimed", freed);
	reply_json(r, 200, doc);
	return 0;
}
