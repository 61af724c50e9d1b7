/*
 * ci_load.c - reading the file and following `include`.
 *
 * Kernel objects and man pages: openat2(2) RESOLVE_IN_ROOT: an included name never leads out of the project.
 * Order and why: what is included comes first and the including file over it, so that a project can change
 * what a template says. Anchors end with their file: each file is parsed on its own.
 */
#include "pipeline/ci_load.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/glob.h"
#include "pipeline/ci_inputs.h"
#include "pipeline/ci_rules.h"

enum { INCLUDE_FILES_MAX = 150, INCLUDE_DEPTH_MAX = 20, FILE_BYTES_MAX = 8 << 20 };

struct includer {
	const struct ci_source *source;
	const struct ci_vars *vars;
	struct ci_config *config;
	int depth;
};

static int include_file(struct includer *in, const char *path, const struct yaml *at,
	const struct yaml *inputs, struct yaml *into, struct mc_err *err);

static int include_local(struct includer *in, const char *path, const struct yaml *at,
	const struct yaml *inputs, struct yaml *into, struct mc_err *err)
{
	_cleanup_free_ char *real = NULL;
	int rc = ci_vars_expand(in->vars, path, &real, err), found = 0;
	const char *name = real;
	while (rc >= 0 && *name == '/') /* the project's directory is the root of such names */
		name++;
	if (rc < 0 || !glob_has_magic(name))
		return rc < 0 ? rc : include_file(in, name, at, inputs, into, err);
	for (char **f = in->source->files; rc >= 0 && f && *f; f++)
		if (glob_match_deep(name, *f)) {
			rc = include_file(in, *f, at, inputs, into, err);
			found++;
		}
	return rc < 0 || found ? rc : ynode_error(at, err, "include: no file matches %s", name);
}

/* {local: x, rules: [...]}; what needs a server is named. */
static int include_map(struct includer *in, const struct yaml *y, struct yaml *into, struct mc_err *err)
{
	static const char *const far[] = { "project", "remote", "template", "component" };
	struct ci_decision d = { 0 };
	bool taken = true;
	for (size_t i = 0; i < ARRAY_LEN(far); i++)
		if (ynode_get(y, far[i])) {
			ynode_error(ynode_get(y, far[i]), err,
				str_eq(far[i], "remote") ? "include: remote: the file is on another machine"
							 : "include: %s needs a GitLab server",
				far[i]);
			return err_hint(err, "copy the file into the project and include it as `local:`");
		}
	const char *path = ynode_text(ynode_get(y, "local"));
	if (!path)
		return ynode_error(y, err, "include: `local:` with a path is missing");
	if (ynode_get(y, "rules")) {
		struct ci_rules_input where = { .source = in->source, .vars = in->vars };
		int rc = ci_rules(ynode_get(y, "rules"), &where, &d, err);
		if (rc < 0)
			return rc;
		taken = d.present;
		ci_decision_release(&d);
	}
	return taken ? include_local(in, path, ynode_get(y, "local"), ynode_get(y, "inputs"), into, err) : 0;
}

static int include_one(struct includer *in, const struct yaml *y, struct yaml *into, struct mc_err *err)
{
	const char *text = ynode_text(y);
	if (y->kind == YAML_MAP)
		return include_map(in, y, into, err);
	if (!text)
		return ynode_error(y, err, "include takes paths, or maps with `local:`");
	if (str_starts(text, "https://") || str_starts(text, "http://")) {
		ynode_error(y, err, "include: %s is on another machine", text);
		return err_hint(err, "copy the file into the project and include it as `local:`");
	}
	return include_local(in, text, y, NULL, into, err);
}

static int follow_includes(
	struct includer *in, const struct yaml *file, struct yaml *into, struct mc_err *err)
{
	const struct yaml *all = ynode_get(file, "include");
	int rc = 0;
	if (all && all->kind != YAML_LIST)
		return ynode_is_null(all) ? 0 : include_one(in, all, into, err);
	for (size_t i = 0; rc >= 0 && all && i < all->n; i++)
		rc = include_one(in, all->items[i], into, err);
	return rc;
}

/* The file's last document; a first one with `spec:` says which inputs the file takes. */
static int load_document(const struct includer *in, const char *path, const struct yaml *at,
	const struct yaml *inputs, struct yaml **ret, struct mc_err *err)
{
	_cleanup_yaml_ struct yaml *docs = NULL;
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_close_ int fd = file_open_regular_beneath(in->source->fd, path, NULL, err);
	int rc = fd < 0 ? fd : file_read_fd(fd, path, FILE_BYTES_MAX, &text, err);
	if (rc >= 0)
		rc = ynode_load_lenient(text.data ? text.data : "", text.len, path, &docs, err);
	if (rc < 0)
		return rc;
	if (!docs->n || ynode_is_null(docs->items[docs->n - 1])) {
		*ret = ynode_new(YAML_MAP, docs);
		return 0;
	}
	const struct yaml *declared =
		docs->n > 1 ? ynode_get(ynode_get(docs->items[0], "spec"), "inputs") : NULL;
	*ret = ynode_copy(docs->items[docs->n - 1]);
	rc = ynode_want_map(*ret, "a pipeline file", err);
	if (rc >= 0 && declared)
		rc = ci_inputs_apply(declared, inputs, at, in->vars, *ret, err);
	else if (rc >= 0 && inputs && inputs->n)
		rc = ynode_error(inputs, err, "inputs: %s has no spec:inputs and takes none", path);
	return rc;
}

static int include_file(struct includer *in, const char *path, const struct yaml *at,
	const struct yaml *inputs, struct yaml *into, struct mc_err *err)
{
	_cleanup_yaml_ struct yaml *file = NULL;
	struct mc_err inner = { 0 };
	if (in->depth >= INCLUDE_DEPTH_MAX || strv_len(in->config->files) >= INCLUDE_FILES_MAX)
		return ynode_error(
			at, err, "include: more than 150 files, or nested more than 20 deep (a circle?)");
	int rc = load_document(in, path, at, inputs, &file, &inner);
	if (rc == -ENOENT && at) {
		ynode_error(at, err, "include: there is no file %s in the project", path);
		return -EINVAL;
	}
	if (rc < 0) {
		*err = inner;
		return rc;
	}
	strv_push(&in->config->files, path);
	in->depth++;
	rc = follow_includes(in, file, into, err);
	in->depth--;
	ynode_unset(file, "include");
	if (rc >= 0)
		ci_merge(into, file);
	return rc;
}

int ci_load(const struct ci_source *s, const char *file, const struct ci_vars *vars, struct ci_config *ret,
	struct mc_err *err)
{
	struct includer in = { .source = s, .vars = vars, .config = ret };
	struct yaml where = { .file = "", .line = 0 };
	*ret = (struct ci_config){ .tree = ynode_new(YAML_MAP, &where) };
	int rc = include_file(&in, file, NULL, NULL, ret->tree, err);
	if (rc >= 0)
		rc = ci_extend_all(ret->tree, err);
	if (rc >= 0)
		rc = ci_resolve_references(ret->tree, err);
	if (rc < 0)
		ci_config_release(ret);
	return rc;
}

void ci_config_release(struct ci_config *c)
{
	ynode_free(c->tree);
	strv_free(c->files);
	*c = (struct ci_config){ 0 };
}
