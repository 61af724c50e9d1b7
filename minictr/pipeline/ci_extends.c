/*
 * ci_extends.c - `extends`, deep merging, !reference.
 *
 * An anchor of YAML merges shallowly, within one file; `extends` merges maps to any depth and reaches over
 * files; lists are replaced by both. !reference takes one value out of another job.
 */
#include "pipeline/ci_load.h"

#include "base/buf.h"

enum { EXTENDS_DEPTH_MAX = 11, REFERENCE_DEPTH_MAX = 10, TREE_NODES_MAX = 500000 };

void ci_merge(struct yaml *base, const struct yaml *later)
{
	for (size_t i = 0; i < later->n; i++) {
		struct yaml *old = ynode_get(base, later->keys[i]), *value = later->items[i];
		if (old && old->kind == YAML_MAP && value->kind == YAML_MAP) {
			ci_merge(old, value);
			old->file = value->file; /* messages name the place that was changed last */
			old->line = value->line;
			old->column = value->column;
		} else {
			ynode_set(base, later->keys[i], ynode_copy(value));
		}
	}
}

static size_t count_nodes(const struct yaml *y)
{
	size_t n = 1;
	for (size_t i = 0; i < y->n; i++)
		n += count_nodes(y->items[i]);
	return n;
}

/* --- extends --- */

struct extender {
	struct yaml *tree;
	const char *open[EXTENDS_DEPTH_MAX + 1];
	size_t depth;
	char **done; /* jobs whose parents are in */
};

static int extend(struct extender *x, const char *name, const struct yaml *at, struct mc_err *err);

static int extend_error_circle(
	const struct extender *x, const char *name, const struct yaml *at, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	size_t i = 0;
	while (!str_eq(x->open[i], name))
		i++;
	for (; i < x->depth; i++)
		buf_addf(&path, "%s -> ", x->open[i]);
	ynode_error(at, err, "extends: a circle: %s%s", path.data, name);
	err->code = ELOOP;
	return -ELOOP;
}

/* One parent over what the earlier ones gave. */
static int extend_from(struct extender *x, struct yaml *sum, const struct yaml *ref, struct mc_err *err)
{
	const char *parent;
	int rc = ynode_want_text(ref, "extends", &parent, err);
	if (rc < 0)
		return rc;
	if (!ynode_get(x->tree, parent)) {
		ynode_error(ref, err, "extends: there is no job %s", parent);
		const char *near = nearest_word(parent, (const char *const *)x->tree->keys, x->tree->n);
		return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
	}
	rc = extend(x, parent, ref, err);
	if (rc >= 0 && ynode_get(x->tree, parent)->kind == YAML_MAP)
		ci_merge(sum, ynode_get(x->tree, parent));
	return rc;
}

static int extend(struct extender *x, const char *name, const struct yaml *at, struct mc_err *err)
{
	struct yaml *job = ynode_get(x->tree, name);
	const struct yaml *parents = ynode_get(job, "extends");
	for (size_t i = 0; i < x->depth; i++)
		if (str_eq(x->open[i], name))
			return extend_error_circle(x, name, at, err);
	if (!parents || strv_has(x->done, name))
		return 0;
	if (x->depth == EXTENDS_DEPTH_MAX)
		return ynode_error(parents, err, "extends: nested more than 11 deep");
	_cleanup_yaml_ struct yaml *sum = ynode_new(YAML_MAP, job);
	x->open[x->depth++] = name;
	int rc = 0;
	if (parents->kind != YAML_LIST)
		rc = extend_from(x, sum, parents, err);
	for (size_t i = 0; rc >= 0 && parents->kind == YAML_LIST && i < parents->n; i++)
		rc = extend_from(x, sum, parents->items[i], err);
	x->depth--;
	if (rc < 0)
		return rc;
	ynode_unset(sum, "extends");
	ci_merge(sum, job);
	ynode_unset(sum, "extends");
	sum->file = job->file;
	sum->line = job->line;
	sum->column = job->column;
	strv_push(&x->done, name);
	ynode_set(x->tree, name, take_ptr(&sum));
	return count_nodes(x->tree) > TREE_NODES_MAX
		       ? err_set(err, E2BIG, "extends: more than 500000 nodes come of it")
		       : 0;
}

