/*
 * volumes.c - who uses which volume, and what follows from it: made with the first container, filled once,
 * removed only when no container names it.
 *
 * Kernel objects and man pages: flock(2), openat2(2) RESOLVE_BENEATH.
 * Order and why: a container's record is written while the store's lock is held, and rm and prune read the
 * records under the same lock. So a volume is either gone before the container is made, or has a user from
 * then on.
 */
#include "engine/volumes.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "engine/events.h"
#include "image/overlay.h"
#include "volume/driver.h"
#include "volume/fill.h"

/* --- users --- */

static const char *volumes_name_at(const struct json *points, size_t i)
{
	const struct json *p = json_item(points, i);
	return str_eq(json_text_of(json_member(p, "Type")), "volume") ? json_text_of(json_member(p, "Name"))
								      : NULL;
}

static bool volumes_are_used_by(const struct container *c, const char *name)
{
	const struct json *points = json_member(c->doc, "Mounts");
	for (size_t i = 0; i < json_len(points); i++)
		if (str_eq(volumes_name_at(points, i), name))
			return true;
	return false;
}

/* Who may have volumes: containers, and the virtual machines beside them (vm/vm.h). */
static int holders(struct engine *e, struct container_list *all, struct mc_err *err)
{
	_cleanup_free_ char *root = xasprintf("%s/vm", e->root);
	struct engine machines;
	struct container_list more = { 0 };
	int rc = container_list(e, all, err);
	if (rc < 0 || !path_is_dir(e->dir, "vm"))
		return rc;
	if ((rc = engine_open(&machines, root, err)) < 0)
		return rc;
	rc = container_list(&machines, &more, err);
	engine_close(&machines);
	all->items = xrealloc(all->items, (all->count + more.count + 1) * sizeof(*all->items));
	memcpy(all->items + all->count, more.items, more.count * sizeof(*all->items));
	all->count += more.count;
	free(more.items); /* the containers themselves are in the other list now */
	return rc < 0 ? rc : 0;
}

int engine_volume_users(struct engine *e, const char *name, char ***ret, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = holders(e, &all, err);
	*ret = NULL;
	for (size_t i = 0; rc >= 0 && i < all.count; i++)
		if (volumes_are_used_by(&all.items[i], name))
			strv_push(ret, all.items[i].name);
	return rc < 0 ? rc : 0;
}

static void volumes_event(struct engine *e, const char *action, const char *name)
{
	char *const attributes[] = { (char *)"driver=local", NULL };
	event_log(e, "volume", action, name, attributes);
}

void volumes_events(struct engine *e, const struct container *c, bool mounted)
{
	const struct json *points = json_member(c->doc, "Mounts");
	for (size_t i = 0; i < json_len(points); i++) {
		const struct json *p = json_item(points, i);
		_cleanup_strv_ char **words = NULL;
		bool rw = true;
		struct mc_err ignored = { 0 };
		if (!volumes_name_at(points, i))
			continue;
		json_get_bool(p, &rw, &ignored, "RW");
		strv_pushf(&words, "container=%s", c->id);
		if (mounted)
			strv_pushf(&words, "destination=%s", json_text_of(json_member(p, "Destination")));
		strv_push(&words, "driver=local");
		if (mounted) {
			strv_push(&words, "propagation=");
			strv_pushf(&words, "read/write=%s", rw ? "true" : "false");
		}
		event_log(e, "volume", mounted ? "mount" : "unmount", volumes_name_at(points, i), words);
	}
}

/* --- making --- */

static char *volumes_path(const struct engine *e, const char *name)
{
	return xasprintf("%s/volumes/%s/data", e->root, name);
}

/* Has the volume exactly these options? */
static bool volumes_agree(const struct volume *have, const struct json *options)
{
	const struct json *old = json_member(have->record, "Options");
	struct json_iter it = { 0 };
	if (json_len(old) != json_len(options))
		return false;
	while (json_next(options, &it))
		if (!str_eq(json_text_of(it.value), json_text_of(json_member(old, it.key))))
			return false;
	return true;
}

