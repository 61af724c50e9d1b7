/*
 * pipeline/look.c - `pipeline lint`, `graph`, `explain`, `ls`, `logs`, `artifacts`, `prune`.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/format/draw.h"
#include "cli/format/table.h"
#include "cli/pipeline/pipeline.h"
#include "compose/yaml_json.h"
#include "pipeline/ci_values.h"
#include "pipeline/job_run.h"

struct look_values {
	struct pipeline_values common;
	bool merged, dot, follow, cache;
	int keep;
	int64_t id;
};

/* --- lint --- */

static const struct option_def lint_options[] = {
	PIPELINE_OPTIONS(struct look_values),
	{ 0, "merged", OPT_FLAG, offsetof(struct look_values, merged), NULL,
		"Print the file with everything included, extended and filled in" },
	{ 0 },
};

static int pipeline_cmd_lint(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct look_values *v = values;
	_cleanup_ci_model_ struct ci_model m = { 0 };
	int rc = pipeline_load(&v->common, &m, err);
	if (rc < 0)
		return rc;
	if (v->merged) {
		ynode_print(m.config.tree, stdout);
		return 0;
	}
	for (size_t i = 0; i < m.p.n_jobs; i++)
		if (!ynode_get(m.p.jobs[i].conf, "image") && !ynode_get(m.p.jobs[i].conf, "trigger"))
			ynode_warn(m.p.jobs[i].conf,
				"job %s names no image: run takes one for such jobs with --image",
				m.p.jobs[i].name);
	printf("%s: valid, %zu job%s in %zu stages%s\n", m.file, m.p.n_jobs, m.p.n_jobs == 1 ? "" : "s",
		strv_len(m.stages) - 2, m.runs ? "" : ", but workflow:rules say that no pipeline runs now");
	return 0;
}

const struct command pipeline_lint = {
	.name = "lint",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "Check the pipeline file, and name what is not supported",
	.example = "minictr pipeline lint\nminictr pipeline lint --merged",
	.options = lint_options,
	.values_size = sizeof(struct look_values),
	.run = pipeline_cmd_lint,
};

/* --- graph --- */

static const struct option_def graph_options[] = {
	PIPELINE_OPTIONS(struct look_values),
	{ 0, "dot", OPT_FLAG, offsetof(struct look_values, dot), NULL, "For Graphviz" },
	{ 0 },
};

static const char *image_of(const struct job *j)
{
	const struct yaml *y = ynode_get(j->conf, "image");
	const char *name = ynode_text(y) ? ynode_text(y) : ynode_text(ynode_get(y, "name"));
	return name ? name : "no image";
}

static const char *when_text(const struct job *j)
{
	static const char *const words[] = { "", ", on failure", ", always", ", manual", ", delayed", "" };
	return words[j->when];
}

static void draw_tree(const struct ci_model *m)
{
	struct node *root =
		node_new("%s: %zu jobs; a stage begins when the one above has ended", m->file, m->p.n_jobs);
	for (int stage = 0; m->stages[stage]; stage++) {
		struct node *s = NULL;
		for (size_t i = 0; i < m->p.n_jobs; i++) {
			const struct job *j = &m->p.jobs[i];
			if (j->stage != stage)
				continue;
			s = s ? s : node_add(root, "%s", m->stages[stage]);
			struct node *n = node_add(s, "%s (%s%s)", j->name, image_of(j), when_text(j));
			if (j->by_needs && !j->n_needs)
				node_add(n, "starts at once");
			for (size_t k = 0; k < j->n_needs; k++)
				node_add(n, "needs %s%s", m->p.jobs[j->needs[k].job].name,
					j->needs[k].artifacts ? "" : ", without artifacts");
		}
	}
	node_print(root, stdout);
	node_free(root);
}

