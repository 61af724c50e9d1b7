/*
 * secret_files.c - secrets and configs from files, variables and text of the compose file.
 *
 * docker compose binds the host's file, so owner and mode are the host's whatever the file says. Here the
 * content is copied below the engine's root with the owner and mode asked for, and the copy is bound: a
 * container sees what its compose file promises. The copy is as old as the container; a changed file
 * changes the service's hash, and `up` recreates it.
 */
#include "compose/secret_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

enum { SECRET_BYTES_MAX = 1 << 20 };

int secret_content(const struct project *p, const struct yaml *one, struct buf *ret, struct mc_err *err)
{
	const char *file = ynode_text(ynode_get(one, "file")),
		   *variable = ynode_text(ynode_get(one, "environment"));
	const char *content = ynode_text(ynode_get(one, "content"));
	buf_adds(ret, "");
	if (file) {
		struct mc_err failed = { 0 };
		if (file_read(AT_FDCWD, file, SECRET_BYTES_MAX, ret, &failed) < 0)
			return ynode_error(one, err, "%s", failed.what);
		return 0;
	}
	if (variable) {
		const char *value = variables_get(&p->vars, variable, strlen(variable));
		if (!value)
			return ynode_error(one, err, "environment variable \"%s\" is not set", variable);
		buf_adds(ret, value);
		return 0;
	}
	if (content) {
		buf_adds(ret, content);
		return 0;
	}
	return ynode_error(one, err,
		"there is no secret store here: `file`, `environment` or `content` says what it holds");
}

static int secret_number(const struct yaml *ref, const char *key, unsigned long *ret, struct mc_err *err)
{
	const char *t = ynode_text(ynode_get(ref, key));
	char *end = NULL;
	if (!t)
		return 0;
	*ret = strtoul(t, &end, 10);
	return *end || !*t ? ynode_error(ynode_get(ref, key), err, "%s must be a number, not \"%s\"", key, t)
			   : 0;
}

static int secret_write(
	int dir, const char *name, const struct yaml *ref, const struct buf *content, struct mc_err *err)
{
	unsigned long uid = 0, gid = 0, mode = 0444;
	int rc = secret_number(ref, "uid", &uid, err);
	if (rc >= 0)
		rc = secret_number(ref, "gid", &gid, err);
	if (rc >= 0)
		rc = secret_number(ref, "mode", &mode, err);
	if (rc >= 0)
		rc = file_write_atomic(dir, name, content->data, content->len, 0400, 0, err);
	if (rc >= 0 && (uid || gid))
		rc = sys_chown(dir, name, (uid_t)uid, (gid_t)gid, 0, err);
	return rc < 0 ? rc : sys_chmod(dir, name, (mode_t)(mode & 0777), err);
}

char *secret_target(const char *kind, const struct yaml *ref)
{
	const char *target = ynode_text(ynode_get(ref, "target"));
	if (!target)
		target = ynode_text(ynode_get(ref, "source"));
	return *target == '/'            ? xstrdup(target)
	       : str_eq(kind, "secrets") ? xasprintf("/run/secrets/%s", target)
					 : xasprintf("/%s", target);
}

/* The copy is named by its place in the list, too: one secret may be asked for twice, with two owners. */
static int secret_add(struct engine *e, const struct project *p, const char *service,
	const struct yaml *section, const char *kind, const struct yaml *refs, size_t i,
	struct run_options *o, struct mc_err *err)
{
	const struct yaml *ref = refs->items[i];
	const char *source = ynode_text(ynode_get(ref, "source"));
	_cleanup_buf_ struct buf content = { 0 };
	_cleanup_free_ char *place = xasprintf("projects/%s/%s/%s", p->name, service, kind);
	_cleanup_free_ char *inside = secret_target(kind, ref);
	_cleanup_free_ char *copy = xasprintf("%s.%zu", source, i);
	int rc = secret_content(p, ynode_get(section, source), &content, err);
	_cleanup_close_ int dir = rc < 0 ? rc : dir_make_open(e->dir, place, 0700, err);
	if (dir < 0)
		return dir;
	rc = secret_write(dir, copy, ref, &content, err);
	if (rc >= 0)
		strv_pushf(&o->mounts, "type=bind,\"source=%s/%s/%s\",\"target=%s\",readonly", e->root, place,
			copy, inside);
	return rc;
}

int secret_files_write(struct engine *e, const struct project *p, const char *service, struct run_options *o,
	struct mc_err *err)
{
	const struct yaml *s = ynode_get(p->services, service);
	const struct yaml *secrets = ynode_get(s, "secrets"), *configs = ynode_get(s, "configs");
	int rc = 0;
	for (size_t i = 0; rc >= 0 && secrets && i < secrets->n; i++)
		rc = secret_add(e, p, service, p->secrets, "secrets", secrets, i, o, err);
	for (size_t i = 0; rc >= 0 && configs && i < configs->n; i++)
		rc = secret_add(e, p, service, p->configs, "configs", configs, i, o, err);
	return rc;
}

static void fingerprint_of(const struct project *p, const struct yaml *section, struct yaml *refs)
{
	for (size_t i = 0; refs && i < refs->n; i++) {
		struct mc_err ignored = { 0 };
		_cleanup_buf_ struct buf content = { 0 };
		char text[24];
		const char *source = ynode_text(ynode_get(refs->items[i], "source"));
		if (!ynode_get(section, source) ||
			secret_content(p, ynode_get(section, source), &content, &ignored) < 0)
			continue;
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)fnv1a(content.data, content.len));
		ynode_set(refs->items[i], "content-hash", ynode_new_text(text, NULL));
	}
}

void secret_fingerprint(const struct project *p, struct yaml *service)
{
	fingerprint_of(p, p->secrets, ynode_get(service, "secrets"));
	fingerprint_of(p, p->configs, ynode_get(service, "configs"));
}

void secret_files_remove(struct engine *e, const char *project)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *place = xasprintf("projects/%s", project);
	dir_remove(e->dir, place, &ignored);
}
