/*
 * ci_predefined.c - what GitLab would say of the commit, the project and the job, from what git says here.
 */
#include "pipeline/ci_predefined.h"

#include <ctype.h>

char *ci_slug(const char *text)
{
	char *slug = xcalloc(1, 64);
	size_t n = 0;
	for (; *text && n < 63; text++) {
		char c = (char)tolower((unsigned char)*text);
		if (isalnum((unsigned char)c))
			slug[n++] = c;
		else if (n)
			slug[n++] = '-';
	}
	while (n && slug[n - 1] == '-')
		slug[--n] = '\0';
	return slug;
}

/* "group/project" of "git@host:group/project.git", "https://host/group/project"; no remote: local/DIR. */
static char *project_path(const struct ci_source *s)
{
	const char *url = s->url, *path = NULL;
	if (strstr(url, "://"))
		path = strchr(strstr(url, "://") + 3, '/');
	else if (strchr(url, ':'))
		path = strchr(url, ':');
	if (path && path[1] && strchr(path + 1, '/') && !strstr(path, "..")) {
		char *copy = xstrdup(path + 1);
		if (str_ends(copy, ".git"))
			copy[strlen(copy) - 4] = '\0';
		return copy;
	}
	const char *slash = strrchr(s->dir, '/');
	_cleanup_free_ char *slug = ci_slug(slash ? slash + 1 : s->dir);
	return xasprintf("local/%s", *slug ? slug : "project");
}

char *ci_project_dir(const struct ci_source *s)
{
	_cleanup_free_ char *path = project_path(s);
	return xasprintf("/builds/%s", path);
}

static void server(const struct ci_source *s, const char *path, struct ci_vars *v)
{
	const char *from = strstr(s->url, "://") ? strstr(s->url, "://") + 3 : s->url;
	const char *at = strchr(from, '@');
	if (at && !memchr(from, '/', (size_t)(at - from)))
		from = at + 1;
	_cleanup_free_ char *host =
		*from && *from != '/' ? xstrndup(from, strcspn(from, ":/")) : xstrdup("localhost");
	ci_vars_set(v, "CI_SERVER", "yes");
	ci_vars_set(v, "CI_SERVER_NAME", "minictr");
	ci_vars_set(v, "CI_SERVER_HOST", host);
	ci_vars_set(v, "CI_SERVER_FQDN", host);
	ci_vars_set(v, "CI_SERVER_PROTOCOL", "https");
	ci_vars_setf(v, "CI_SERVER_URL", "https://%s", host);
	ci_vars_setf(v, "CI_API_V4_URL", "https://%s/api/v4", host);
	ci_vars_setf(v, "CI_PROJECT_URL", "https://%s/%s", host, path);
	ci_vars_setf(v, "CI_REPOSITORY_URL", "%s", s->url);
}

static void project(const struct ci_source *s, struct ci_vars *v)
{
	_cleanup_free_ char *path = project_path(s), *slug = ci_slug(path);
	const char *slash = strrchr(path, '/'), *top = strchr(path, '/');
	_cleanup_free_ char *space = xstrndup(path, (size_t)(slash - path)),
			    *root = xstrndup(path, (size_t)(top - path));
	ci_vars_set(v, "CI_BUILDS_DIR", "/builds");
	ci_vars_setf(
		v, "CI_PROJECT_ID", "%llu", (unsigned long long)(fnv1a(s->dir, strlen(s->dir)) % 1000000));
	ci_vars_set(v, "CI_PROJECT_NAME", slash + 1);
	ci_vars_set(v, "CI_PROJECT_TITLE", slash + 1);
	ci_vars_set(v, "CI_PROJECT_PATH", path);
	ci_vars_set(v, "CI_PROJECT_PATH_SLUG", slug);
	ci_vars_set(v, "CI_PROJECT_NAMESPACE", space);
	ci_vars_set(v, "CI_PROJECT_ROOT_NAMESPACE", root);
	ci_vars_set(v, "CI_PROJECT_VISIBILITY", "private");
	ci_vars_setf(v, "CI_PROJECT_DIR", "/builds/%s", path);
	server(s, path, v);
}