/* labels and options are borrowed and may be NULL. The store is locked. */
static int volumes_make_one(struct engine *e, int store, const char *name, const struct json *labels,
	const struct json *options, bool anonymous, struct mc_err *err)
{
	_cleanup_volume_ struct volume have = { 0 };
	struct mc_err absent = { 0 };
	char now[40];
	if (volume_load(store, name, &have, &absent) == 0) {
		if (json_len(options) && !volumes_agree(&have, options))
			return err_set(err, EEXIST,
				"create %s: volume already exists with other options; `minictr volume "
				"inspect "
				"%s` shows them",
				name, name);
		return 0;
	}
	int rc = driver_check(name, options, err);
	if (rc >= 0)
		rc = volume_create(store, name, err);
	if (rc < 0)
		return rc;
	_cleanup_json_ struct json *record = json_new_object();
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	json_set_string(record, "CreatedAt", now);
	json_set_string(record, "Driver", "local");
	json_set(record, "Labels", labels ? json_copy(labels) : json_new_object());
	json_set(record, "Options", options ? json_copy(options) : json_new_object());
	if (anonymous)
		json_set_string(json_sub(record, "Labels"), volume_anonymous_label, "");
	rc = volume_save(store, name, record, err);
	if (rc >= 0)
		volumes_event(e, "create", name);
	return rc;
}

int volumes_make(struct engine *e, int store, struct json *points, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(points); i++) {
		struct json *p = (struct json *)json_item(points, i);
		const char *name = volumes_name_at(points, i);
		if (!name)
			continue;
		rc = volumes_make_one(e, store, name, json_member(p, "Labels"), json_member(p, "Options"),
			json_member(p, "Anonymous") != NULL, err);
		_cleanup_free_ char *path = volumes_path(e, name);
		json_set_string(p, "Source", path);
	}
	return rc;
}

static struct json *volumes_pairs(char *const list[])
{
	struct json *o = json_new_object();
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *key = xstrndup(list[i], strcspn(list[i], "="));
		json_set_string(o, key, list[i][strlen(key)] ? list[i] + strlen(key) + 1 : "");
	}
	return o;
}

int engine_volume_create(struct engine *e, const struct volume_options *o, char **ret, struct mc_err *err)
{
	char made_up[65];
	_cleanup_json_ struct json *options = volumes_pairs(o->options), *labels = volumes_pairs(o->labels);
	random_hex(made_up, 32);
	if (o->driver && *o->driver && !str_eq(o->driver, "local")) {
		err_set(err, ENOENT, "create %s: error looking up volume plugin %s: plugin \"%s\" not found",
			o->name ? o->name : "volume", o->driver, o->driver);
		return err_hint(err, "there is one driver, local; its options type, o and device mount "
				     "anything the kernel can");
	}
	_cleanup_close_ int store = volume_store_open(e->dir, err);
	_cleanup_close_ int lock = store < 0 ? store : volume_store_lock(store, err);
	if (lock < 0)
		return lock;
	volume_sweep(store);
	const char *name = o->name && *o->name ? o->name : made_up;
	int rc = volumes_make_one(e, store, name, labels, options, !o->name || !*o->name, err);
	if (rc >= 0)
		*ret = xstrdup(name);
	return rc;
}

/* --- a start and an end --- */

/*
 * The place of the volume in the image, followed through the image's own links. -1: the image has no
 * directory there.
 */
static int volumes_image_dir(int rootfs, const char *target)
{
	struct mc_err absent = { 0 };
	return file_open_beneath(rootfs, target, O_RDONLY | O_DIRECTORY, 0, &absent);
}

/*
 * Where the image's files are read with the owners that stand in the image. A container with ids of its own
 * sees them shifted; its volumes are shifted by the mount (idmap), so what lies on disk must not be: the
 * layers are mounted once more as they are.
 */
static int volumes_image_tree(struct engine *e, const struct container *c, int rootfs, struct mc_err *err)
{
	struct layers l = { .userxattr = overlay_needs_userxattr() };
	if (e->rootless || !json_member(c->host, "IDMappings"))
		return dup(rootfs);
	int rc = json_get_strv(c->doc, &l.lower, err, "Layers");
	rc = rc < 0 ? rc : overlay_mount(&l, NULL, err);
	layers_release(&l);
	return rc;
}

static int volumes_fill_one(int store, const struct json *p, int rootfs, struct mc_err *err)
{
	bool nocopy = false;
	struct mc_err ignored = { 0 };
	const char *name = json_text_of(json_member(p, "Name")),
		   *subpath = json_text_of(json_member(p, "Subpath"));
	json_get_bool(p, &nocopy, &ignored, "NoCopy");
	_cleanup_close_ int volume = dir_open(store, name, err);
	if (volume < 0)
		return volume;
	if (nocopy || (subpath && *subpath))
		return volume_move_in(volume, err); /* what another start has begun is still finished */
	_cleanup_close_ int image = volumes_image_dir(rootfs, json_text_of(json_member(p, "Destination")));
	int rc = image < 0 ? volume_move_in(volume, err) : volume_fill(volume, image, err);
	return rc < 0 ? err_wrap(err, "fill volume %s", name) : 0;
}

