/*
 * server/lists.c - tags, catalog, referrers (distribution-spec 1.1, "Content Discovery", "Listing
 * Referrers").
 */
#include "registry/server/handlers.h"

#include "registry/server/repositories.h"

/* --- lists, in pages: ?n=COUNT&last=NAME, the next page in a Link header --- */

static struct json *page(struct call *c, char *const all[], const char *path)
{
	const char *last = call_query(c, "last"), *count = call_query(c, "n"), *final = NULL;
	struct json *list = json_new_array();
	uint64_t n = 1000, taken = 0;
	size_t i;
	if (count && parse_u64(count, &n) < 0)
		n = 1000;
	for (i = 0; all && all[i] && taken < n; i++) {
		if (last && strcmp(all[i], last) <= 0)
			continue;
		json_add(list, json_new_string(final = all[i]));
		taken++;
	}
	if (n && all && all[i] && final)
		answer_header(
			c, "Link: <%s?last=%s&n=%llu>; rel=\"next\"", path, final, (unsigned long long)n);
	return list;
}

enum MHD_Result serve_tags(struct call *c)
{
	_cleanup_strv_ char **tags = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_free_ char *path = xasprintf("/v2/%s/tags/list", c->route.name);
	struct mc_err err;
	if (repository_list(c->server, c->route.name, &tags, &err) < 0)
		return answer_failure(c, &err);
	if (!tags)
		return answer_error(c, 404, "NAME_UNKNOWN", "repository name not known to registry");
	json_set_string(doc, "name", c->route.name);
	json_set(doc, "tags", page(c, tags, path));
	return answer_json(c, 200, doc, NULL);
}

enum MHD_Result serve_catalog(struct call *c)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	struct mc_err err;
	if (repository_list(c->server, NULL, &names, &err) < 0)
		return answer_failure(c, &err);
	json_set(doc, "repositories", page(c, names, "/v2/_catalog"));
	return answer_json(c, 200, doc, NULL);
}

/* --- referrers: manifests that name this one as their subject --- */

static void copy_member(struct json *to, const struct json *from, const char *key)
{
	if (json_member(from, key))
		json_set(to, key, json_copy(json_member(from, key)));
}

/* The descriptor of entry, when its manifest names subject and is of the wanted artifact type; NULL
 * otherwise. */
static struct json *referrer(const struct call *c, const struct json *entry, const char *want)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *digest = json_text_of(json_member(entry, "digest")), *type;
	struct json *out;
	struct digest d;
	struct mc_err ignored;
	if (!digest || digest_parse(digest, &d, &ignored) < 0 ||
		store_read_json(c->server->store, &d, &doc, &ignored) < 0)
		return NULL;
	if (!str_eq(json_text_of(json_member(json_member(doc, "subject"), "digest")), c->route.reference))
		return NULL;
	type = json_text_of(json_member(doc, "artifactType"));
	if (!type)
		type = json_text_of(json_member(json_member(doc, "config"), "mediaType"));
	if (want && !str_eq(want, type))
		return NULL;
	out = json_new_object();
	copy_member(out, entry, "mediaType");
	copy_member(out, entry, "digest");
	copy_member(out, entry, "size");
	json_set_string(out, "artifactType", type);
	copy_member(out, doc, "annotations");
	return out;
}

enum MHD_Result serve_referrers(struct call *c)
{
	_cleanup_json_ struct json *all = NULL, *doc = json_new_object();
	struct json *list = json_set(doc, "manifests", json_new_array());
	const char *want = call_query(c, "artifactType");
	struct mc_err err;
	if (repository_manifests(c->server, c->route.name, &all, &err) < 0)
		return answer_failure(c, &err);
	json_set_i64(doc, "schemaVersion", 2);
	json_set_string(doc, "mediaType", MEDIA_OCI_INDEX);
	for (size_t i = 0; i < json_len(all); i++) {
		struct json *found = referrer(c, json_item(all, i), want);
		if (found)
			json_add(list, found);
	}
	if (want)
		answer_header(c, "OCI-Filters-Applied: artifactType");
	return answer_json(c, 200, doc, MEDIA_OCI_INDEX);
}