static void print_dot_name(const char *name)
{
	putchar('"');
	for (; *name; name++)
		printf(*name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
	putchar('"');
}

/* Edges that another edge already implies are left out: only the nearest earlier stage with jobs. */
static bool is_near(const struct ci_model *m, const struct job *j, const struct job *k)
{
	if (j->by_needs)
		return true;
	for (size_t i = 0; i < m->p.n_jobs; i++)
		if (m->p.jobs[i].stage > k->stage && m->p.jobs[i].stage < j->stage)
			return false;
	return true;
}

static void draw_dot(const struct ci_model *m)
{
	printf("digraph pipeline {\n  rankdir=LR;\n  node [shape=box];\n");
	for (size_t i = 0; i < m->p.n_jobs; i++)
		for (size_t k = 0; k < m->p.n_jobs; k++) {
			const struct job *j = &m->p.jobs[i], *other = &m->p.jobs[k];
			if (k == i || !job_waits_for(&m->p, j, other) || !is_near(m, j, other))
				continue;
			printf("  ");
			print_dot_name(other->name);
			printf(" -> ");
			print_dot_name(j->name);
			printf(";\n");
		}
	for (size_t i = 0; i < m->p.n_jobs; i++) {
		printf("  ");
		print_dot_name(m->p.jobs[i].name);
		printf(";\n");
	}
	printf("}\n");
}

static int pipeline_cmd_graph(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct look_values *v = values;
	_cleanup_ci_model_ struct ci_model m = { 0 };
	int rc = pipeline_load(&v->common, &m, err);
	if (rc < 0)
		return rc;
	if (v->dot)
		draw_dot(&m);
	else
		draw_tree(&m);
	return 0;
}

const struct command pipeline_graph = {
	.name = "graph",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "Draw stages, jobs and what each needs",
	.example = "minictr pipeline graph\nminictr pipeline graph --dot | dot -Tsvg >pipeline.svg",
	.options = graph_options,
	.values_size = sizeof(struct look_values),
	.run = pipeline_cmd_graph,
};

/* --- explain --- */

static const struct option_def explain_options[] = { PIPELINE_OPTIONS(struct look_values), { 0 } };

static void explain_waits(const struct ci_model *m, const struct job *j)
{
	_cleanup_free_ bool *want = xcalloc(m->p.n_jobs + 1, sizeof(*want));
	int n = 0;
	printf("  waits for: ");
	for (size_t i = 0; i < m->p.n_jobs; i++)
		if (&m->p.jobs[i] != j && job_waits_for(&m->p, j, &m->p.jobs[i]))
			printf("%s%s", n++ ? ", " : "", m->p.jobs[i].name);
	printf("%s (%s)\n", n ? "" : "nothing", j->by_needs ? "its needs" : "all jobs of earlier stages");
	job_sources(&m->p, j, want);
	n = 0;
	printf("  gets artifacts of: ");
	for (size_t i = 0; i < m->p.n_jobs; i++)
		if (want[i] && ynode_get(m->p.jobs[i].conf, "artifacts"))
			printf("%s%s", n++ ? ", " : "", m->p.jobs[i].name);
	printf("%s\n", n ? "" : "none");
}

static void explain_job(const struct ci_model *m, const struct job *j)
{
	static const char *const words[] = { "on_success: when nothing before it failed",
		"on_failure: when something before it failed", "always", "manual: when you say so", "delayed",
		"never" };
	printf("%s: in the pipeline, stage %s (%s:%d)\n", j->name, j->stage_name, j->conf->file,
		j->conf->line);
	for (char **w = j->why; w && *w; w++)
		printf("  because: %s\n", *w);
	printf("  when: %s%s\n", words[j->when], j->allow_failure ? "; it may fail" : "");
	printf("  image: %s\n", image_of(j));
	explain_waits(m, j);
}

static int explain_absent(const struct ci_model *m, const char *name, struct mc_err *err)
{
	bool found = false;
	for (char **a = m->absent; a && *a; a++) {
		size_t len = strcspn(*a, "\t");
		if (strlen(name) != len || strncmp(*a, name, len))
			continue;
		if (!found)
			printf("%s: not in the pipeline\n", name);
		printf("  because: %s\n", *a + len + 1);
		found = true;
	}
	if (found)
		return 0;
	err_set(err, ENOENT, "there is no job %s in %s", name, m->file);
	const char *near = nearest_word(name, (const char *const *)m->config.tree->keys, m->config.tree->n);
	return near ? err_hint(err, "did you mean %s?", near) : -ENOENT;
}

static int pipeline_cmd_explain(
	struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct look_values *v = values;
	_cleanup_ci_model_ struct ci_model m = { 0 };
	int rc = pipeline_load(&v->common, &m, err);
	if (rc < 0)
		return rc;
	for (char **w = m.workflow_why; w && *w; w++)
		printf("%sworkflow: %s\n", m.runs ? "" : "no pipeline: ", *w);
	if (argc == 0) {
		for (size_t i = 0; i < m.p.n_jobs; i++)
			explain_job(&m, &m.p.jobs[i]);
		for (char **a = m.absent; a && *a; a++)
			printf("%.*s: not in the pipeline: %s\n", (int)strcspn(*a, "\t"), *a,
				strchr(*a, '\t') + 1);
		return 0;
	}
	int i = ci_model_find(&m, argv[0], 0);
	if (i < 0)
		return explain_absent(&m, argv[0], err);
	for (; i >= 0; i = ci_model_find(&m, argv[0], (size_t)i + 1))
		explain_job(&m, &m.p.jobs[i]);
	return 0;
}

const struct command pipeline_explain = {
	.name = "explain",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [JOB]",
	.summary = "Why a job runs or does not: which rule decided, what it waits for",
	.example = "minictr pipeline explain deploy\nminictr pipeline explain --tag v1.0 deploy",
	.options = explain_options,
	.values_size = sizeof(struct look_values),
	.max_args = 1,
	.run = pipeline_cmd_explain,
};

/* --- ls --- */

static int list_runs(struct ci_run *r, struct mc_err *err)
{
	_cleanup_free_ int64_t *ids = NULL;
	_cleanup_strv_ char **lines = NULL;
	size_t n = 0;
	int rc = ci_run_list(r, &ids, &n, err);
	strv_push(&lines, "ID\tSTATUS\tCREATED\tJOBS\tBRANCH");
	for (size_t i = n; rc >= 0 && i > 0; i--) {
		_cleanup_json_ struct json *doc = NULL;
		struct mc_err ignored = { 0 };
		if (ci_run_read(r, ids[i - 1], &doc, &ignored) < 0)
			continue;
		const struct json *jobs = json_member(doc, "Jobs");
		const char *status = json_text_of(json_member(doc, "Status")),
			   *branch = json_text_of(json_at(doc, "Source.Branch"));
		size_t passed = 0;
		for (size_t k = 0; k < json_len(jobs); k++)
			passed += str_eq(json_text_of(json_member(json_item(jobs, k), "Status")), "success");
		_cleanup_free_ char *ago = text_ago(json_int_of(json_member(doc, "Created")));
		if (str_eq(status, "running") && !ci_run_is_live(r, ids[i - 1]))
			status = "crashed";
		strv_pushf(&lines, "%lld\t%s\t%s\t%zu/%zu\t%s", (long long)ids[i - 1], status, ago, passed,
			json_len(jobs), branch ? branch : "");
	}
	if (rc >= 0)
		table_print(stdout, lines);
	return rc;
}

static int pipeline_cmd_ls(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	struct ci_run r = { 0 };
	int64_t id = 0;
	int rc = pipeline_home(cli, &e, &r, err);
	if (rc >= 0 && argc && parse_i64(argv[0], &id) < 0)
		rc = err_set(err, EINVAL, "\"%s\" is no number of a run", argv[0]);
	if (rc >= 0 && argc)
		rc = ci_run_read(&r, id, &doc, err);
	if (rc >= 0 && argc)
		result_print(doc, stdout);
	else if (rc >= 0)
		rc = list_runs(&r, err);
	ci_run_release(&r);
	return rc;
}

const struct command pipeline_ls = {
	.name = "ls",
	.group = GROUP_LOOK,
	.usage = "[RUN]",
	.summary = "List this project's runs, or the jobs of one",
	.example = "minictr pipeline ls\nminictr pipeline ls 3",
	.max_args = 1,
	.run = pipeline_cmd_ls,
};

/* --- logs --- */

static const struct option_def logs_options[] = {
	{ 'f', "follow", OPT_FLAG, offsetof(struct look_values, follow), NULL,
		"Go on until the run has ended" },
	{ 0, "id", OPT_I64, offsetof(struct look_values, id), "number", "Of this run (default the newest)" },
	{ 0 },
};

/* One round over the logs of all wanted jobs. Returns how many jobs there were. */
static int show_logs(struct ci_run *r, int64_t id, const char *job, size_t **at, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_free_ char *path = xasprintf("%s/%lld", r->home, (long long)id);
	_cleanup_close_ int dir = dir_open(AT_FDCWD, path, err);
	int rc = dir < 0 ? dir : ci_run_read(r, id, &doc, err), n = 0;
	const struct json *jobs = json_member(doc, "Jobs");
	size_t width = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(jobs); i++)
		if (strlen(json_text_of(json_member(json_item(jobs, i), "Name"))) > width)
			width = strlen(json_text_of(json_member(json_item(jobs, i), "Name")));
	if (rc >= 0 && !*at)
		*at = xcalloc(json_len(jobs) + 1, sizeof(**at));
	for (size_t i = 0; rc >= 0 && i < json_len(jobs); i++) {
		const struct json *j = json_item(jobs, i);
		const char *name = json_text_of(json_member(j, "Name"));
		size_t base = job ? strlen(job) : 0;
		if (job && !str_eq(name, job) && (strncmp(name, job, base) || !strchr(": ", name[base])))
			continue;
		_cleanup_free_ char *prefix = job ? NULL : log_prefix(name, width, i, stdout);
		log_print(dir, json_text_of(json_member(j, "Dir")), prefix, &(*at)[i], stdout);
		n++;
	}
	return rc < 0 ? rc : n;
}

