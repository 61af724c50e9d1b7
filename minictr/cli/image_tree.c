/*
 * image_tree.c - `images --tree`: layers as a tree, so that one sees what images share. A layer is one node however many
 * images stand on it; the names of an image stand at its top layer.
 */
#include "cli/image_common.h"

#include "cli/table.h"

struct view {
	int store;
	const struct image *list;
	size_t n;
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

/* The first image that continues img's lowest `depth` layers with the same next one: the node's representative. */
static bool is_first(const struct view *v, size_t i, size_t depth)
{
	for (size_t j = 0; j < i; j++)
		if (json_len(diff_ids(&v->list[j])) > depth && same_base(&v->list[j], &v->list[i], depth + 1))
			return false;
	return true;
}

static void print_node(
	const struct view *v, const struct image *img, size_t depth, const char *indent, bool last)
{
	const char *id = json_text_of(json_item(diff_ids(img), depth));
	struct image one = { 0 };
	_cleanup_json_ struct json *only = json_new_object();
	json_add(json_set(json_sub(only, "rootfs"), "diff_ids", json_new_array()), json_new_string(id));
	one.config = only;
	_cleanup_free_ char *size = text_size((int64_t)image_unpacked_size(v->store, &one));
	printf("%s%s %.12s  %s", indent, last ? "└─" : "├─", id ? id + 7 : "?", size);
	for (size_t i = 0; i < v->n; i++) {
		const struct image *top = &v->list[i];
		if (json_len(diff_ids(top)) != depth + 1 || !same_base(top, img, depth + 1))
			continue;
		if (!top->names)
			printf("  <none> (%.12s)", digest_hex(&top->id));
		for (char **name = top->names; name && *name; name++)
			printf("  %s", *name);
	}
	putchar('\n');
}

static void print_level(const struct view *v, const struct image *base, size_t depth, const char *indent)
{
	size_t nodes = 0, seen = 0;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < v->n; i++) {
			const struct image *img = &v->list[i];
			if (json_len(diff_ids(img)) <= depth || (base && !same_base(base, img, depth)) ||
				!is_first(v, i, depth))
				continue;
			if (pass == 0) {
				nodes++;
				continue;
			}
			bool last = ++seen == nodes;
			print_node(v, img, depth, indent, last);
			_cleanup_free_ char *deeper = xasprintf("%s%s", indent, last ? "   " : "│  ");
			print_level(v, img, depth + 1, deeper);
		}
}

void image_tree_print(int store, const struct image *list, size_t n)
{
	struct view v = { .store = store, .list = list, .n = n };
	print_level(&v, NULL, 0, "");
}
