/*
 * watch_act.c - a changed file reaches the containers of its service.
 *
 * Copying: tar(1) writes the changed names to memory, `minictr cp - CONTAINER:/` unpacks them: parents are
 * made, modes and links stay, and one copy costs two processes however many files changed. What was removed
 * is removed inside with rm(1) of the image.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/spawn.h"
#include "base/tool.h"
#include "compose/actual.h"
#include "compose/up.h"
#include "compose/service_hooks.h"
#include "compose/watch_rules.h"

/* Names of the service's containers that run. */
static int act_containers(
	struct engine *e, const struct project *p, const char *service, char ***ret, struct mc_err *err)
{
	struct actual have;
	int rc = actual_read(e, p->name, &have, err);
	*ret = NULL;
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < have.n; i++)
		if (!have.items[i].oneoff && str_eq(have.items[i].service, service) &&
			container_is_active(have.items[i].c))
			strv_push(ret, have.items[i].c->name);
	actual_release(&have);
	return 0;
}

/* sed's s|^|TARGET/|, as tar's --transform has it: names only (r), links keep what they point at. */
static char *act_transform(const struct watch_rule *r, bool file)
{
	struct buf b = { 0 };
	const char *target = r->target + strspn(r->target, "/");
	buf_adds(&b, file ? "--transform=flags=r;s|^.*$|" : "--transform=flags=r;s|^|");
	for (const char *p = target; *p; p++)
		buf_addf(&b, strchr("|\\&", *p) ? "\\%c" : "%c", *p);
	buf_adds(&b, file || !*target || target[strlen(target) - 1] == '/' ? "|" : "/|");
	return buf_take(&b);
}

/* The names, each ended by NUL, in a file without a name; read from its start. */
static int act_list(char *const names[], const char *only, struct mc_err *err)
{
	_cleanup_buf_ struct buf list = { 0 };
	for (size_t i = 0; !only && names[i]; i++)
		buf_add(&list, names[i], strlen(names[i]) + 1);
	if (only)
		buf_add(&list, only, strlen(only) + 1);
	return file_of_bytes(list.data, list.len, err);
}

/* A tar of the names with their places in the container; returns a descriptor. */
static int act_pack(const struct watch_rule *r, char *const names[], struct mc_err *err)
{
	bool file = names[0] && !*names[0];
	const char *base = strrchr(r->path, '/') + 1;
	_cleanup_free_ char *transform = act_transform(r, file),
			    *dir = file ? xstrndup(r->path, (size_t)(base - r->path)) : xstrdup(r->path);
	_cleanup_close_ int list = act_list(names, file ? base : NULL, err);
	_cleanup_close_ int tar = list < 0 ? -1 : memfd_create("tar", MFD_CLOEXEC);
	if (list < 0)
		return list;
	if (tar < 0)
		return err_sys(err, "memfd_create()");
	char *const argv[] = { (char *)"tar", (char *)"-C", dir, (char *)"--null", (char *)"--no-recursion",
		(char *)"--verbatim-files-from", (char *)"--ignore-failed-read", (char *)"-T", (char *)"-",
		transform, (char *)"-cf", (char *)"-", NULL };
	struct spawn s = { .argv = argv, .in = list, .out = tar };
	int rc = spawn_run(&s, err);
	/* 1: a file changed while it was read; the next round copies it again */
	if (rc > 1)
		return err_set(err, EIO, "tar could not pack what changed in %s", r->path);
	if (rc >= 0 && lseek(tar, 0, SEEK_SET) < 0)
		return err_sys(err, "lseek()");
	return rc < 0 ? rc : take_fd(&tar);
}

static int act_copy(
	const struct watch_rule *r, char *const containers[], char *const changed[], struct mc_err *err)
{
	_cleanup_free_ char *minictr = NULL;
	_cleanup_close_ int tar = act_pack(r, changed, err);
	int rc = tar < 0 ? tar : program_path("minictr", &minictr, err);
	for (size_t i = 0; rc >= 0 && containers[i]; i++) {
		_cleanup_free_ char *place = xasprintf("%s:/", containers[i]);
		char *const argv[] = { minictr, (char *)"cp", (char *)"-q", (char *)"-", place, NULL };
		struct spawn s = { .argv = argv, .in = tar };
		lseek(tar, 0, SEEK_SET);
		rc = spawn_run(&s, err);
		if (rc > 0)
			rc = err_set(err, EIO, "copy of %s into %s failed", r->path, containers[i]);
	}
	return rc;
}

static int act_remove(
	const struct watch_rule *r, char *const containers[], char *const removed[], struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && containers[i]; i++) {
		_cleanup_strv_ char **words = NULL;
		static const char *const rm[] = { "rm", "-rf", "--" };
		strv_push(&words, "exec");
		strv_push(&words, containers[i]);
		for (size_t k = 0; k < ARRAY_LEN(rm); k++)
			strv_push(&words, rm[k]);
		for (size_t k = 0; removed[k]; k++)
			strv_pushf(&words, "%s%s%s", r->target, *removed[k] ? "/" : "", removed[k]);
		rc = tool_run(words, NULL, false, err);
		if (rc > 0)
			rc = err_set(err, EIO, "removal in %s failed (the image needs rm)", containers[i]);
	}
	return rc;
}

static int act_restart(char *const containers[], struct mc_err *err)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_buf_ struct buf names = { 0 };
	strv_push(&words, "restart");
	for (size_t i = 0; containers[i]; i++)
		strv_push(&words, containers[i]);
	int rc = tool_run(words, &names, false, err);
	return rc > 0 ? err_set(err, EIO, "restart failed") : rc;
}

static int act_rebuild(
	struct engine *e, struct project *p, const struct watch_rule *r, struct board *b, struct mc_err *err)
{
	char *const only[] = { (char *)r->service, NULL };
	struct up_options o = { .services = only, .no_deps = true, .timeout = -1 };
	int rc = image_build(p, r->service, NULL, err);
	return rc < 0 ? rc : project_up(e, p, &o, b, NULL, err);
}

int watch_act(struct engine *e, struct project *p, const struct watch_rule *r, char *const changed[],
	char *const removed[], struct board *b, struct mc_err *err)
{
	_cleanup_strv_ char **containers = NULL;
	if (r->action == WATCH_REBUILD)
		return act_rebuild(e, p, r, b, err);
	int rc = act_containers(e, p, r->service, &containers, err);
	if (rc < 0 || !containers)
		return rc;
	if (r->action != WATCH_RESTART && removed && removed[0])
		rc = act_remove(r, containers, removed, err);
	if (rc >= 0 && r->action != WATCH_RESTART && changed && changed[0])
		rc = act_copy(r, containers, changed, err);
	if (rc >= 0 && r->action == WATCH_SYNC_EXEC)
		for (size_t i = 0; rc >= 0 && containers[i]; i++)
			rc = hook_run(ynode_get(r->entry, "exec"), containers[i], err);
	if (rc >= 0 && (r->action == WATCH_RESTART || r->action == WATCH_SYNC_RESTART))
		rc = act_restart(containers, err);
	return rc;
}