static int pipeline_cmd_logs(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct look_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_free_ int64_t *ids = NULL;
	_cleanup_free_ size_t *at = NULL;
	struct ci_run r = { 0 };
	size_t n = 0;
	int rc = pipeline_home(cli, &e, &r, err);
	if (rc >= 0)
		rc = ci_run_list(&r, &ids, &n, err);
	if (rc >= 0 && !n)
		rc = err_set(err, ENOENT, "this project has no run yet");
	int64_t id = rc < 0 ? 0 : v->id ? v->id : ids[n - 1];
	for (bool live = true; rc >= 0 && live;) {
		live = v->follow && ci_run_is_live(&r, id);
		rc = show_logs(&r, id, argc ? argv[0] : NULL, &at, err);
		if (rc == 0)
			rc = err_set(
				err, ENOENT, "run %lld has no job %s", (long long)id, argc ? argv[0] : "");
		if (live)
			poll(NULL, 0, 200);
	}
	ci_run_release(&r);
	return rc < 0 ? rc : 0;
}

const struct command pipeline_logs = {
	.name = "logs",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [JOB]",
	.summary = "Show what the jobs of a run have printed",
	.example = "minictr pipeline logs -f\nminictr pipeline logs --id 3 test",
	.options = logs_options,
	.values_size = sizeof(struct look_values),
	.max_args = 1,
	.run = pipeline_cmd_logs,
};

