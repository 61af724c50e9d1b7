/*
 * remote_spec.c - what was asked for, as a daemon wants to hear it.
 *
 * engine/spec/options.c makes docker's "Config" and "HostConfig" of the flags, the same that the engine here
 * keeps in its own records. What was not asked for is left out again: the daemon has defaults of its own.
 * A filter's file (--security-opt seccomp=FILE) is read here and travels as text: the daemon may stand on
 * another machine.
 * Left out: --timeout, which docker's API has no word for.
 */
#include "cli/remote/remote_spec.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/warn.h"
#include "engine/spec/options.h"

enum { PROFILE_MOST = 4 << 20 };

struct json *remote_endpoint(const struct json *wish)
{
	static const char *const addresses[] = { "IPv4Address", "IPv6Address", "LinkLocalIPs" };
	static const char *const copied[] = { "Aliases", "DriverOpts", "MacAddress", "GwPriority", "Links" };
	struct json *o = json_new_object();
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
		if (json_member(wish, addresses[i]))
			json_set(json_sub(o, "IPAMConfig"), addresses[i],
				json_copy(json_member(wish, addresses[i])));
	for (size_t i = 0; i < ARRAY_LEN(copied); i++)
		if (json_member(wish, copied[i]))
			json_set(o, copied[i], json_copy(json_member(wish, copied[i])));
	return o;
}

/* Only "Name": the default bridge without a wish needs no word. */
static bool says_something(const struct json *wish)
{
	return json_len(wish) > 1 || !str_eq(json_text_of(json_member(wish, "Name")), "bridge");
}

/* 1.44 and later take all networks at once; before, the others are connected before the start. */
static void set_networks(struct json *body, const struct json *wishes, unsigned minor, struct json *more)
{
	size_t sent = 0;
	for (size_t i = 0; i < json_len(wishes); i++) {
		const struct json *wish = json_item(wishes, i);
		const char *name = json_text_of(json_member(wish, "Name"));
		const char *mac = json_text_of(json_member(wish, "MacAddress"));
		if (!says_something(wish))
			continue;
		struct json *settings = remote_endpoint(wish);
		if (mac && minor < 44 && !sent)
			json_set_string(body, "MacAddress", mac);
		if (!sent++ || minor >= 44) {
			json_set(json_sub(json_sub(body, "NetworkingConfig"), "EndpointsConfig"), name,
				settings);
			continue;
		}
		struct json *later = json_add(more, json_new_object());
		json_set_string(later, "Name", name);
		json_set(later, "Settings", settings);
	}
}

/* "seccomp=/path/of/a/file" becomes "seccomp={...}". */
static int inline_profiles(struct json *host, struct mc_err *err)
{
	const struct json *have = json_member(host, "SecurityOpt");
	struct json *all = json_new_array();
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < json_len(have); i++) {
		const char *text = json_text_of(json_item(have, i));
		const char *path = text && str_starts(text, "seccomp=/") ? text + strlen("seccomp=") : NULL;
		_cleanup_json_ struct json *profile = NULL;
		if (path)
			rc = json_parse_file(AT_FDCWD, path, PROFILE_MOST, &profile, err);
		_cleanup_free_ char *whole = profile ? json_dump(profile, false) : NULL;
		_cleanup_free_ char *option = whole ? xasprintf("seccomp=%s", whole) : xstrdup(text);
		json_add(all, json_new_string(option));
	}
	if (json_len(all))
		json_set(host, "SecurityOpt", all);
	else
		json_free(all);
	return rc;
}

/* Values that the engine here writes down when nothing was said; a daemon has its own. */
static void drop_defaults(const struct run_options *o, struct json *config, struct json *host)
{
	const struct {
		const char *key;
		bool said;
	} keys[] = { { "IpcMode", o->ipc }, { "CgroupnsMode", o->cgroupns }, { "ShmSize", o->shm_size },
		{ "LogConfig", o->log_driver || o->log_opts },
		{ "MemorySwappiness", o->memory_swappiness >= 0 }, { "Init", o->init },
		{ "OomKillDisable", o->oom_kill_disable }, { "PidsLimit", o->pids_limit },
		{ "Annotations", o->annotations } };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!keys[i].said)
			json_unset(host, keys[i].key);
	if (o->log_opts && !o->log_driver)
		json_set_string(json_sub(host, "LogConfig"), "Type", "");
	json_unset(config, "Timeout");
	if (o->timeout)
		warn_user("--timeout is not passed on: docker's API has no word for it");
}

/* -a chooses which streams are ours. */
static void set_attached(const struct run_options *o, struct json *body)
{
	static const char *const words[] = { "stdin", "stdout", "stderr" };
	static const char *const keys[] = { "AttachStdin", "AttachStdout", "AttachStderr" };
	for (size_t i = 0; o->attach && !o->detach && i < ARRAY_LEN(words); i++)
		json_set_bool(body, keys[i], strv_has(o->attach, words[i]));
	if (o->entrypoint && !*o->entrypoint) { /* --entrypoint "": the image's is dropped */
		struct json *empty = json_set(body, "Entrypoint", json_new_array());
		json_add(empty, json_new_string(""));
	}
}

int remote_spec(const struct run_options *o, unsigned minor, struct json **ret, struct json **ret_more,
	struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object(), *no_image = json_new_object();
	int rc = options_documents(o, no_image, doc, err);
	if (rc < 0)
		return rc;
	struct json *body = json_copy(json_member(doc, "Config"));
	struct json *host = json_set(body, "HostConfig", json_copy(json_member(doc, "HostConfig")));
	*ret_more = json_new_array();
	drop_defaults(o, body, host);
	set_attached(o, body);
	set_networks(body, json_member(doc, "Networks"), minor, *ret_more);
	*ret = body;
	return inline_profiles(host, err);
}
