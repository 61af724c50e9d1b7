/*
 * remote.c - a repository on a registry: distribution-spec 1.1, "pull"; Docker's token authentication.
 *
 * https or http? A name tells no scheme. A host on the Internet is spoken to by https, always. Loopback is
 * asked by plain HTTP first, then by https. A host under insecure-registries (or --tls-verify=false) is
 * asked by https without verification, then by plain HTTP. Nothing secret is sent before this is settled.
 */
#include <fcntl.h>
#include <pthread.h>
#include <time.h>

#include "base/explain.h"
#include "base/file.h"
#include "image/image.h"
#include "registry/challenge.h"
#include "registry/progress.h"
#include "registry/pull.h"
#include "registry/remote.h"
#include "registry/settings.h"
#include "registry/url.h"

enum { LITTLE = 64 << 10 }; /* bytes: less progress between two breaks counts as none */

struct session {
	pthread_mutex_t lock;
	char *authorization; /* header value, NULL: none yet; owned */
	unsigned generation; /* how often it changed */
};

/* --- opening --- */

static char *certs_dir(const char *host)
{
	static const char *const places[] = { "/etc/minictr/certs.d", "/etc/docker/certs.d" };
	const char *own = getenv("MINICTR_CERTS");
	if (own)
		return xasprintf("%s/%s", own, host);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		_cleanup_free_ char *dir = xasprintf("%s/%s", places[i], host);
		if (path_is_dir(AT_FDCWD, dir))
			return take_ptr(&dir);
	}
	return NULL;
}

/* Is this the root of a registry? An answer of any registry-like status will do; 400 is what TLS servers
 * tell plain HTTP. */
static int speaks(struct http *http, const char *base, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *url = xasprintf("%s/v2/", base);
	int rc = http_send(
		http, &(struct http_request){ .url = url, .once = true, .stay = true }, &reply, err);
	if (rc < 0)
		return rc;
	return reply.status == 400 ? err_set(err, EPROTO, "%s answers 400 to plain HTTP", base) : 0;
}

/* The base address of a host; finds out whether it is http or https. */
static int find_base(struct remote *r, const char *host, struct mc_err *err)
{
	bool loopback = host_is_loopback(host);
	_cleanup_free_ char *https = xasprintf("https://%s", host), *http = xasprintf("http://%s", host);
	const char *first = loopback ? http : https, *second = loopback ? https : http;
	struct mc_err other;
	int rc;
	if (str_eq(host, "docker.io")) {
		strv_push(&r->bases, "https://registry-1.docker.io");
		return 0;
	}
	if (!registry_is_insecure(host)) {
		strv_push(&r->bases, https);
		return 0;
	}
	rc = speaks(r->http, first, err);
	if (rc == 0 || rc == -ECANCELED) {
		if (rc == 0)
			strv_push(&r->bases, first);
		return rc;
	}
	if (speaks(r->http, second, &other) < 0) {
		if (other.code == EKEYREJECTED)
			*err = other; /* it does speak TLS: the user must hear what was wrong with it */
		return -err->code;
	}
	strv_push(&r->bases, second);
	return 0;
}

static struct http *make_http(const struct registry_settings *s, const char *host)
{
	_cleanup_free_ char *certs = certs_dir(host);
	return http_new(&(struct http_options){
		.insecure = registry_is_insecure(host) && (!host_is_loopback(host) || s->tls_skip),
		.ca_dir = certs,
		.attempts = (unsigned)s->attempts,
		.stall_seconds = (unsigned)s->stall_seconds,
		.cancel = &s->cancel,
	});
}

static int find_login(const char *creds, const char *host, struct login *ret, struct mc_err *err)
{
	const char *colon = creds ? strchr(creds, ':') : NULL;
	if (!creds)
		return login_find(host, ret, err);
	ret->user = xstrndup(creds, colon ? (size_t)(colon - creds) : strlen(creds));
	ret->password = xstrdup(colon ? colon + 1 : "");
	return 0;
}

int remote_open(const struct image_name *n, int flags, struct remote *ret, struct mc_err *err)
{
	struct registry_settings *s = registry_settings();
	int rc;
	explain_step("registry.open", 5, "the first part of the name is the registry, the rest a path on it");
	ret->name = n;
	ret->context = s;
	ret->is_pull = flags == 0;
	if (!(flags & REMOTE_REGISTRY))
		ret->scope =
			xasprintf("repository:%s:%s", n->path, flags & REMOTE_PUSH ? "pull,push" : "pull");
	ret->http = make_http(s, n->host);
	ret->session = xcalloc(1, sizeof(*ret->session));
	pthread_mutex_init(&ret->session->lock, NULL);
	for (size_t i = 0; s->mirrors && s->mirrors[i] && !flags && str_eq(n->host, "docker.io"); i++) {
		strv_push(&ret->bases, s->mirrors[i]);
		if (str_ends(ret->bases[i], "/"))
			ret->bases[i][strlen(ret->bases[i]) - 1] = 0;
	}
	rc = find_base(ret, n->host, err);
	if (rc < 0)
		return rc;
	rc = find_login(s->creds, n->host, &ret->login, err);
	ret->login.http = ret->http;
	return rc;
}

