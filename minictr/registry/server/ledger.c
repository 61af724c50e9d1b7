/*
 * server/ledger.c - which repository has which blob: one empty file images/served/NAME/DIGEST for each blob
 * that was pushed, with the slashes of NAME as "+" (a repository name has none).
 *
 * What a manifest of the repository names belongs to it without a file; the first question makes one, so
 * that the next is answered by one system call. A blob's file outlives its manifest, as in docker's
 * registry: DELETE takes it away.
 *
 * A manifest that was deleted while an index of the repository still names it has a file "gone-DIGEST":
 * docker's registry forgets the manifest and keeps the index, and so do we. The next PUT takes it away.
 */
#include "registry/server/repositories.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

#define GONE "gone-"

/* "served/a+b" or "served/a+b/PREFIXsha256:..."; caller frees. */
static char *ledger_path(const char *name, const char *prefix, const char *digest)
{
	char *path = xasprintf("served/%s%s%s%s", name, digest ? "/" : "", prefix, digest ? digest : "");
	for (char *p = path + strlen("served/"); p < path + strlen("served/") + strlen(name); p++)
		if (*p == '/')
			*p = '+';
	return path;
}

static bool add_file(const struct server *s, const char *name, const char *prefix, const char *digest)
{
	_cleanup_free_ char *dir = ledger_path(name, "", NULL), *path = ledger_path(name, prefix, digest);
	struct mc_err ignored;
	if (dir_make(s->store, dir, 0700, &ignored) < 0)
		return false;
	_cleanup_close_ int fd = openat(s->store, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0;
}

static bool remove_file(const struct server *s, const char *name, const char *prefix, const char *digest)
{
	_cleanup_free_ char *path = ledger_path(name, prefix, digest);
	return unlinkat(s->store, path, 0) == 0;
}

void ledger_add(const struct server *s, const char *name, const struct digest *d)
{
	add_file(s, name, "", d->text);
}

bool ledger_hide(const struct server *s, const char *name, const char *digest)
{
	return add_file(s, name, GONE, digest);
}

void ledger_show(const struct server *s, const char *name, const char *digest)
{
	remove_file(s, name, GONE, digest);
}

bool ledger_hides(const struct server *s, const char *name, const char *digest)
{
	_cleanup_free_ char *path = ledger_path(name, GONE, digest);
	return path_exists(s->store, path);
}

bool ledger_has(const struct server *s, const char *name, const struct digest *d)
{
	_cleanup_free_ char *path = ledger_path(name, "", d->text);
	if (!store_has(s->store, d))
		return false;
	if (path_exists(s->store, path))
		return true;
	if (!repository_names(s, name, d))
		return false;
	ledger_add(s, name, d);
	return true;
}

bool ledger_remove(const struct server *s, const char *name, const struct digest *d)
{
	return remove_file(s, name, "", d->text);
}

static void clean_repository(const struct server *s, const char *dir)
{
	_cleanup_strv_ char **digests = NULL;
	_cleanup_free_ char *path = xasprintf("served/%s", dir);
	struct mc_err ignored;
	struct digest d;
	if (dir_list(s->store, path, &digests, &ignored) < 0)
		return;
	for (size_t i = 0; digests[i]; i++) {
		_cleanup_free_ char *file = xasprintf("%s/%s", path, digests[i]);
		const char *text = str_starts(digests[i], GONE) ? digests[i] + strlen(GONE) : digests[i];
		if (digest_parse(text, &d, &ignored) < 0 || !store_has(s->store, &d))
			unlinkat(s->store, file, 0);
	}
	unlinkat(s->store, path, AT_REMOVEDIR); /* only when it is empty */
}

void ledger_clean(const struct server *s)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	if (!path_exists(s->store, "served") || dir_list(s->store, "served", &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++)
		clean_repository(s, names[i]);
}
