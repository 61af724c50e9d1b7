/*
 * push.c - an image goes to a registry: distribution-spec 1.1 "Pushing".
 *
 * Order: blobs first, the manifest last, because a registry refuses a manifest that names blobs it has not.
 * Each blob: is it there (HEAD)? can it be taken over from a repository on the same registry (mount)? else
 * it is uploaded, in one piece, or in chunks where the registry or the config file wants that.
 *
 * The blobs are the very files that were pulled or made: nothing is compressed anew, so digests stay.
 *
 * Left out: resuming a broken upload (registries differ in what they keep; a blob begins anew, other blobs
 * are not sent again).
 */
#include <pthread.h>

#include "base/explain.h"
#include "base/file.h"
#include "image/image.h"
#include "registry/progress.h"
#include "registry/push.h"
#include "registry/remote.h"
#include "registry/settings.h"
#include "registry/url.h"

enum { MAX_WORKERS = 32, CHUNK_FALLBACK = 8 << 20, TRIES = 3 };

struct job {
	const struct remote *remote;
	const struct manifest *manifest;
	struct image *others; /* every image here: where a blob could be mounted from */
	size_t n_others;
	int store;
	pthread_mutex_t lock; /* guards what follows */
	size_t next;          /* 0: config, then layers */
	int rc;
	struct mc_err err;
};

/* --- one blob --- */

static bool remote_has(const struct remote *r, const struct digest *d)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *url = xasprintf("/v2/%s/blobs/%s", r->name->path, d->text);
	struct mc_err ignored;
	return remote_send(r, &(struct http_request){ .method = "HEAD", .url = url }, &reply, &ignored) ==
		       0 &&
	       reply.status == 200;
}

static bool has_layer(const struct image *img, const struct digest *d)
{
	const struct json *layers = json_member(img->document, "layers");
	for (size_t i = 0; i < json_len(layers); i++)
		if (str_eq(json_text_of(json_member(json_item(layers, i), "digest")), d->text))
			return true;
	return digest_eq(&img->id, d);
}

/* A repository on the same registry that may have the blob: we have an image of that name with it. Caller
 * frees. */
static char *mount_source(const struct job *j, const struct digest *d)
{
	const struct image_name *here = j->remote->name;
	struct image_name other;
	struct mc_err ignored;
	size_t i, k;
	for (i = 0; i < j->n_others; i++) {
		if (!has_layer(&j->others[i], d))
			continue;
		for (k = 0; j->others[i].names && j->others[i].names[k]; k++)
			if (image_name_parse(j->others[i].names[k], &other, &ignored) == 0 &&
				str_eq(other.host, here->host) && !str_eq(other.path, here->path))
				return xstrdup(other.path);
	}
	return NULL;
}

/*
 * Opens an upload. Returns 1 when the blob was mounted and nothing is to be sent, 0 with *ret_url where to
 * send it.
 */
static int upload_begin(const struct job *j, const struct digest *d, char **ret_url, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *from = mount_source(j, d), *location = NULL;
	_cleanup_buf_ struct buf url = { 0 };
	int rc;
	buf_addf(&url, "/v2/%s/blobs/uploads/", j->remote->name->path);
	if (from) {
		buf_addf(&url, "?mount=%s&from=", d->text);
		url_escape(&url, from);
	}
	rc = remote_send(j->remote,
		&(struct http_request){ .method = "POST", .url = url.data, .patient = true }, &reply, err);
	if (rc < 0)
		return rc;
	if (reply.status == 201)
		return 1;
	location = reply.status == 202 ? http_header(&reply, "Location", 0) : NULL;
	*ret_url = location ? url_join(reply.url, location) : NULL;
	return *ret_url ? 0 : remote_error(j->remote, &reply, "push", err);
}

/* What of a blob went out: pieces that are through, and the one on its way. */
struct upload_bar {
	struct progress *progress; /* borrowed */
	const struct digest *digest;
	uint64_t before;
};

static void tell_sent(void *ctx, uint64_t sent)
{
	const struct upload_bar *bar = ctx;
	progress_bytes(bar->progress, bar->digest, bar->before + sent);
}

static char *with_digest(const char *url, const struct digest *d)
{
	return xasprintf("%s%cdigest=%s", url, strchr(url, '?') ? '&' : '?', d->text);
}

