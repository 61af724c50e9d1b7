/*
 * create.c - `minictr create`: a name, a directory, a record. Nothing runs yet.
 *
 * Kernel objects and man pages: mkdirat(2), symlinkat(2) (names.c), open(2) O_EXCL for the cid file,
 * flock(2).
 * Order and why: the table below. All that can be refused is refused before anything is made. A crash in
 * between leaves a directory without a record, which no list shows and restore.c removes, or a name that
 * points to no record, which counts as free.
 */
#include "engine/create.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include "base/file.h"
#include "base/road.h"
#include "base/sys.h"
#include "base/warn.h"
#include "engine/draft.h"
#include "engine/ensure_image.h"
#include "engine/events.h"
#include "engine/names.h"
#include "engine/spec/options.h"
#include "engine/spec/user_ids.h"
#include "engine/volumes.h"
#include "image/platform.h"

/* What a create holds. */
struct create_trip {
	struct engine *engine;
	const struct run_options *options;
	struct image_wish wish;
	struct container c;
	struct image image;
	struct id_maps ids; /* of its own user namespace; empty without one */
	int pin;   /* `rmi` waits while it is open: until the container is recorded the layers must stay */
	int range; /* lock of the id ranges (--userns auto); -1 without */
	int directory;    /* its lock says that we are at work; the record says so after us */
	int volume_lock;  /* of the volume store; -1 without volumes */
	bool has_cidfile; /* ours to remove: a file that existed before names another container */
};

static int check_options(void *trip, struct mc_err *err);
static int get_image(void *trip, struct mc_err *err);
static int lock_ids(void *trip, struct mc_err *err);
static bool wants_own_ids(const void *trip);
static int draft_record(void *trip, struct mc_err *err);
static int copy_layers(void *trip, struct mc_err *err);
static bool wants_own_layers(const void *trip);
static int write_cidfile(void *trip, struct mc_err *err);
static void unlink_cidfile(void *trip);
static bool wants_cidfile(const void *trip);
static int make_directories(void *trip, struct mc_err *err);
static void remove_directories(void *trip);
static int claim_name(void *trip, struct mc_err *err);
static void free_name(void *trip);
static bool names_volumes(const void *trip);
static int make_volumes(void *trip, struct mc_err *err);
static void remove_volumes(void *trip);
static int write_record(void *trip, struct mc_err *err);

static const struct road_step steps[] = {
	{ check_options, NULL, NULL, "make.options", 2, "what is wrong is refused before anything is made" },
	{ get_image, NULL, NULL, "make.image", 4,
		"the image is locked from here on, so that rmi cannot remove its layers" },
	{ lock_ids, NULL, wants_own_ids, "make.ids", 11,
		"two containers that are made at once must not get one range of ids" },
	{ draft_record, NULL, NULL, "make.draft", 2, "the image's settings, and the flags on top of them" },
	{ copy_layers, NULL, wants_own_layers, "make.layers", 4,
		"an unprivileged user cannot mount layers with other owners: they are copied" },
	{ write_cidfile, unlink_cidfile, wants_cidfile, "make.cidfile", 2,
		"a file that exists names another container" },
	{ make_directories, remove_directories, NULL, "make.directories", 4,
		"before the name: a name without a directory counts as left over from a crash" },
	{ claim_name, free_name, NULL, "make.name", 2, "symlink(2) fails when the name is taken: no race" },
	{ make_volumes, remove_volumes, names_volumes, "make.volumes", 8,
		"under the store's lock until the record names them: rm and prune cannot remove them in "
		"between" },
	{ write_record, NULL, NULL, "make.record", 2,
		"written last: a directory without a record is half-made and will be removed" },
};

int container_create(
	struct engine *e, const struct run_options *o, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err)
{
	struct create_trip t = {
		.engine = e, .options = o, .pin = -1, .range = -1, .directory = -1, .volume_lock = -1
	};
	t.wish = (struct image_wish){ .name = o->image,
		.platform = o->platform,
		.userns = o->userns,
		.pull = o->pull,
		.quiet = o->quiet_pull,
		.absent = o->image_absent };
	random_hex(t.c.id, CONTAINER_ID_LEN / 2);
	int rc = road_walk(steps, ARRAY_LEN(steps), &t, err);
	if (rc >= 0) {
		snprintf(ret_id, CONTAINER_ID_LEN + 1, "%s", t.c.id);
		event_container(e, &t.c, "create", NULL);
	}
	close_fd(t.volume_lock);
	close_fd(t.directory);
	close_fd(t.range);
	close_fd(t.pin);
	id_maps_release(&t.ids);
	image_free(&t.image);
	container_release(&t.c);
	return rc < 0 ? rc : 0;
}

static int check_options(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	int rc = options_check(t->options, err);
	return rc < 0 ? rc : options_check_names(t->engine, t->options, err);
}

/* docker's words. It may run: by binfmt_misc and qemu, or because the configuration is wrong. */
static void warn_of_platform(const struct json *image)
{
	struct platform has, host;
	char text[2][96];
	platform_host(&host);
	platform_read(image, &has);
	if (platform_is_foreign(&has, &host))
		warn_user("The requested image's platform (%s) does not match the detected host platform "
			  "(%s) and "
			  "no specific platform was requested",
			has.os[0] ? platform_text(&has, text[0]) : "unknown", platform_text(&host, text[1]));
}

