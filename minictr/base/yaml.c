/*
 * yaml.c - YAML to nodes: anchors, merge keys, duplicate keys, limits.
 *
 * libyaml: https://pyyaml.org/wiki/LibYAML. Its document API resolves aliases to node numbers; the copy
 * made here is a tree, so that what follows (interpolation, merging) may change one place without changing
 * another.
 */
#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/warn.h"

enum { YAML_BYTES_MAX = 8 << 20, YAML_DEPTH_MAX = 100, YAML_NODES_MAX = 200000 };

struct loader {
	yaml_document_t *doc;
	const char *file;
	bool lenient; /* the last of two equal keys wins */
	size_t nodes; /* made so far: aliases count each time they are used */
	int depth;
};

/* --- nodes --- */

struct yaml *ynode_new(enum yaml_kind kind, const struct yaml *where)
{
	struct yaml *y = xcalloc(1, sizeof(*y));
	y->kind = kind;
	y->file = where ? where->file : "";
	y->line = where ? where->line : 0;
	y->column = where ? where->column : 0;
	return y;
}

struct yaml *ynode_new_text(const char *text, const struct yaml *where)
{
	struct yaml *y = ynode_new(YAML_SCALAR, where);
	y->text = xstrdup(text);
	y->quoted = true;
	return y;
}

void ynode_free(struct yaml *y)
{
	if (!y)
		return;
	for (size_t i = 0; i < y->n; i++) {
		ynode_free(y->items[i]);
		if (y->keys)
			free(y->keys[i]);
	}
	free(y->items);
	free(y->keys);
	free(y->key_lines);
	free(y->text);
	free(y);
}

void ynode_cleanup(struct yaml **y) { ynode_free(*y); }

static void ynode_grow(struct yaml *y)
{
	if (y->n & (y->n - 1))
		return;
	size_t room = y->n ? y->n * 2 : 1;
	y->items = xrealloc(y->items, room * sizeof(*y->items));
	if (y->kind == YAML_MAP) {
		y->keys = xrealloc(y->keys, room * sizeof(*y->keys));
		y->key_lines = xrealloc(y->key_lines, room * sizeof(*y->key_lines));
	}
}

struct yaml *ynode_add(struct yaml *list, struct yaml *value)
{
	ynode_grow(list);
	return list->items[list->n++] = value;
}

static size_t ynode_find(const struct yaml *map, const char *key)
{
	size_t i = 0;
	while (i < map->n && !str_eq(map->keys[i], key))
		i++;
	return i;
}

struct yaml *ynode_set(struct yaml *map, const char *key, struct yaml *value)
{
	size_t i = ynode_find(map, key);
	if (i < map->n) {
		ynode_free(map->items[i]);
		return map->items[i] = value;
	}
	ynode_grow(map);
	map->keys[map->n] = xstrdup(key);
	map->key_lines[map->n] = value->line;
	return map->items[map->n++] = value;
}

void ynode_unset(struct yaml *map, const char *key)
{
	size_t i = ynode_find(map, key);
	if (i == map->n)
		return;
	free(map->keys[i]);
	ynode_free(map->items[i]);
	map->n--;
	memmove(&map->keys[i], &map->keys[i + 1], (map->n - i) * sizeof(*map->keys));
	memmove(&map->key_lines[i], &map->key_lines[i + 1], (map->n - i) * sizeof(*map->key_lines));
	memmove(&map->items[i], &map->items[i + 1], (map->n - i) * sizeof(*map->items));
}

struct yaml *ynode_copy(const struct yaml *y)
{
	struct yaml *c = ynode_new(y->kind, y);
	c->text = xstrdup(y->text);
	c->quoted = y->quoted;
	c->merge = y->merge;
	for (size_t i = 0; i < y->n; i++) {
		if (y->kind == YAML_LIST) {
			ynode_add(c, ynode_copy(y->items[i]));
		} else {
			ynode_set(c, y->keys[i], ynode_copy(y->items[i]));
			c->key_lines[c->n - 1] = y->key_lines[i];
		}
	}
	return c;
}