/* --- artifacts --- */

static const struct option_def artifacts_options[] = {
	{ 0, "id", OPT_I64, offsetof(struct look_values, id), "number", "Of this run (default the newest)" },
	{ 0 },
};

/* Directory of the job in the run's; NULL: there is no such job. Borrowed from doc. */
static const char *job_dir(const struct json *doc, const char *name)
{
	const struct json *jobs = json_member(doc, "Jobs");
	for (size_t i = 0; i < json_len(jobs); i++)
		if (str_eq(json_text_of(json_member(json_item(jobs, i), "Name")), name))
			return json_text_of(json_member(json_item(jobs, i), "Dir"));
	return NULL;
}

static int copy_artifacts(
	struct ci_run *r, int64_t id, const char *job, const char *target, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = ci_run_read(r, id, &doc, err);
	const char *dir = rc < 0 ? NULL : job_dir(doc, job);
	if (rc >= 0 && !dir)
		return err_set(err, ENOENT, "run %lld has no job %s", (long long)id, job);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *path = xasprintf("%s/%lld/%s/artifacts", r->home, (long long)id, dir);
	if (!path_is_dir(AT_FDCWD, path))
		return err_set(err, ENOENT, "job %s of run %lld has stored no artifacts", job, (long long)id);
	_cleanup_close_ int from = dir_open(AT_FDCWD, path, err);
	_cleanup_close_ int to = from < 0 ? from : dir_make_open(AT_FDCWD, target, 0755, err);
	return to < 0 ? to : path_take_all(from, to, false, err);
}