/* The whole blob by one PUT. *ret_status is the registry's answer. */
static int upload_whole(const struct remote *r, const char *url, const struct digest *d, int fd,
	uint64_t size, struct upload_bar *bar, struct http_reply *reply, struct mc_err *err)
{
	static char *const headers[] = { "Content-Type: application/octet-stream", NULL };
	_cleanup_free_ char *put = with_digest(url, d);
	return remote_send(r,
		&(struct http_request){ .method = "PUT",
			.url = put,
			.headers = headers,
			.fd = fd,
			.size = size,
			.told = tell_sent,
			.told_ctx = bar,
			.once = true },
		reply, err);
}

/* Piece by piece: PATCH with Content-Range, each answer says where the next goes; an empty PUT closes. */
static int upload_chunks(const struct remote *r, const char *url, const struct digest *d, int fd,
	uint64_t size, struct upload_bar *bar, struct http_reply *reply, struct mc_err *err)
{
	uint64_t chunk = r->context->chunk ? r->context->chunk : CHUNK_FALLBACK, at, n;
	_cleanup_free_ char *where = xstrdup(url);
	int rc;
	for (at = 0; at < size; at += n) {
		bar->before = at;
		_cleanup_free_ char *range = NULL, *location = NULL, *next = NULL;
		char *headers[] = { "Content-Type: application/octet-stream", NULL, NULL };
		n = size - at < chunk ? size - at : chunk;
		range = xasprintf(
			"Content-Range: %llu-%llu", (unsigned long long)at, (unsigned long long)(at + n - 1));
		headers[1] = range;
		rc = remote_send(r,
			&(struct http_request){ .method = "PATCH",
				.url = where,
				.headers = headers,
				.fd = fd,
				.offset = at,
				.size = n,
				.told = tell_sent,
				.told_ctx = bar,
				.once = true },
			reply, err);
		if (rc < 0 || reply->status != 202)
			return rc;
		location = http_header(reply, "Location", 0);
		next = location ? url_join(reply->url, location) : NULL;
		if (next) {
			free(where);
			where = take_ptr(&next);
		}
	}
	bar->before = size;
	return upload_whole(r, where, d, -1, 0, bar, reply, err);
}

/* One try: 0 done, 1 worth another try, -errno. */
static int upload_once(
	const struct job *j, const struct digest *d, int fd, uint64_t size, bool chunked, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *url = NULL;
	struct progress *p = j->remote->context->progress;
	struct upload_bar bar = { .progress = p, .digest = d };
	int rc = upload_begin(j, d, &url, err);
	if (rc < 0)
		return rc;
	if (rc == 1) {
		progress_state(p, d, "Mounted from another repository");
		return 0;
	}
	progress_state(p, d, "Pushing");
	rc = (chunked ? upload_chunks : upload_whole)(j->remote, url, d, fd, size, &bar, &reply, err);
	if (rc == -ECONNRESET || rc == -ETIMEDOUT || rc == -ECONNREFUSED)
		return 1;
	if (rc < 0)
		return rc;
	if (reply.status == 201 || reply.status == 204) {
		progress_state(p, d, "Pushed");
		return 0;
	}
	rc = remote_error(j->remote, &reply, "push", err);
	return reply.status == 413 || reply.status == 405 || reply.status >= 500
		       ? 1
		       : rc; /* too large in one piece? */
}

static int push_blob(const struct job *j, const struct blob_ref *b, struct mc_err *err)
{
	struct progress *p = j->remote->context->progress;
	bool chunked = j->remote->context->chunk != 0;
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int rc = 0, tries;
	explain_step("registry.push", 5,
		"only missing blobs are sent: the registry is asked first which ones it has");
	if (remote_has(j->remote, &b->digest)) {
		progress_state(p, &b->digest, "Layer already exists");
		return 0;
	}
	fd = store_open_blob(j->store, &b->digest, err);
	if (fd < 0)
		return fd;
	rc = store_blob_size(j->store, &b->digest, &size, err);
	for (tries = 0; rc >= 0 && tries < TRIES; tries++) {
		rc = upload_once(j, &b->digest, fd, size, chunked || tries > 0, err);
		if (rc <= 0)
			return rc;
	}
	return rc < 0 ? rc : -err->code;
}

/* --- all blobs --- */

