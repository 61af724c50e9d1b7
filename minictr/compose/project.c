/*
 * project.c - loading a project: the table of contents.
 *
 * Order and why: files first, since the directory of the first one is where .env stands; then the name, since
 * a file may say it with variables of .env; then what the files hold, since ${COMPOSE_PROJECT_NAME} may stand
 * anywhere in them.
 */
#include "compose/project.h"

#include "compose/canon.h"

static struct yaml *project_section(struct project *p, const char *key)
{
	struct yaml *section = ynode_get(p->model, key);
	if (!section || section->kind != YAML_MAP)
		section = ynode_set(p->model, key, ynode_new(YAML_MAP, NULL));
	return section;
}

int project_load(const struct project_options *o, struct project *p, struct mc_err *err)
{
	*p = (struct project){
		.vars.environment = o->environment, .parallel = o->parallel, .dry_run = o->dry_run
	};
	p->model = ynode_new(YAML_MAP, NULL);
	int rc = project_find_files(o, p, err);
	_cleanup_yaml_ struct yaml *files = ynode_new(YAML_LIST, NULL);
	for (size_t i = 0; rc >= 0 && p->files[i]; i++) {
		/* project_read_file() hands an empty list over together with its error. */
		_cleanup_yaml_ struct yaml *documents = NULL;
		rc = project_read_file(p->files[i], &documents, err);
		if (rc >= 0)
			ynode_add(files, take_ptr(&documents));
	}
	if (rc >= 0)
		rc = project_choose_name(o, p, files, err);
	p->vars.project = p->name;
	for (size_t i = 0; rc >= 0 && i < files->n; i++)
		rc = project_add_file(o, p, files->items[i], p->model, err);
	if (rc < 0)
		return rc;
	p->services = project_section(p, "services");
	p->networks = project_section(p, "networks");
	p->volumes = project_section(p, "volumes");
	p->secrets = project_section(p, "secrets");
	p->configs = project_section(p, "configs");
	return project_finish(o, p, err);
}

void project_release(struct project *p)
{
	ynode_free(p->model);
	free(p->name);
	free(p->dir);
	strv_free(p->files);
	strv_free(p->off);
	strv_free(p->vars.file);
	strv_free(p->vars.missing);
	*p = (struct project){ 0 };
}

int project_service(const struct project *p, const char *name, const struct yaml **ret, struct mc_err *err)
{
	*ret = ynode_get(p->services, name);
	if (*ret)
		return 0;
	err_set(err, ENOENT, "no such service: %s", name);
	const char *near = nearest_word(name, (const char *const *)p->services->keys, p->services->n);
	return near ? err_hint(err, "did you mean %s?", near) : -ENOENT;
}