static int get_image(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	int rc = ensure_image(t->engine, &t->wish, &t->image, &t->pin, err);
	if (rc < 0)
		return rc;
	if (!t->options->platform || !*t->options->platform)
		warn_of_platform(t->image.config);
	return options_check_platform(t->options, t->image.config, err);
}

static bool wants_own_ids(const void *trip)
{
	const char *userns = ((const struct create_trip *)trip)->options->userns;
	return userns && str_starts(userns, "auto");
}

static int lock_ids(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	return t->range = user_ids_lock(t->engine, err);
}

static int draft_record(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	return draft_container(t->engine, t->options, &t->image, &t->c, &t->ids, err);
}

/*
 * Root's layers get other owners when they are mounted. With a map of one id all files belong to that user
 * anyway.
 */
static bool wants_own_layers(const void *trip)
{
	const struct create_trip *t = trip;
	bool only_own = t->ids.uids.n == 1 && t->ids.uids.range[0].count == 1;
	return t->engine->rootless && t->ids.uids.n && !only_own;
}

static int copy_layers(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	_cleanup_strv_ char **dirs = NULL;
	int rc = ensure_layers(t->engine, &t->wish, &t->image, &t->ids, &dirs, err);
	if (rc >= 0)
		json_set(t->c.doc, "Layers", json_new_strv(dirs));
	return rc;
}

static bool wants_cidfile(const void *trip) { return ((const struct create_trip *)trip)->options->cidfile; }

static int write_cidfile(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	const char *path = t->options->cidfile;
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, EEXIST,
			"container ID file found, make sure the other container isn't running or "
			"delete %s",
			path);
	if (fd < 0)
		return err_sys(err, "container ID file %s", path);
	t->has_cidfile = true;
	return file_write_all(fd, t->c.id, strlen(t->c.id), err);
}

static void unlink_cidfile(void *trip)
{
	struct create_trip *t = trip;
	if (t->has_cidfile)
		unlink(t->options->cidfile);
}

/* Under its name only when it is locked: so no sweep takes it for what a killed create has left. */
static int make_directory(struct create_trip *t, struct mc_err *err)
{
	_cleanup_free_ char *dir = xasprintf("containers/%s", t->c.id), *fresh = xasprintf("%s.new", dir);
	int rc = sys_mkdir(t->engine->dir, fresh, 0710, err);
	if (rc >= 0)
		rc = t->directory = sys_open(t->engine->dir, fresh, O_RDONLY | O_DIRECTORY, 0, err);
	if (rc >= 0 && flock(t->directory, LOCK_EX) < 0)
		rc = err_sys(err, "lock %s", fresh);
	return rc < 0 ? rc : sys_rename(t->engine->dir, fresh, t->engine->dir, dir, err);
}

/* The upper directory is the root of the container's tree: it belongs to root as the container sees it. */
static int make_directories(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	static const char *const folders[] = { "upper", "work", "rootfs" };
	int rc = make_directory(t, err);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(folders); i++)
		rc = sys_mkdir(t->directory, folders[i], i == 0 ? 0755 : 0710, err);
	if (rc < 0 || !t->ids.uids.n)
		return rc;
	_cleanup_free_ char *upper = xasprintf("containers/%s/upper", t->c.id);
	return sys_chown(
		t->engine->dir, upper, user_ids_root_uid(&t->ids), user_ids_root_gid(&t->ids), 0, err);
}

static void remove_directories(void *trip)
{
	struct create_trip *t = trip;
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *dir = xasprintf("containers/%s", t->c.id);
	dir_remove(t->engine->dir, dir, &ignored);
}

static int claim_name(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	const char *name = t->options->name;
	if (!name)
		return name_claim_new(t->engine, t->c.id, &t->c.name, err);
	/* docker's own names begin with a slash */
	if (*name == '/')
		name++;
	int rc = name_claim(t->engine, name, t->c.id, err);
	if (rc >= 0)
		t->c.name = xstrdup(name);
	return rc;
}

static void free_name(void *trip)
{
	struct create_trip *t = trip;
	if (t->c.name)
		name_free(t->engine, t->c.name, t->c.id);
}

static bool names_volumes(const void *trip)
{
	return json_len(json_member(((const struct create_trip *)trip)->c.doc, "Mounts")) > 0;
}

static int make_volumes(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	_cleanup_close_ int store = volume_store_open(t->engine->dir, err);
	int rc = t->volume_lock = store < 0 ? store : volume_store_lock(store, err);
	return rc < 0 ? rc
		      : volumes_make(t->engine, store, (struct json *)json_member(t->c.doc, "Mounts"), err);
}

/* Named volumes stay, as docker leaves them; the anonymous ones were made for this container only. */
static void remove_volumes(void *trip)
{
	struct create_trip *t = trip;
	t->volume_lock = close_fd(t->volume_lock);
	volumes_remove_of(t->engine, &t->c);
}

static int write_record(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	return container_save(t->engine, &t->c, err);
}
