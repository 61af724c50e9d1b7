/*
 * inspect.c - the documents of `inspect` and of lists, in docker's shape.
 *
 * Order and why: "Config" and "HostConfig" are kept in that shape (spec/options.c), so most of it is a
 * copy; what the record does not hold is asked of the kernel at this moment.
 */
#include "engine/inspect.h"

#include "engine/endpoint_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include "base/file.h"
#include "image/image.h"

static void set_time(struct json *o, const char *key, int64_t ns)
{
	char text[40] = "0001-01-01T00:00:00Z"; /* Go's zero time */
	if (ns)
		time_rfc3339(ns, text, sizeof(text));
	json_set_string(o, key, text);
}

/* --- parts --- */

static struct json *health_of(struct engine *e, const struct container *c)
{
	_cleanup_free_ char *path = container_path(e, c->id, "health.json");
	struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	if (json_parse_record(AT_FDCWD, path, 1 << 20, &doc, &ignored) < 0) {
		doc = json_new_object();
		json_set_i64(doc, "FailingStreak", 0);
		json_set(doc, "Log", json_new_array());
	}
	json_set_string(doc, "Status", c->health);
	return doc;
}

static struct json *state_of(struct engine *e, const struct container *c)
{
	struct json *s = json_new_object();
	json_set_string(s, "Status", container_status_name(c->status));
	json_set_bool(s, "Running", container_is_active(c));
	json_set_bool(s, "Paused", c->status == CONTAINER_PAUSED);
	json_set_bool(s, "Restarting", c->status == CONTAINER_RESTARTING);
	json_set_bool(s, "OOMKilled", c->oom_killed);
	json_set_bool(s, "Dead", c->status == CONTAINER_DEAD);
	json_set_i64(s, "Pid", c->init.pid);
	json_set_i64(s, "ExitCode",
		container_is_active(c) && c->status != CONTAINER_RESTARTING ? 0 : c->exit_code);
	json_set_string(s, "Error", c->error ? c->error : "");
	set_time(s, "StartedAt", c->started);
	set_time(s, "FinishedAt", c->finished);
	if (c->health)
		json_set(s, "Health", health_of(e, c));
	return s;
}

/* The mount points as docker prints them. */
static struct json *mounts_of(const struct container *c)
{
	static const char *const keys[] = { "Type", "Name", "Source", "Destination", "Driver", "Mode", "RW",
		"Propagation" };
	const struct json *points = json_member(c->doc, "Mounts");
	struct json *list = json_new_array();
	for (size_t i = 0; i < json_len(points); i++) {
		const struct json *p = json_item(points, i);
		bool is_volume = str_eq(json_text_of(json_member(p, "Type")), "volume");
		struct json *shown = json_add(list, json_new_object());
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			if (is_volume || (!str_eq(keys[k], "Name") && !str_eq(keys[k], "Driver")))
				json_set(shown, keys[k], json_copy(json_member(p, keys[k])));
	}
	const struct json *given = json_member(c->host, "Mounts");
	for (size_t i = 0; i < json_len(given); i++) {
		const struct json *m = json_item(given, i);
		if (!str_eq(json_text_of(json_member(m, "Type")), "tmpfs"))
			continue;
		struct json *shown = json_add(list, json_new_object());
		json_set_string(shown, "Type", "tmpfs");
		json_set_string(shown, "Source", "");
		json_set(shown, "Destination", json_copy(json_member(m, "Target")));
		json_set_string(shown, "Mode", "");
		json_set_bool(shown, "RW", !container_flag(m, "ReadOnly"));
		json_set_string(shown, "Propagation", "");
	}
	return list;
}

/* What a network shows of a container that does not run: what was asked for, and nothing that it has. */
static struct json *idle_endpoint(const struct container *c, const struct json *wish)
{
	return endpoint_json(c, &(struct endpoint){ .wish = wish });
}

struct json *container_networks(const struct container *c)
{
	const struct json *list = json_member(c->doc, "Networks"), *have = json_member(c->net, "Networks");
	const char *mode = json_text_of(json_member(c->host, "NetworkMode"));
	struct json *o = json_new_object();
	if (have)
		return json_free(o), json_copy(have);
	for (size_t i = 0; i < json_len(list); i++)
		json_set(o, json_text_of(json_member(json_item(list, i), "Name")),
			idle_endpoint(c, json_item(list, i)));
	if (!json_len(list) && mode && !str_starts(mode, "container:"))
		json_set(o, str_eq(mode, "default") ? "bridge" : mode, idle_endpoint(c, NULL));
	return o;
}

