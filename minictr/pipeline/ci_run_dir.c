/*
 * ci_run_dir.c - the directory of a run, its record, and what a crashed run has left.
 *
 * Kernel objects and man pages: mkdirat(2) is the claim of a number, flock(2) says that a run lives.
 * Order and why: the number is claimed by making the directory; two runs that start at once get two numbers.
 */
#include "pipeline/ci_run.h"

#include <fcntl.h>
#include <time.h>

#include "base/file.h"
#include "base/tool.h"
#include "engine/stop.h"

enum { RECORD_MAX = 32 << 20 };

const char job_label[] = "io.minictr.pipeline", job_label_run[] = "io.minictr.pipeline.run";

int ci_run_home(struct ci_run *r, const char *project_dir, struct mc_err *err)
{
	const char *slash = strrchr(project_dir, '/');
	_cleanup_free_ char *slug = ci_slug(slash && slash[1] ? slash + 1 : "project");
	r->key = xasprintf("%.30s-%08x", slug, (unsigned)fnv1a(project_dir, strlen(project_dir)));
	r->home = xasprintf("%s/pipelines/%s", r->engine->root, r->key);
	return dir_make(AT_FDCWD, r->home, 0700, err);
}

int ci_run_list(const struct ci_run *r, int64_t **ret, size_t *n, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	int rc = dir_list(AT_FDCWD, r->home, &names, err);
	*n = 0;
	*ret = xcalloc(strv_len(names) + 1, sizeof(**ret));
	for (char **p = names; rc >= 0 && p && *p; p++) {
		int64_t id;
		if (parse_i64(*p, &id) < 0 || id <= 0)
			continue;
		size_t at = (*n)++;
		for (; at && (*ret)[at - 1] > id; at--)
			(*ret)[at] = (*ret)[at - 1];
		(*ret)[at] = id;
	}
	return rc < 0 ? rc : 0;
}

static char *run_path(const struct ci_run *r, int64_t id, const char *file)
{
	return xasprintf("%s/%lld%s%s", r->home, (long long)id, *file ? "/" : "", file);
}

bool ci_run_is_live(const struct ci_run *r, int64_t id)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *path = run_path(r, id, "lock");
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	_cleanup_close_ int lock = file_lock(AT_FDCWD, path, false, &ignored);
	return lock == -EWOULDBLOCK;
}

int ci_run_read(const struct ci_run *r, int64_t id, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ char *path = run_path(r, id, "run.json");
	int rc = json_parse_record(AT_FDCWD, path, RECORD_MAX, ret, err);
	return rc == -ENOENT ? err_set(err, ENOENT, "there is no run %lld of this project", (long long)id)
			     : rc;
}

/* --- what crashed runs left: containers and networks of runs that are not locked --- */

static int sweep(struct ci_run *r, struct mc_err *err)
{
	struct container_list all = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **networks = NULL;
	int rc = container_list(r->engine, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		const struct container *c = &all.items[i];
		const char *key = container_label(c, job_label), *id = container_label(c, job_label_run);
		int64_t run;
		if (!key || !str_eq(key, r->key) || !id || parse_i64(id, &run) < 0 ||
			(run != r->id && ci_run_is_live(r, run)))
			continue;
		const char *network = container_label(c, "io.minictr.pipeline.network");
		if (network && !strv_has(networks, network))
			strv_push(&networks, network);
		container_remove(r->engine, c->id, REMOVE_FORCE | REMOVE_VOLUMES, &ignored);
	}
	container_list_release(&all);
	for (char **n = networks; n && *n; n++) {
		char *const words[] = { (char *)"network", (char *)"rm", *n, NULL };
		tool_run(words, NULL, true, &ignored);
	}
	return rc < 0 ? rc : 0;
}

static int open_run(struct ci_run *r, struct mc_err *err)
{
	static const char *const dirs[] = { "jobs", "images", "source" };
	_cleanup_free_ char *lock = run_path(r, r->id, "lock");
	r->path = run_path(r, r->id, "");
	r->dir = dir_make_open(AT_FDCWD, r->path, 0700, err);
	int rc = r->dir;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(dirs); i++)
		rc = dir_make(r->dir, dirs[i], 0700, err);
	if (rc >= 0)
		rc = r->source = dir_open(r->dir, "source", err);
	if (rc >= 0)
		rc = r->lock = file_lock(AT_FDCWD, lock, false, err);
	if (rc == -EWOULDBLOCK) {
		err_set(err, EBUSY, "run %lld is still going on", (long long)r->id);
		return err_hint(err, "`minictr pipeline logs -f` shows what it does");
	}
	return rc < 0 ? rc : 0;
}

