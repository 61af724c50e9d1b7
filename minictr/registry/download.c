/*
 * download.c - the fast tail of a pull: several layers at a time, each unpacked as soon as it is verified.
 *
 * pthreads(7): workers take layers from a list; each calls blob_fetch() (lab 05.4) and then layer_unpack().
 * While one waits for the network another unpacks, so both the line and the disk are busy. The first
 * failure stops the others (settings.cancel); what they had so far stays for the next pull.
 */
#include <pthread.h>

#include "base/explain.h"
#include "image/image.h"
#include "image/layer.h"
#include "image/verbs.h"
#include "registry/progress.h"
#include "registry/pull.h"
#include "registry/settings.h"

enum { MAX_WORKERS = 32 };

struct job {
	const struct remote *remote;
	const struct manifest *manifest;
	struct digest *diffids; /* one per layer; owned */
	int store;
	pthread_mutex_t lock; /* guards what follows */
	size_t next;          /* layer to take */
	int rc;               /* first failure */
	struct mc_err err;
};

/* The configuration says which tar each layer must turn out to be. */
static int read_diffids(struct job *j, struct mc_err *err)
{
	_cleanup_json_ struct json *config = NULL;
	_cleanup_strv_ char **list = NULL;
	size_t i, n = j->manifest->n_layers;
	int rc = store_read_json(j->store, &j->manifest->config.digest, &config, err);
	if (rc >= 0)
		rc = json_get_strv(config, &list, err, "rootfs.diff_ids");
	if (rc >= 0)
		rc = image_check_kinds(config, err);
	if (rc < 0)
		return err_wrap(err, "image configuration");
	if (strv_len(list) != n)
		return err_set(
			err, EINVAL, "image configuration: %zu diff ids for %zu layers", strv_len(list), n);
	j->diffids = xcalloc(n + 1, sizeof(*j->diffids));
	for (i = 0; i < n; i++)
		if ((rc = digest_parse(list[i], &j->diffids[i], err)) < 0)
			return err_wrap(err, "image configuration: diff id %zu", i + 1);
	return 0;
}

static bool layer_there(const struct job *j, size_t i)
{
	return store_has(j->store, &j->manifest->layers[i].digest) && layer_exists(j->store, &j->diffids[i]);
}

/* Nothing to do, nothing to say: as docker, a pull of what is here prints no layers. */
static bool complete(const struct job *j)
{
	for (size_t i = 0; i < j->manifest->n_layers; i++)
		if (!layer_there(j, i))
			return false;
	return true;
}

struct extract_bar {
	struct progress *progress;
	const struct digest *digest;
};

static void tell_extracted(void *ctx, uint64_t in)
{
	const struct extract_bar *bar = ctx;
	progress_bytes(bar->progress, bar->digest, in);
}

static int one_layer(struct job *j, size_t i, struct mc_err *err)
{
	const struct blob_ref *layer = &j->manifest->layers[i];
	struct progress *p = j->remote->context->progress;
	int rc;
	if (layer_there(j, i)) {
		progress_state(p, &layer->digest, "Already exists");
		return 0;
	}
	rc = blob_fetch(j->remote, &layer->digest, j->store, err);
	if (rc < 0)
		return rc;
	progress_state(p, &layer->digest, "Download complete");
	struct extract_bar bar = { p, &layer->digest };
	progress_bytes(p, &layer->digest, 0);
	progress_state(p, &layer->digest, "Extracting");
	rc = layer_unpack_told(j->store, &layer->digest, &j->diffids[i], NULL, tell_extracted, &bar, err);
	if (rc == 0)
		progress_state(p, &layer->digest, "Pull complete");
	return rc < 0 ? rc : 0;
}

