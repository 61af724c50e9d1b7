/*
 * load.c - archives of images: what `docker save`, podman, skopeo and umoci write.
 *
 * Three shapes, told apart by their files: an OCI layout (oci-layout, index.json), docker's (manifest.json), or, since docker
 * 25, both in one. The OCI reading is preferred: it keeps manifests byte by byte, and so their digests.
 * The archive may come through a pipe, and its table of contents stands at its end. So one pass puts every regular file
 * into the store as a blob (a file blobs/sha256/X must have digest X) and remembers which path is which blob;
 * then the JSON files are read from there. What no image turns out to need is taken by garbage collection.
 *
 * Order: blobs, then layers unpacked and verified, then the name. A bad archive leaves the store as it was.
 */
#include "image/verbs.h"

#include <unistd.h>

#include "image/archive.h"
#include "image/incoming.h"
#include "image/layer.h"

struct member { /* one file of the archive */
	char *path;
	char *link; /* path of the member it stands for, or NULL */
	struct digest blob;
};

struct loader {
	int store;
	const char *name; /* of the archive, for messages */
	const char *platform;
	const struct image_report *report;
	struct member *members;
	size_t n, room;
	size_t loaded; /* images */
};

/* --- pass one: files become blobs --- */

/* "a/../b/./c" as "b/c": how members name each other. Caller frees. */
static char *plain_path(const char *dir, const char *path)
{
	_cleanup_free_ char *whole = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", dir, path);
	char **parts = NULL;
	size_t n = 0;
	for (char *save = NULL, *part = strtok_r(whole, "/", &save); part;
		part = strtok_r(NULL, "/", &save)) {
		if (str_eq(part, "."))
			continue;
		if (str_eq(part, "..")) {
			if (n)
				free(parts[--n]);
			if (parts)
				parts[n] = NULL;
			continue;
		}
		strv_push(&parts, part);
		n++;
	}
	struct buf out = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s%s", i ? "/" : "", parts[i]);
	strv_free(parts);
	return buf_take(&out);
}

static struct member *new_member(struct loader *l, const char *path)
{
	if (l->n == l->room)
		l->members = xrealloc(l->members, (l->room = l->room * 2 + 32) * sizeof(*l->members));
	l->members[l->n] = (struct member){ .path = plain_path("", path) };
	return &l->members[l->n++];
}

