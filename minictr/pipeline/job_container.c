/*
 * job_container.c - the container that a script runs in: the options that a person could have typed after
 * `minictr run`.
 *
 * It sees its image, its own work tree and /minictr-job; nothing of the host's programs, libraries or
 * directories is in reach, so a tool that the image lacks is missing (exit 127), whatever the host has.
 */
#include <sys/stat.h>
#include <time.h>

#include "engine/create.h"
#include "engine/start.h"
#include "engine/stop.h"
#include "pipeline/ci_values.h"
#include "pipeline/job_run.h"

enum { LOG_REST = 65536 };

/* bash when the image has it, else sh. */
static const char find_shell[] = "for s in /usr/local/bin/bash /usr/bin/bash /bin/bash; do [ -x $s ] && exec "
				 "$s \"$0\"; done; exec sh \"$0\"";

/* entrypoint: [""] clears the image's; of several words the first is the program. */
static int put_entrypoint(
	struct job_trip *t, const struct yaml *image, struct run_options *o, struct mc_err *err)
{
	const struct yaml *y = image && image->kind == YAML_MAP ? ynode_get(image, "entrypoint") : NULL;
	_cleanup_strv_ char **words = NULL;
	int rc = y ? ci_strings(y, "entrypoint", &words, err) : 0;
	if (rc < 0 || !y)
		return rc;
	o->entrypoint = xstrdup(words ? words[0] : "");
	for (size_t i = 1; words && words[i]; i++)
		strv_push(&o->command, words[i]);
	return 0;
}

static void put_mount(struct run_options *o, const char *source, const char *target, bool readonly)
{
	strv_pushf(&o->mounts, "type=bind,\"source=%s\",\"target=%s\"%s", source, target,
		readonly ? ",readonly" : "");
}

static int put_user(struct job_trip *t, const struct yaml *image, struct run_options *o, struct mc_err *err)
{
	const struct yaml *docker = image && image->kind == YAML_MAP ? ynode_get(image, "docker") : NULL;
	int rc = ci_text_expanded(ynode_get(docker, "user"), "user", &t->vars, &o->user, err);
	return rc < 0 ? rc
		      : ci_text_expanded(
				ynode_get(docker, "platform"), "platform", &t->vars, &o->platform, err);
}

static int container_options(
	struct job_trip *t, const char *script, const char *suffix, struct run_options *o, struct mc_err *err)
{
	const struct ci_run *r = t->run;
	const struct yaml *image = ynode_get(t->job->conf, "image");
	_cleanup_free_ char *control = xasprintf("%s/%s/ctl", r->path, t->job->dir);
	run_options_init(o);
	o->name = job_container_name(r, t->job, suffix);
	o->image = xstrdup(t->job->pinned);
	o->pull = PULL_NEVER;
	o->env = strv_copy(t->env);
	o->workdir = xstrdup(t->project_dir);
	o->sig_proxy = false;
	strv_pushf(&o->labels, "%s=%s", job_label, r->key);
	strv_pushf(&o->labels, "%s=%lld", job_label_run, (long long)r->id);
	strv_pushf(&o->labels, "%s.job=%s", job_label, t->job->name);
	put_mount(o, t->work_path, t->project_dir, false);
	put_mount(o, control, "/minictr-job", false);
	if (t->door)
		put_mount(o, t->door, "/minictr-job/bin", true);
	if (t->network) {
		o->network = xstrdup(t->network);
		strv_pushf(&o->labels, "%s.network=%s", job_label, t->network);
	}
	int rc = put_entrypoint(t, image, o, err);
	if (rc >= 0)
		rc = put_user(t, image, o, err);
	strv_push(&o->command, "sh");
	strv_push(&o->command, "-c");
	strv_push(&o->command, find_shell);
	strv_pushf(&o->command, "/minictr-job/%s", script);
	return rc;
}

/* What the exit code alone does not say. */
static int explain_start(const struct job_trip *t, int rc, struct mc_err *err)
{
	if (err->exit_status == 127) {
		err_wrap(err, "image %s has no program sh, and a script needs one", t->job->image);
		err_hint(err, "use an image with a shell; image:entrypoint: [\"\"] takes away an entrypoint "
			      "that is in the way");
	}
	return rc;
}

static void tell_oom(const struct job_trip *t, const char *id)
{
	_cleanup_container_ struct container c = { 0 };
	struct mc_err ignored = { 0 };
	if (container_find(t->run->engine, id, &c, &ignored) >= 0 && c.oom_killed)
		job_say("The kernel killed it: out of memory");
}

/* What may still be added to the job's log (standard output here); a little always, for the script's end. */
static uint64_t log_room(void)
{
	struct stat st;
	uint64_t size = fstat(1, &st) == 0 ? (uint64_t)st.st_size : 0;
	return size + LOG_REST < JOB_LOG_MAX ? JOB_LOG_MAX - size : LOG_REST;
}

int job_container_run(struct job_trip *t, const char *script, const char *suffix, int64_t timeout,
	int *ret_exit, bool *ret_timed_out, struct mc_err *err)
{
	struct run_options o;
	struct start_options start = { .attach = true, .output_max = log_room() };
	char id[CONTAINER_ID_LEN + 1];
	struct mc_err ignored = { 0 };
	int rc = container_options(t, script, suffix, &o, err);
	o.timeout = (int)((timeout + 999999999) / 1000000000);
	container_remove(
		t->run->engine, o.name, REMOVE_FORCE | REMOVE_VOLUMES, &ignored); /* of a killed try */
	if (rc >= 0)
		rc = container_create(t->run->engine, &o, id, err);
	run_options_release(&o);
	if (rc < 0)
		return rc;
	uint64_t before = now_ns(CLOCK_MONOTONIC);
	fflush(stdout);
	rc = container_start(t->run->engine, id, &start, ret_exit, err);
	*ret_timed_out = rc >= 0 && *ret_exit == 137 && now_ns(CLOCK_MONOTONIC) - before >= (uint64_t)timeout;
	if (rc < 0)
		rc = explain_start(t, rc, err);
	else if (*ret_exit == 137 && !*ret_timed_out)
		tell_oom(t, id);
	container_remove(t->run->engine, id, REMOVE_FORCE | REMOVE_VOLUMES, &ignored);
	return rc;
}