int ci_extend_all(struct yaml *tree, struct mc_err *err)
{
	struct extender x = { .tree = tree };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < tree->n; i++)
		if (tree->items[i]->kind == YAML_MAP)
			rc = extend(&x, tree->keys[i], ynode_get(tree->items[i], "extends"), err);
	strv_free(x.done);
	return rc;
}

/* --- !reference --- */

struct referrer {
	const struct yaml *tree;
	size_t nodes;
};

static int resolve(struct referrer *r, struct yaml *y, int depth, struct mc_err *err);

/* What [job, key, ...] names, copied, with its own references put in. */
static int look_up(
	struct referrer *r, const struct yaml *ref, int depth, struct yaml **ret, struct mc_err *err)
{
	const struct yaml *at = r->tree;
	if (depth > REFERENCE_DEPTH_MAX)
		return ynode_error(ref, err, "!reference: nested more than 10 deep (a circle?)");
	if (ref->kind != YAML_LIST || !ref->n)
		return ynode_error(ref, err, "!reference takes a list: !reference [job, key]");
	for (size_t i = 0; i < ref->n; i++) {
		const char *key = ynode_text(ref->items[i]);
		int64_t n;
		if (key && at->kind == YAML_LIST) /* an entry of a list, by its number */
			at = parse_i64(key, &n) == 0 && n >= 0 && (size_t)n < at->n ? at->items[n] : NULL;
		else
			at = key ? ynode_get(at, key) : NULL;
		if (!at)
			return ynode_error(ref, err, "!reference: there is no %s%s%s", key ? key : "key",
				i ? " in " : "", i ? ynode_text(ref->items[i - 1]) : "");
	}
	r->nodes += count_nodes(at);
	if (r->nodes > TREE_NODES_MAX)
		return ynode_error(ref, err, "!reference: more than 500000 nodes come of it");
	_cleanup_yaml_ struct yaml *copy = NULL;
	if (at->merge == YAML_REFERENCE) {
		int rc = look_up(r, at, depth + 1, &copy, err);
		if (rc < 0)
			return rc;
	} else {
		copy = ynode_copy(at);
	}
	int rc = resolve(r, copy, depth + 1, err);
	if (rc >= 0)
		*ret = take_ptr(&copy);
	return rc;
}

/* A list inside of a list becomes part of it: scripts are made of such pieces. */
static void flatten_into(struct yaml *list, const struct yaml *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (from->items[i]->kind == YAML_LIST)
			flatten_into(list, from->items[i]);
		else
			ynode_add(list, ynode_copy(from->items[i]));
	}
}

static int resolve(struct referrer *r, struct yaml *y, int depth, struct mc_err *err)
{
	bool nested = false;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < y->n; i++) {
		struct yaml *value = NULL;
		if (y->items[i]->merge == YAML_REFERENCE) {
			rc = look_up(r, y->items[i], depth, &value, err);
			if (rc >= 0) {
				ynode_free(y->items[i]);
				y->items[i] = value;
				nested = nested || (y->kind == YAML_LIST && value->kind == YAML_LIST);
			}
		} else {
			rc = resolve(r, y->items[i], depth, err);
		}
	}
	if (rc >= 0 && nested) {
		_cleanup_yaml_ struct yaml *flat = ynode_new(YAML_LIST, y);
		flatten_into(flat, y);
		struct yaml swap = *y;
		*y = *flat;
		*flat = swap;
	}
	return rc;
}

int ci_resolve_references(struct yaml *tree, struct mc_err *err)
{
	/* read from a copy: what is put in must not be looked up half changed */
	_cleanup_yaml_ struct yaml *before = ynode_copy(tree);
	struct referrer r = { .tree = before };
	return resolve(&r, tree, 0, err);
}
