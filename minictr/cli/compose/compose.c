/*
 * compose/compose.c - what the verbs of minictr-compose share: the project that the flags before the verb
 * name, its containers, the words for another command of ours.
 */
#include "cli/compose/compose.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/program.h"

extern char **environ;

static struct project_options options_of(const struct cli *cli, char *const services[])
{
	const struct compose_flags *f = cli->own;
	return (struct project_options){ .files = f->files,
		.directory = f->directory,
		.name = f->project,
		.env_files = f->env_files,
		.profiles = f->profiles,
		.services = services,
		.environment = environ,
		.all_profiles = f->all_profiles,
		.parallel = f->parallel,
		.dry_run = f->dry_run };
}

int compose_load(struct cli *cli, char *const services[], struct project *p, struct mc_err *err)
{
	struct project_options o = options_of(cli, services);
	return project_load(&o, p, err);
}

int compose_open(
	struct cli *cli, char *const services[], struct engine *e, struct project *p, struct mc_err *err)
{
	int rc = compose_load(cli, services, p, err);
	return rc < 0 ? rc : use_engine(cli, e, err);
}

int compose_open_name(struct cli *cli, struct engine *e, struct project *p, struct mc_err *err)
{
	const struct compose_flags *f = cli->own;
	struct project_options o = options_of(cli, NULL);
	struct mc_err none = { 0 };
	o.all_profiles = false;
	o.no_env_files = true; /* what was made by them must be seen and taken away without them, too */
	int rc = project_load(&o, p, &none);
	if (rc == -ENOENT && f->project && !f->files) { /* no file anywhere, and the name is enough */
		project_release(p);
		rc = project_name_check(f->project, err);
		p->name = xstrdup(f->project);
	} else if (rc < 0) {
		*err = none;
	}
	return rc < 0 ? rc : use_engine(cli, e, err);
}

int compose_known(const struct project *p, char *const names[], struct mc_err *err)
{
	const struct yaml *known;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && p->services && names && names[i]; i++)
		rc = project_service(p, names[i], &known, err);
	return rc;
}

int compose_containers(struct engine *e, const struct project *p, char *const services[], bool oneoff,
	char ***ret, struct mc_err *err)
{
	struct actual have;
	*ret = NULL;
	int rc = compose_known(p, services, err);
	if (rc >= 0)
		rc = actual_read(e, p->name, &have, err);
	for (size_t i = 0; rc >= 0 && i < have.n; i++)
		if ((oneoff || !have.items[i].oneoff) &&
			(!services || !services[0] || strv_has((char **)services, have.items[i].service)))
			strv_push(ret, have.items[i].c->name);
	if (rc >= 0)
		actual_release(&have);
	return rc;
}

int compose_container(struct engine *e, const struct project *p, const char *service, int index, char **ret,
	struct mc_err *err)
{
	struct actual have;
	const struct container *best = NULL;
	int rc = actual_read(e, p->name, &have, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < have.n; i++) {
		const struct actual_container *a = &have.items[i];
		if (a->oneoff || !str_eq(a->service, service) || (index && a->number != index))
			continue;
		if (!best || (container_is_active(a->c) && !container_is_active(best)))
			best = a->c;
	}
	if (best)
		*ret = xstrdup(best->name);
	actual_release(&have);
	if (best)
		return 0;
	const struct yaml *known;
	if (p->services && project_service(p, service, &known, err) < 0)
		return -ENOENT;
	err_set(err, ENOENT,
		index ? "service \"%s\" is not running container #%d" : "service \"%s\" has no container",
		service, index);
	return err_hint(err, "`minictr compose up -d %s` makes it", service);
}

void compose_flag(char ***words, const char *flag, const char *value)
{
	if (value) {
		strv_push(words, flag);
		strv_push(words, value);
	}
}

/* docker's variables for flags that a shell always wants: 1 or true. */
bool compose_variable(const char *name)
{
	const char *value = getenv(name);
	return str_eq(value, "1") || str_eq(value, "true");
}

int compose_refuse_orphans(const char *verb, struct mc_err *err)
{
	err_set(err, ENOTSUP, "compose %s takes no --remove-orphans: it leaves other services alone", verb);
	return err_hint(
		err, "`minictr compose up -d --remove-orphans` or `down --remove-orphans` removes them");
}

void compose_board(const struct cli *cli, struct board *b, const struct project *p)
{
	const struct compose_flags *f = cli->own;
	board_open(b, stderr);
	b->quiet = str_eq(f->progress, "quiet");
	b->live = b->live && !str_eq(f->progress, "plain") && !str_eq(f->ansi, "never");
	b->prefix = p->dry_run ? "DRY-RUN MODE - " : "";
}

int compose_become(char *const words[], struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	strv_push(&argv, "minictr");
	for (size_t i = 0; words[i]; i++)
		strv_push(&argv, words[i]);
	fflush(NULL);
	return program_exec("minictr", argv, err);
}