/* --- asking --- */

struct yaml *ynode_get(const struct yaml *y, const char *key)
{
	if (!y || y->kind != YAML_MAP)
		return NULL;
	size_t i = ynode_find(y, key);
	return i < y->n ? y->items[i] : NULL;
}

bool ynode_equal(const struct yaml *a, const struct yaml *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct yaml *other = a->kind == YAML_MAP ? ynode_get(b, a->keys[i]) : b->items[i];
		if (!other || !ynode_equal(a->items[i], other))
			return false;
	}
	return a->kind != YAML_SCALAR || str_eq(a->text, b->text);
}

const char *ynode_text(const struct yaml *y) { return y && y->kind == YAML_SCALAR ? y->text : NULL; }

bool ynode_is_null(const struct yaml *y) { return !y || y->kind == YAML_NULL; }

/* The message, behind its place "FILE:LINE:COLUMN: " when the node has one. Caller frees. */
static char *ynode_message(const struct yaml *at, const char *fmt, va_list args)
{
	_cleanup_free_ char *text = NULL;
	if (vasprintf(&text, fmt, args) < 0)
		text = xstrdup(fmt);
	return at && at->line ? xasprintf("%s:%d:%d: %s", at->file, at->line, at->column, text)
			      : take_ptr(&text);
}

int ynode_error(const struct yaml *at, struct mc_err *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	_cleanup_free_ char *text = ynode_message(at, fmt, args);
	va_end(args);
	return err_set(err, EINVAL, "%s", text);
}

void ynode_warn(const struct yaml *at, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	_cleanup_free_ char *text = ynode_message(at, fmt, args);
	va_end(args);
	warn_user("%s", text);
}

static const char *ynode_kind_name(const struct yaml *y)
{
	static const char *const names[] = { "nothing", "a string", "a list", "a map" };
	return names[y ? y->kind : YAML_NULL];
}

int ynode_want_map(const struct yaml *y, const char *what, struct mc_err *err)
{
	return y && y->kind == YAML_MAP
		       ? 0
		       : ynode_error(y, err, "%s must be a map, not %s", what, ynode_kind_name(y));
}

int ynode_want_list(const struct yaml *y, const char *what, struct mc_err *err)
{
	return y && y->kind == YAML_LIST
		       ? 0
		       : ynode_error(y, err, "%s must be a list, not %s", what, ynode_kind_name(y));
}

int ynode_want_text(const struct yaml *y, const char *what, const char **ret, struct mc_err *err)
{
	if (!y || y->kind != YAML_SCALAR)
		return ynode_error(y, err, "%s must be a string, not %s", what, ynode_kind_name(y));
	*ret = y->text;
	return 0;
}

int ynode_bool(const struct yaml *y, const char *what, bool *ret, struct mc_err *err)
{
	const char *t = ynode_text(y);
	static const char *const yes[] = { "true", "True", "TRUE" }, *const no[] = { "false", "False",
		"FALSE" };
	for (size_t i = 0; t && i < ARRAY_LEN(yes); i++)
		if (str_eq(t, yes[i]) || str_eq(t, no[i])) {
			*ret = str_eq(t, yes[i]);
			return 0;
		}
	return ynode_error(y, err, "%s must be true or false%s%s%s", what, t ? ", not \"" : "", t ? t : "",
		t ? "\"" : "");
}

int ynode_int(const struct yaml *y, const char *what, int64_t *ret, struct mc_err *err)
{
	const char *t = ynode_text(y);
	if (!t || parse_i64(t, ret) < 0)
		return ynode_error(y, err, "%s must be a whole number%s%s%s", what, t ? ", not \"" : "",
			t ? t : "", t ? "\"" : "");
	return 0;
}

/* --- from libyaml --- */

static int load_error(const struct loader *l, const yaml_node_t *at, struct mc_err *err, const char *what)
{
	return err_set(err, EINVAL, "%s:%zu:%zu: %s", l->file, at->start_mark.line + 1,
		at->start_mark.column + 1, what);
}

