/*
 * copy_place.c - what a COPY or ADD --link depends on in its stage: the directories above its destination.
 *
 * Kernel objects and man pages: openat2(2) RESOLVE_NO_SYMLINKS.
 * Why: --link promises that the layer does not depend on the steps before it, so that a changed base leaves
 * it a hit. It does depend on one thing: a layer holds the directories that lead to its files, with owner and
 * mode, and they must look as they do below, or a file in /tmp would make /tmp private. So the key holds the
 * place instead of the layers: each directory on the way, and from where on it is missing (or a link, which
 * --link does not follow). Names in --chown are the stage's as well: the key holds their numbers.
 * Neither changes for known layers, so both are remembered (build_memo_*): a second build mounts nothing.
 */
#include "build/steps.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/file.h"
#include "engine/spec/spec.h"

/* One directory on the way, with owner and mode. False: it is missing, or no directory. */
static bool add_place(struct hash *h, int root, const char *path)
{
	char line[PATH_MAX + 80];
	struct mc_err ignored;
	struct stat st;
	_cleanup_close_ int fd = file_open_plain(root, *path ? path : ".", O_PATH | O_DIRECTORY, &ignored);
	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	snprintf(line, sizeof(line), "%s|%o|%u:%u", path, st.st_mode, st.st_uid, st.st_gid);
	hash_add(h, line, strlen(line) + 1);
	return true;
}

static int read_place(int root, const char *to, struct digest *ret, struct mc_err *err)
{
	_cleanup_free_ char *path = xstrdup(to);
	struct hash *h = hash_new();
	bool there = add_place(h, root, "");
	for (char *end = path; there && *end;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		char was = *end;
		*end = '\0';
		there = add_place(h, root, path);
		*end = was;
	}
	hash_end(h, ret);
	return 0;
}

int step_owner(int root, const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct mc_err *err)
{
	struct spec_user u;
	uint64_t number;
	int rc = spec_find_user(root, text, NULL, &u, err);
	if (rc < 0)
		return rc;
	*ret_uid = u.uid;
	*ret_gid = !strchr(text, ':') && parse_u64(text, &number) == 0 ? u.uid : u.gid;
	return 0;
}

static int read_owner(int root, const char *owner, struct digest *ret, struct mc_err *err)
{
	uint32_t uid, gid;
	char text[32];
	int rc = step_owner(root, owner, &uid, &gid, err);
	if (rc < 0)
		return err_wrap(err, "--chown=%s", owner);
	digest_of(text, (size_t)snprintf(text, sizeof(text), "%u:%u", uid, gid), ret);
	return 0;
}

/* What `read` finds of `word` in the files of the stage, remembered under its layers. */
static int know(const struct build *b, const char *what, const char *word,
	int (*read)(int root, const char *word, struct digest *ret, struct mc_err *err), struct key *k,
	struct mc_err *err)
{
	struct digest state, name, found;
	build_state(b, &state);
	_cleanup_free_ char *memo = xasprintf("%s %s %s", what, state.text, word);
	digest_of(memo, strlen(memo), &name);
	if (!build_memo_get(b->all, &name, &found)) {
		_cleanup_close_ int root = build_view(b, err);
		int rc = root < 0 ? root : read(root, word, &found, err);
		if (rc < 0)
			return rc;
		build_memo_put(b->all, &name, &found);
	}
	key_add(k, what, found.text);
	return 0;
}

int copy_place_key(const struct build *b, const char *to, struct key *k, struct mc_err *err)
{
	return know(b, "directories above the destination", to, read_place, k, err);
}

int copy_owner_key(const struct build *b, const char *owner, struct key *k, struct mc_err *err)
{
	bool names = owner && owner[strspn(owner, "0123456789:")];
	return names ? know(b, "owner", owner, read_owner, k, err) : 0;
}