int volumes_prepare(struct engine *e, const struct container *c, int rootfs, struct mc_err *err)
{
	const struct json *points = json_member(c->doc, "Mounts");
	_cleanup_close_ int store = -1, lock = -1, tree = -1;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(points); i++) {
		const char *name = volumes_name_at(points, i);
		_cleanup_volume_ struct volume v = { 0 };
		if (!name)
			continue;
		if (store < 0) /* most containers have none: no lock for them */
			rc = store = volume_store_open(e->dir, err);
		if (rc >= 0 && lock < 0)
			rc = lock = volume_store_lock(store, err);
		if (rc >= 0)
			rc = volume_load(store, name, &v, err);
		if (rc >= 0 && driver_mounts(&v))
			rc = driver_mount(store, &v, err);
		else if (rc >= 0 && !c->started && tree < 0)
			rc = tree = volumes_image_tree(e, c, rootfs, err);
		if (rc >= 0 && !driver_mounts(&v) && !c->started)
			rc = volumes_fill_one(store, json_item(points, i), tree, err);
	}
	return rc < 0 ? rc : 0;
}

static bool volumes_climbs(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
		if (str_starts(p, "..") && (p[2] == '/' || !p[2]))
			return true;
	return false;
}

int volumes_open_subpath(struct engine *e, const struct json *p, struct mc_err *err)
{
	const char *name = json_text_of(json_member(p, "Name")),
		   *subpath = json_text_of(json_member(p, "Subpath"));
	_cleanup_close_ int store = volume_store_open(e->dir, err);
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	_cleanup_close_ int dir = store < 0 ? store : dir_open(store, data, err);
	if (dir < 0)
		return dir;
	if (*subpath == '/' || volumes_climbs(subpath))
		return err_set(err, EINVAL,
			"invalid volume-subpath \"%s\": it must name a place inside the volume", subpath);
	int fd = file_open_plain(dir, subpath, O_PATH, err);
	if (fd < 0)
		err_wrap(err,
			"volume-subpath \"%s\" of volume %s (it must exist, and no part of it may be a link)",
			subpath, name);
	return fd;
}

static bool volumes_in_use_now(struct engine *e, const char *name, const char *but)
{
	struct mc_err ignored = { 0 };
	_cleanup_container_list_ struct container_list all = { 0 };
	if (holders(e, &all, &ignored) < 0)
		return true;
	for (size_t i = 0; i < all.count; i++)
		if (!str_eq(all.items[i].id, but) && container_is_active(&all.items[i]) &&
			volumes_are_used_by(&all.items[i], name))
			return true;
	return false;
}

void volumes_release(struct engine *e, const struct container *c)
{
	struct mc_err ignored = { 0 };
	const struct json *points = json_member(c->doc, "Mounts");
	for (size_t i = 0; i < json_len(points); i++) {
		const char *name = volumes_name_at(points, i);
		_cleanup_volume_ struct volume v = { 0 };
		_cleanup_close_ int store = name ? volume_store_open(e->dir, &ignored) : -1;
		if (store < 0 || volume_load(store, name, &v, &ignored) < 0 || !driver_mounts(&v))
			continue;
		_cleanup_close_ int lock = volume_store_lock(store, &ignored);
		if (lock >= 0 && !volumes_in_use_now(e, name, c->id))
			driver_unmount(store, name);
	}
}

/* --- taking away --- */

static int volumes_remove_locked(struct engine *e, int store, const char *name, struct mc_err *err)
{
	driver_unmount(store, name);
	int rc = volume_remove(store, name, err);
	if (rc >= 0)
		volumes_event(e, "destroy", name);
	return rc;
}

