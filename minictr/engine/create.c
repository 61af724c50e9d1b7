/*
 * create.c - `minictr create`: a name, a directory, a record. Nothing runs yet.
 *
 * Kernel objects and man pages: mkdirat(2), symlinkat(2) (names.c), open(2) O_EXCL for the cid file.
 * Order and why: all that can be refused is refused before anything is made. The directory comes before the name, because
 * a name whose directory is missing counts as left over from a crash. The record is written last: a directory
 * without one is half-made, shown to nobody, and swept by restore.c.
 */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/events.h"
#include "engine/names.h"
#include "engine/spec/options.h"
#include "engine/spec/spec.h"
#include "engine/spec/user_ids.h"
#include "image/image.h"

static int find_image(struct engine *e, const struct run_options *o, struct image *ret, struct mc_err *err)
{
	int store = engine_store(e, err);
	if (store < 0)
		return store;
	int rc = image_find(store, o->image, ret, err);
	if (rc >= 0)
		rc = options_check_platform(o, ret->config, err);
	if (rc < 0)
		err_exit(err, 125);
	return rc;
}

/* "Hostname": what was asked for, the host's own, or the short id. */
static void set_hostname(struct json *doc, const char *id)
{
	struct json *config = json_sub(doc, "Config");
	const char *given = json_text_of(json_member(config, "Hostname"));
	const char *net = json_text_of(json_at(doc, "HostConfig.NetworkMode"));
	const char *uts = json_text_of(json_at(doc, "HostConfig.UTSMode"));
	char name[65] = "";
	if (given && *given)
		return;
	if (str_eq(net, "host") || str_eq(uts, "host"))
		gethostname(name, sizeof(name) - 1);
	if (!*name)
		snprintf(name, sizeof(name), "%.12s", id);
	json_set_string(config, "Hostname", name);
}

/* The cid file must be new: an old one names another container. */
static int write_cidfile(const char *path, const char *id, struct mc_err *err)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, EEXIST,
			"container ID file found, make sure the other container isn't running or "
			"delete %s",
			path);
	if (fd < 0)
		return err_sys(err, "container ID file %s", path);
	return file_write_all(fd, id, strlen(id), err);
}

/* The upper directory is the root of the container's tree: it belongs to root as the container knows him. */
static int make_directories(struct engine *e, const char *id, const struct id_maps *ids, struct mc_err *err)
{
	static const char *const folders[] = { "", "/upper", "/work", "/rootfs" };
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		_cleanup_free_ char *path = xasprintf("containers/%s%s", id, folders[i]);
		int rc = sys_mkdir(e->dir, path, i == 1 ? 0755 : 0710, err);
		if (rc < 0)
			return rc;
	}
	if (!ids->uids.n)
		return 0;
	_cleanup_free_ char *upper = xasprintf("containers/%s/upper", id);
	return sys_chown(e->dir, upper, user_ids_root_uid(ids), user_ids_root_gid(ids), 0, err);
}

static int claim(struct engine *e, struct container *c, const char *name, struct mc_err *err)
{
	if (!name)
		return name_claim_new(e, c->id, &c->name, err);
	int rc = name_claim(e, *name == '/' ? name + 1 : name, c->id, err);
	if (rc >= 0)
		c->name = xstrdup(*name == '/' ? name + 1 : name);
	return rc;
}

static void undo(struct engine *e, struct container *c)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *dir = xasprintf("containers/%s", c->id);
	dir_remove(e->dir, dir, &ignored);
	if (c->name)
		name_free(e, c->name, c->id);
}

/* --volumes-from NAME[:ro]: its bind mounts become ours. */
static int take_volumes(struct engine *e, const char *from, struct json *host, struct mc_err *err)
{
	_cleanup_free_ char *name = xstrdup(from);
	_cleanup_container_ struct container other = { 0 };
	_cleanup_strv_ char **binds = NULL, **more = NULL;
	char *mode = strchr(name, ':');
	if (mode)
		*mode++ = '\0';
	int rc = container_find(e, name, &other, err);
	if (rc >= 0)
		rc = json_get_strv(host, &binds, err, "Binds");
	if (rc >= 0)
		rc = json_get_strv(other.host, &more, err, "Binds");
	for (size_t i = 0; rc >= 0 && more && more[i]; i++)
		strv_pushf(&binds, "%s%s", more[i],
			!str_eq(mode, "ro")                     ? ""
			: strchr(strchr(more[i], ':') + 1, ':') ? ",ro"
								: ":ro");
	if (rc >= 0 && binds)
		json_set(host, "Binds", json_new_strv(binds));
	return rc < 0 ? rc : 0;
}

/* --userns: the map, and with keep-id who runs there unless -u says otherwise. */
static int set_ids(struct engine *e, struct container *c, const struct run_options *o, struct id_maps *ret,
	struct mc_err *err)
{
	int rc = user_ids_choose(e, o->userns, ret, err);
	if (rc < 0)
		return rc;
	user_ids_save(ret, c->host);
	_cleanup_free_ char *self = user_ids_self(o->userns);
	if (self && !o->user)
		json_set_string(c->config, "User", self);
	return 0;
}