static void *worker(void *ctx)
{
	struct job *j = ctx;
	const struct manifest *m = j->manifest;
	struct mc_err err;
	size_t i;
	int rc;
	for (;;) {
		pthread_mutex_lock(&j->lock);
		i = j->rc < 0 ? m->n_layers + 1 : j->next++;
		pthread_mutex_unlock(&j->lock);
		if (i > m->n_layers)
			return NULL;
		rc = push_blob(j, i == 0 ? &m->config : &m->layers[i - 1], &err);
		if (rc >= 0)
			continue;
		pthread_mutex_lock(&j->lock);
		if (j->rc == 0) {
			j->rc = rc;
			j->err = err;
		}
		pthread_mutex_unlock(&j->lock);
	}
}

static int push_blobs(struct job *j, struct mc_err *err)
{
	pthread_t threads[MAX_WORKERS];
	size_t i, n = j->remote->context->uploads, started = 0;
	for (i = 0; i < j->manifest->n_layers; i++)
		progress_add(j->remote->context->progress, &j->manifest->layers[i].digest,
			j->manifest->layers[i].size, "Preparing");
	for (i = 1; i < n && i < MAX_WORKERS && i <= j->manifest->n_layers; i++)
		if (pthread_create(&threads[started], NULL, worker, j) == 0)
			started++;
	worker(j);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (j->rc < 0)
		*err = j->err;
	return j->rc;
}

/* --- the manifest --- */

static int push_manifest(const struct remote *r, const struct manifest *m, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *type = xasprintf("Content-Type: %s", m->media_type);
	_cleanup_free_ char *url = xasprintf(
		"/v2/%s/manifests/%s", r->name->path, *r->name->tag ? r->name->tag : r->name->digest.text);
	char *headers[] = { type, NULL };
	int rc = remote_send(r,
		&(struct http_request){ .method = "PUT",
			.url = url,
			.headers = headers,
			.data = m->bytes.data,
			.size = m->bytes.len },
		&reply, err);
	if (rc < 0)
		return rc;
	return reply.status == 201 || reply.status == 200 ? 0 : remote_error(r, &reply, "push", err);
}

/* The manifest's own bytes out of the store. */
static int read_manifest(int store, const struct digest *d, struct manifest *ret, struct mc_err *err)
{
	_cleanup_close_ int fd = store_open_blob(store, d, err);
	_cleanup_buf_ struct buf b = { 0 };
	int rc = fd < 0 ? fd : file_read_fd(fd, d->text, DOCUMENT_MAX, &b, err);
	return rc < 0 ? rc : manifest_parse(b.data ? b.data : "", b.len, NULL, ret, err);
}

/* From now on the image is known by this digest there: the DIGEST column of `images`. */
static int record(int store, const struct image_name *n, const struct manifest *m, struct mc_err *err)
{
	_cleanup_json_ struct json *descriptor = descriptor_new(m->media_type, &m->digest, m->bytes.len);
	_cleanup_free_ char *full = image_name_full(n);
	json_set_string(json_sub(descriptor, "annotations"), ANNOTATION_SOURCE, m->digest.text);
	return store_set_name(store, full, descriptor, err);
}

int image_push(const struct image_name *n, int store, struct digest *ret, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_image_ struct image img = { 0 };
	_cleanup_free_ char *full = image_name_full(n), *repository = image_name_repository(n);
	struct job j = { .remote = &r, .manifest = &m, .store = store, .lock = PTHREAD_MUTEX_INITIALIZER };
	int rc = image_lookup(store, full, &img, err);
	if (rc == -ENOENT)
		return err_set(err, ENOENT, "An image does not exist locally with the tag: %s", repository);
	if (rc >= 0)
		rc = read_manifest(store, &img.manifest, &m, err);
	if (rc >= 0)
		rc = remote_open(n, REMOTE_PUSH, &r, err);
	if (rc >= 0)
		rc = image_list(store, &j.others, &j.n_others, err);
	if (rc < 0)
		return rc;
	progress_line(r.context->progress, "The push refers to repository [%s/%s]", n->host, n->path);
	rc = push_blobs(&j, err);
	image_list_free(j.others, j.n_others);
	if (rc >= 0)
		rc = push_manifest(&r, &m, err);
	if (rc < 0)
		return rc;
	*ret = m.digest;
	progress_line(r.context->progress, "%s: digest: %s size: %zu", n->tag, m.digest.text, m.bytes.len);
	return record(store, n, &m, err);
}
