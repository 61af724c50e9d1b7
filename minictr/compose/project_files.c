/*
 * project_files.c - which files make the project, where it stands, what it is called, which variables it has.
 *
 * compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml (docker compose's order), in the project
 * directory or the nearest parent that has one; beside it the override file is read too, but only when no
 * file was named.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/warn.h"
#include "compose/dotenv.h"
#include "compose/project.h"

static const char *const file_names[] = { "compose.yaml", "compose.yml", "docker-compose.yml",
	"docker-compose.yaml" };
static const char *const override_names[] = { "compose.override.yml", "compose.override.yaml",
	"docker-compose.override.yml", "docker-compose.override.yaml" };

static char *files_absolute(const char *path)
{
	_cleanup_free_ char *here = getcwd(NULL, 0);
	if (*path == '/' || str_eq(path, "-"))
		return xstrdup(path);
	while (str_starts(path, "./"))
		path += 2;
	return xasprintf("%s/%s", here ? here : "", path);
}

static char *files_directory(const char *path)
{
	_cleanup_free_ char *copy = xstrdup(path);
	char *slash = strrchr(copy, '/');
	if (!slash)
		return getcwd(NULL, 0);
	*slash = '\0';
	char *real = realpath(*copy ? copy : "/", NULL);
	return real ? real : xstrdup(*copy ? copy : "/");
}

/* Both of two names in one directory: the first counts, and that is said. */
static char *files_in(const char *dir, const char *const names[], size_t n)
{
	char *found = NULL;
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, names[i]);
		if (access(path, F_OK) < 0)
			continue;
		if (found) {
			warn_user("Found multiple config files with supported names: %s, %s; using %s", found,
				path, found);
			break;
		}
		found = take_ptr(&path);
	}
	return found;
}

/* from: --project-directory, NULL for where the command stands. */
static int files_search(const char *from, struct project *p, struct mc_err *err)
{
	_cleanup_free_ char *dir = realpath(from ? from : ".", NULL);
	while (dir && *dir) {
		_cleanup_free_ char *found = files_in(dir, file_names, ARRAY_LEN(file_names));
		if (found) {
			_cleanup_free_ char *override =
				files_in(dir, override_names, ARRAY_LEN(override_names));
			strv_push(&p->files, found);
			if (override)
				strv_push(&p->files, override);
			return 0;
		}
		*strrchr(dir, '/') = '\0';
	}
	err_set(err, ENOENT, "no configuration file provided: not found");
	return err_hint(err, "compose.yaml or docker-compose.yml is looked for here and in the directories "
			     "above; -f names another");
}

/* COMPOSE_ENV_FILES=a.env,b.env stands for --env-file. NULL when it is not set; strv_free(). */
static char **env_files_of_shell(const struct project *p)
{
	const char *list = variables_get(&p->vars, "COMPOSE_ENV_FILES", strlen("COMPOSE_ENV_FILES"));
	_cleanup_free_ char *copy = xstrdup(list ? list : "");
	char **files = NULL, *save = NULL;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		strv_push(&files, w);
	return files;
}

/* Later files win; a file that was named must be there, the default one may be missing. */
static int read_env(const struct project_options *o, struct project *p, struct mc_err *err)
{
	_cleanup_free_ char *usual = xasprintf("%s/.env", p->dir);
	char *const only[] = { usual, NULL };
	char *const *files = o->env_files && o->env_files[0] ? o->env_files : only;
	int rc = 0;
	strv_free(p->vars.file); /* from here on only the shell has variables */
	p->vars.file = NULL;
	_cleanup_strv_ char **listed = env_files_of_shell(p);
	const char *off =
		variables_get(&p->vars, "COMPOSE_DISABLE_ENV_FILE", strlen("COMPOSE_DISABLE_ENV_FILE"));
	files = files == only && listed ? listed : files;
	if (files == only && (str_eq(off, "1") || str_eq(off, "true")))
		return 0;
	for (size_t i = 0; rc >= 0 && files[i]; i++) {
		_cleanup_strv_ char **lines = NULL;
		if (files == only && access(usual, F_OK) < 0)
			break;
		rc = dotenv_read(AT_FDCWD, files[i], &p->vars, false, &lines, err);
		for (size_t k = 0; rc >= 0 && lines && lines[k]; k++)
			strv_env_set(&p->vars.file, lines[k]);
	}
	return rc;
}