static int fill(struct engine *e, struct container *c, const struct run_options *o, const struct image *image,
	struct id_maps *ret_ids, struct mc_err *err)
{
	c->doc = json_new_object();
	c->created = (int64_t)now_ns(CLOCK_REALTIME);
	c->image = xstrdup(o->image);
	c->image_id = xstrdup(image->id.text);
	int rc = options_merge(o, image->config, c->doc, err);
	for (size_t i = 0; rc >= 0 && o->volumes_from && o->volumes_from[i]; i++)
		rc = take_volumes(e, o->volumes_from[i], json_sub(c->doc, "HostConfig"), err);
	if (rc < 0)
		return rc;
	json_set(c->doc, "Layers", json_new_strv(image->layers));
	set_hostname(c->doc, c->id);
	c->config = json_sub(c->doc, "Config");
	c->host = json_sub(c->doc, "HostConfig");
	return set_ids(e, c, o, ret_ids, err);
}

/* Root's layers are shown with other owners when they are mounted; an ordinary user needs a copy that has them. */
static int choose_layers(struct engine *e, struct container *c, const struct image *image,
	const struct id_maps *ids, struct mc_err *err)
{
	_cleanup_strv_ char **dirs = NULL;
	bool only_own = ids->uids.n == 1 && ids->uids.range[0].count == 1; /* then all files are his anyway */
	if (!e->rootless || !ids->uids.n || only_own)
		return 0;
	int rc = image_layers(e->store, image, ids, &dirs, err);
	if (rc >= 0)
		json_set(c->doc, "Layers", json_new_strv(dirs));
	return rc;
}

/* The topmost layer that has users: good enough for a plan, and nothing is mounted. */
static int open_layer(const struct image *image, struct mc_err *err)
{
	for (size_t i = 0; image->layers[i]; i++) {
		_cleanup_free_ char *path = xasprintf("%s/etc/passwd", image->layers[i]);
		if (path_exists(AT_FDCWD, path) || !image->layers[i + 1])
			return dir_open(AT_FDCWD, image->layers[i], err);
	}
	return err_set(err, ENOENT, "the image has no layers");
}

int container_plan(struct engine *e, const struct run_options *o, FILE *out, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_image_ struct image image = { 0 };
	_cleanup_json_ struct json *spec = NULL;
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	int rc = options_check(o, err);
	if (rc >= 0)
		rc = find_image(e, o, &image, err);
	random_hex(c.id, CONTAINER_ID_LEN / 2);
	if (rc >= 0)
		rc = fill(e, &c, o, &image, &ids, err);
	_cleanup_close_ int layer = rc < 0 ? rc : open_layer(&image, err);
	if (layer < 0)
		return err_exit(err, 125);
	c.name = xstrdup(o->name ? o->name : "(a new one)");
	struct spec_input in = { .engine = e, .container = &c, .rootfs = layer, .ids = &ids, .dry = true };
	rc = spec_make(&in, &spec, err);
	if (rc < 0)
		return err_exit(err, 125);
	_cleanup_free_ char *text = json_dump(spec, true);
	fprintf(out, "%s\n", text);
	return 0;
}

int container_create(
	struct engine *e, const struct run_options *o, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_image_ struct image image = { 0 };
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	_cleanup_close_ int pin = -1, range = -1;
	int rc = options_check(o, err);
	if (rc >= 0)
		rc = engine_store(e, err);
	if (rc >= 0) /* until the container is recorded: rmi must not take the layers away between */
		rc = pin = store_pin(e->store, err);
	if (rc >= 0)
		rc = find_image(e, o, &image, err);
	if (rc < 0)
		return rc;
	random_hex(c.id, CONTAINER_ID_LEN / 2);
	if (o->userns && str_starts(o->userns, "auto")) /* until it is recorded: two must not get one range */
		rc = range = user_ids_lock(e, err);
	if (rc >= 0)
		rc = fill(e, &c, o, &image, &ids, err);
	if (rc >= 0)
		rc = choose_layers(e, &c, &image, &ids, err);
	if (rc == -ESTALE)
		return rc;
	if (rc >= 0 && o->cidfile)
		rc = write_cidfile(o->cidfile, c.id, err);
	if (rc < 0)
		return err_exit(err, 125);
	rc = make_directories(e, c.id, &ids, err);
	if (rc >= 0)
		rc = claim(e, &c, o->name, err);
	if (rc >= 0)
		rc = container_save(e, &c, err);
	if (rc < 0) {
		undo(e, &c);
		if (o->cidfile)
			unlink(o->cidfile);
		return err_exit(err, 125);
	}
	snprintf(ret_id, CONTAINER_ID_LEN + 1, "%s", c.id);
	event_container(e, &c, "create", NULL);
	return 0;
}
