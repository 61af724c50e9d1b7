/*
 * upper.c - the layers of a stage, and the new one that a step writes.
 *
 * Kernel objects and man pages: overlayfs (kernel: overlayfs.rst), mounted detached (fsmount(2)): no mount
 * appears in the host's table, and a build that is killed leaves none behind. Order and why: the merged
 * view is let go before the upper directory becomes a layer; the kernel does not allow a directory to be
 * changed, or used below another overlay, while it is some overlay's upper. The mount is volatile: it
 * never syncs. A crash of the machine leaves a directory that no cache entry names.
 */
#include "build/run_mounts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "image/layer.h"
#include "image/layer_adopt.h"

static const struct json *diff_ids(const struct build *b)
{
	return json_at(b->config.image, "rootfs.diff_ids");
}

char **build_lower(const struct build *b, const char *points)
{
	char **lower = NULL;
	const struct json *ids = diff_ids(b);
	for (size_t i = json_len(ids); i-- > 0;) {
		_cleanup_free_ char *dir = xasprintf(
			"%s/layers/%s/fs", b->all->engine->root, json_text_of(json_item(ids, i)) + 7);
		if (!strv_has(lower, dir)) /* the same layer twice: overlayfs refuses it (image_layers()) */
			strv_push(&lower, dir);
	}
	if (points)
		strv_pushf(&lower, "%s/%s", b->all->temp_path, points);
	else if (!lower)
		strv_pushf(&lower, "%s/build/empty/fs", b->all->engine->root);
	return lower;
}

void build_state(const struct build *b, struct digest *ret)
{
	struct hash *h = hash_new();
	const struct json *ids = diff_ids(b);
	for (size_t i = 0; i < json_len(ids); i++)
		hash_add(h, json_text_of(json_item(ids, i)), strlen(json_text_of(json_item(ids, i))));
	hash_end(h, ret);
}

/*
 * One at a time: kernels before 6.5 are given short names, relative to a current directory that all
 * threads share.
 */
int build_mount(const struct layers *l, struct mc_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&lock);
	int rc = overlay_mount(l, NULL, err);
	pthread_mutex_unlock(&lock);
	return rc;
}

int build_view(const struct build *b, struct mc_err *err)
{
	struct layers l = { .lower = build_lower(b, NULL), .userxattr = overlay_needs_userxattr() };
	int rc = json_len(diff_ids(b)) ? 0 : dir_make(b->all->dir, "empty/fs", 0755, err);
	if (rc >= 0)
		rc = build_mount(&l, err);
	layers_release(&l);
	return rc < 0 ? err_wrap(err, "files of a stage") : rc;
}

int build_add_layer(struct build *b, const struct digest *diffid, struct mc_err *err)
{
	uint64_t size = 0;
	b->upper_used = diffid->text[0];
	if (!b->upper_used)
		return 0;
	int rc = store_blob_size(b->all->store, diffid, &size, err);
	if (rc < 0)
		return rc;
	stage_config_layer(&b->config, diffid->text);
	json_add(b->layers, descriptor_new(MEDIA_OCI_LAYER, diffid, size));
	return 0;
}

/* The root directory of the tree belongs to the top layer: a new one on top has to look the same. */
static int copy_root_look(const struct build *b, const char *upper, char *const lower[], struct mc_err *err)
{
	struct stat st;
	if (!json_len(diff_ids(b)))
		return fchmodat(b->all->temp, upper, 0755, 0) < 0 ? err_sys(err, "chmod %s", upper) : 0;
	if (lstat(lower[0], &st) < 0)
		return err_sys(err, "stat %s", lower[0]);
	struct timespec times[2] = { st.st_atim, st.st_mtim };
	if (fchownat(b->all->temp, upper, st.st_uid, st.st_gid, 0) < 0 ||
		fchmodat(b->all->temp, upper, st.st_mode & 07777, 0) < 0 ||
		utimensat(b->all->temp, upper, times, 0) < 0)
		return err_sys(err, "copy owner and mode of /");
	return 0;
}

int upper_begin(struct build *b, struct upper *ret, struct mc_err *err)
{
	*ret = (struct upper){ .root = -1 };
	snprintf(ret->name, sizeof(ret->name), "%zu.%d", b->index, b->n_uppers++);
	_cleanup_free_ char *work = xasprintf("%s.work", ret->name),
			    *points = xasprintf("%s.points", ret->name);
	bool runs = b->now->kind == DO_RUN;
	struct layers l = { .lower = build_lower(b, runs ? points : NULL),
		.upper = xasprintf("%s/%s", b->all->temp_path, ret->name),
		.work = xasprintf("%s/%s", b->all->temp_path, work),
		.is_volatile = true,
		.userxattr = overlay_needs_userxattr() };
	int rc = runs ? run_points_make(b, b->all->temp, points, err)
		      : dir_make(b->all->dir, "empty/fs", 0755, err);
	if (rc >= 0)
		rc = sys_mkdir(b->all->temp, ret->name, 0700, err);
	if (rc >= 0)
		rc = sys_mkdir(b->all->temp, work, 0700, err);
	if (rc >= 0)
		rc = copy_root_look(b, ret->name, l.lower, err);
	if (rc >= 0)
		rc = ret->root = build_mount(&l, err);
	layers_release(&l);
	return rc < 0 ? rc : 0;
}

static void remove_dirs(struct build *b, struct upper *u)
{
	struct mc_err ignored;
	_cleanup_free_ char *work = xasprintf("%s.work", u->name), *points = xasprintf("%s.points", u->name);
	dir_remove(b->all->temp, work, &ignored);
	dir_remove(b->all->temp, points, &ignored);
	dir_remove(b->all->temp, u->name, &ignored);
}

/* Is there anything in the directory, or did / itself get another owner or mode? */
static bool upper_changed(const struct build *b, int dir, const char *below, bool first)
{
	struct stat st, old;
	struct mc_err ignored;
	_cleanup_strv_ char **names = NULL;
	if (dir_list(dir, ".", &names, &ignored) < 0 || names[0])
		return true;
	return !first && fstat(dir, &st) == 0 && lstat(below, &old) == 0 &&
	       (st.st_mode != old.st_mode || st.st_uid != old.st_uid || st.st_gid != old.st_gid);
}

int upper_commit(struct build *b, struct upper *u, struct mc_err *err)
{
	_cleanup_strv_ char **lower = build_lower(b, NULL);
	struct adopted_layer made = { 0 };
	static char *const none[1];
	bool first = !json_len(diff_ids(b));
	struct layer_origin from = { .lower = first ? none : lower,
		.newest = b->all->epoch > 0 ? b->all->epoch : 0,
		.stop = build_canceled };
	u->root = close_fd(u->root);
	_cleanup_close_ int dir = dir_open(b->all->temp, u->name, err);
	bool changed = dir >= 0 && upper_changed(b, dir, lower[0], first);
	if (dir < 0 || !changed) {
		b->upper_used = false;
		return dir < 0 ? dir : 0;
	}
	int rc = layer_adopt(b->all->store, b->all->temp, u->name, &from, &made, err);
	if (rc >= 0)
		rc = layer_keep(b->all->store, &made.diffid, err);
	return rc < 0 ? rc : build_add_layer(b, &made.diffid, err);
}

void upper_drop(struct build *b, struct upper *u)
{
	u->root = close_fd(u->root);
	if (*u->name)
		remove_dirs(b, u);
	u->name[0] = '\0';
}
