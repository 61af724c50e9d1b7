/*
 * image_document.c - an image in the shape of `docker image inspect`, made of its configuration document
 * (image-spec, config.md).
 */
#include "image/image.h"

static void copy(struct json *to, const char *key, const struct json *from, const char *from_key)
{
	const struct json *v = json_member(from, from_key);
	json_set(to, key, v ? json_copy(v) : json_new_string(""));
}

/* What `commit -m` and `import -m` have said: it is kept with the newest entry of the history. */
static const char *last_comment(const struct image *img)
{
	const struct json *h = json_member(img->config, "history");
	const struct json *newest = json_len(h) ? json_item(h, json_len(h) - 1) : NULL;
	const char *s = json_text_of(json_member(newest, "comment"));
	return s ? s : "";
}

struct json *image_describe(const struct image *img)
{
	struct json *d = json_new_object();
	char id[160];
	snprintf(id, sizeof(id), "%s", img->id.text);
	json_set_string(d, "Id", id);
	json_set(d, "RepoTags", json_new_strv(img->names));
	json_set(d, "RepoDigests", json_new_strv(img->digests));
	const char *parent = json_text_of(json_member(img->config, "parent"));
	json_set_string(d, "Parent", parent ? parent : "");
	json_set_string(d, "Comment", last_comment(img));
	copy(d, "Created", img->config, "created");
	copy(d, "Author", img->config, "author");
	copy(d, "Architecture", img->config, "architecture");
	copy(d, "Os", img->config, "os");
	copy(d, "Config", img->config, "config");
	json_set_u64(d, "Size", img->size);
	json_set_string(json_sub(d, "GraphDriver"), "Name", "overlay2");
	struct json *fs = json_sub(d, "RootFS");
	json_set_string(fs, "Type", "layers");
	const struct json *ids = json_at(img->config, "rootfs.diff_ids");
	json_set(fs, "Layers", ids ? json_copy(ids) : json_new_array());
	return d;
}
