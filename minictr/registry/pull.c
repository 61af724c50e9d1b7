/*
 * pull.c - lab 05: how an image comes over the network.
 *
 * Specs: distribution-spec 1.1 "Pulling"; Docker's "token authentication"; image-spec "image-index.md".
 *
 *     name --> token --> manifest of the tag --> index? choose by platform --> config, layers --> name
 *
 * Read from the bottom: image_pull() is the story, the three functions above are its chapters. Everything
 * here rests on one idea: a digest is a promise that can be checked. Only the tag must be believed; from
 * there on every byte is verified by the hash of what named it, so mirrors, caches and strangers can
 * deliver it.
 *
 * Left to others: http.c (transport), remote.c (who and where), download.c (several layers at once,
 * unpacking), partial.c (half-downloaded blobs).
 */
#include "base/explain.h"
#include "image/store.h"
#include "registry/challenge.h"
#include "registry/partial.h"
#include "registry/pull.h"
#include "registry/remote.h"
#include "registry/settings.h"
#include "registry/url.h"

/* Given: "service=...&scope=...", escaped. */
static char *token_query(const struct challenge *c)
{
	struct buf b = { 0 };
	buf_adds(&b, "service=");
	url_escape(&b, c->service ? c->service : "");
	if (c->scope) {
		buf_adds(&b, "&scope=");
		url_escape(&b, c->scope);
	}
	return buf_take(&b);
}

/*
 * Answers a registry's challenge (the value of WWW-Authenticate): asks the token server named by realm for
 * service and scope, as who, and returns the token. The realm may hold a `?` already: then the query goes on
 * with `&`. Only the token server ever sees the password; without a login the question is asked without one.
 * Use challenge_parse(), token_query(), login_basic(), http_get(), token_read().
 *
 * Lab 05.2: the password goes to the token server only; the registry gets a token for one purpose.
 */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *query = NULL, *url = NULL, *basic = NULL;
	int rc;
	rc = challenge_parse(challenge, &c, err);
	if (rc < 0)
		return rc;
	if (c.scheme != CHALLENGE_BEARER || !c.realm)
		return err_set(err, EINVAL, "the challenge names no token server: %s", challenge);
	query = token_query(&c);
	if (who->identity_token)
		return token_by_refresh(c.realm, query, who, ret, err);
	/* the scope is the registry's own wording: a token for less is refused, for more is never given */
	url = xasprintf("%s%c%s", c.realm, strchr(c.realm, '?') ? '&' : '?', query);
	basic = login_basic(who); /* NULL: no login, which is enough for public images */
	rc = http_get(who->http, url, basic, &reply, err);
	return rc < 0 ? rc : token_read(&reply, c.realm, ret, err);
}

/* Given: what the index offers, for the error. */
static char *offered(const struct index *i)
{
	struct buf b = { 0 };
	char text[96];
	for (size_t n = 0; n < i->count && n < 12; n++)
		buf_addf(&b, "%s%s", n ? ", " : "", platform_text(&i->entries[n].platform, text));
	return buf_take(&b);
}

/*
 * Picks the manifest for platform p: the entry that platform_match() rates highest, the earlier one of
 * equals. An index with a single entry that names no platform is meant for all. -ENOENT with the platforms
 * offered when none fits.
 *
 * Lab 05.3: an image is made for one kind of machine; the index is where they part.
 */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	_cleanup_free_ char *list = NULL;
	char text[96];
	size_t n, best = 0;
	int rating, highest = 0;
	for (n = 0; n < i->count; n++) {
		rating = platform_match(&i->entries[n].platform, p);
		if (rating > highest) { /* not >=: of equals the earlier one was put first on purpose */
			highest = rating;
			best = n;
		}
	}
	if (highest == 0 && !(i->count == 1 && !i->entries[0].platform.os[0])) {
		list = offered(i);
		err_set(err, ENOENT, "no matching manifest for %s in the manifest list entries",
			platform_text(p, text));
		return err_hint(err, "the image is made for: %s; choose one with --platform", list);
	}
	*ret = i->entries[best].digest;
	return 0;
}

/*
 * Brings the blob d into the store, unless it is there. partial_open() gives the file to fill (perhaps half
 * filled by a pull that was killed), remote_get_blob() fills it, partial_digest() tells what came. Right
 * bytes are kept, wrong ones dropped with -EBADMSG, too many with -EFBIG; after a broken connection what came
 * may stay for the next try. Bytes that were resumed and turn out wrong are worth one new beginning.
 *
 * Lab 05.4: nothing enters the store before its hash is known to be right.
 */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	_cleanup_partial_ struct partial p = PARTIAL_NONE;
	struct digest got;
	bool old;
	int rc;
	if (store_has(store, d))
		return 0;
	rc = partial_open(
		store, d, remote_blob_limit(r, d), &p, err); /* waits while another pull fetches it */
	if (rc < 0 || store_has(store, d))
		return rc;
	do {
		old = p.resumed > 0;
		rc = remote_get_blob(r, d, &p, err);
		if (rc == -EFBIG)
			partial_drop(&p);
		if (rc < 0)
			return rc;
		/* the length may be right and the header may claim the digest: only the bytes decide */
		partial_digest(&p, &got);
		if (digest_eq(&got, d))
			return partial_keep(&p, err);
		rc = partial_restart(&p, err);
	} while (old && rc == 0);
	partial_drop(&p);
	return err_set(err, EBADMSG,
		"filesystem layer verification failed for digest %s: the bytes received have %s", d->text,
		got.text);
}

/*
 * Pulls: opens the registry, asks what the name points to now (even when an image of that name is here:
 * tags move), chooses by platform when it is an index, brings config and layers with pull_blobs(), and lets
 * the name point at the result with pull_record(), the very last act. Whenever it is killed the store
 * works: the old image or the new one, and a next pull goes on where this one stopped. Hold store_busy()
 * meanwhile, no longer.
 *
 * Lab 05.5: first what is named, then the name.
 */
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_close_ int busy = -1;
	struct digest asked, chosen;
	int rc;
	busy = store_busy(store, err); /* garbage collection leaves our blobs alone until the name stands */
	if (busy < 0)
		return busy;
	rc = remote_open(n, 0, &r, err);
	if (rc == 0)
		rc = manifest_fetch(&r, NULL, &m, err);
	if (rc < 0)
		return rc;
	asked = m.digest;
	if (m.index.count) {
		rc = manifest_choose(&m.index, &r.context->platform, &chosen, err);
		if (rc == 0)
			rc = manifest_fetch(
				&r, &chosen, &m, err); /* by digest: no server on the way can cheat */
		if (rc < 0)
			return rc;
	}
	rc = pull_blobs(&r, &m, store, err);
	if (rc < 0)
		return rc;
	return pull_record(n, &m, &asked, store, err);
}
