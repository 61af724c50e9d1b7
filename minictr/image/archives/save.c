/*
 * save.c - images as one tar that all tools read: an OCI layout and docker's manifest.json over the same
 * blobs.
 *
 *     blobs/sha256/...   every manifest, configuration and layer once, byte by byte as stored
 *     index.json         for OCI readers (containerd, podman, skopeo oci-archive, docker since 25)
 *     manifest.json      for docker's old reader: names, and which blobs are configuration and layers
 *     oci-layout, repositories
 *
 * Times are zero, so the same images give the same archive. Left out: the directories of docker before 1.10.
 */
#include "image/verbs.h"

#include "image/archive.h"

struct saver {
	int store;
	struct tar_writer *out;
	struct json *index; /* its manifests array */
	struct json *list;  /* manifest.json */
	struct json *tags;  /* repositories */
	char **written;     /* digests of blobs that are out */
	char **ids;         /* images, in the order of list */
};

static int add_dir(struct saver *s, const char *path, struct mc_err *err)
{
	struct tar_entry e = { .path = (char *)path };
	e.st.st_mode = S_IFDIR | 0755;
	return tar_add(s->out, &e, err);
}

static int add_blob(struct saver *s, const char *digest, struct mc_err *err)
{
	struct digest d;
	char path[BLOB_PATH];
	if (strv_has(s->written, digest))
		return 0;
	int rc = digest_parse(digest, &d, err);
	_cleanup_close_ int fd = rc < 0 ? rc : store_open_blob(s->store, &d, err);
	if (fd < 0)
		return fd;
	struct tar_entry e = { .path = (char *)store_blob_path(&d, path) };
	if (fstat(fd, &e.st) < 0)
		return err_sys(err, "stat blob %s", d.text);
	mode_t mode = S_IFREG | 0644;
	off_t size = e.st.st_size;
	e.st = (struct stat){ .st_mode = mode, .st_size = size };
	strv_push(&s->written, digest);
	return tar_add_file(s->out, &e, fd, err);
}

static int add_blobs(struct saver *s, const struct image *img, struct mc_err *err)
{
	const struct json *layers = json_member(img->document, "layers");
	int rc = 0;
	for (size_t i = 0; i < json_len(layers) && rc == 0; i++)
		rc = add_blob(s, json_text_of(json_member(json_item(layers, i), "digest")), err);
	if (rc == 0)
		rc = add_blob(s, img->id.text, err);
	return rc < 0 ? rc : add_blob(s, img->manifest.text, err);
}

/* index.json: one entry a name, one without for images without. */
static int index_image(
	struct saver *s, const struct image *img, const struct image_name *name, struct mc_err *err)
{
	uint64_t size;
	int rc = store_blob_size(s->store, &img->manifest, &size, err);
	if (rc < 0)
		return rc;
	const char *type = json_text_of(json_member(img->document, "mediaType"));
	struct json *entry =
		json_add(s->index, descriptor_new(type ? type : MEDIA_OCI_MANIFEST, &img->manifest, size));
	if (!name)
		return 0;
	_cleanup_free_ char *full = image_name_full(name);
	struct json *notes = json_sub(entry, "annotations");
	json_set_string(notes, "io.containerd.image.name", full);
	json_set_string(notes, ANNOTATION_NAME, name->tag);
	return 0;
}

/* The image's entry of manifest.json, made when it is its first name. */
static struct json *list_image(struct saver *s, const struct image *img)
{
	for (size_t i = 0; s->ids && s->ids[i]; i++)
		if (str_eq(s->ids[i], img->id.text))
			return (struct json *)json_item(s->list, i);
	strv_push(&s->ids, img->id.text);
	struct json *item = json_add(s->list, json_new_object());
	char path[BLOB_PATH];
	json_set_string(item, "Config", store_blob_path(&img->id, path));
	json_set(item, "RepoTags", NULL);
	struct json *paths = json_set(item, "Layers", json_new_array());
	const struct json *layers = json_member(img->document, "layers");
	for (size_t i = 0; i < json_len(layers); i++) {
		struct digest d = { "" };
		struct mc_err ignored;
		digest_parse(json_text_of(json_member(json_item(layers, i), "digest")), &d, &ignored);
		json_add(paths, json_new_string(store_blob_path(&d, path)));
	}
	return item;
}

