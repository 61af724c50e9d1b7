/*
 * copy_place.c - what a COPY --link depends on in its stage: the directories above its destination.
 *
 * Kernel objects and man pages: openat2(2) RESOLVE_IN_ROOT, readlink(2) of /proc/self/fd.
 * Why: --link promises that the layer does not depend on the steps before it, so that a changed base leaves
 * it a hit. It does depend on one thing: a layer holds the directories that lead to its files, with owner and
 * mode, and they must look as they do below, or a file in /tmp would make /tmp private. So the key holds the
 * place instead of the layers: each directory on the way, where links lead, and from where on it is missing.
 * The place in known layers never changes; it is remembered (build_memo_*): a second build mounts nothing.
 */
#include "build/steps.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

bool copy_stands_alone(const struct instruction *i)
{
	const char *owner = instruction_flag(i, "chown");
	bool names = owner && owner[strspn(owner, "0123456789:")]; /* they are looked up in the stage */
	return i->kind == DO_COPY && !names && instruction_flag_on(i, "link", false) &&
	       !instruction_flag_on(i, "parents", false);
}

/* One directory on the way: where it lies when links are followed, owner and mode. False: it is missing. */
static bool add_place(struct hash *h, int root, const char *path)
{
	char line[PATH_MAX + 80], real[PATH_MAX] = "", fd_path[40];
	struct mc_err ignored;
	struct stat st;
	_cleanup_close_ int fd = file_open_beneath(root, *path ? path : ".", O_PATH, 0, &ignored);
	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	snprintf(fd_path, sizeof(fd_path), "/proc/self/fd/%d", fd);
	if (readlink(fd_path, real, sizeof(real) - 1) < 0)
		return false;
	snprintf(line, sizeof(line), "%s|%s|%o|%u:%u", path, real, st.st_mode, st.st_uid, st.st_gid);
	hash_add(h, line, strlen(line) + 1);
	return S_ISDIR(st.st_mode);
}

/* A link that leads nowhere: its target will be made. */
static void add_dangling(struct hash *h, int root, const char *path)
{
	char target[PATH_MAX] = "";
	struct mc_err ignored;
	_cleanup_close_ int fd = file_open_beneath(root, path, O_PATH | O_NOFOLLOW, 0, &ignored);
	if (fd >= 0 && readlinkat(fd, "", target, sizeof(target) - 1) > 0)
		hash_add(h, target, strlen(target) + 1);
}

static int read_place(const struct build *b, const char *to, struct digest *ret, struct mc_err *err)
{
	_cleanup_close_ int root = build_view(b, err);
	_cleanup_free_ char *path = xstrdup(to);
	if (root < 0)
		return root;
	struct hash *h = hash_new();
	bool there = add_place(h, root, "");
	for (char *end = path; there && *end;) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		char was = *end;
		*end = '\0';
		there = add_place(h, root, path);
		if (!there)
			add_dangling(h, root, path);
		*end = was;
	}
	hash_end(h, ret);
	return 0;
}

int copy_place_key(const struct build *b, const char *to, struct key *k, struct mc_err *err)
{
	struct digest state, name, place;
	build_state(b, &state);
	_cleanup_free_ char *memo = xasprintf("place %s %s", state.text, to);
	digest_of(memo, strlen(memo), &name);
	if (!build_memo_get(b->all, &name, &place)) {
		int rc = read_place(b, to, &place, err);
		if (rc < 0)
			return rc;
		build_memo_put(b->all, &name, &place);
	}
	key_add(k, "directories above the destination", place.text);
	return 0;
}