static void *worker(void *ctx)
{
	struct job *j = ctx;
	struct mc_err err;
	size_t i;
	int rc;
	for (;;) {
		pthread_mutex_lock(&j->lock);
		i = j->rc < 0 ? j->manifest->n_layers : j->next++;
		pthread_mutex_unlock(&j->lock);
		if (i >= j->manifest->n_layers)
			return NULL;
		rc = one_layer(j, i, &err);
		if (rc == 0)
			continue;
		pthread_mutex_lock(&j->lock);
		if (j->rc == 0) {
			j->rc = rc;
			j->err = err;
			atomic_store(&j->remote->context->cancel, true); /* the others stop within a second */
		}
		pthread_mutex_unlock(&j->lock);
	}
}

static void run_workers(struct job *j)
{
	pthread_t threads[MAX_WORKERS];
	size_t i, n = j->remote->context->downloads, started = 0;
	if (n > j->manifest->n_layers)
		n = j->manifest->n_layers;
	for (i = 1; i < n && i < MAX_WORKERS; i++)
		if (pthread_create(&threads[started], NULL, worker, j) == 0)
			started++;
	worker(j); /* this thread is one of them, and the only one when threads cannot be had */
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&j->remote->context->cancel, false);
}

/* "linux/arm64 image on an amd64 machine" is worth a word, not a failure: binfmt_misc may run it. */
static void warn_platform(const struct job *j)
{
	const struct registry_settings *s = j->remote->context;
	_cleanup_json_ struct json *config = NULL;
	struct platform have = { 0 };
	struct mc_err ignored;
	const char *os, *arch;
	char a[96], b[96];
	if (store_read_json(j->store, &j->manifest->config.digest, &config, &ignored) < 0)
		return;
	os = json_text_of(json_member(config, "os"));
	arch = json_text_of(json_member(config, "architecture"));
	if (!os || !arch)
		return;
	snprintf(have.os, sizeof(have.os), "%s", os);
	snprintf(have.architecture, sizeof(have.architecture), "%s", arch);
	if (str_eq(os, s->platform.os) && str_eq(arch, s->platform.architecture))
		return;
	progress_line(s->progress, "WARNING: the image's platform (%s) is not the one wanted (%s)",
		platform_text(&have, a), platform_text(&s->platform, b));
}

int pull_blobs(struct remote *r, const struct manifest *m, int store, struct mc_err *err)
{
	struct job j = { .remote = r, .manifest = m, .store = store, .lock = PTHREAD_MUTEX_INITIALIZER };
	_cleanup_free_ char *name = image_name_short(r->name);
	struct progress *p = r->context->progress;
	int rc = manifest_is_image(m, name, err);
	if (rc < 0)
		return rc;
	r->sizes = m;
	rc = blob_fetch(r, &m->config.digest, store, err);
	if (rc == 0)
		rc = read_diffids(&j, err);
	if (rc == 0 && !complete(&j)) {
		for (size_t i = 0; i < m->n_layers; i++)
			progress_add(p, &m->layers[i].digest, m->layers[i].size, "Pulling fs layer");
		warn_platform(&j);
		run_workers(&j);
		rc = j.rc;
		if (rc < 0)
			*err = j.err;
	}
	r->sizes = NULL;
	free(j.diffids);
	return rc;
}

int pull_record(const struct image_name *n, const struct manifest *m, const struct digest *asked, int store,
	struct mc_err *err)
{
	_cleanup_json_ struct json *descriptor = descriptor_new(m->media_type, &m->digest, m->bytes.len);
	struct image_name kept = *n;
	if (*n->digest.text)
		kept.tag[0] =
			'\0'; /* NAME:TAG@DIGEST: the registry was not asked what TAG is, so no tag comes of it */
	_cleanup_free_ char *full = image_name_full(&kept);
	int rc = blob_put_named(store, m->bytes.data, m->bytes.len, &m->digest, err);
	if (rc < 0)
		return rc;
	explain_step("registry.name", 5,
		"the name moves last: when we are killed before, the old image is still complete");
	json_set_string(json_sub(descriptor, "annotations"), ANNOTATION_SOURCE, asked->text);
	progress_line(registry_settings()->progress, "Digest: %s", asked->text);
	return store_set_name(store, full, descriptor, err);
}
