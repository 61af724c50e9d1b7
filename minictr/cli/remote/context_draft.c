/*
 * context_draft.c - a context while it is made: a directory beside its place, which takes it with one
 * rename(2), so that a half-made one is never seen. Keys are copied to mode 0600.
 */
#include "cli/remote/context_draft.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/context_store.h"

const char *const context_pems[] = { "ca.pem", "cert.pem", "key.pem", NULL };

int context_check_name(const char *name, struct mc_err *err)
{
	if (str_eq(name, "default"))
		return err_set(err, EEXIST, "\"default\" is this machine's own engine, and a reserved name");
	if (context_name_ok(name))
		return 0;
	return err_set(err, EINVAL,
		"context name \"%s\" is invalid: letters and digits, and _ . + - behind the first", name);
}

bool context_exists(const char *name)
{
	_cleanup_free_ char *dir = context_path(name), *meta = xasprintf("%s/meta.json", dir);
	return path_exists(AT_FDCWD, meta);
}

void draft_release(struct draft *d)
{
	for (size_t i = 0; d->dir && i <= CONTEXT_PEMS; i++) {
		_cleanup_free_ char *path =
			xasprintf("%s/%s", d->dir, i < CONTEXT_PEMS ? context_pems[i] : "meta.json");
		unlink(path);
	}
	if (d->dir)
		rmdir(d->dir);
	free(d->dir);
	json_free(d->meta);
}

int draft_begin(struct draft *d, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *all = context_path(NULL);
	char random[9];
	random_hex(random, 4);
	int rc = dir_make(AT_FDCWD, all, 0700, err);
	if (rc < 0)
		return rc;
	d->dir = xasprintf("%s/.new-%s", all, random);
	if (mkdir(d->dir, 0700) < 0)
		return err_sys(err, "mkdir %s", d->dir);
	d->meta = json_new_object();
	json_set_string(d->meta, "Name", name);
	json_sub(d->meta, "Metadata");
	json_set_bool(json_sub(json_sub(d->meta, "Endpoints"), "docker"), "SkipTLSVerify", false);
	return 0;
}

int draft_pem(struct draft *d, const char *pem, const char *data, size_t len, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", d->dir, pem);
	return file_write_atomic(AT_FDCWD, path, data, len, 0600, 0, err);
}

int draft_pem_file(struct draft *d, const char *pem, const char *from, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int rc = file_read(AT_FDCWD, from, PEM_MOST, &b, err);
	return rc < 0 ? rc : draft_pem(d, pem, b.data, b.len, err);
}

/* Another context as the beginning: its document, its files. */
int draft_copy(struct draft *d, const char *from, struct mc_err *err)
{
	_cleanup_json_ struct json *meta = NULL;
	_cleanup_free_ char *dir = context_path(from);
	const char *name = json_text_of(json_member(d->meta, "Name"));
	int rc = context_load(from, &meta, err);
	for (size_t i = 0; rc >= 0 && i < CONTEXT_PEMS; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, context_pems[i]);
		if (path_exists(AT_FDCWD, path))
			rc = draft_pem_file(d, context_pems[i], path, err);
	}
	if (rc < 0)
		return rc;
	json_set_string(meta, "Name", name);
	json_free(d->meta);
	d->meta = take_ptr(&meta);
	return 0;
}

/* The directory takes its place; an older one of the name goes. */
int draft_commit(struct draft *d, struct mc_err *err)
{
	const char *name = json_text_of(json_member(d->meta, "Name"));
	_cleanup_free_ char *place = context_path(name), *meta = xasprintf("%s/meta.json", d->dir);
	_cleanup_free_ char *old = xasprintf("%s.old", d->dir);
	const char *host = json_text_of(json_at(d->meta, "Endpoints.docker.Host"));
	if (!host || !*host) {
		err_set(err, EINVAL, "docker endpoint configuration is required");
		err_hint(err, "--docker host=tcp://HOST:PORT (or unix:///PATH, ssh://USER@HOST)");
		return -EINVAL;
	}
	int rc = json_write_file(AT_FDCWD, meta, d->meta, 0600, 0, err);
	if (rc < 0)
		return rc;
	bool had = rename(place, old) == 0;
	if (rename(d->dir, place) < 0)
		return err_sys(err, "rename to %s", place);
	free(d->dir);
	d->dir = had ? take_ptr(&old) : NULL; /* draft_release() takes the old one away */
	return 0;
}