/* Published ports with where they are; exposed ones that are not published as null. */
static struct json *ports_of(const struct container *c)
{
	const struct json *have = json_member(c->net, "Ports"),
			  *exposed = json_member(c->config, "ExposedPorts");
	struct json *o = have ? json_copy(have) : json_new_object();
	struct json_iter it = { 0 };
	while (have && json_kind_of(exposed) == JSON_OBJECT && json_next(exposed, &it))
		if (!json_member(o, it.key))
			json_set(o, it.key, NULL);
	return o;
}

static struct json *network_of(const struct container *c)
{
	/* docker's short form of the default bridge; empty for other networks */
	static const char *const texts[] = { "EndpointID", "Gateway", "GlobalIPv6Address", "IPAddress",
		"IPv6Gateway", "MacAddress", "NetworkID" };
	struct json *n = json_new_object(), *networks = container_networks(c);
	const struct json *bridge = json_member(networks, "bridge");
	json_set_string(n, "Bridge", "");
	json_set_bool(n, "HairpinMode", false);
	json_set_string(n, "LinkLocalIPv6Address", "");
	json_set_i64(n, "LinkLocalIPv6PrefixLen", 0);
	json_set(n, "SecondaryIPAddresses", NULL);
	json_set(n, "SecondaryIPv6Addresses", NULL);
	json_set_string(n, "SandboxID", c->init.pid ? c->id : "");
	_cleanup_free_ char *key = xasprintf("/proc/%d/ns/net", (int)c->init.pid);
	json_set_string(n, "SandboxKey", c->init.pid ? key : "");
	json_set(n, "Ports", ports_of(c));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *value = json_text_of(json_member(bridge, texts[i]));
		json_set_string(n, texts[i], value ? value : "");
	}
	json_set_i64(n, "IPPrefixLen", json_int_of(json_member(bridge, "IPPrefixLen")));
	json_set_i64(n, "GlobalIPv6PrefixLen", json_int_of(json_member(bridge, "GlobalIPv6PrefixLen")));
	json_set(n, "Networks", networks);
	return n;
}

/* The flat list of `GET /containers/json`. */
static struct json *ports_list(const struct container *c)
{
	_cleanup_json_ struct json *ports = ports_of(c);
	struct json *list = json_new_array();
	struct json_iter it = { 0 };
	while (json_next(ports, &it)) {
		const char *slash = strchr(it.key, '/');
		for (size_t i = 0; i == 0 || i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			const char *ip = json_text_of(json_member(one, "HostIp"));
			const char *number = json_text_of(json_member(one, "HostPort"));
			struct json *p = json_add(list, json_new_object());
			if (ip)
				json_set_string(p, "IP", ip);
			json_set_i64(p, "PrivatePort", atoi(it.key));
			if (number)
				json_set_i64(p, "PublicPort", atoi(number));
			json_set_string(p, "Type", slash ? slash + 1 : "tcp");
		}
	}
	return list;
}

static struct json *driver_of(struct engine *e, const struct container *c)
{
	struct json *g = json_new_object(), *data = json_sub(g, "Data");
	const struct json *layers = json_member(c->doc, "Layers");
	_cleanup_free_ char *upper = container_path(e, c->id, "upper"),
			    *work = container_path(e, c->id, "work");
	struct buf lower = { 0 };
	for (size_t i = 0; i < json_len(layers); i++)
		buf_addf(&lower, "%s%s", i ? ":" : "", json_text_of(json_item(layers, i)));
	json_set_string(g, "Name", "overlay2");
	json_set_string(data, "LowerDir", lower.data);
	json_set_string(data, "UpperDir", upper);
	json_set_string(data, "WorkDir", work);
	buf_release(&lower);
	return g;
}

static uint64_t tree_size(int dir, const char *path)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	uint64_t sum = 0;
	if (dir_list(dir, path, &names, &ignored) < 0)
		return 0;
	for (size_t i = 0; names[i]; i++) {
		struct stat st;
		_cleanup_free_ char *child = xasprintf("%s/%s", path, names[i]);
		if (fstatat(dir, child, &st, AT_SYMLINK_NOFOLLOW) == 0)
			sum += S_ISDIR(st.st_mode)   ? tree_size(dir, child)
			       : S_ISREG(st.st_mode) ? (uint64_t)st.st_size
						     : 0;
	}
	return sum;
}

uint64_t container_size(struct engine *e, const char *id)
{
	_cleanup_free_ char *upper = xasprintf("containers/%s/upper", id);
	return tree_size(e->dir, upper);
}