/* COMPOSE_FILE of the shell, else of the .env where the command stands: which project it is says the list. */
static int files_of_variable(const struct project_options *o, struct project *p, struct mc_err *err)
{
	p->dir = realpath(o->directory ? o->directory : ".", NULL);
	int rc = p->dir ? read_env(o, p, err) : 0;
	const char *list = variables_get(&p->vars, "COMPOSE_FILE", strlen("COMPOSE_FILE")),
		   *separator = variables_get(
			   &p->vars, "COMPOSE_PATH_SEPARATOR", strlen("COMPOSE_PATH_SEPARATOR"));
	_cleanup_free_ char *copy = xstrdup(list ? list : "");
	char *save = NULL;
	for (char *w = strtok_r(copy, separator ? separator : ":", &save); rc >= 0 && w;
		w = strtok_r(NULL, separator ? separator : ":", &save)) {
		_cleanup_free_ char *path = files_absolute(w);
		strv_push(&p->files, path);
	}
	return rc;
}

int project_find_files(const struct project_options *o, struct project *p, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; o->files && o->files[i]; i++) {
		_cleanup_free_ char *path = files_absolute(o->files[i]);
		strv_push(&p->files, path);
	}
	if (!p->files)
		rc = files_of_variable(o, p, err);
	if (rc >= 0 && !p->files)
		rc = files_search(o->directory, p, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *searched = take_ptr(&p->dir);
	p->dir = o->directory ? realpath(o->directory, NULL) : files_directory(p->files[0]);
	if (!p->dir)
		return err_sys(err, "project directory %s", o->directory);
	return str_eq(searched, p->dir) ? 0 : read_env(o, p, err);
}

/* --- the name --- */

int project_name_check(const char *name, struct mc_err *err)
{
	bool good = islower((unsigned char)*name) || isdigit((unsigned char)*name);
	for (const char *p = name; *p && good; p++)
		good = islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '-' || *p == '_';
	if (good)
		return 0;
	return err_set(err, EINVAL,
		"invalid project name \"%s\": must consist only of lowercase alphanumeric characters, "
		"hyphens, "
		"and underscores as well as start with a letter or number",
		name);
}

/* "My Proj.X" -> "myprojx" */
static char *name_normalized(const char *text)
{
	char *name = xstrdup(*text ? text : "default"), *to = name;
	for (const char *p = name; *p; p++) {
		char c = (char)tolower((unsigned char)*p);
		if (islower((unsigned char)c) || isdigit((unsigned char)c) ||
			((c == '-' || c == '_') && to > name))
			*to++ = c;
	}
	*to = '\0';
	return name;
}

/* The last `name:` of the files, with its variables replaced. *ret stays NULL without one. */
static int name_in_files(const struct project_options *o, struct project *p, const struct yaml *files,
	char **ret, struct mc_err *err)
{
	const struct yaml *last = NULL;
	for (size_t i = 0; i < files->n; i++)
		for (size_t d = 0; d < files->items[i]->n; d++) {
			const struct yaml *name = ynode_get(files->items[i]->items[d], "name");
			last = ynode_text(name) && name->merge != YAML_RESET ? name : last;
		}
	if (!last)
		return 0;
	if (!o->no_interpolate)
		return interpolate(ynode_text(last), &p->vars, last, ret, err);
	*ret = xstrdup(ynode_text(last));
	return 0;
}

int project_choose_name(
	const struct project_options *o, struct project *p, const struct yaml *files, struct mc_err *err)
{
	const char *from_env =
		variables_get(&p->vars, "COMPOSE_PROJECT_NAME", strlen("COMPOSE_PROJECT_NAME"));
	const char *given = o->name ? o->name : from_env && *from_env ? from_env : NULL;
	_cleanup_free_ char *in_file = NULL;
	if (given) {
		int rc = project_name_check(given, err);
		p->name = xstrdup(given);
		return rc;
	}
	int rc = name_in_files(o, p, files, &in_file, err);
	if (rc < 0)
		return rc;
	p->name = name_normalized(in_file ? in_file : strrchr(p->dir, '/') + 1);
	if (*p->name)
		return 0;
	if (in_file)
		return project_name_check(in_file, err);
	return err_set(err, EINVAL,
		"project name must not be empty: the directory's name has no letter or digit; -p names it");
}
