/*
 * gc.c - garbage collection by reachability: what no name and no container reaches is removed.
 *
 * Roots are the entries of index.json and the images of existing containers (whose name may be gone). From
 * them: index -> manifests -> configuration and layers -> diff ids -> unpacked layers. Everything else
 * goes.
 *
 * A process that brings blobs in holds a shared lock (store_busy), because its blobs are reachable only at
 * the end. Collecting takes that lock exclusively and does not wait: while another process is busy, the
 * garbage stays until next time. Broken downloads are kept for a day, so that they can go on
 * (unfinished.c). Not protected: a skopeo that writes into the same directory meanwhile, because it does
 * not take our lock.
 */
#include "image/verbs.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "image/unfinished.h"
#include "image/layer.h"

struct marks { /* digests in hex, a set: open addressing, size is a power of two */
	char **slots;
	size_t n, room;
};

static char **slot(struct marks *m, const char *hex)
{
	size_t i = fnv1a(hex, strlen(hex)) & (m->room - 1);
	while (m->slots[i] && !str_eq(m->slots[i], hex))
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

static bool marked(struct marks *m, const char *hex) { return m->room && *slot(m, hex); }

/* Returns false when it was marked before. */
static bool mark(struct marks *m, const char *hex)
{
	if (m->n * 2 >= m->room) {
		struct marks old = *m;
		m->room = old.room ? old.room * 2 : 256;
		m->slots = xcalloc(m->room, sizeof(char *));
		for (size_t i = 0; i < old.room; i++)
			if (old.slots[i])
				*slot(m, old.slots[i]) = old.slots[i];
		free(old.slots);
	}
	char **s = slot(m, hex);
	if (*s)
		return false;
	*s = xstrdup(hex);
	m->n++;
	return true;
}

static void marks_free(struct marks *m)
{
	for (size_t i = 0; i < m->room; i++)
		free(m->slots[i]);
	free(m->slots);
}

/* --- mark --- */

static void mark_config(int store, const char *digest, struct marks *m)
{
	struct digest d, id;
	struct mc_err ignored;
	_cleanup_json_ struct json *config = NULL;
	if (digest_parse(digest, &d, &ignored) < 0 || !mark(m, digest_hex(&d)) ||
		store_read_json(store, &d, &config, &ignored) < 0)
		return;
	const struct json *ids = json_at(config, "rootfs.diff_ids");
	for (size_t i = 0; i < json_len(ids); i++)
		if (digest_parse(json_text_of(json_item(ids, i)), &id, &ignored) == 0)
			mark(m, digest_hex(&id));
}

/* Marks a manifest or an index and what it names. One function reads both, because a document with a wrong
 * media type must not lose its blobs. */
static void mark_document(int store, const char *digest, int depth, struct marks *m)
{
	struct digest d;
	struct mc_err ignored;
	_cleanup_json_ struct json *doc = NULL;
	if (depth > 4 || digest_parse(digest, &d, &ignored) < 0 || !mark(m, digest_hex(&d)) ||
		!store_has(store, &d) || store_read_json(store, &d, &doc, &ignored) < 0)
		return;
	const struct json *manifests = json_member(doc, "manifests"), *layers = json_member(doc, "layers");
	for (size_t i = 0; i < json_len(manifests); i++)
		mark_document(
			store, json_text_of(json_member(json_item(manifests, i), "digest")), depth + 1, m);
	for (size_t i = 0; i < json_len(layers); i++) {
		const char *layer = json_text_of(json_member(json_item(layers, i), "digest"));
		if (digest_parse(layer, &d, &ignored) == 0)
			mark(m, digest_hex(&d));
	}
	if (json_at(doc, "config.digest"))
		mark_config(store, json_text_of(json_at(doc, "config.digest")), m);
}

/* Layers of the build cache: no image names them, but the next build may use them. They are plain tars, so
 * blob and layer have the same name. */
static int mark_kept(int store, struct marks *m, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int layers = store_layers(store, err);
	int rc = layers < 0 ? layers : dir_list(layers, ".", &names, err);
	for (char **n = names; rc == 0 && n && *n; n++)
		if (layer_is_kept(layers, *n))
			mark(m, *n);
	return rc;
}

static int mark_all(int store, const struct image_uses *uses, struct marks *m, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	int rc = store_read_index(store, &index, err);
	if (rc < 0)
		return rc; /* a damaged index must not make everything garbage */
	const struct json *entries = json_member(index, "manifests");
	for (size_t i = 0; i < json_len(entries); i++)
		mark_document(store, json_text_of(json_member(json_item(entries, i), "digest")), 0, m);
	for (size_t i = 0; uses && i < uses->n; i++)
		mark_config(store, uses->use[i].image, m);
	mark(m, "empty"); /* layers/empty: for images without layers */
	return mark_kept(store, m, err);
}

/* --- sweep --- */

static int sweep_blobs(int store, const char *folder, struct marks *m, uint64_t *freed, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	if (!path_exists(store, folder))
		return 0;
	_cleanup_close_ int dir = dir_open(store, folder, err);
	int rc = dir < 0 ? dir : dir_list(dir, ".", &names, err);
	for (char **n = names; rc == 0 && n && *n; n++) {
		struct stat st;
		if (marked(m, *n) || fstatat(dir, *n, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (unlinkat(dir, *n, 0) == 0)
			*freed += (uint64_t)st.st_size;
	}
	return rc;
}

static uint64_t layer_size(int layers, const char *name)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/size", name);
	struct mc_err ignored;
	return file_read(layers, path, 64, &text, &ignored) < 0 ? 0 : strtoull(text.data, NULL, 10);
}

static int sweep_layers(int store, struct marks *m, uint64_t *freed, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int layers = store_layers(store, err);
	int rc = layers < 0 ? layers : dir_list(layers, ".", &names, err);
	for (char **n = names; rc == 0 && n && *n; n++) {
		/* <hex>-<map> is a copy with other owners: it goes with its layer. */
		_cleanup_free_ char *hex = xstrndup(*n, strcspn(*n, "-"));
		if (marked(m, hex))
			continue;
		/* Rename first: half a layer must never look whole. tmp-* of killed processes go too. */
		char gone[40] = "tmp-";
		random_hex(gone + 4, 12);
		uint64_t size = layer_size(layers, *n);
		if (renameat(layers, *n, layers, gone) < 0)
			continue;
		*freed += size;
		rc = dir_remove(layers, gone, err);
	}
	return rc;
}

int store_collect(int store, const struct image_uses *uses, uint64_t *ret_freed, struct mc_err *err)
{
	*ret_freed = 0;
	_cleanup_close_ int busy = store_busy(store, err);
	if (busy < 0)
		return busy;
	if (flock(busy, LOCK_EX | LOCK_NB) < 0)
		return 0; /* blobs are being brought in: next time */
	struct marks m = { 0 };
	int rc = mark_all(store, uses, &m, err);
	if (rc == 0)
		rc = sweep_blobs(store, "blobs/sha256", &m, ret_freed, err);
	if (rc == 0)
		rc = sweep_blobs(store, "blobs/sha512", &m, ret_freed, err);
	if (rc == 0)
		rc = sweep_layers(store, &m, ret_freed, err);
	unfinished_clear(store, UNFINISHED_DAY, true);
	marks_free(&m);
	return rc;
}