static void commit(const struct ci_source *s, struct ci_vars *v)
{
	static const char none[] = "0000000000000000000000000000000000000000";
	const char *ref = *s->branch ? s->branch : *s->tag ? s->tag : "HEAD";
	_cleanup_free_ char *slug = ci_slug(ref);
	size_t title = strcspn(s->message, "\n");
	const char *rest = s->message + title + strspn(s->message + title, "\n");
	ci_vars_set(v, "CI_COMMIT_SHA", *s->sha ? s->sha : none);
	ci_vars_setf(v, "CI_COMMIT_SHORT_SHA", "%.8s", *s->sha ? s->sha : none);
	ci_vars_set(v, "CI_COMMIT_BEFORE_SHA", *s->before ? s->before : none);
	ci_vars_set(v, "CI_COMMIT_REF_NAME", ref);
	ci_vars_set(v, "CI_COMMIT_REF_SLUG", slug);
	ci_vars_set(v, "CI_COMMIT_REF_PROTECTED", str_eq(ref, s->default_branch) ? "true" : "false");
	if (*s->branch)
		ci_vars_set(v, "CI_COMMIT_BRANCH", s->branch);
	else if (*s->tag)
		ci_vars_set(v, "CI_COMMIT_TAG", s->tag);
	ci_vars_set(v, "CI_DEFAULT_BRANCH", s->default_branch);
	ci_vars_set(v, "CI_COMMIT_MESSAGE", s->message);
	ci_vars_setf(v, "CI_COMMIT_TITLE", "%.*s", (int)title, s->message);
	ci_vars_set(v, "CI_COMMIT_DESCRIPTION", rest);
	ci_vars_set(v, "CI_COMMIT_AUTHOR", s->author);
	ci_vars_set(v, "CI_COMMIT_TIMESTAMP", s->timestamp);
	static const char *const texts[] = { "CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE", "CI_COMMIT_DESCRIPTION",
		"CI_COMMIT_AUTHOR", "CI_COMMIT_BRANCH", "CI_COMMIT_TAG", "CI_COMMIT_REF_NAME" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) /* a $ in a commit message does not begin a variable */
		strv_push(&v->raw, texts[i]);
}

void ci_predefined(const struct ci_source *s, const struct ci_trigger *t, struct ci_vars *v)
{
	static const char *const yes[] = { "CI", "GITLAB_CI" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		ci_vars_set(v, yes[i], "true");
	project(s, v);
	commit(s, v);
	ci_vars_setf(v, "CI_PIPELINE_ID", "%lld", (long long)t->id);
	ci_vars_setf(v, "CI_PIPELINE_IID", "%lld", (long long)t->id);
	ci_vars_set(v, "CI_PIPELINE_SOURCE", t->source ? t->source : "push");
	ci_vars_setf(v, "CI_PIPELINE_URL", "%s/-/pipelines/%lld", ci_vars_get(v, "CI_PROJECT_URL"),
		(long long)t->id);
	ci_vars_set(v, "GITLAB_USER_LOGIN", "local");
	ci_vars_set(v, "GITLAB_USER_NAME", s->author);
	strv_push(&v->raw, "GITLAB_USER_NAME");
	if (t->registry) {
		ci_vars_set(v, "CI_REGISTRY", t->registry);
		ci_vars_setf(v, "CI_REGISTRY_IMAGE", "%s/%s", t->registry, ci_vars_get(v, "CI_PROJECT_PATH"));
		ci_vars_set(v, "CI_REGISTRY_USER", "minictr");
		ci_vars_set(v, "CI_REGISTRY_PASSWORD", "");
	}
}

static void environment(const struct job *j, struct ci_vars *v)
{
	const struct yaml *y = ynode_get(j->conf, "environment");
	const char *name = ynode_text(y) ? ynode_text(y) : ynode_text(ynode_get(y, "name")),
		   *url = ynode_text(ynode_get(y, "url")), *action = ynode_text(ynode_get(y, "action")),
		   *tier = ynode_text(ynode_get(y, "deployment_tier"));
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *real = NULL;
	if (!name || ci_vars_expand(v, name, &real, &ignored) < 0)
		return;
	_cleanup_free_ char *slug = ci_slug(real);
	ci_vars_set(v, "CI_ENVIRONMENT_NAME", real);
	ci_vars_set(v, "CI_ENVIRONMENT_SLUG", slug);
	ci_vars_set(v, "CI_ENVIRONMENT_ACTION", action ? action : "start");
	if (url)
		ci_vars_set(v, "CI_ENVIRONMENT_URL", url);
	if (tier)
		ci_vars_set(v, "CI_ENVIRONMENT_TIER", tier);
}

void ci_predefined_job(const struct job *j, const struct ci_trigger *t, struct ci_vars *v)
{
	_cleanup_free_ char *slug = ci_slug(j->name);
	ci_vars_setf(v, "CI_JOB_ID", "%lld", (long long)(t->id * JOBS_MAX + (int64_t)j->index));
	ci_vars_set(v, "CI_JOB_NAME", j->name);
	ci_vars_set(v, "CI_JOB_NAME_SLUG", slug);
	ci_vars_set(v, "CI_JOB_STAGE", j->stage_name);
	ci_vars_set(v, "CI_JOB_STATUS", "running");
	ci_vars_setf(
		v, "CI_JOB_TOKEN", "minictr-%lld", (long long)t->id); /* opens nothing: there is no server */
	ci_vars_setf(v, "CI_JOB_URL", "file://%s/%zu", j->dir ? j->dir : "", j->index);
	ci_vars_set(v, "CI_NODE_TOTAL", "1");
	if (j->node_total) {
		ci_vars_setf(v, "CI_NODE_INDEX", "%d", j->node_index);
		ci_vars_setf(v, "CI_NODE_TOTAL", "%d", j->node_total);
	}
	static const char *const texts[] = { "CI_JOB_NAME", "CI_JOB_STAGE" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		strv_push(&v->raw, texts[i]);
	environment(j, v);
}
