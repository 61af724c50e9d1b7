/*
 * job_cache.c - what a job may find again in a later run: it makes things faster and never decides anything.
 *
 * Kernel objects and man pages: flock(2), renameat(2).
 * A cache is a directory below the project's, named after its key. It is replaced as a whole; two jobs with
 * one key take turns.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "image/tree.h"
#include "pipeline/ci_values.h"
#include "pipeline/job_run.h"

enum { KEY_FILES_MAX = 2, KEY_FILE_BYTES_MAX = 16 << 20 };

struct cache {
	char *key, *dir; /* dir: of its directory in the project's */
	char *path;      /* absolute */
	bool pull, push;
	const struct yaml *conf;
};

static void cache_release(struct cache *c)
{
	free(c->key);
	free(c->dir);
	free(c->path);
	*c = (struct cache){ 0 };
}

/* key: {files: [a, b], prefix: p}: what stands in the files decides. None of them there: "default". */
static int key_of_files(struct job_trip *t, const struct yaml *y, char **ret, struct mc_err *err)
{
	_cleanup_strv_ char **files = NULL;
	_cleanup_free_ char *prefix = NULL;
	_cleanup_buf_ struct buf all = { 0 };
	int rc = ci_strings_expanded(ynode_get(y, "files"), "cache:key:files", &t->vars, &files, err);
	if (rc >= 0)
		rc = ci_text_expanded(ynode_get(y, "prefix"), "cache:key:prefix", &t->vars, &prefix, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; files && files[i] && i < KEY_FILES_MAX; i++) {
		_cleanup_buf_ struct buf one = { 0 };
		struct mc_err absent = { 0 };
		_cleanup_close_ int fd = file_open_regular_beneath(t->work, files[i], NULL, &absent);
		if (fd >= 0 && file_read_fd(fd, files[i], KEY_FILE_BYTES_MAX, &one, &absent) >= 0)
			buf_addf(&all, "%s %016llx\n", files[i],
				(unsigned long long)fnv1a(one.data ? one.data : "", one.len));
	}
	if (all.len)
		*ret = xasprintf("%s%s%016llx", prefix ? prefix : "", prefix ? "-" : "",
			(unsigned long long)fnv1a(all.data, all.len));
	else
		*ret = xasprintf("%s%sdefault", prefix ? prefix : "", prefix ? "-" : "");
	return 0;
}

static void cache_place(struct job_trip *t, struct cache *c)
{
	_cleanup_free_ char *slug = ci_slug(c->key);
	free(c->dir);
	free(c->path);
	c->dir = xasprintf("cache/%.40s-%016llx", slug, (unsigned long long)fnv1a(c->key, strlen(c->key)));
	c->path = xasprintf("%s/%s", t->run->home, c->dir);
}

static int cache_read(struct job_trip *t, const struct yaml *y, struct cache *c, struct mc_err *err)
{
	const struct yaml *key = ynode_get(y, "key");
	_cleanup_free_ char *policy = NULL;
	*c = (struct cache){ .conf = y };
	int rc = ynode_want_map(y, "cache", err);
	if (rc >= 0 && key && key->kind == YAML_MAP)
		rc = key_of_files(t, key, &c->key, err);
	else if (rc >= 0)
		rc = ci_text_expanded(key, "cache:key", &t->vars, &c->key, err);
	if (rc >= 0)
		rc = ci_text_expanded(ynode_get(y, "policy"), "cache:policy", &t->vars, &policy, err);
	if (rc < 0)
		return rc;
	if (!c->key || !*c->key) {
		free(c->key);
		c->key = xstrdup("default");
	}
	if (policy && !str_eq(policy, "pull") && !str_eq(policy, "push") && !str_eq(policy, "pull-push"))
		return ynode_error(ynode_get(y, "policy"), err, "cache:policy is pull, push or pull-push");
	c->pull = !policy || !str_eq(policy, "push");
	c->push = !policy || !str_eq(policy, "pull");
	cache_place(t, c);
	return 0;
}

static int cache_lock(const struct job_trip *t, struct mc_err *err)
{
	_cleanup_free_ char *dir = xasprintf("%s/cache", t->run->home), *lock = xasprintf("%s/lock", dir);
	int rc = dir_make(AT_FDCWD, dir, 0700, err);
	return rc < 0 ? rc : file_lock(AT_FDCWD, lock, true, err);
}

