/*
 * commit.c - see commit.h. Needs libarchive, through image_commit(): not for the light executables.
 */
#include "engine/commit.h"

#include <fcntl.h>

#include "base/buf.h"
#include "base/file.h"
#include "engine/container_root.h"
#include "engine/events.h"
#include "engine/spec/user_ids.h"
#include "engine/stop.h"
#include "image/verbs.h"

/* "created_by" as docker writes it: the command's words and no quotes. */
static char *command_words(const struct container *c)
{
	const struct json *cmd = json_member(c->config, "Cmd");
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < json_len(cmd); i++)
		buf_addf(&b, "%s%s", i ? " " : "", json_text_of(json_item(cmd, i)));
	return buf_take(&b);
}

static int commit_upper(struct engine *e, const struct container *c, const struct container_commit *o,
	struct digest *id, struct mc_err *err)
{
	_cleanup_image_ struct image parent = { 0 };
	_cleanup_free_ char *upper = container_upper(e, c->id), *by = command_words(c);
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	int store = engine_store(e, err);
	int rc = store < 0 ? store : image_lookup(store, c->image_id, &parent, err);
	if (rc >= 0)
		rc = user_ids_load(c->host, &ids, err);
	_cleanup_close_ int dir = rc < 0 ? rc : dir_open(AT_FDCWD, upper, err);
	if (dir < 0)
		return dir;
	struct commit_options options = { .parent = &parent,
		.upper = dir,
		.ids = ids.uids.n ? &ids : NULL,
		.name = o->name,
		.author = o->author,
		.message = o->message,
		.created_by = by,
		.container = c->id,
		.image = c->image,
		.config = o->config ? o->config : c->config,
		.changes = o->changes };
	return image_commit(store, &options, id, err);
}

int container_commit(struct engine *e, const char *name, const struct container_commit *o,
	struct digest *ret_id, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	bool paused = o->pause && c.status == CONTAINER_RUNNING && container_pause(e, c.id, err) == 0;
	rc = commit_upper(e, &c, o, ret_id, err);
	_cleanup_free_ char *extra = rc < 0 ? NULL : xasprintf("imageID=%s", ret_id->text);
	if (extra && o->name) {
		_cleanup_free_ char *named = xasprintf("name=%s", o->name);
		event_log(e, "image", "tag", ret_id->text, (char *const[]){ named, NULL });
	}
	if (extra)
		event_container(e, &c, "commit", extra);
	if (paused) {
		struct mc_err ignored;
		container_unpause(e, c.id, rc < 0 ? &ignored : err);
	}
	return rc;
}
