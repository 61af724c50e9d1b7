/*
 * ops_pull.c - pull, push, search, login: operations that talk to a registry.
 *
 * The stream of progress begins with its first message, not before: what fails earlier (no such image, no
 * network) gets a status of its own. Names and passwords come with the request; those of the daemon's own
 * user are never used.
 */
#include "daemon/ops_image_job.h"

#include <stdarg.h>
#include <stdlib.h>

#include "daemon/image_events.h"
#include "daemon/job.h"
#include "engine/row_filter.h"
#include "image/image.h"
#include "image/name.h"
#include "registry/login.h"
#include "registry/progress.h"
#include "registry/pull.h"
#include "registry/push.h"
#include "registry/settings.h"

/* --- who asks --- */

/* X-Registry-Auth: base64 (of the kind for addresses) of {"username": ..., "password": ...}. */
static int read_login(const struct request *q, char **ret_creds, struct mc_err *err)
{
	const char *header = request_header(q, "X-Registry-Auth");
	_cleanup_free_ char *text = xstrdup(header ? header : ""), *plain = NULL;
	_cleanup_json_ struct json *doc = NULL;
	size_t len = 0;
	*ret_creds = NULL;
	for (char *p = text; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	if (!*text)
		return 0;
	plain = base64_decode(text, &len);
	if (!plain || json_parse(plain, len, "X-Registry-Auth", &doc, err) < 0)
		return err_set(err, EINVAL, "X-Registry-Auth is not base64 of a JSON object");
	const char *user = json_text_of(json_member(doc, "username"));
	const char *password = json_text_of(json_member(doc, "password"));
	if (user && *user && password)
		*ret_creds = xasprintf("%s:%s", user, password);
	return 0;
}

static int begin_registry(const struct request *q, struct mc_err *err)
{
	struct registry_settings *s = registry_settings();
	const char *platform = request_query(q, "platform");
	setenv("DOCKER_CONFIG", "/nonexistent", 1);
	int rc = registry_settings_load(err);
	if (rc >= 0 && platform && *platform)
		rc = platform_parse(platform, &s->platform, err);
	return rc < 0 ? rc : read_login(q, &s->creds, err);
}

/* --- progress --- */

struct relay {
	struct reply *reply;
	struct mc_err err;
};

static void send_message(struct relay *x, const struct json *doc)
{
	if (!x->reply->begun && reply_begin(x->reply, 200, "application/json", &x->err) < 0)
		exit(1);
	x->reply->ends_with_json = true;
	if (reply_message(x->reply, doc, &x->err) < 0)
		exit(1); /* the client is gone; what was fetched so far is gone on with the next time */
}

static void send_status(struct relay *x, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void send_status(struct relay *x, const char *id, const char *fmt, ...)
{
	_cleanup_json_ struct json *o = json_new_object();
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_set_string(o, "status", text);
	json_set_string(o, "id", id);
	send_message(x, o);
}

/* "[=====>     ]  1.2MB/3.4MB", which clients without a terminal of their own print as it is. */
static char *draw_bar(uint64_t done, uint64_t total)
{
	char bar[51];
	size_t filled = (size_t)(done * 50 / total);
	for (size_t i = 0; i < 50; i++)
		bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
	bar[50] = '\0';
	return xasprintf("[%s]  %.4gMB/%.4gMB", bar, (double)done / 1e6, (double)total / 1e6);
}

static void on_note(const struct progress_note *n, void *arg)
{
	_cleanup_json_ struct json *o = json_new_object();
	struct json *detail = json_sub(o, "progressDetail");
	json_set_string(o, "status", n->state);
	json_set_string(o, "id", n->id);
	if (n->total) {
		_cleanup_free_ char *bar = draw_bar(n->done < n->total ? n->done : n->total, n->total);
		json_set_u64(detail, "current", n->done);
		json_set_u64(detail, "total", n->total);
		json_set_string(o, "progress", bar);
	}
	if (!n->id)
		json_unset(o, "progressDetail");
	send_message(arg, o);
}

/* --- pull --- */

static struct digest present(int store, const char *full)
{
	_cleanup_image_ struct image img = { 0 };
	struct digest none = { "" };
	struct mc_err ignored;
	return image_lookup(store, full, &img, &ignored) < 0 ? none : img.manifest;
}

/*
 * buildx has been refused at /grpc; it hides that answer, and asks for an image in which BuildKit would run.
 * What this answer says is the first that its user sees.
 */
static int refuse_buildkit(const struct image_name *n, int store, const char *full, struct mc_err *err)
{
	struct digest here = present(store, full);
	if (!str_eq(n->path, "moby/buildkit") || here.text[0])
		return 0;
	err_set(err, EINVAL, "minictrd has no BuildKit, so buildx cannot build here");
	return err_hint(err, "set DOCKER_BUILDKIT=0 for the classic builder, or use minictr build");
}

static int read_name(const struct request *q, struct image_name *ret, struct mc_err *err)
{
	const char *image = request_query(q, "fromImage"), *tag = request_query(q, "tag");
	bool digest = tag && strchr(tag, ':');
	_cleanup_free_ char *text =
		tag && *tag ? xasprintf("%s%c%s", image, digest ? '@' : ':', tag) : xstrdup(image);
	return image_name_parse(text, ret, err);
}

static int pull(struct engine *e, const struct image_name *n, struct relay *x, struct mc_err *err)
{
	_cleanup_free_ char *full = image_name_full(n), *brief = image_name_short(n);
	struct digest before = present(e->store, full), after;
	struct progress *p = registry_settings()->progress = progress_new_listener(on_note, x);
	int rc = refuse_buildkit(n, e->store, full, err);
	if (rc >= 0)
		rc = image_pull(n, e->store, err);
	progress_free(p);
	registry_settings()->progress = NULL;
	if (rc < 0)
		return rc;
	after = present(e->store, full);
	send_status(x, NULL, "Status: %s for %s",
		digest_eq(&before, &after) ? "Image is up to date" : "Downloaded newer image", brief);
	job_image_event(e, "pull", brief);
	return 0;
}

int op_image_create(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct image_name n;
	struct relay x = { .reply = r };
	const char *image = request_query(q, "fromImage");
	if (!image || !*image)
		return op_image_import(e, q, r, err);
	int rc = engine_store(e, err);
	if (rc >= 0)
		rc = begin_registry(q, err);
	if (rc >= 0)
		rc = read_name(q, &n, err);
	return rc < 0 ? rc : pull(e, &n, &x, err);
}

/* --- push --- */

int op_image_push(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct relay x = { .reply = r };
	struct image_name n;
	struct digest digest;
	_cleanup_image_ struct image img = { 0 };
	const char *tag = request_query(q, "tag");
	_cleanup_free_ char *text =
		tag && *tag ? xasprintf("%s:%s", request_name(q), tag) : xstrdup(request_name(q));
	int rc = engine_store(e, err);
	if (rc >= 0)
		rc = image_name_parse(text, &n, err);
	if (rc >= 0)
		rc = begin_registry(q, err);
	if (rc >= 0 && image_lookup(e->store, text, &img, err) < 0)
		rc = err_set(
			err, ENOENT, "An image does not exist locally with the tag: %s", request_name(q));
	if (rc < 0)
		return rc;
	send_status(&x, NULL, "The push refers to repository [%s/%s]", n.host, n.path);
	struct progress *p = registry_settings()->progress = progress_new_listener(on_note, &x);
	rc = image_push(&n, e->store, &digest, err);
	progress_free(p);
	registry_settings()->progress = NULL;
	if (rc < 0)
		return rc;
	_cleanup_json_ struct json *o = json_new_object();
	struct json *aux = json_sub(o, "aux");
	json_set_string(aux, "Tag", n.tag);
	json_set_string(aux, "Digest", digest.text);
	json_set_u64(aux, "Size", img.size);
	send_message(&x, o);
	job_image_event(e, "push", text);
	return 0;
}

/* --- search and login --- */

static bool hit_passes(const struct search_hit *h, char *const filters[])
{
	uint64_t stars;
	for (size_t i = 0; filters && filters[i]; i++) {
		if (str_starts(filters[i], "is-official=") && h->official != str_eq(filters[i] + 12, "true"))
			return false;
		if (str_starts(filters[i], "is-automated=") &&
			h->automated != str_eq(filters[i] + 13, "true"))
			return false;
		if (str_starts(filters[i], "stars=") && parse_u64(filters[i] + 6, &stars) == 0 &&
			h->stars < (int64_t)stars)
			return false;
	}
	return true;
}

int op_image_search(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *list = json_new_array();
	struct search_hit *hits = NULL;
	const char *term = request_query(q, "term");
	size_t n = 0;
	int64_t limit;
	static const struct filter_key keys[] = { { "is-official", FILTER_BOOL, NULL },
		{ "is-automated", FILTER_BOOL, NULL }, { "stars", FILTER_NUMBER, NULL }, { NULL, 0, NULL } };
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = filter_check_values(filters, keys, err);
	if (rc >= 0)
		rc = request_number(q, "limit", 25, &limit, err);
	if (rc >= 0 && (!term || !*term))
		rc = err_set(err, EINVAL, "no search term (term)");
	if (rc >= 0 && (limit < 1 || limit > 100))
		rc = err_set(err, EINVAL, "limit %lld is outside the range of [1, 100]", (long long)limit);
	if (rc >= 0)
		rc = begin_registry(q, err);
	if (rc >= 0)
		rc = registry_search(term, (size_t)limit, &hits, &n, err);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		if (!hit_passes(&hits[i], filters))
			continue;
		struct json *o = json_add(list, json_new_object());
		json_set_string(o, "name", hits[i].name);
		json_set_string(o, "description", hits[i].description);
		json_set_i64(o, "star_count", hits[i].stars);
		json_set_bool(o, "is_official", hits[i].official);
		json_set_bool(o, "is_automated", hits[i].automated);
	}
	search_free(hits, n);
	if (rc >= 0)
		reply_json(r, 200, list);
	return rc < 0 ? rc : 0;
}

int op_auth(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *b = request_body(q);
	const char *user = json_text_of(json_member(b, "username"));
	const char *password = json_text_of(json_member(b, "password"));
	const char *server = json_text_of(json_member(b, "serveraddress"));
	_cleanup_free_ char *host = login_host(server && *server ? server : "docker.io");
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_login_ struct login who = { .user = xstrdup(user), .password = xstrdup(password) };
	int rc = begin_registry(q, err);
	if (rc >= 0)
		rc = registry_login(host, &who, err);
	if (rc == -EACCES || rc == -EPERM) {
		reply_error(r, 401, "%s", err->what);
		return 0;
	}
	if (rc < 0)
		return rc;
	json_set_string(doc, "Status", "Login Succeeded");
	json_set_string(doc, "IdentityToken", "");
	reply_json(r, 200, doc);
	return 0;
}

/* --- what a registry has --- */

static void set_platform(struct json *list, const struct platform *p)
{
	struct json *o = json_add(list, json_new_object());
	json_set_string(o, "architecture", p->architecture);
	json_set_string(o, "os", p->os);
	if (p->variant[0])
		json_set_string(o, "variant", p->variant);
}

int op_distribution(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct image_name n;
	struct remote remote = { 0 };
	struct platform own = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_json_ struct json *doc = json_new_object();
	int rc = image_name_parse(request_name(q), &n, err);
	if (rc >= 0)
		rc = begin_registry(q, err);
	if (rc >= 0)
		rc = remote_open(&n, 0, &remote, err);
	if (rc >= 0)
		rc = manifest_fetch(&remote, NULL, &m, err);
	if (rc >= 0 && !m.is_index)
		rc = manifest_platform(&remote, &m, &own, err);
	remote_close(&remote);
	if (rc < 0)
		return rc;
	struct json *d = json_sub(doc, "Descriptor"), *list = json_set(doc, "Platforms", json_new_array());
	json_set_string(d, "mediaType", m.media_type);
	json_set_string(d, "digest", m.digest.text);
	json_set_u64(d, "size", m.bytes.len);
	for (size_t i = 0; i < m.index.count; i++)
		set_platform(list, &m.index.entries[i].platform);
	if (!m.is_index)
		set_platform(list, &own);
	reply_json(r, 200, doc);
	return 0;
}
