/*
 * image_tree.c - `image tree`: layers as a tree, so that one sees what images share and where a layer came
 * from. A layer is one node however many images stand on it; beside it stand the instruction that made it and
 * the names of the images that end there.
 */
#include "cli/format/draw.h"
#include "cli/image_common.h"

#include "cli/format/table.h"

struct view {
	int store;
	const struct image *list;
	size_t n;
	const char *pattern; /* a name, or a repository; NULL: all */
};

static const struct json *diff_ids(const struct image *img)
{
	return json_at(img->config, "rootfs.diff_ids");
}

/* Do two images have the same lowest `depth` layers? */
static bool same_base(const struct image *a, const struct image *b, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		if (!str_eq(json_text_of(json_item(diff_ids(a), i)), json_text_of(json_item(diff_ids(b), i))))
			return false;
	return true;
}

static bool is_wanted(const struct view *v, const struct image *img)
{
	size_t len = v->pattern ? strlen(v->pattern) : 0;
	for (char **n = img->names; v->pattern && n && *n; n++)
		if (str_starts(*n, v->pattern) &&
			(!(*n)[len] || ((*n)[len] == ':' && !strchr(*n + len, '/'))))
			return true;
	return !v->pattern;
}

/* The first image that continues img's lowest `depth` layers with the same next one: the node's
 * representative. */
static bool is_first(const struct view *v, size_t i, size_t depth)
{
	for (size_t j = 0; j < i; j++)
		if (is_wanted(v, &v->list[j]) && json_len(diff_ids(&v->list[j])) > depth &&
			same_base(&v->list[j], &v->list[i], depth + 1))
			return false;
	return true;
}

/* The instruction in the history that made layer number `depth`, shortened; "" when it is not told. */
static char *made_by(const struct image *img, size_t depth)
{
	const struct json *history = json_member(img->config, "history");
	for (size_t i = 0; i < json_len(history); i++) {
		const struct json *step = json_item(history, i);
		bool empty = false;
		struct mc_err ignored;
		json_get_bool(step, &empty, &ignored, "empty_layer");
		const char *by = json_text_of(json_member(step, "created_by"));
		if (!empty && depth-- == 0 && by && *by) {
			_cleanup_free_ char *text = text_ellipsis(by, 45);
			return xasprintf("  [%s]", text);
		}
	}
	return xstrdup("");
}

static struct node *add_node(struct node *parent, const struct view *v, const struct image *img, size_t depth)
{
	const char *id = json_text_of(json_item(diff_ids(img), depth));
	struct image one = { 0 };
	_cleanup_json_ struct json *only = json_new_object();
	_cleanup_buf_ struct buf names = { 0 };
	json_add(json_set(json_sub(only, "rootfs"), "diff_ids", json_new_array()), json_new_string(id));
	one.config = only;
	_cleanup_free_ char *size = text_size((int64_t)image_unpacked_size(v->store, &one));
	for (size_t i = 0; i < v->n; i++) {
		const struct image *top = &v->list[i];
		if (json_len(diff_ids(top)) != depth + 1 || !same_base(top, img, depth + 1))
			continue;
		if (!top->names)
			buf_addf(&names, "  <none> (%.12s)", digest_hex(&top->id));
		for (char **name = top->names; name && *name; name++)
			buf_addf(&names, "  %s", *name);
	}
	_cleanup_free_ char *by = made_by(img, depth);
	return node_add(
		parent, "layer %.12s  %s%s%s", id ? id + 7 : "?", size, by, names.data ? names.data : "");
}

static void add_level(struct node *parent, const struct view *v, const struct image *base, size_t depth)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct image *img = &v->list[i];
		if (is_wanted(v, img) && json_len(diff_ids(img)) > depth &&
			(!base || same_base(base, img, depth)) && is_first(v, i, depth))
			add_level(add_node(parent, v, img, depth), v, img, depth + 1);
	}
}

void image_tree_print(int store, const struct image *list, size_t n, const char *pattern)
{
	struct view v = { .store = store, .list = list, .n = n, .pattern = pattern };
	struct node *root =
		node_new("images: every layer once, on what it stands on, with the images that end there");
	add_level(root, &v, NULL, 0);
	node_print(root, stdout);
	node_free(root);
}
