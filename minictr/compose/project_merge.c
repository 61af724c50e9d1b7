/*
 * project_merge.c - one compose file into the model: variables, includes, shapes, extends, merging.
 *
 * Order and why: variables are replaced file by file, before anything is merged; then every value gets its
 * canonical shape, with paths made absolute by the directory that counts for this file; then extends is
 * followed, so that what is inherited lies below the service's own keys; then the file is merged over those
 * before it.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "compose/canon.h"
#include "compose/dotenv.h"
#include "compose/merge.h"
#include "compose/project.h"

enum { MERGE_DEPTH_MAX = 20 };

struct file_load { /* one file on its way into a model */
	const struct project_options *options;
	struct variables *vars;
	struct canon canon;
	int depth; /* of includes and extends */
};

static const char *const top_keys[] = { "name", "version", "services", "networks", "volumes", "secrets",
	"configs", "include", "models" };

static int load_documents(const char *path, struct yaml **ret, struct mc_err *err)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	if (str_eq(path, "-")) {
		_cleanup_buf_ struct buf text = { 0 };
		int rc = file_read_fd(0, "standard input", 8 << 20, &text, err);
		return rc < 0 ? rc : ynode_load(text.data ? text.data : "", text.len, "<stdin>", ret, err);
	}
	int rc = ynode_load_file(AT_FDCWD, path, name, ret, err);
	return rc == -ENOENT ? err_set(err, ENOENT, "open %s: no such file or directory", path) : rc;
}

static int check_top(const struct yaml *doc, struct mc_err *err)
{
	int rc = ynode_want_map(doc, "a compose file", err);
	for (size_t i = 0; rc >= 0 && i < doc->n; i++) {
		size_t k = 0;
		while (k < ARRAY_LEN(top_keys) && !str_eq(doc->keys[i], top_keys[k]))
			k++;
		if (k < ARRAY_LEN(top_keys) || str_starts(doc->keys[i], "x-"))
			continue;
		struct yaml at = *doc->items[i];
		at.line = doc->key_lines[i];
		at.column = 1;
		ynode_error(&at, err, "(root) Additional property %s is not allowed", doc->keys[i]);
		const char *near = nearest_word(doc->keys[i], top_keys, ARRAY_LEN(top_keys));
		return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
	}
	if (rc >= 0 && ynode_get(doc, "version"))
		ynode_warn(ynode_get(doc, "version"), "the attribute `version` is obsolete, it is ignored");
	if (rc >= 0 && ynode_get(doc, "models"))
		ynode_warn(ynode_get(doc, "models"), "models has no effect here: there are no models");
	return rc;
}

static const struct canon_key *section_keys(const char *section)
{
	if (str_eq(section, "services"))
		return canon_service_keys;
	if (str_eq(section, "networks"))
		return canon_network_keys;
	if (str_eq(section, "volumes"))
		return canon_volume_keys;
	return str_eq(section, "secrets") || str_eq(section, "configs") ? canon_file_keys : NULL;
}

/* Every entry of every section in canonical shape. */
static int shape_document(const struct file_load *f, struct yaml *doc, struct mc_err *err)
{
	int rc = 0;
	for (size_t s = 0; rc >= 0 && s < doc->n; s++) {
		struct yaml *section = doc->items[s];
		const struct canon_key *keys = section_keys(doc->keys[s]);
		if (!keys || ynode_is_null(section) || section->merge == YAML_RESET)
			continue;
		rc = ynode_want_map(section, doc->keys[s], err);
		for (size_t i = 0; rc >= 0 && i < section->n; i++) {
			struct yaml *one = section->items[i];
			_cleanup_free_ char *what = xasprintf("%s.%s", doc->keys[s], section->keys[i]);
			if (one->kind == YAML_NULL && keys != canon_service_keys)
				one->kind = YAML_MAP;
			if (one->merge != YAML_RESET)
				rc = canon_map(&f->canon, one, keys, what, err);
		}
	}
	return rc;
}

/* --- extends --- */

static int extend_service(struct file_load *f, const struct yaml *services, const char *name,
	const struct yaml *by, struct yaml **ret, struct mc_err *err);

