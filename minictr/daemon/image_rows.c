/*
 * image_rows.c - images as rows of GET /images/json and of GET /system/df.
 */
#include "daemon/image_events.h"

#include "image/image.h"

static int64_t users_of(const struct image_uses *uses, const struct image *img)
{
	int64_t n = 0;
	for (size_t i = 0; i < uses->n; i++)
		n += str_eq(uses->use[i].image, img->id.text);
	return n;
}

static struct json *shown_names(const struct image *img, char *const filters[])
{
	struct json *list = json_new_array();
	for (size_t i = 0; img->names && img->names[i]; i++)
		if (image_name_shown(img->names[i], filters))
			json_add(list, json_new_string(img->names[i]));
	return list;
}

static struct json *image_row(
	int store, const struct image *img, const struct image_uses *uses, char *const filters[], int api)
{
	struct json *o = json_new_object();
	uint64_t bytes = image_unpacked_size(store, img), size = bytes ? bytes : img->size;
	const struct json *labels = json_at(img->config, "config.Labels");
	json_set_string(o, "Id", img->id.text);
	json_set_string(o, "ParentId", "");
	json_set(o, "RepoTags", shown_names(img, filters));
	json_set(o, "RepoDigests", json_new_strv(img->digests));
	json_set_i64(o, "Created", img->created / 1000000000);
	json_set_u64(o, "Size", size);
	if (api < 44) /* it said the same since 1.10, and then went */
		json_set_u64(o, "VirtualSize", size);
	json_set_i64(o, "SharedSize", -1);
	json_set(o, "Labels", labels ? json_copy(labels) : NULL);
	json_set_i64(o, "Containers", uses ? users_of(uses, img) : -1);
	return o;
}

int job_images(int store, const struct image_uses *uses, char *const filters[], int api, struct json *rows,
	struct mc_err *err)
{
	struct image *list = NULL;
	size_t n = 0, owned = 0;
	int rc = image_list(store, &list, &n, err);
	owned = n;
	if (rc >= 0)
		rc = image_filter(store, list, &n, filters, err);
	for (size_t i = 0; rc >= 0 && i < n; i++)
		json_add(rows, image_row(store, &list[i], uses, filters, api));
	image_list_free(list, owned);
	return rc;
}