static void set_size(struct engine *e, const struct container *c, struct json *doc)
{
	uint64_t own = container_size(e, c->id), whole = own;
	const struct json *layers = json_member(c->doc, "Layers");
	for (size_t i = 0; i < json_len(layers); i++)
		whole += tree_size(AT_FDCWD, json_text_of(json_item(layers, i)));
	json_set_u64(doc, "SizeRw", own);
	json_set_u64(doc, "SizeRootFs", whole);
}

static void set_path(
	struct engine *e, const struct container *c, struct json *o, const char *key, const char *file)
{
	_cleanup_free_ char *path = container_path(e, c->id, file);
	json_set_string(o, key, path_exists(AT_FDCWD, path) ? path : "");
}

/* docker has the links of the default bridge here, those of other networks where the network is. */
static void set_links(const struct container *c, struct json *host)
{
	const struct json *list = json_member(c->doc, "Networks");
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *wish = json_item(list, i), *links = json_member(wish, "Links");
		if (!network_is_predefined(json_text_of(json_member(wish, "Name"))) || !json_len(links))
			continue;
		struct json *shown = json_set(host, "Links", json_new_array());
		for (size_t k = 0; k < json_len(links); k++) {
			const char *link = json_text_of(json_item(links, k));
			size_t n = strcspn(link, ":");
			_cleanup_free_ char *text =
				xasprintf("/%.*s:/%s/%s", (int)n, link, c->name, link + n + 1);
			json_add(shown, json_new_string(text));
		}
	}
}

/* --- documents --- */

int container_inspect(
	struct engine *e, const struct container *c, bool size, struct json **ret, struct mc_err *err)
{
	struct json *o = json_new_object();
	_cleanup_free_ char *slash = xasprintf("/%s", c->name);
	json_set_string(o, "Id", c->id);
	set_time(o, "Created", c->created);
	json_set_string(o, "Path", json_text_of(json_member(c->doc, "Path")));
	json_set(o, "Args", json_copy(json_member(c->doc, "Args")));
	json_set(o, "State", state_of(e, c));
	json_set_string(o, "Image", c->image_id);
	set_path(e, c, o, "ResolvConfPath", "resolv.conf");
	set_path(e, c, o, "HostnamePath", "hostname");
	set_path(e, c, o, "HostsPath", "hosts");
	set_path(e, c, o, "LogPath", "log");
	json_set_string(o, "Name", slash);
	json_set_u64(o, "RestartCount", c->restart_count);
	json_set_string(o, "Driver", "overlay2");
	json_set_string(o, "Platform", "linux");
	json_set_string(o, "MountLabel", "");
	json_set_string(o, "ProcessLabel", "");
	json_set_string(o, "AppArmorProfile", "");
	json_set(o, "ExecIDs", NULL);
	struct json *host = json_set(o, "HostConfig", json_copy(c->host));
	set_links(c, host);
	inspect_fill_host(host);
	json_set(o, "GraphDriver", driver_of(e, c));
	if (size)
		set_size(e, c, o);
	json_set(o, "Mounts", mounts_of(c));
	inspect_fill_config(json_set(o, "Config", json_copy(c->config)));
	json_set(o, "NetworkSettings", network_of(c));
	*ret = o;
	return 0;
}

int container_summary(
	struct engine *e, const struct container *c, bool size, struct json **ret, struct mc_err *err)
{
	struct json *o = json_new_object(), *names = json_set(o, "Names", json_new_array());
	_cleanup_free_ char *slash = xasprintf("/%s", c->name), *command = container_command_text(c);
	_cleanup_free_ char *status = container_status_text(c);
	const struct json *labels = json_member(c->config, "Labels");
	json_set_string(o, "Id", c->id);
	json_add(names, json_new_string(slash));
	json_set_string(o, "Image", c->image);
	json_set_string(o, "ImageID", c->image_id);
	json_set_string(o, "Command", command);
	json_set_i64(o, "Created", c->created / 1000000000);
	json_set(o, "Ports", ports_list(c));
	if (size)
		set_size(e, c, o);
	json_set(o, "Labels", labels ? json_copy(labels) : json_new_object());
	json_set_string(o, "State", container_status_name(c->status));
	json_set_string(o, "Status", status);
	json_set_string(
		json_sub(o, "HostConfig"), "NetworkMode", json_text_of(json_member(c->host, "NetworkMode")));
	json_set(json_sub(o, "NetworkSettings"), "Networks", container_networks(c));
	json_set(o, "Mounts", mounts_of(c));
	*ret = o;
	return 0;
}