static void list_name(
	struct saver *s, struct json *item, const struct image *img, const struct image_name *name)
{
	if (!json_member(item, "RepoTags"))
		json_set(item, "RepoTags", json_new_array());
	_cleanup_free_ char *text = image_name_short(name), *repository = image_name_repository(name);
	json_add((struct json *)json_member(item, "RepoTags"), json_new_string(text));
	struct digest top = { "" };
	struct mc_err ignored;
	const struct json *ids = json_at(img->config, "rootfs.diff_ids");
	digest_parse(json_text_of(json_item(ids, json_len(ids) - 1)), &top, &ignored);
	json_set_string(json_sub(s->tags, repository), name->tag, digest_hex(&top));
}

static int save_one(struct saver *s, const char *text, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	int rc = image_lookup(s->store, text, &img, err);
	if (rc == 0)
		rc = add_blobs(s, &img, err);
	if (rc < 0)
		return rc;
	struct json *item = list_image(s, &img);
	struct image_name name;
	struct mc_err ignored;
	/* Asked for by name: saved under that name. By id: without one, as docker does. */
	bool by_name = image_name_parse(text, &name, &ignored) == 0 && name.tag[0];
	_cleanup_free_ char *shown = by_name ? image_name_short(&name) : NULL;
	if (!by_name || !strv_has(img.names, shown))
		return index_image(s, &img, NULL, err);
	list_name(s, item, &img, &name);
	return index_image(s, &img, &name, err);
}

static int add_json(struct saver *s, const char *path, const struct json *doc, struct mc_err *err)
{
	_cleanup_free_ char *text = json_dump(doc, false);
	return tar_add_data(s->out, path, 0644, text, strlen(text), err);
}

static int save_all(struct saver *s, char *const names[], struct json *index, struct mc_err *err)
{
	static const char layout[] = "{\"imageLayoutVersion\": \"1.0.0\"}";
	int rc = add_dir(s, "blobs/", err);
	if (rc == 0)
		rc = add_dir(s, "blobs/sha256/", err);
	for (; *names && rc == 0; names++)
		rc = save_one(s, *names, err);
	if (rc == 0)
		rc = add_json(s, "index.json", index, err);
	if (rc == 0)
		rc = add_json(s, "manifest.json", s->list, err);
	if (rc == 0)
		rc = tar_add_data(s->out, "oci-layout", 0644, layout, sizeof(layout) - 1, err);
	if (rc == 0 && json_len(s->tags))
		rc = add_json(s, "repositories", s->tags, err);
	return rc;
}

int image_save(int store, char *const names[], int fd, struct mc_err *err)
{
	for (char *const *n = names; *n; n++) { /* all of them before the first byte goes out */
		_cleanup_image_ struct image img = { 0 };
		int rc = image_lookup(store, *n, &img, err);
		if (rc < 0)
			return rc;
	}
	_cleanup_json_ struct json *index = json_new_object(), *list = json_new_array(),
				   *tags = json_new_object();
	json_set_i64(index, "schemaVersion", 2);
	json_set_string(index, "mediaType", MEDIA_OCI_INDEX);
	struct saver s = { .store = store, .list = list, .tags = tags };
	s.index = json_set(index, "manifests", json_new_array());
	int rc = tar_create_fd(fd, TAR_PLAIN, &s.out, err);
	if (rc < 0)
		return rc;
	rc = save_all(&s, names, index, err);
	if (rc == 0)
		rc = tar_end(s.out, err);
	else
		tar_abort(s.out);
	strv_free(s.written);
	strv_free(s.ids);
	return rc;
}