int engine_volume_remove(struct engine *e, const char *name, bool force, struct mc_err *err)
{
	_cleanup_strv_ char **users = NULL;
	_cleanup_volume_ struct volume v = { 0 };
	_cleanup_close_ int store = volume_store_open(e->dir, err);
	_cleanup_close_ int lock = store < 0 ? store : volume_store_lock(store, err);
	if (lock < 0)
		return lock;
	volume_sweep(store);
	int rc = volume_load(store, name, &v, err);
	if (rc == -ENOENT && force)
		return 0;
	if (rc >= 0)
		rc = engine_volume_users(e, name, &users, err);
	if (rc < 0)
		return rc;
	if (users && users[0]) {
		struct buf list = { 0 };
		for (size_t i = 0; users[i]; i++)
			buf_addf(&list, "%s%s", i ? ", " : "", users[i]);
		err_set(err, EBUSY, "remove %s: volume is in use - [%s]", name, list.data);
		buf_release(&list);
		return err_hint(err, "stopped containers count too: `minictr rm` them first");
	}
	return volumes_remove_locked(e, store, name, err);
}

void volumes_remove_of(struct engine *e, const struct container *c)
{
	struct mc_err ignored = { 0 };
	const struct json *points = json_member(c->doc, "Mounts");
	for (size_t i = 0; i < json_len(points); i++) {
		const char *name = volumes_name_at(points, i);
		_cleanup_volume_ struct volume v = { 0 };
		_cleanup_strv_ char **users = NULL;
		_cleanup_close_ int store = name ? volume_store_open(e->dir, &ignored) : -1;
		_cleanup_close_ int lock = store < 0 ? store : volume_store_lock(store, &ignored);
		if (lock < 0 || volume_load(store, name, &v, &ignored) < 0 || !volume_is_anonymous(&v))
			continue;
		if (engine_volume_users(e, name, &users, &ignored) == 0 && strv_len(users) == 0)
			volumes_remove_locked(e, store, name, &ignored);
	}
}

/* --- looking --- */

/* Passwords in "o" (cifs) are for the kernel; `inspect` must not show them. */
static struct json *volumes_shown_options(const struct json *options)
{
	if (!json_len(options))
		return NULL;
	struct json *shown = json_copy(options);
	const char *words = json_text_of(json_member(options, "o"));
	_cleanup_free_ char *masked = driver_shown_words(words);
	if (words)
		json_set_string(shown, "o", masked);
	return shown;
}

/* all: every container, to count users; NULL leaves UsageData out. size: walk the volume. */
static struct json *volumes_object(
	struct engine *e, int store, const struct volume *v, const struct container_list *all, bool size)
{
	struct json *o = json_new_object();
	_cleanup_free_ char *path = volumes_path(e, v->name);
	const struct json *labels = json_member(v->record, "Labels");
	char when[40];
	int64_t users = 0;
	time_rfc3339(v->created / 1000000000 * 1000000000, when, sizeof(when));
	json_set_string(o, "CreatedAt", when);
	json_set_string(o, "Driver", "local");
	json_set(o, "Labels", json_len(labels) ? json_copy(labels) : NULL);
	json_set_string(o, "Mountpoint", path);
	json_set_string(o, "Name", v->name);
	json_set(o, "Options", volumes_shown_options(json_member(v->record, "Options")));
	json_set_string(o, "Scope", "local");
	if (!all)
		return o;
	for (size_t i = 0; i < all->count; i++)
		users += volumes_are_used_by(&all->items[i], v->name);
	json_set_i64(json_sub(o, "UsageData"), "RefCount", users);
	json_set_i64(json_sub(o, "UsageData"), "Size",
		size && !driver_mounts(v) ? (int64_t)volume_size(store, v->name) : -1);
	return o;
}

int engine_volume_inspect(
	struct engine *e, const char *name, bool size, struct json **ret, struct mc_err *err)
{
	_cleanup_volume_ struct volume v = { 0 };
	_cleanup_container_list_ struct container_list all = { 0 };
	_cleanup_close_ int store = volume_store_open(e->dir, err);
	int rc = store < 0 ? store : volume_load(store, name, &v, err);
	if (rc >= 0 && size)
		rc = holders(e, &all, err);
	if (rc >= 0)
		*ret = volumes_object(e, store, &v, size ? &all : NULL, size);
	return rc < 0 ? rc : 0;
}

int engine_volume_list(struct engine *e, bool size, struct json **ret, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_container_list_ struct container_list all = { 0 };
	_cleanup_close_ int store = volume_store_open(e->dir, err);
	int rc = store < 0 ? store : volume_list(store, &names, err);
	if (rc >= 0)
		rc = holders(e, &all, err);
	if (rc < 0)
		return rc;
	*ret = json_new_array();
	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_volume_ struct volume v = { 0 };
		struct mc_err gone = { 0 };
		if (volume_load(store, names[i], &v, &gone) == 0)
			json_add(*ret, volumes_object(e, store, &v, &all, size));
	}
	return 0;
}