static int read_document(struct file_load *f, const char *path, struct yaml **ret, struct mc_err *err)
{
	_cleanup_yaml_ struct yaml *all = NULL;
	int rc = project_read_file(path, &all, err);
	struct yaml *doc = rc >= 0 ? ynode_copy(all->items[0]) : NULL;
	if (rc >= 0)
		rc = check_top(doc, err);
	if (rc >= 0 && !f->options->no_interpolate)
		rc = interpolate_tree(doc, f->vars, err);
	if (rc >= 0)
		rc = shape_document(f, doc, err);
	if (rc < 0)
		ynode_free(doc);
	else
		*ret = doc;
	return rc;
}

/*
 * The service that `extends` names, itself extended; paths in another file count from that file's
 * directory.
 */
static int extend_base(struct file_load *f, const struct yaml *services, const struct yaml *extends,
	struct yaml **ret, struct mc_err *err)
{
	const char *service =
		ynode_text(extends) ? ynode_text(extends) : ynode_text(ynode_get(extends, "service"));
	const char *file = ynode_text(ynode_get(extends, "file"));
	if (!service)
		return ynode_error(extends, err, "extends: service is missing");
	if (++f->depth > MERGE_DEPTH_MAX)
		return ynode_error(extends, err, "extends goes in a circle (service %s)", service);
	int rc;
	if (!file) {
		rc = extend_service(f, services, service, extends, ret, err);
	} else {
		_cleanup_free_ char *path = canon_absolute(&f->canon, file), *dir = xstrdup(path);
		_cleanup_yaml_ struct yaml *doc = NULL;
		*strrchr(dir, '/') = '\0';
		struct file_load other = *f;
		other.canon.dir = dir;
		rc = read_document(&other, path, &doc, err);
		if (rc >= 0)
			rc = extend_service(&other, ynode_get(doc, "services"), service, extends, ret, err);
		if (rc < 0 && !doc)
			ynode_error(extends, err, "%s", err->what);
	}
	f->depth--;
	return rc;
}

/* by: who names it, for the message. */
static int extend_service(struct file_load *f, const struct yaml *services, const char *name,
	const struct yaml *by, struct yaml **ret, struct mc_err *err)
{
	const struct yaml *service = ynode_get(services, name), *extends = ynode_get(service, "extends");
	if (!service)
		return ynode_error(by, err, "cannot extend service \"%s\": no such service%s%s", name,
			ynode_get(by, "file") ? " in " : "",
			ynode_get(by, "file") ? ynode_text(ynode_get(by, "file")) : "");
	if (!extends || extends->merge == YAML_RESET) {
		*ret = ynode_copy(service);
		return 0;
	}
	struct yaml *base = NULL;
	int rc = extend_base(f, services, extends, &base, err);
	if (rc < 0)
		return rc;
	merge_service(base, service);
	ynode_unset(base, "extends");
	*ret = base;
	return 0;
}

static int extend_all(struct file_load *f, struct yaml *services, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; services && rc >= 0 && services->kind == YAML_MAP && i < services->n; i++) {
		struct yaml *whole = NULL;
		if (!ynode_get(services->items[i], "extends"))
			continue;
		rc = extend_service(f, services, services->keys[i], services->items[i], &whole, err);
		if (rc < 0)
			return rc;
		whole->merge = services->items[i]->merge;
		ynode_free(services->items[i]);
		services->items[i] = whole;
	}
	return rc;
}

/* --- merging a document into the model --- */

static void merge_section(
	struct yaml *model, const char *name, const struct yaml *section, const struct canon_key *keys)
{
	struct yaml *have = ynode_get(model, name);
	if (!have || have->kind != YAML_MAP) {
		ynode_set(model, name, ynode_copy(section));
		return;
	}
	for (size_t i = 0; i < section->n; i++) {
		struct yaml *one = ynode_get(have, section->keys[i]);
		if (section->items[i]->merge == YAML_RESET)
			ynode_unset(have, section->keys[i]);
		else if (one && one->kind == YAML_MAP && section->items[i]->kind == YAML_MAP &&
			 section->items[i]->merge != YAML_OVERRIDE)
			merge_map(one, section->items[i], keys);
		else
			ynode_set(have, section->keys[i], ynode_copy(section->items[i]));
	}
}

