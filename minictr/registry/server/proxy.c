/*
 * server/proxy.c - pull-through: what is not here is fetched from the registry behind us, kept, and served.
 *
 * The client of this floor does the work (remote.c, blob_fetch of lab 05): a blob enters the store verified
 * or not at all, two clients that want the same layer cause one download (partial.c's lock), and a broken
 * one is resumed.
 *
 * Left out: sending a layer on while it arrives. The first client of a layer waits for the whole of it.
 */
#include "registry/pull.h"
#include "registry/remote.h"
#include "registry/server/proxy.h"
#include "registry/server/repositories.h"
#include "registry/settings.h"
#include "registry/url.h"

/* A repository on the registry behind us. name is what remote borrows. */
static int open_remote(const struct server *s, const char *path, const char *reference, bool by_digest,
	struct image_name *name, struct remote *ret, struct mc_err *err)
{
	const char *host = strstr(s->proxy, "://");
	bool hub;
	host = host ? host + 3 : s->proxy;
	hub = str_starts(host, "registry-1.docker.io") || str_starts(host, "docker.io");
	memset(name, 0, sizeof(*name));
	snprintf(name->host, sizeof(name->host), "%.*s", (int)strcspn(host, "/"), host);
	if (hub)
		strcpy(name->host, "docker.io");
	snprintf(name->path, sizeof(name->path), "%s%s", hub && !strchr(path, '/') ? "library/" : "", path);
	if (by_digest)
		snprintf(name->digest.text, sizeof(name->digest.text), "%s", reference);
	else
		snprintf(name->tag, sizeof(name->tag), "%s", reference);
	return remote_open(name, REMOTE_ORIGIN, ret, err);
}

int proxy_manifest(struct server *s, const struct route *r, struct mc_err *err)
{
	_cleanup_remote_ struct remote remote = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	struct image_name name;
	int rc;
	if (!s->proxy)
		return err_set(err, ENOENT, "no registry behind this one");
	server_writes(s);
	rc = open_remote(s, r->name, r->reference, r->by_digest, &name, &remote, err);
	if (rc >= 0)
		rc = manifest_fetch(&remote, NULL, &m, err);
	if (rc >= 0)
		rc = blob_put_named(s->store, m.bytes.data, m.bytes.len, &m.digest, err);
	if (rc >= 0)
		rc = repository_put(s, r->name, r->by_digest ? NULL : r->reference, m.media_type, &m.digest,
			m.bytes.len, err);
	return rc;
}

int proxy_blob(struct server *s, const char *path, const struct digest *d, struct mc_err *err)
{
	_cleanup_remote_ struct remote remote = { 0 };
	struct image_name name;
	int rc;
	if (!s->proxy)
		return err_set(err, ENOENT, "no registry behind this one");
	server_writes(s);
	rc = open_remote(s, path, d->text, true, &name, &remote, err);
	if (rc >= 0)
		rc = blob_fetch(&remote, d, s->store, err);
	if (rc >= 0)
		ledger_add(s, path, d);
	return rc;
}

/* What the registry behind says is not there, or not for us, is not there; else it could not be asked. */
enum MHD_Result proxy_failure(struct call *c, const struct mc_err *why, const char *code, const char *message)
{
	char text[600];
	if (!c->server->proxy || why->code == ENOENT || why->code == EACCES)
		return answer_error(c, 404, code, message);
	snprintf(text, sizeof(text), "the registry behind this one cannot be asked: %.500s", why->what);
	return answer_error(c, why->code == EBUSY ? 429 : 502,
		why->code == EBUSY ? "TOOMANYREQUESTS" : "UNAVAILABLE", text);
}