void remote_close(struct remote *r)
{
	if (r->session) {
		pthread_mutex_destroy(&r->session->lock);
		free(r->session->authorization);
		free(r->session);
	}
	login_release(&r->login);
	strv_free(r->bases);
	free(r->scope);
	http_free(r->http);
	memset(r, 0, sizeof(*r));
}

/* --- authorization --- */

/* A token server has an http or https address, and gets no password by http from an https registry. */
static int check_realm(const struct remote *r, const struct challenge *c, struct mc_err *err)
{
	bool plain = c->realm && str_starts(c->realm, "http://");
	if (!c->realm || (!plain && !str_starts(c->realm, "https://")))
		return err_set(err, EPROTO, "%s: the challenge names no token server: realm \"%.200s\"",
			r->name->host, c->realm ? c->realm : "");
	if (plain && str_starts(r->bases[r->at], "https://") && r->login.user &&
		!host_is_loopback(c->realm + 7))
		return err_set(err, EACCES,
			"%s: sends us with the password to %.200s, where anyone on the way could read it",
			r->name->host, c->realm);
	return 0;
}

/* A new Authorization for a challenge; another thread may have been faster. Returns 0 or why not. */
static int session_renew(
	const struct remote *r, const char *challenge, unsigned generation, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_free_ char *token = NULL, *value = NULL, *own = NULL;
	struct session *s = r->session;
	int rc = challenge_parse(challenge, &c, err);
	if (rc == 0 && c.scheme == CHALLENGE_BEARER)
		rc = check_realm(r, &c, err);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&s->lock);
	if (s->generation != generation)
		goto out;
	if (c.scheme == CHALLENGE_BEARER && !c.scope && r->scope) {
		/* A challenge without a scope gets a token for nothing; docker's client names the scope then. */
		own = xasprintf("%s,scope=\"%s\"", challenge, r->scope);
		challenge = own;
	}
	if (c.scheme == CHALLENGE_BEARER) {
		explain_step("registry.token", 5,
			"the password goes to the token server only; the registry sees a short-lived token");
		rc = registry_token(challenge, &r->login, &token, err);
		value = rc == 0 ? xasprintf("Bearer %s", token) : NULL;
	} else {
		value = login_basic(&r->login);
		if (!value) {
			rc = err_set(err, EACCES,
				"%s wants a user name and a password: no basic auth credentials",
				r->name->host);
			err_hint(err, "minictr login %s", r->name->host);
		}
	}
	if (rc == 0) {
		free(s->authorization);
		s->authorization = take_ptr(&value);
		s->generation++;
	}
out:
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/*
 * The line with the challenge we can answer best: there may be several (RFC 9110, 11.6.1). An empty one is
 * none.
 */
static char *find_challenge(const struct http_reply *reply)
{
	char *found = NULL, *line;
	unsigned best = CHALLENGE_NONE;
	for (unsigned n = 0; (line = http_header(reply, "WWW-Authenticate", n)); n++) {
		_cleanup_challenge_ struct challenge c = { 0 };
		struct mc_err ignored = { 0 };
		unsigned scheme = challenge_parse(line, &c, &ignored) < 0 ? CHALLENGE_NONE : c.scheme;
		if (*line && (!found || scheme > best)) {
			free(found);
			found = line;
			best = scheme;
		} else {
			free(line);
		}
	}
	return found;
}

int remote_send(
	const struct remote *r, const struct http_request *q, struct http_reply *ret, struct mc_err *err)
{
	_cleanup_free_ char *url = xasprintf("%s%s", *q->url == '/' ? r->bases[r->at] : "", q->url);
	struct http_request mine = *q;
	_cleanup_free_ char *there = url_origin(url), *here = url_origin(r->bases[r->at]);
	bool home = str_eq(
		there, here); /* an upload may be sent to the store of another operator: not with our token */
	unsigned generation, renewed;
	int rc;
	mine.url = url;
	for (renewed = 0;; renewed++) {
		_cleanup_free_ char *authorization = NULL, *challenge = NULL;
		pthread_mutex_lock(&r->session->lock);
		authorization = xstrdup(r->session->authorization);
		generation = r->session->generation;
		pthread_mutex_unlock(&r->session->lock);
		mine.authorization = home ? authorization : NULL;
		rc = http_send(r->http, &mine, ret, err);
		if (rc < 0 || ret->status != 401 || !home || renewed == 2)
			return rc; /* a third 401 is an answer, not an invitation */
		challenge = find_challenge(ret);
		if (!challenge)
			return 0;
		rc = session_renew(r, challenge, generation, err);
		if (rc < 0)
			return rc;
	}
}