static void merge_document(struct yaml *model, const struct yaml *doc)
{
	for (size_t i = 0; i < doc->n; i++) {
		const struct canon_key *keys = section_keys(doc->keys[i]);
		const struct yaml *value = doc->items[i];
		if (value->merge == YAML_RESET)
			ynode_unset(model, doc->keys[i]);
		else if (keys && value->kind == YAML_MAP)
			merge_section(model, doc->keys[i], value, keys);
		else if (!keys && !str_eq(doc->keys[i], "include") && !str_eq(doc->keys[i], "version"))
			ynode_set(model, doc->keys[i], ynode_copy(value));
	}
}

/* A !reset that met nothing: its key is not there. */
static void strip_resets(struct yaml *y)
{
	for (size_t i = 0; i < y->n;) {
		if (y->kind == YAML_MAP && y->items[i]->merge == YAML_RESET) {
			_cleanup_free_ char *key = xstrdup(y->keys[i]);
			ynode_unset(y, key);
			continue;
		}
		strip_resets(y->items[i++]);
	}
}

/* --- include --- */

static int load_file(struct file_load *f, const char *path, struct yaml *model, struct mc_err *err);

/* Two files may include a third one: the same thing comes in twice. Two things of one name are an error. */
static int check_imported(
	const struct yaml *model, const struct yaml *doc, const struct yaml *at, struct mc_err *err)
{
	for (size_t s = 0; s < doc->n; s++) {
		const struct yaml *section = doc->items[s];
		const struct yaml *have = section_keys(doc->keys[s]) ? ynode_get(model, doc->keys[s]) : NULL;
		for (size_t i = 0; have && section->kind == YAML_MAP && i < section->n; i++) {
			const struct yaml *other = ynode_get(have, section->keys[i]);
			if (other && !ynode_equal(other, section->items[i]))
				return ynode_error(at ? at : section->items[i], err,
					"%s.%s conflicts with imported resource", doc->keys[s],
					section->keys[i]);
		}
	}
	return 0;
}

static void import_section(struct yaml *model, const char *name, const struct yaml *section)
{
	struct yaml *have = ynode_get(model, name);
	if (!have || have->kind != YAML_MAP)
		have = ynode_set(model, name, ynode_new(YAML_MAP, section));
	for (size_t i = 0; i < section->n; i++)
		ynode_set(have, section->keys[i], ynode_copy(section->items[i]));
}

static int include_paths(const struct file_load *f, const struct yaml *entry, char ***ret, struct mc_err *err)
{
	const struct yaml *path = entry->kind == YAML_MAP ? ynode_get(entry, "path") : entry;
	if (ynode_text(path)) {
		_cleanup_free_ char *one = canon_absolute(&f->canon, ynode_text(path));
		strv_push(ret, one);
		return 0;
	}
	int rc = ynode_want_list(path, "include.path", err);
	for (size_t i = 0; rc >= 0 && i < path->n; i++) {
		_cleanup_free_ char *one = ynode_text(path->items[i])
						   ? canon_absolute(&f->canon, ynode_text(path->items[i]))
						   : NULL;
		if (one)
			strv_push(ret, one);
	}
	return rc;
}

/* Its own variables: env_file of the entry, or .env of its directory, below those of the project. */
static int include_variables(const struct file_load *f, const struct yaml *entry, const char *dir,
	struct variables *ret, struct mc_err *err)
{
	const struct yaml *files = ynode_get(entry, "env_file");
	size_t n = files && files->kind == YAML_LIST ? files->n : 1;
	int rc = 0;
	*ret = (struct variables){ .environment = f->vars->environment,
		.file = strv_copy(f->vars->file),
		.project = f->vars->project };
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		const char *text = !files                     ? NULL
				   : files->kind == YAML_LIST ? ynode_text(files->items[i])
							      : ynode_text(files);
		_cleanup_free_ char *path =
			text ? canon_absolute(&f->canon, text) : xasprintf("%s/.env", dir);
		_cleanup_strv_ char **lines = NULL;
		if (!files && access(path, F_OK) < 0)
			break;
		rc = dotenv_read(AT_FDCWD, path, ret, false, &lines, err);
		for (size_t k = 0; rc >= 0 && lines && lines[k]; k++) {
			_cleanup_free_ char *name = xstrndup(lines[k], strcspn(lines[k], "="));
			if (!strv_env(f->vars->file, name))
				strv_env_set(&ret->file, lines[k]);
		}
	}
	return rc;
}

