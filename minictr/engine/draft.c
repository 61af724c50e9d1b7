/*
 * draft.c - what a new container's record says, before anything of it exists.
 *
 * Order and why: docker's Config and HostConfig first (spec/options.c); then what depends on more than the
 * options: the volumes of other containers, the host name, the ids of a user namespace. Used twice:
 * create.c writes the record, `explain --dry-run` only shows the plan that would follow from it.
 */
#include "engine/draft.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "engine/spec/mount_points.h"
#include "engine/spec/options.h"
#include "engine/spec/spec.h"
#include "engine/spec/user_ids.h"

/* "Hostname": what was asked for, the host's own, or the short id. */
static void draft_hostname(struct engine *e, struct json *doc, const char *id)
{
	struct json *config = json_sub(doc, "Config");
	const char *given = json_text_of(json_member(config, "Hostname"));
	const char *net = json_text_of(json_at(doc, "HostConfig.NetworkMode"));
	const char *uts = json_text_of(json_at(doc, "HostConfig.UTSMode"));
	char name[65] = "";
	if (given && *given)
		return;
	/* with the network of another container comes the name that its /etc/hosts has */
	if (net && str_starts(net, "container:")) {
		_cleanup_container_ struct container other = { 0 };
		struct mc_err ignored = { 0 };
		if (container_find(e, net + strlen("container:"), &other, &ignored) == 0)
			snprintf(name, sizeof(name), "%s",
				json_text_of(json_member(other.config, "Hostname")));
	}
	if (str_eq(net, "host") || str_eq(uts, "host"))
		gethostname(name, sizeof(name) - 1);
	if (!*name)
		snprintf(name, sizeof(name), "%.12s", id);
	json_set_string(config, "Hostname", name);
}

/* Words behind a name: ro and rw count, z and Z (SELinux) change nothing here. False: another word. */
static bool draft_inherit_mode(const char *mode, bool *readonly)
{
	_cleanup_free_ char *copy = xstrdup(mode);
	char *save = NULL;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		if (!str_eq(w, "ro") && !str_eq(w, "rw") && !str_eq(w, "z") && !str_eq(w, "Z"))
			return false;
		*readonly |= str_eq(w, "ro");
	}
	return true;
}

/* --volumes-from NAME[:ro|rw|z|Z]: the mount points of the other container, which may have ended long ago. */
static int draft_inherit(struct engine *e, const char *from, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ char *name = xstrdup(from);
	_cleanup_container_ struct container other = { 0 };
	char *mode = strchr(name, ':');
	if (mode)
		*mode++ = '\0';
	bool readonly = false;
	if (mode && !draft_inherit_mode(mode, &readonly))
		return err_set(
			err, EINVAL, "invalid mode for volumes-from: %s; known modes: ro, rw, z, Z", mode);
	int rc = container_find(e, name, &other, err);
	if (rc < 0)
		return rc;
	*ret = json_member(other.doc, "Mounts") ? json_copy(json_member(other.doc, "Mounts"))
						: json_new_array();
	for (size_t i = 0; readonly && i < json_len(*ret); i++)
		json_set_bool((struct json *)json_item(*ret, i), "RW", false);
	return 0;
}

/* "Mounts": every volume and bind that this container will have. */
static int draft_mounts(struct engine *e, struct container *c, char *const from[], struct mc_err *err)
{
	size_t n = strv_len(from);
	_cleanup_free_ struct json **inherited = xcalloc(n + 1, sizeof(*inherited));
	struct json *list = NULL;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < n; i++)
		rc = draft_inherit(e, from[i], &inherited[i], err);
	if (rc >= 0)
		rc = mount_points_make(json_member(c->doc, "Config"), json_member(c->doc, "HostConfig"),
			inherited, n, &list, err);
	if (rc >= 0)
		json_set(c->doc, "Mounts", list);
	for (size_t i = 0; i < n; i++)
		json_free(inherited[i]);
	return rc;
}

/* --userns: the map, and with keep-id who runs there unless -u says otherwise. */
static int draft_ids(struct engine *e, struct container *c, const struct run_options *o, struct id_maps *ret,
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

int draft_container(struct engine *e, const struct run_options *o, const struct image *image,
	struct container *c, struct id_maps *ret_ids, struct mc_err *err)
{
	c->doc = json_new_object();
	c->created = (int64_t)now_ns(CLOCK_REALTIME);
	c->image = xstrdup(o->image);
	c->image_id = xstrdup(image->id.text);
	int rc = options_merge(o, image->config, c->doc, err);
	if (rc >= 0)
		rc = draft_mounts(e, c, o->volumes_from, err);
	if (rc < 0)
		return rc;
	json_set(c->doc, "Layers", json_new_strv(image->layers));
	draft_hostname(e, c->doc, c->id);
	c->config = json_sub(c->doc, "Config");
	c->host = json_sub(c->doc, "HostConfig");
	return draft_ids(e, c, o, ret_ids, err);
}

/* The topmost layer that has users: good enough for a plan, and nothing is mounted. */
static int open_users_layer(const struct image *image, struct mc_err *err)
{
	for (size_t i = 0; image->layers[i]; i++) {
		_cleanup_free_ char *path = xasprintf("%s/etc/passwd", image->layers[i]);
		if (path_exists(AT_FDCWD, path) || !image->layers[i + 1])
			return dir_open(AT_FDCWD, image->layers[i], err);
	}
	return err_set(err, ENOENT, "the image has no layers");
}

int container_plan(struct engine *e, const struct run_options *o, char **ret, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_image_ struct image image = { 0 };
	_cleanup_json_ struct json *spec = NULL;
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	int rc = options_check(o, err);
	if (rc >= 0)
		rc = engine_store(e, err);
	if (rc >= 0)
		rc = image_find(e->store, o->image, &image, err);
	if (rc >= 0)
		rc = options_check_platform(o, image.config, err);
	random_hex(c.id, CONTAINER_ID_LEN / 2);
	if (rc >= 0)
		rc = draft_container(e, o, &image, &c, &ids, err);
	_cleanup_close_ int layer = rc < 0 ? rc : open_users_layer(&image, err);
	if (layer < 0)
		return layer;
	c.name = xstrdup(o->name ? o->name : "(a new one)");
	struct spec_input in = { .engine = e, .container = &c, .rootfs = layer, .ids = &ids, .dry = true };
	rc = spec_make(&in, &spec, err);
	if (rc >= 0)
		*ret = json_dump(spec, true);
	return rc < 0 ? rc : 0;
}