/* --- statuses --- */

/* The registry's own words: {"errors":[{"code":"MANIFEST_UNKNOWN","message":"..."}]}. */
static void error_words(const struct http_reply *reply, char *code, char *message, size_t size)
{
	_cleanup_json_ struct json *doc = NULL;
	const struct json *first;
	const char *text;
	struct mc_err ignored;
	*code = *message = 0;
	if (!reply->body.len || json_parse(reply->body.data, reply->body.len, "error", &doc, &ignored) < 0)
		return;
	first = json_item(json_member(doc, "errors"), 0);
	text = json_text_of(json_member(first, "code"));
	snprintf(code, size, "%s", text ? text : "");
	text = json_text_of(json_member(first, "message"));
	snprintf(message, size, "%s", text ? text : "");
	for (size_t i = 0; message[i]; i++)
		if ((unsigned char)message[i] < ' ' || message[i] == 127)
			message[i] = ' '; /* a server must not write to the user's terminal */
	for (size_t i = 0; code[i]; i++)
		if ((unsigned char)code[i] < ' ' || code[i] == 127)
			code[i] = ' ';
}

static int rate_limit(
	const struct remote *r, const struct http_reply *reply, const char *message, struct mc_err *err)
{
	_cleanup_free_ char *after = http_header(reply, "Retry-After", 0);
	err_set(err, EBUSY, "%s: toomanyrequests: %s%s%s", r->name->host,
		*message ? message : "the registry's rate limit is reached",
		after ? "; try again after " : "", after ? after : "");
	if (str_eq(r->name->host, "docker.io"))
		return err_hint(err,
			"the Hub counts pulls per address (per account after `minictr login`); a mirror in "
			"the room helps: `minictr registry serve --proxy https://registry-1.docker.io`");
	return err_hint(err, "wait, or ask its operator for a higher limit");
}

int remote_error(const struct remote *r, const struct http_reply *reply, const char *what, struct mc_err *err)
{
	_cleanup_free_ char *name = image_name_short(r->name), *repository = image_name_repository(r->name);
	char code[256], message[256];
	error_words(reply, code, message, sizeof(message));
	if (reply->status == 429)
		return rate_limit(r, reply, message, err);
	if (reply->status == 401 && r->login.user) {
		err_set(err, EACCES, "%s: unauthorized: incorrect username or password for %s", r->name->host,
			r->login.user);
		return err_hint(err,
			r->context->creds ? "check the USER:PASSWORD behind --creds"
					  : "log in again: minictr login %s",
			r->name->host);
	}
	if (reply->status == 401 || reply->status == 403 || str_eq(code, "DENIED")) {
		err_set(err, EACCES,
			"%s access denied for %s, repository does not exist or may require 'minictr login': "
			"denied: %s",
			what, repository, *message ? message : "requested access to the resource is denied");
		if (r->login.user)
			return err_hint(
				err, "%s knows you as %s, who may not do this", r->name->host, r->login.user);
		return err_hint(err, "minictr login %s", r->name->host);
	}
	if (reply->status == 404 && str_eq(what, "pull"))
		return err_set(err, ENOENT, "manifest for %s not found: manifest unknown: %s", name,
			*message ? message : "manifest unknown");
	return err_set(err, EPROTO, "%s %s: the registry answered %ld%s%s%s%s to %.300s", what, name,
		reply->status, *code ? " " : "", code, *message ? ": " : "", message,
		reply->url ? reply->url : "");
}

/* --- manifests --- */

static char *const accept_manifests[] = {
	"Accept: " MEDIA_OCI_INDEX ", " MEDIA_OCI_MANIFEST ", " MEDIA_DOCKER_INDEX ", " MEDIA_DOCKER_MANIFEST,
	NULL,
};

/* Does the body have the digest it was asked by, or the one that the registry claims? */
static int check_digest(
	struct manifest *m, const char *wanted, const struct http_reply *reply, struct mc_err *err)
{
	_cleanup_free_ char *claimed = http_header(reply, "Docker-Content-Digest", 0);
	if (str_starts(wanted, "sha512:"))
		digest_of_like(
			&(struct digest){ .text = "sha512:" }, m->bytes.data, m->bytes.len, &m->digest);
	if (*wanted && !str_eq(wanted, m->digest.text))
		return err_set(err, EBADMSG,
			"manifest verification failed for digest %s: the bytes received have %s", wanted,
			m->digest.text);
	if (claimed && !strncmp(claimed, m->digest.text, 7) && !str_eq(claimed, m->digest.text))
		return err_set(err, EBADMSG,
			"the registry says the manifest is %s, the bytes received are %s", claimed,
			m->digest.text);
	return 0;
}