static int include_entry(
	struct file_load *f, const struct yaml *entry, struct yaml *model, struct mc_err *err)
{
	_cleanup_strv_ char **paths = NULL;
	_cleanup_yaml_ struct yaml *imported = ynode_new(YAML_MAP, entry);
	struct variables vars = { 0 };
	const char *own = ynode_text(ynode_get(entry, "project_directory"));
	int rc = include_paths(f, entry, &paths, err);
	if (rc >= 0 && !paths)
		rc = ynode_error(entry, err, "include: path is missing");
	if (rc >= 0 && ++f->depth > MERGE_DEPTH_MAX)
		rc = ynode_error(entry, err, "include goes in a circle (%s)", paths[0]);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *dir = own ? canon_absolute(&f->canon, own) : xstrdup(paths[0]);
	if (!own)
		*strrchr(dir, '/') = '\0';
	rc = include_variables(f, entry, dir, &vars, err);
	struct file_load other = *f;
	other.canon.dir = dir;
	other.vars = &vars;
	for (size_t i = 0; rc >= 0 && paths[i]; i++)
		rc = load_file(&other, paths[i], imported, err);
	if (rc == -ENOENT)
		rc = ynode_error(entry, err, "%s", err->what);
	if (rc >= 0)
		rc = check_imported(model, imported, entry, err);
	for (size_t i = 0; rc >= 0 && i < imported->n; i++)
		if (section_keys(imported->keys[i]) && imported->items[i]->kind == YAML_MAP)
			import_section(model, imported->keys[i], imported->items[i]);
	f->depth--;
	strv_free(vars.file);
	strv_free(vars.missing);
	return rc;
}

/* --- a file --- */

static int load_one(struct file_load *f, struct yaml *doc, struct yaml *model, struct mc_err *err)
{
	const struct yaml *include = ynode_get(doc, "include");
	int rc = check_top(doc, err);
	if (rc >= 0 && !f->options->no_interpolate)
		rc = interpolate_tree(doc, f->vars, err);
	if (rc >= 0 && include && include->kind != YAML_NULL)
		rc = ynode_want_list(include, "include", err);
	for (size_t i = 0; rc >= 0 && include && i < include->n; i++)
		rc = include_entry(f, include->items[i], model, err);
	if (rc >= 0)
		rc = shape_document(f, doc, err);
	if (rc >= 0)
		rc = extend_all(f, ynode_get(doc, "services"), err);
	if (rc >= 0 && include && include->n)
		rc = check_imported(model, doc, NULL, err);
	if (rc >= 0) {
		merge_document(model, doc);
		strip_resets(model);
	}
	return rc;
}

int project_read_file(const char *path, struct yaml **ret, struct mc_err *err)
{
	int rc = load_documents(path, ret, err);
	return rc >= 0 && (*ret)->n == 0 ? err_set(err, EINVAL, "%s: empty compose file", path) : rc;
}

static int load_file(struct file_load *f, const char *path, struct yaml *model, struct mc_err *err)
{
	_cleanup_yaml_ struct yaml *all = NULL;
	int rc = project_read_file(path, &all, err);
	for (size_t i = 0; rc >= 0 && i < all->n; i++)
		rc = load_one(f, all->items[i], model, err);
	return rc;
}

int project_add_file(const struct project_options *o, struct project *p, const struct yaml *documents,
	struct yaml *model, struct mc_err *err)
{
	const char *home = strv_env(o->environment, "HOME");
	struct file_load f = { .options = o,
		.vars = &p->vars,
		.canon = { .dir = p->dir,
			.home = home ? home : "/root",
			.keep_paths = o->no_path_resolution,
			.raw = o->no_interpolate } };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < documents->n; i++)
		rc = load_one(&f, documents->items[i], model, err);
	return rc;
}