static bool load_is_null(const yaml_node_t *node)
{
	const char *t = (const char *)node->data.scalar.value;
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && str_eq(t, words[i]))
			return true;
	return false;
}

static int load_node(struct loader *l, int index, struct yaml **ret, struct mc_err *err);

/* "<<": { } or [ {}, {} ]: keys that the map does not have itself. */
static int load_merge_key(struct loader *l, struct yaml *into, const struct yaml *from, const yaml_node_t *at,
	struct mc_err *err)
{
	if (from->kind == YAML_LIST) {
		int rc = 0;
		for (size_t i = 0; rc >= 0 && i < from->n; i++)
			rc = load_merge_key(l, into, from->items[i], at, err);
		return rc;
	}
	if (from->kind != YAML_MAP)
		return load_error(l, at, err, "\"<<\" takes a map or a list of maps");
	for (size_t i = 0; i < from->n; i++)
		if (!ynode_get(into, from->keys[i]))
			ynode_set(into, from->keys[i], ynode_copy(from->items[i]));
	return 0;
}

static int load_pair(struct loader *l, struct yaml *map, const yaml_node_pair_t *pair, struct yaml *merged,
	struct mc_err *err)
{
	yaml_node_t *key = yaml_document_get_node(l->doc, pair->key);
	struct yaml *value = NULL;
	if (key->type != YAML_SCALAR_NODE)
		return load_error(l, key, err, "a key must be a string");
	const char *name = (const char *)key->data.scalar.value;
	size_t before = ynode_find(map, name);
	int line = (int)key->start_mark.line + 1;
	if (before < map->n && !l->lenient && !str_eq(name, "<<"))
		return err_set(err, EINVAL, "%s:%d:%zu: mapping key \"%s\" already defined at line %d",
			l->file, line, key->start_mark.column + 1, name, map->key_lines[before]);
	if (before < map->n && !str_eq(name, "<<"))
		warn_user("%s:%d:%zu: key \"%s\" is already at line %d: the later one is used", l->file, line,
			key->start_mark.column + 1, name, map->key_lines[before]);
	int rc = load_node(l, pair->value, &value, err);
	if (rc < 0)
		return rc;
	if (str_eq(name, "<<") && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		ynode_add(merged, value);
		return 0;
	}
	bool there = before < map->n;
	ynode_set(map, name, value);
	map->key_lines[there ? before : map->n - 1] = line;
	return 0;
}

static int load_map(struct loader *l, const yaml_node_t *node, struct yaml *map, struct mc_err *err)
{
	_cleanup_yaml_ struct yaml *merged = ynode_new(YAML_LIST, map);
	int rc = 0;
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
		rc >= 0 && p < node->data.mapping.pairs.top; p++)
		rc = load_pair(l, map, p, merged, err);
	return rc < 0 ? rc : load_merge_key(l, map, merged, node, err);
}

static int load_list(struct loader *l, const yaml_node_t *node, struct yaml *list, struct mc_err *err)
{
	int rc = 0;
	for (yaml_node_item_t *i = node->data.sequence.items.start;
		rc >= 0 && i < node->data.sequence.items.top; i++) {
		struct yaml *item = NULL;
		rc = load_node(l, *i, &item, err);
		if (rc >= 0)
			ynode_add(list, item);
	}
	return rc;
}

static int load_tag(struct loader *l, const yaml_node_t *node, struct yaml *y, struct mc_err *err)
{
	const char *tag = (const char *)node->tag;
	if (!tag || str_starts(tag, "tag:yaml.org,2002:"))
		return 0;
	if (str_eq(tag, "!reset"))
		y->merge = YAML_RESET;
	else if (str_eq(tag, "!override"))
		y->merge = YAML_OVERRIDE;
	else if (str_eq(tag, "!reference"))
		y->merge = YAML_REFERENCE;
	else if (!str_eq(tag, "!"))
		return err_set(err, EINVAL, "%s:%zu:%zu: unknown tag %s; known tags: !reset, !override",
			l->file, node->start_mark.line + 1, node->start_mark.column + 1, tag);
	return 0;
}