/* One try at the base of the moment. */
static int fetch_once(struct remote *r, const char *wanted, struct manifest *ret, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *type = NULL;
	_cleanup_free_ char *url =
		xasprintf("/v2/%s/manifests/%s", r->name->path, *wanted ? wanted : r->name->tag);
	struct http_request q = {
		.url = url, .headers = accept_manifests, .max_body = DOCUMENT_MAX, .patient = r->answered
	};
	int rc = remote_send(r, &q, &reply, err);
	if (rc < 0)
		return rc;
	r->answered = true;
	if (reply.status != 200)
		return remote_error(r, &reply, "pull", err);
	type = http_header(&reply, "Content-Type", 0);
	rc = manifest_parse(reply.body.data ? reply.body.data : "", reply.body.len, type, ret, err);
	if (rc < 0)
		return rc;
	rc = check_digest(ret, wanted, &reply, err);
	if (rc < 0)
		manifest_release(ret);
	return rc;
}

/* Another base has another token server: what we were given by the last one stays with it. */
static void next_base(struct remote *r)
{
	r->at++;
	free(r->session->authorization);
	r->session->authorization = NULL;
	r->session->generation++;
}

int manifest_fetch_raw(
	struct remote *r, const struct digest *digest, struct manifest *ret, struct mc_err *err)
{
	const char *wanted = digest ? digest->text : r->name->digest.text;
	struct manifest got = { 0 };
	int rc;
	explain_step("registry.manifest", 5, "a tag is only a name: ask what it points to now");
	while ((rc = fetch_once(r, wanted, &got, err)) < 0 && rc != -ECANCELED && r->bases[r->at + 1])
		next_base(r); /* this mirror cannot help: ask the next */
	if (rc < 0)
		return rc;
	manifest_release(ret);
	*ret = got;
	return 0;
}

/* --- blobs --- */

uint64_t remote_blob_limit(const struct remote *r, const struct digest *d)
{
	uint64_t size = manifest_blob_size(r->sizes, d), most = r->context->max_blob;
	return size < most ? size : most;
}

/* One request. 0: the server said all it has to say; 1: it broke off, but something came; -errno. */
static int get_once(const struct remote *r, const char *url, struct partial *p, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *range = xasprintf("Range: bytes=%llu-", (unsigned long long)p->size);
	char *headers[] = { range, NULL };
	struct http_request q = { .url = url,
		.headers = p->size ? headers : NULL,
		.sink = partial_write,
		.ctx = p,
		.patient = true };
	uint64_t before = p->size;
	int rc;
	p->resumed = p->size; /* tells partial_write where this request begins */
	rc = remote_send(r, &q, &reply, err);
	if (rc == -ECONNRESET || rc == -ETIMEDOUT)
		return p->size != before ? 1 : rc;
	if (rc < 0)
		return rc;
	if (reply.status == 416 && before)
		return partial_restart(p, err) < 0
			       ? -err->code
			       : 1; /* we have more than there is: it was something else */
	if (reply.status == 404) {
		err_set(err, ENOENT, "%s does not have %s, which the image is made of", r->name->host,
			p->want.text);
		return err_hint(err, "the image there is incomplete: it must be pushed again");
	}
	if (reply.status != 200 && reply.status != 206)
		return remote_error(r, &reply, "pull", err);
	return p->size < p->limit && p->size != before && p->limit != r->context->max_blob;
}

int remote_get_blob(const struct remote *r, const struct digest *d, struct partial *p, struct mc_err *err)
{
	_cleanup_free_ char *url = xasprintf("/v2/%s/blobs/%s", r->name->path, d->text);
	const struct registry_settings *s = r->context;
	unsigned tries = 0;
	uint64_t before;
	int rc = 0;
	explain_step("registry.blob", 5,
		"bytes are hashed while they arrive; they get their name only when the hash is right");
	p->progress = s->progress;
	progress_state(s->progress, d, "Downloading");
	while (p->size < p->limit && tries < s->attempts) {
		before = p->size;
		rc = get_once(r, url, p, err);
		if (rc <= 0)
			return rc;
		if (p->size < before + LITTLE)
			tries++; /* a line that breaks every few bytes is given up, one that gets somewhere is not */
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	if (p->size < p->limit)
		return err_set(err, ECONNRESET,
			"%s: the connection broke %u times; what came is kept for the next pull", d->text,
			tries);
	return 0;
}
