/*
 * server/blobs.c - blobs out, with ranges (RFC 9110, section 14), and their deletion from a repository.
 */
#include "registry/server/handlers.h"

#include "registry/server/proxy.h"
#include "registry/server/repositories.h"

/*
 * "bytes=a-b", "bytes=a-", "bytes=-n" (RFC 9110, 14.1.2). Returns 206 for a part, 416 beyond the end, 200
 * for the whole: a server may ignore several ranges at once, and a range that it does not understand.
 */
static int parse_range(const char *text, uint64_t size, uint64_t *first, uint64_t *len)
{
	_cleanup_free_ char *from = NULL;
	const char *dash = text ? strchr(text, '-') : NULL;
	uint64_t a = 0, b = size - 1, suffix;
	*first = 0;
	*len = size;
	if (!dash || strncmp(text, "bytes=", 6) || !size)
		return 200;
	from = xstrndup(text + 6, (size_t)(dash - text - 6));
	if (!*from) {
		if (parse_u64(dash + 1, &suffix) < 0)
			return 200;
		a = suffix < size ? size - suffix : 0;
	} else if (parse_u64(from, &a) < 0 || (dash[1] && (parse_u64(dash + 1, &b) < 0 || b < a))) {
		return 200;
	}
	if (a >= size)
		return 416;
	*first = a;
	*len = (b < size ? b + 1 : size) - a;
	return 206;
}

/* Removes the blob from this repository. Refused while a manifest there names it, because a tag must not lead
 * to a missing blob. */
static enum MHD_Result delete_blob(struct call *c, const struct digest *d)
{
	struct server *s = c->server;
	if (!s->may_delete)
		return answer_error(c, 405, "UNSUPPORTED", "deleting is off (registry serve --allow-delete)");
	if (!ledger_has(s, c->route.name, d))
		return answer_error(c, 404, "BLOB_UNKNOWN", "blob unknown to registry");
	if (repository_names(s, c->route.name, d))
		return answer_error(c, 405, "UNSUPPORTED",
			"a manifest of this repository uses the blob: delete that first");
	ledger_remove(s, c->route.name, d);
	return answer_empty(c, 202);
}

static enum MHD_Result get_blob(struct call *c, const struct digest *d)
{
	_cleanup_close_ int fd = -1;
	struct mc_err err;
	uint64_t size, first, len;
	if (!ledger_has(c->server, c->route.name, d) && proxy_blob(c->server, c->route.name, d, &err) < 0)
		return proxy_failure(c, &err, "BLOB_UNKNOWN", "blob unknown to registry");
	fd = store_open_blob(c->server->store, d, &err);
	if (fd < 0 || store_blob_size(c->server->store, d, &size, &err) < 0)
		return answer_failure(c, &err);
	answer_header(c, "Docker-Content-Digest: %s", d->text);
	answer_header(c, "Content-Type: application/octet-stream");
	answer_header(c, "Accept-Ranges: bytes");
	answer_header(c, "ETag: \"%s\"", d->text);
	answer_header(c, "Cache-Control: max-age=31536000, immutable");
	int status = parse_range(call_header(c, "Range"), size, &first, &len);
	if (status == 416) {
		answer_header(c, "Content-Range: bytes */%llu", (unsigned long long)size);
		return answer_empty(c, 416);
	}
	if (status == 206)
		answer_header(c, "Content-Range: bytes %llu-%llu/%llu", (unsigned long long)first,
			(unsigned long long)(first + len - 1), (unsigned long long)size);
	return answer_file(c, status, take_fd(&fd), first, len);
}

enum MHD_Result serve_blob(struct call *c)
{
	struct mc_err ignored;
	struct digest d;
	digest_parse(c->route.reference, &d, &ignored);
	if (str_eq(c->method, "DELETE"))
		return delete_blob(c, &d);
	if (!str_eq(c->method, "GET") && !str_eq(c->method, "HEAD"))
		return answer_error(c, 405, "UNSUPPORTED", "method not allowed here");
	return get_blob(c, &d);
}