static int load_node(struct loader *l, int index, struct yaml **ret, struct mc_err *err)
{
	static const enum yaml_kind kinds[] = { [YAML_SCALAR_NODE] = YAML_SCALAR,
		[YAML_SEQUENCE_NODE] = YAML_LIST,
		[YAML_MAPPING_NODE] = YAML_MAP };
	yaml_node_t *node = yaml_document_get_node(l->doc, index);
	struct yaml here = { .file = l->file,
		.line = (int)node->start_mark.line + 1,
		.column = (int)node->start_mark.column + 1 };
	if (++l->nodes > YAML_NODES_MAX)
		return load_error(l, node, err, "more than 200000 nodes: aliases of aliases multiply");
	if (l->depth >= YAML_DEPTH_MAX)
		return load_error(
			l, node, err, "nested more than 100 deep (an anchor that contains itself?)");
	struct yaml *y = ynode_new(kinds[node->type], &here);
	int rc = load_tag(l, node, y, err);
	l->depth++;
	if (rc >= 0 && y->kind == YAML_MAP)
		rc = load_map(l, node, y, err);
	else if (rc >= 0 && y->kind == YAML_LIST)
		rc = load_list(l, node, y, err);
	l->depth--;
	if (y->kind == YAML_SCALAR) {
		y->quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		y->text = xstrdup((const char *)node->data.scalar.value);
		if (load_is_null(node))
			y->kind = YAML_NULL;
		if (strlen(y->text) != node->data.scalar.length)
			rc = load_error(l, node, err, "a string with a NUL byte");
	}
	if (rc < 0)
		ynode_free(y);
	else
		*ret = y;
	return rc;
}

static int load_failed(const yaml_parser_t *p, const char *name, struct mc_err *err)
{
	const char *what = p->problem ? p->problem : "not readable as YAML";
	size_t line = p->problem_mark.line + 1, column = p->problem_mark.column + 1;
	err_set(err, EINVAL, "%s:%zu:%zu: %s%s%s", name, line, column, what, p->context ? " " : "",
		p->context ? p->context : "");
	if (strstr(what, "cannot start any token"))
		err_hint(err, "a tab cannot indent in YAML; use blanks");
	return -EINVAL;
}

/* File names in nodes live as long as the program: a handful of files are ever read. */
static const char *load_keep_name(const char *name)
{
	static char **names;
	if (!strv_has(names, name))
		strv_push(&names, name);
	for (size_t i = 0;; i++)
		if (str_eq(names[i], name))
			return names[i];
}

static int load_text(
	const char *text, size_t len, const char *name, bool lenient, struct yaml **ret, struct mc_err *err)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	int rc = 0;
	bool more = true;
	struct yaml where = { .file = load_keep_name(name), .line = 1, .column = 1 };
	_cleanup_yaml_ struct yaml *all = ynode_new(YAML_LIST, &where);
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (rc >= 0 && more) {
		if (!yaml_parser_load(&parser, &doc)) {
			rc = load_failed(&parser, name, err);
			break;
		}
		struct loader l = { .doc = &doc, .file = where.file, .lenient = lenient };
		struct yaml *one = NULL;
		more = yaml_document_get_root_node(&doc) != NULL;
		if (more)
			rc = load_node(&l, 1, &one, err);
		if (more && rc >= 0)
			ynode_add(all, one);
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	if (rc >= 0)
		*ret = take_ptr(&all);
	return rc;
}

int ynode_load(const char *text, size_t len, const char *name, struct yaml **ret, struct mc_err *err)
{
	return load_text(text, len, name, false, ret, err);
}

int ynode_load_lenient(const char *text, size_t len, const char *name, struct yaml **ret, struct mc_err *err)
{
	return load_text(text, len, name, true, ret, err);
}

int ynode_load_file(int dir, const char *path, const char *name, struct yaml **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(dir, path, YAML_BYTES_MAX, &text, err);
	return rc < 0 ? rc : ynode_load(text.data ? text.data : "", text.len, name, ret, err);
}
