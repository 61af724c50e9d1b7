/*
 * load.c - archives of images: what `docker save`, podman, skopeo and umoci write.
 *
 * Three shapes, told apart by their files: an OCI layout (oci-layout, index.json), docker's
 * (manifest.json), or, since docker 25, both in one. The OCI reading is preferred: it keeps manifests byte
 * by byte, and so their digests.
 *
 * Order: blobs (load_members.c), then every layer unpacked and verified, then all names in one replacement
 * of the index. An archive that turns out bad, in its last image too, leaves no name; its blobs are garbage
 * (gc.c).
 */
#include "image/verbs.h"

#include "image/incoming.h"
#include "image/layer.h"
#include "image/archives/load_members.h"
#include "image/platform.h"

enum { MOST_NAMES = 10000 };

struct loader {
	int store;
	const char *name;                /* of the archive, for messages */
	const struct platform *platform; /* NULL: what is listed directly is loaded for any machine */
	struct platform wanted;          /* of an index this one is taken */
	struct members members;
	struct store_entry *entries; /* names to give at the end */
	size_t n_entries;
	char **lines; /* what to report then */
	size_t passed_over;
};

static int read_member(struct loader *l, const char *path, struct json **ret, struct mc_err *err)
{
	const struct member *m = members_find(&l->members, path);
	if (!m)
		return err_set(err, ENOENT, "%s has no file %s", l->name, path);
	int rc = store_read_json(l->store, &m->blob, ret, err);
	return rc < 0 ? err_wrap(err, "%s: %s", l->name, path) : 0;
}

/* --- one image: unpacked, its names remembered --- */

/* name as people write it; NULL: the image is kept without one. */
static int plan_name(struct loader *l, const struct image *img, const char *name, struct mc_err *err)
{
	struct image_name parsed;
	if (l->n_entries == MOST_NAMES)
		return err_set(err, E2BIG, "%s gives more than %d names; refused", l->name, MOST_NAMES);
	if (name && image_name_parse(name, &parsed, err) < 0)
		return err_wrap(err, "%s", l->name);
	struct json *descriptor = NULL;
	int rc = image_descriptor(l->store, &img->manifest, img->document, img->config, &descriptor, err);
	if (rc < 0)
		return rc;
	l->entries = xrealloc(l->entries, (l->n_entries + 1) * sizeof(*l->entries));
	l->entries[l->n_entries++] = (struct store_entry){ .name = name ? image_name_full(&parsed) : NULL,
		.descriptor = descriptor };
	_cleanup_free_ char *shown = name ? image_name_short(&parsed) : NULL;
	if (name)
		strv_pushf(&l->lines, "Loaded image: %s", shown);
	else
		strv_pushf(&l->lines, "Loaded image ID: %s", img->id.text);
	return 0;
}

/* With --platform, images for other machines in the archive are passed over. */
static bool is_wanted(const struct loader *l, const struct image *img)
{
	struct platform have;
	platform_read(img->config, &have);
	return !l->platform || platform_match(&have, l->platform) > 0;
}

static int add_image(struct loader *l, const struct digest *manifest, char *const names[], struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	int rc = image_load_manifest(l->store, manifest, &img, err);
	if (rc == 0 && !is_wanted(l, &img)) {
		l->passed_over++;
		return 0;
	}
	if (rc == 0)
		rc = image_check_kinds(img.config, err);
	if (rc == 0)
		rc = image_unpack(l->store, &img, NULL, err);
	if (rc < 0)
		return err_wrap(err, "%s", l->name);
	if (!names || !*names)
		return plan_name(l, &img, NULL, err);
	for (char *const *name = names; *name && rc == 0; name++)
		rc = plan_name(l, &img, *name, err);
	return rc;
}

/* --- OCI layouts --- */

/* Names an index entry gives: containerd's annotation is a full name; the OCI one may be a bare tag, which
 * names nothing. */
static char **entry_names(const struct json *entry)
{
	char **names = NULL;
	const struct json *notes = json_member(entry, "annotations");
	const char *full = json_text_of(json_member(notes, "io.containerd.image.name"));
	const char *ref = json_text_of(json_member(notes, ANNOTATION_NAME));
	if (full)
		strv_push(&names, full);
	else if (ref && *ref &&
		 (strpbrk(ref, ":/") || !(str_eq(ref, "latest") || strpbrk(ref, "0123456789"))))
		strv_push(&names, ref);
	return names;
}

