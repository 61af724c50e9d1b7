/*
 * server/served_files.c - the empty files images/served/NAME/PREFIX+DIGEST, with the slashes of NAME as "+".
 *
 * Two kinds: DIGEST says that the repository has the blob (ledger.c). "gone-DIGEST" says that a manifest was
 * deleted which an index of the repository still names: docker's registry forgets such a manifest and keeps
 * the index, and so do we (repositories.c). The next PUT of the manifest takes the file away.
 */
#include "registry/server/repositories.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

/* "served/a+b" or "served/a+b/PREFIXsha256:..."; caller frees. */
static char *served_path(const char *name, const char *prefix, const char *digest)
{
	char *path = xasprintf("served/%s%s%s%s", name, digest ? "/" : "", prefix, digest ? digest : "");
	for (char *p = path + strlen("served/"); p < path + strlen("served/") + strlen(name); p++)
		if (*p == '/')
			*p = '+';
	return path;
}

bool served_add(const struct server *s, const char *name, const char *prefix, const char *digest)
{
	_cleanup_free_ char *dir = served_path(name, "", NULL), *path = served_path(name, prefix, digest);
	struct mc_err ignored;
	if (dir_make(s->store, dir, 0700, &ignored) < 0)
		return false;
	_cleanup_close_ int fd = openat(s->store, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0;
}

bool served_remove(const struct server *s, const char *name, const char *prefix, const char *digest)
{
	_cleanup_free_ char *path = served_path(name, prefix, digest);
	return unlinkat(s->store, path, 0) == 0;
}

bool served_has(const struct server *s, const char *name, const char *prefix, const char *digest)
{
	_cleanup_free_ char *path = served_path(name, prefix, digest);
	return path_exists(s->store, path);
}
