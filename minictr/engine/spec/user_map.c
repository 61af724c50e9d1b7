/*
 * spec/user_map.c - what a user namespace of the container's own changes in config.json and in its files.
 *
 * Interface: config-linux.md "User namespace mappings"; user_namespaces(7), passwd(5), group(5), icmp(7)
 * ping_group_range.
 * Order and why: the map was chosen at create (spec/user_ids.c); here it is only told. What the engine
 * itself makes for the container would belong to an unmapped id inside, so it is given to the container's
 * root.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/sys.h"
#include "engine/rootless.h"
#include "engine/spec/spec.h"
#include "engine/spec/user_ids.h"

static void set_map(struct json *list, const struct id_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct json *r = json_add(list, json_new_object());
		json_set_u64(r, "containerID", m->range[i].inside);
		json_set_u64(r, "hostID", m->range[i].outside);
		json_set_u64(r, "size", m->range[i].count);
	}
}

void spec_user_namespace(const struct spec_input *in, struct json *part)
{
	if (!in->ids->uids.n)
		return;
	json_set_string(
		json_add((struct json *)json_member(part, "namespaces"), json_new_object()), "type", "user");
	set_map(json_set(part, "uidMappings", json_new_array()), &in->ids->uids);
	set_map(json_set(part, "gidMappings", json_new_array()), &in->ids->gids);
}

char *spec_all_groups(const struct spec_input *in)
{
	_cleanup_id_maps_ struct id_maps own = { 0 };
	const struct id_map *m = &in->ids->gids;
	uint32_t last = 0;
	if (!m->n && !in->engine->rootless)
		return xstrdup("0 2147483647");
	if (!m->n) {
		userns_own_map("/proc/self/gid_map", &own.gids);
		m = &own.gids;
	}
	for (size_t i = 0; i < m->n; i++)
		if (m->range[i].inside + (m->range[i].count - 1) > last)
			last = m->range[i].inside + (m->range[i].count - 1);
	return xasprintf("%u %u", id_map_root(m), last);
}

/* --- a name for the user of keep-id --- */

/* Is there a line of passwd(5) or group(5) with this text in field n (0 first)? */
static bool has_field(const struct buf *file, size_t n, const char *text)
{
	_cleanup_free_ char *copy = xstrdup(file->data);
	for (char *rest = copy, *line; (line = strsep(&rest, "\n"));) {
		char *field = strsep(&line, ":");
		for (size_t i = 0; i < n && field; i++)
			field = strsep(&line, ":");
		if (str_eq(field, text))
			return true;
	}
	return false;
}

bool spec_self_file(const struct spec_input *in, const char *name, struct buf *ret)
{
	const struct container *c = in->container;
	const char *home = json_text_of(json_member(c->config, "WorkingDir"));
	_cleanup_free_ char *self = user_ids_self(json_text_of(json_member(c->host, "UsernsMode")));
	_cleanup_free_ char *path = xasprintf("/etc/%s", name);
	char who[64];
	if (!self || !str_eq(json_text_of(json_member(c->config, "User")), self))
		return false;
	char *gid = strchr(self, ':');
	*gid++ = '\0';
	bool group = str_eq(name, "group");
	spec_read_inside(in->rootfs, path, ret);
	if (!ret->len || has_field(ret, 2, group ? gid : self))
		return false;
	userns_user_name(rootless_uid(), who, sizeof(who));
	if (!*who)
		snprintf(who, sizeof(who), "user%s", self);
	if (ret->data[ret->len - 1] != '\n')
		buf_addc(ret, '\n');
	if (group)
		buf_addf(ret, "%s:x:%s:\n", who, gid);
	else
		buf_addf(ret, "%s:*:%s:%s::%s:/bin/sh\n", who, self, gid, home && *home ? home : "/");
	return true;
}