int ci_run_new(struct ci_run *r, struct mc_err *err)
{
	_cleanup_free_ int64_t *ids = NULL;
	size_t n = 0;
	int rc = sweep(r, err);
	if (rc >= 0)
		rc = ci_run_list(r, &ids, &n, err);
	if (rc < 0)
		return rc;
	for (r->id = n ? ids[n - 1] + 1 : 1;; r->id++) {
		_cleanup_free_ char *path = run_path(r, r->id, "");
		if (mkdir(path, 0700) == 0)
			break;
		if (errno != EEXIST)
			return err_sys(err, "mkdir %s", path);
	}
	r->created = (int64_t)now_ns(CLOCK_REALTIME);
	return open_run(r, err);
}

void ci_run_abandon(struct ci_run *r)
{
	struct mc_err ignored = { 0 };
	dir_remove(AT_FDCWD, r->path, &ignored);
}

int ci_run_open(struct ci_run *r, int64_t id, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ int64_t *ids = NULL;
	size_t n = 0;
	int rc = id ? 0 : ci_run_list(r, &ids, &n, err);
	if (rc < 0)
		return rc;
	if (!id && !n)
		return err_set(err, ENOENT, "this project has no run yet: there is nothing to resume");
	r->id = id ? id : ids[n - 1];
	_cleanup_json_ struct json *doc = NULL;
	rc = ci_run_read(r, r->id, &doc, err);
	if (rc >= 0)
		rc = open_run(r, err);
	if (rc >= 0)
		rc = sweep(r, err); /* our own lock is held: what this run has left is not ours any more */
	if (rc < 0)
		return rc;
	r->created = json_int_of(json_member(doc, "Created"));
	*ret = take_ptr(&doc);
	return 0;
}

static struct json *job_record(const struct job *j)
{
	struct json *o = json_new_object();
	json_set_string(o, "Name", j->name);
	json_set_string(o, "Stage", j->stage_name);
	json_set_string(o, "Status", job_status_name(j->status));
	json_set_string(o, "Image", j->image);
	json_set_string(o, "Digest", *j->pinned ? j->pinned : NULL);
	json_set_string(o, "Reason", j->reason);
	json_set_string(o, "Dir", j->dir);
	json_set_i64(o, "ExitCode", j->exit_code);
	json_set_i64(o, "Started", j->started);
	json_set_i64(o, "Finished", j->finished);
	return o;
}

int ci_run_save(struct ci_run *r, const char *status, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	const struct ci_options *o = &r->m.options;
	struct json *jobs = json_new_array();
	json_set_i64(doc, "Id", r->id);
	json_set_string(doc, "Project", r->m.source.dir);
	json_set_string(doc, "File", r->m.file);
	json_set_string(doc, "Status", status);
	json_set_i64(doc, "Created", r->created);
	json_set_i64(doc, "Finished", r->finished);
	json_set_strv(doc, "Given", (char *const *)o->given);
	json_set_string(doc, "Variables", o->variables);
	json_set_string(doc, "Trigger", o->trigger.source);
	json_set_string(doc, "Registry", o->trigger.registry);
	json_set_string(doc, "DefaultImage", r->image);
	json_set_bool(doc, "Engine", r->lend_engine);
	json_set(doc, "Source", ci_source_save(&r->m.source));
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		json_add(jobs, job_record(&r->m.p.jobs[i]));
	json_set(doc, "Jobs", jobs);
	return json_write_limited(r->dir, "run.json", doc, RECORD_MAX, 0600, 0, err);
}

void ci_run_release(struct ci_run *r)
{
	ci_model_release(&r->m);
	close_fd(r->dir);
	close_fd(r->source);
	close_fd(r->lock);
	free(r->home);
	free(r->key);
	free(r->path);
	strv_free(r->chosen);
}