/* The key's own cache, else the first of fallback_keys that is there. */
static int restore_one(struct job_trip *t, struct cache *c, struct mc_err *err)
{
	_cleanup_strv_ char **others = NULL;
	int rc = ci_strings_expanded(
		ynode_get(c->conf, "fallback_keys"), "fallback_keys", &t->vars, &others, err);
	_cleanup_close_ int lock = rc < 0 ? rc : cache_lock(t, err);
	if (lock < 0)
		return lock;
	for (size_t i = 0; !path_is_dir(AT_FDCWD, c->path) && others && others[i]; i++) {
		free(c->key);
		c->key = xstrdup(others[i]);
		cache_place(t, c);
	}
	if (!path_is_dir(AT_FDCWD, c->path)) {
		job_say("Cache %s: not there yet", c->key);
		return 0;
	}
	_cleanup_close_ int from = dir_open(AT_FDCWD, c->path, err);
	rc = from < 0 ? from : path_take_all(from, t->work, true, err);
	if (rc >= 0)
		job_say("Cache %s restored", c->key);
	return rc;
}

static int collect(struct job_trip *t, struct path_set *s, int to, struct mc_err *err)
{
	struct tree *tree = NULL;
	const struct tree_item *i;
	int n = 0, rc = tree_open(t->work, &tree, err);
	while (rc >= 0 && (rc = tree_next(tree, &i, err)) > 0)
		if (!str_eq(i->path, ".") && path_set_has(s, i->path)) {
			rc = path_take(t->work, i->path, to, false, err);
			n += rc > 0;
		}
	tree_close(tree);
	return rc < 0 ? rc : n;
}

static int save_one(struct job_trip *t, struct cache *c, struct mc_err *err)
{
	struct path_set s = { 0 };
	_cleanup_free_ char *fresh = xasprintf("%s.%d", c->path, (int)getpid());
	int rc = ci_strings_expanded(ynode_get(c->conf, "paths"), "cache:paths", &t->vars, &s.include, err);
	if (rc >= 0)
		rc = path_set_compile(&s, t->project_dir, "cache", err);
	_cleanup_close_ int to = rc < 0 ? rc : dir_make_open(AT_FDCWD, fresh, 0700, err);
	if (to >= 0)
		rc = collect(t, &s, to, err);
	path_set_release(&s);
	if (rc < 0 || to < 0)
		return rc < 0 ? rc : to;
	_cleanup_close_ int lock = cache_lock(t, err);
	if (lock < 0)
		return lock;
	dir_remove(AT_FDCWD, c->path, &(struct mc_err){ 0 });
	if (rename(fresh, c->path) < 0)
		return err_sys(err, "rename %s", fresh);
	job_say("Cache %s saved: %d entries", c->key, rc);
	return 0;
}

/* `cache:` is one, or a list. What a cache cannot do is a warning: it never decides anything. */
static int each_cache(struct job_trip *t, bool save, struct mc_err *err)
{
	const struct yaml *all = ynode_get(t->job->conf, "cache");
	size_t n = !all || ynode_is_null(all) ? 0 : all->kind == YAML_LIST ? all->n : 1;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		const struct yaml *y = all->kind == YAML_LIST ? all->items[i] : all;
		struct cache c = { 0 };
		struct mc_err failed = { 0 };
		if (y->kind == YAML_MAP && !ynode_get(y, "paths"))
			continue; /* without paths there is nothing to keep */
		rc = cache_read(t, y, &c, err);
		if (rc >= 0 && !save && c.pull && restore_one(t, &c, &failed) < 0)
			job_say("Warning: cache %s: %s", c.key, failed.what);
		if (rc >= 0 && save && c.push && job_result_agrees(t, y) && save_one(t, &c, &failed) < 0)
			job_say("Warning: cache %s: %s", c.key, failed.what);
		cache_release(&c);
	}
	return rc;
}

int job_restore_caches(struct job_trip *t, struct mc_err *err) { return each_cache(t, false, err); }
int job_save_caches(struct job_trip *t, struct mc_err *err) { return each_cache(t, true, err); }
