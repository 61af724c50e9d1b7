/*
 * server/ledger.c - which repository has which blob: one empty file images/served/NAME/DIGEST for each blob
 * that was pushed, with the slashes of NAME as "+" (a repository name has none).
 *
 * What a manifest of the repository names belongs to it without a file; the first question makes one, so
 * that the next is answered by one system call. A blob's file outlives its manifest, as in docker's
 * registry: DELETE takes it away.
 */
#include "registry/server/repositories.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

void ledger_add(const struct server *s, const char *name, const struct digest *d)
{
	served_add(s, name, "", d->text);
}

bool ledger_has(const struct server *s, const char *name, const struct digest *d)
{
	if (!store_has(s->store, d))
		return false;
	if (served_has(s, name, "", d->text))
		return true;
	if (!repository_names(s, name, d))
		return false;
	ledger_add(s, name, d);
	return true;
}

bool ledger_remove(const struct server *s, const char *name, const struct digest *d)
{
	return served_remove(s, name, "", d->text);
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
		size_t prefix = str_starts(digests[i], SERVED_GONE) ? strlen(SERVED_GONE) : 0;
		if (digest_parse(digests[i] + prefix, &d, &ignored) < 0 || !store_has(s->store, &d))
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