static int store_member(struct loader *l, struct tar_reader *r, struct member *m, struct mc_err *err)
{
	enum { CHUNK = 128 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	struct digest want = { "" };
	if (str_starts(m->path, "blobs/sha256/")) {
		_cleanup_free_ char *text = xasprintf("sha256:%s", m->path + 13);
		if (digest_parse(text, &want, err) < 0)
			return -err->code;
	}
	struct blob_writer w;
	int rc = blob_begin(l->store, &w, err);
	while (rc == 0) {
		ssize_t n = tar_read(r, chunk, CHUNK, err);
		if (n < 0)
			rc = (int)n;
		if (n <= 0)
			break;
		rc = blob_write(&w, chunk, (size_t)n, err);
	}
	if (rc == 0)
		rc = blob_commit(&w, want.text[0] ? &want : NULL, &m->blob, err);
	blob_abort(&w);
	return rc < 0 ? err_wrap(err, "%s", m->path) : 0;
}

static int read_members(struct loader *l, int fd, struct mc_err *err)
{
	static const struct tar_limits limits = { .entries = 100000 };
	struct tar_reader *r = NULL;
	const struct tar_entry *e;
	int rc = tar_open(fd, l->name, &limits, &r, err);
	while (rc == 0 && (rc = tar_next(r, &e, err)) > 0) {
		rc = 0;
		if (!e->hardlink && S_ISREG(e->st.st_mode)) {
			rc = store_member(l, r, new_member(l, e->path), err);
		} else if (e->link) { /* old docker: the same layer twice is a link */
			struct member *m = new_member(l, e->path);
			char *slash = strrchr(m->path, '/');
			_cleanup_free_ char *dir =
				slash ? xstrndup(m->path, (size_t)(slash - m->path)) : xstrdup("");
			m->link = plain_path(e->hardlink ? "" : dir, e->link);
		}
	}
	tar_close(r);
	return rc < 0 ? err_wrap(err, "%s", l->name) : 0;
}

static const struct member *find_member(const struct loader *l, const char *path)
{
	_cleanup_free_ char *plain = plain_path("", path);
	for (int hops = 0; hops < 8; hops++) {
		const struct member *found = NULL;
		for (size_t i = 0; i < l->n; i++)
			if (str_eq(l->members[i].path, plain))
				found = &l->members[i]; /* the last one wins, as when unpacking */
		if (!found || !found->link)
			return found;
		free(plain);
		plain = xstrdup(found->link);
	}
	return NULL;
}

static int read_member(struct loader *l, const char *path, struct json **ret, struct mc_err *err)
{
	const struct member *m = find_member(l, path);
	if (!m)
		return err_set(err, ENOENT, "%s has no file %s", l->name, path);
	int rc = store_read_json(l->store, &m->blob, ret, err);
	return rc < 0 ? err_wrap(err, "%s: %s", l->name, path) : 0;
}

/* --- pass two: images --- */

static void said(const struct loader *l, const char *format, const char *what)
{
	char line[700];
	snprintf(line, sizeof(line), format, what);
	if (l->report && l->report->line)
		l->report->line(l->report->arg, line);
}

/* Unpacks, then names. names may be NULL or empty: the image is kept without a name. */
static int finish_image(
	struct loader *l, const struct digest *manifest, char *const names[], struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	int rc = image_load_manifest(l->store, manifest, &img, err);
	if (rc == 0)
		rc = image_unpack(l->store, &img, NULL, err);
	if (rc < 0)
		return err_wrap(err, "%s", l->name);
	l->loaded++;
	for (char *const *name = names; name && *name && rc == 0; name++) {
		struct image_name parsed;
		rc = image_name_parse(*name, &parsed, err);
		if (rc == 0)
			rc = image_publish(l->store, manifest, img.document, img.config, *name, err);
		if (rc < 0)
			return rc;
		_cleanup_free_ char *shown = image_name_short(&parsed);
		said(l, "Loaded image: %s", shown);
	}
	if (names && *names)
		return 0;
	said(l, "Loaded image ID: %s", img.id.text);
	return image_publish(l->store, manifest, img.document, img.config, NULL, err);
}

/* Names an index entry gives: containerd's annotation is a full name; the OCI one may be a bare tag, which names nothing. */
static char **entry_names(const struct json *entry)
{
	char **names = NULL;
	const struct json *notes = json_member(entry, "annotations");
	const char *full = json_text_of(json_member(notes, "io.containerd.image.name"));
	const char *ref = json_text_of(json_member(notes, ANNOTATION_NAME));
	if (full)
		strv_push(&names, full);
	else if (ref && (strpbrk(ref, ":/") || !(str_eq(ref, "latest") || strpbrk(ref, "0123456789"))))
		strv_push(&names, ref);
	return names;
}

static bool platform_fits(const struct loader *l, const struct json *entry)
{
	const char *os = json_text_of(json_at(entry, "platform.os"));
	const char *arch = json_text_of(json_at(entry, "platform.architecture"));
	const char *variant = json_text_of(json_at(entry, "platform.variant"));
	if (!os || !arch)
		return true;
	_cleanup_free_ char *mine =
		l->platform ? xstrdup(l->platform) : xasprintf("linux/%s", image_architecture());
	_cleanup_free_ char *its = xasprintf("%s/%s", os, arch);
	_cleanup_free_ char *whole = xasprintf("%s/%s", its, variant ? variant : "");
	return str_eq(mine, its) || str_eq(mine, whole);
}

/* An index inside the layout: the manifest for the platform asked for. */
static int choose(struct loader *l, const struct digest *index, struct digest *ret, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = store_read_json(l->store, index, &doc, err);
	if (rc < 0)
		return rc;
	const struct json *list = json_member(doc, "manifests");
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *m = json_item(list, i);
		if (media_is_manifest(json_text_of(json_member(m, "mediaType"))) &&
			json_at(m, "platform.os") && platform_fits(l, m) &&
			digest_parse(json_text_of(json_member(m, "digest")), ret, err) == 0 &&
			store_has(l->store, ret))
			return 0;
	}
	return err_set(err, ENOENT, "%s: no image for %s%s in it", l->name, l->platform ? "" : "linux/",
		l->platform ? l->platform : image_architecture());
}

static int load_layout(struct loader *l, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	int rc = read_member(l, "index.json", &index, err);
	if (rc < 0)
		return rc;
	const struct json *list = json_member(index, "manifests");
	for (size_t i = 0; i < json_len(list) && rc == 0; i++) {
		const struct json *entry = json_item(list, i);
		struct digest d;
		rc = digest_parse(json_text_of(json_member(entry, "digest")), &d, err);
		if (rc == 0 && media_is_index(json_text_of(json_member(entry, "mediaType"))))
			rc = choose(l, &d, &d, err);
		_cleanup_strv_ char **names = entry_names(entry);
		if (rc == 0)
			rc = finish_image(l, &d, names, err);
	}
	return rc;
}