static int load_layout(struct loader *l, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	int rc = read_member(l, "index.json", &index, err);
	const struct json *list = json_member(index, "manifests");
	for (size_t i = 0; i < json_len(list) && rc == 0; i++) {
		const struct json *entry = json_item(list, i);
		struct digest d;
		rc = digest_parse(json_text_of(json_member(entry, "digest")), &d, err);
		if (rc == 0 && media_is_index(json_text_of(json_member(entry, "mediaType"))))
			rc = platform_choose(l->store, &d, &l->wanted, &d, err);
		if (rc < 0)
			return err_wrap(err, "%s", l->name);
		_cleanup_strv_ char **names = entry_names(entry);
		rc = add_image(l, &d, names, err);
	}
	return rc;
}

/* --- docker's archives --- */

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
	if (json_len(paths) > IMAGE_MAX_LAYERS)
		return err_set(err, E2BIG, "%s: an image of %zu layers; Linux can stack %d", l->name,
			json_len(paths), IMAGE_MAX_LAYERS);
	for (size_t i = 0; i < json_len(paths) && rc == 0; i++) {
		const char *path = json_text_of(json_item(paths, i)), *type;
		const struct member *m = path ? members_find(&l->members, path) : NULL;
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
	const struct member *config = path ? members_find(&l->members, path) : NULL;
	if (!config)
		return err_set(err, ENOENT, "%s: configuration %s is missing", l->name, path ? path : "?");
	int rc = json_get_strv(item, &tags, err, "RepoTags");
	if (rc < 0)
		return rc;
	/* An image that is here already keeps its manifest, and so the digest a registry knows. */
	if (image_lookup(l->store, config->blob.text, &known, &ignored) == 0)
		return add_image(l, &known.manifest, tags, err);
	struct digest manifest;
	rc = docker_manifest(l, item, &config->blob, &manifest, err);
	return rc < 0 ? rc : add_image(l, &manifest, tags, err);
}

static int load_docker(struct loader *l, struct mc_err *err)
{
	_cleanup_json_ struct json *list = NULL;
	int rc = read_member(l, "manifest.json", &list, err);
	for (size_t i = 0; rc == 0 && i < json_len(list); i++)
		rc = load_docker_image(l, json_item(list, i), err);
	return rc;
}

/* --- the whole --- */

static int add_images(struct loader *l, struct mc_err *err)
{
	if (members_find(&l->members, "index.json") && members_find(&l->members, "oci-layout"))
		return load_layout(l, err);
	if (members_find(&l->members, "manifest.json"))
		return load_docker(l, err);
	err_set(err, EINVAL, "%s holds no image: neither index.json nor manifest.json is in it", l->name);
	return err_hint(err, "a root file system is not an image yet: minictr import makes one of it");
}

static int publish(struct loader *l, const struct image_report *report, struct mc_err *err)
{
	char text[96];
	if (!l->n_entries && l->passed_over)
		return err_set(
			err, ENOENT, "%s holds no image for %s", l->name, platform_text(l->platform, text));
	if (!l->n_entries)
		return err_set(err, EINVAL, "%s holds no image", l->name);
	int rc = store_set_names(l->store, l->entries, l->n_entries, err);
	for (char **line = l->lines; rc == 0 && *line; line++)
		if (report && report->line)
			report->line(report->arg, *line);
	return rc;
}

static void release_loader(struct loader *l)
{
	for (size_t i = 0; i < l->n_entries; i++) {
		free(l->entries[i].name);
		json_free(l->entries[i].descriptor);
	}
	free(l->entries);
	strv_free(l->lines);
	members_free(&l->members);
}

int image_load(int store, int fd, const char *name, const char *platform, const struct image_report *report,
	struct mc_err *err)
{
	struct loader l = { .store = store, .name = name };
	int rc = platform_parse(platform, &l.wanted, err);
	if (rc < 0)
		return rc;
	l.platform = platform ? &l.wanted : NULL;
	_cleanup_close_ int busy = store_busy(store, err);
	rc = busy < 0 ? busy : members_read(store, fd, name, &l.members, err);
	if (rc == 0)
		rc = add_images(&l, err);
	if (rc == 0)
		rc = publish(&l, report, err);
	release_loader(&l);
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