static int pipeline_cmd_artifacts(
	struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct look_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_free_ int64_t *ids = NULL;
	struct ci_run r = { 0 };
	size_t n = 0;
	int rc = pipeline_home(cli, &e, &r, err);
	if (rc >= 0)
		rc = ci_run_list(&r, &ids, &n, err);
	if (rc >= 0 && !n)
		rc = err_set(err, ENOENT, "this project has no run yet");
	if (rc >= 0)
		rc = copy_artifacts(&r, v->id ? v->id : ids[n - 1], argv[0], argv[1], err);
	ci_run_release(&r);
	return rc < 0 ? rc : 0;
}

const struct command pipeline_artifacts = {
	.name = "artifacts",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] JOB DIRECTORY",
	.summary = "Copy a job's artifacts into a directory",
	.example = "minictr pipeline artifacts build out",
	.options = artifacts_options,
	.values_size = sizeof(struct look_values),
	.min_args = 2,
	.max_args = 2,
	.run = pipeline_cmd_artifacts,
};

/* --- prune --- */

static const struct look_values prune_defaults = { .keep = 5 };
static const struct option_def prune_options[] = {
	{ 0, "keep", OPT_INT, offsetof(struct look_values, keep), "number",
		"Newest runs that stay (default 5)" },
	{ 0, "cache", OPT_FLAG, offsetof(struct look_values, cache), NULL, "Remove the caches, too" },
	{ 0 },
};

static int pipeline_cmd_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct look_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_free_ int64_t *ids = NULL;
	struct ci_run r = { 0 };
	size_t n = 0, keep = (size_t)v->keep;
	if (v->keep < 0)
		return err_set(err, EINVAL, "--keep %d: how many runs stay, 0 or more", v->keep);
	int rc = pipeline_home(cli, &e, &r, err);
	if (rc >= 0)
		rc = ci_run_list(&r, &ids, &n, err);
	for (size_t i = 0; rc >= 0 && i + keep < n; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%lld", r.home, (long long)ids[i]);
		if (ci_run_is_live(&r, ids[i]))
			continue;
		rc = dir_remove(AT_FDCWD, path, err);
		if (rc >= 0)
			printf("%lld\n", (long long)ids[i]);
	}
	for (size_t i = 0; rc >= 0 && v->cache && i < n; i++)
		if (ci_run_is_live(&r, ids[i]))
			rc = err_set(err, EBUSY, "run %lld goes on and uses the caches", (long long)ids[i]);
	_cleanup_free_ char *cache = r.home ? xasprintf("%s/cache", r.home) : NULL;
	if (rc >= 0 && v->cache)
		rc = dir_remove(AT_FDCWD, cache, err);
	ci_run_release(&r);
	return rc < 0 ? rc : 0;
}

const struct command pipeline_prune = {
	.name = "prune",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS]",
	.summary = "Remove old runs of this project; caches stay without --cache",
	.example = "minictr pipeline prune --keep 3",
	.options = prune_options,
	.values_size = sizeof(struct look_values),
	.defaults = &prune_defaults,
	.run = pipeline_cmd_prune,
};