/* docker's list has no manifests: one is made, always the same for the same blobs. */
static int docker_manifest(struct loader *l, const struct json *item, const struct digest *config,
	struct digest *ret, struct mc_err *err)
{
	_cleanup_json_ struct json *manifest = json_new_object();
	uint64_t size = 0;
	int rc = store_blob_size(l->store, config, &size, err);
	json_set_i64(manifest, "schemaVersion", 2);
	json_set_string(manifest, "mediaType", MEDIA_OCI_MANIFEST);
	json_set(manifest, "config", descriptor_new(MEDIA_OCI_CONFIG, config, size));
	struct json *layers = json_set(manifest, "layers", json_new_array());
	const struct json *paths = json_member(item, "Layers");
	for (size_t i = 0; i < json_len(paths) && rc == 0; i++) {
		const char *path = json_text_of(json_item(paths, i)), *type;
		const struct member *m = path ? find_member(l, path) : NULL;
		if (!m)
			return err_set(err, ENOENT, "%s: layer %s is missing", l->name, path ? path : "?");
		struct digest blob = m->blob;
		rc = incoming_type(l->store, &blob, &type, err);
		if (rc == 0)
			rc = store_blob_size(l->store, &blob, &size, err);
		if (rc == 0)
			json_add(layers, descriptor_new(type, &blob, size));
	}
	return rc < 0 ? rc : blob_put_json(l->store, manifest, ret, NULL, err);
}

static int load_docker_image(struct loader *l, const struct json *item, struct mc_err *err)
{
	_cleanup_strv_ char **tags = NULL;
	_cleanup_image_ struct image known = { 0 };
	struct mc_err ignored;
	const char *path = json_text_of(json_member(item, "Config"));
	const struct member *config = path ? find_member(l, path) : NULL;
	if (!config)
		return err_set(err, ENOENT, "%s: configuration %s is missing", l->name, path ? path : "?");
	int rc = json_get_strv(item, &tags, err, "RepoTags");
	if (rc < 0)
		return rc;
	/* An image that is here already keeps its manifest, and so the digest a registry knows. */
	if (image_lookup(l->store, config->blob.text, &known, &ignored) == 0)
		return finish_image(l, &known.manifest, tags, err);
	struct digest manifest;
	rc = docker_manifest(l, item, &config->blob, &manifest, err);
	return rc < 0 ? rc : finish_image(l, &manifest, tags, err);
}

static int load_docker(struct loader *l, struct mc_err *err)
{
	_cleanup_json_ struct json *list = NULL;
	int rc = read_member(l, "manifest.json", &list, err);
	for (size_t i = 0; rc == 0 && i < json_len(list); i++)
		rc = load_docker_image(l, json_item(list, i), err);
	return rc;
}

int image_load(int store, int fd, const char *name, const char *platform, const struct image_report *report,
	struct mc_err *err)
{
	struct loader l = { .store = store, .name = name, .platform = platform, .report = report };
	_cleanup_close_ int busy = store_busy(store, err);
	int rc = busy < 0 ? busy : read_members(&l, fd, err);
	if (rc == 0 && find_member(&l, "index.json") && find_member(&l, "oci-layout"))
		rc = load_layout(&l, err);
	else if (rc == 0 && find_member(&l, "manifest.json"))
		rc = load_docker(&l, err);
	else if (rc == 0) {
		rc = err_set(err, EINVAL, "%s holds no image: neither index.json nor manifest.json is in it",
			name);
		err_hint(err, "a root file system is not an image yet: minictr import makes one of it");
	}
	if (rc == 0 && !l.loaded)
		rc = err_set(err, EINVAL, "%s holds no image", name);
	for (size_t i = 0; i < l.n; i++) {
		free(l.members[i].path);
		free(l.members[i].link);
	}
	free(l.members);
	return rc;
}

int image_unpack(int store, const struct image *img, const struct id_maps *ids, struct mc_err *err)
{
	const struct json *diffids = json_at(img->config, "rootfs.diff_ids");
	const struct json *layers = json_member(img->document, "layers");
	int rc = 0;
	for (size_t i = 0; i < json_len(diffids) && rc == 0; i++) {
		struct digest diffid, blob;
		rc = digest_parse(json_text_of(json_item(diffids, i)), &diffid, err);
		if (rc == 0)
			rc = digest_parse(
				json_text_of(json_member(json_item(layers, i), "digest")), &blob, err);
		if (rc == 0)
			rc = layer_unpack(store, &blob, &diffid, ids, err);
	}
	return rc;
}
