/*
 * spec/network_words.c - the networks and ports of a new container.
 *
 * Interface: docker's flags. A network is named alone, or with its own settings:
 * name=web,alias=db,ip=10.0.0.5. Settings of flags of their own (--ip, --network-alias) belong to the first
 * network.
 */
#include "engine/spec/network_words.h"

#include <ctype.h>
#include "base/warn.h"
#include "network/address.h"
#include "network/lease.h"
#include "network/network_record.h"
#include "network/port_spec.h"
#include "network/usernet.h"

/* "web" of "web" or of "alias=db,name=web". Length 0: none. */
static const char *words_name(const char *text, size_t *ret_len)
{
	if (!strchr(text, '=')) {
		*ret_len = strlen(text);
		return text;
	}
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ",");
		if (str_starts(p, "name=")) {
			*ret_len = n - strlen("name=");
			return p + strlen("name=");
		}
		p += n + (p[n] == ',');
	}
	*ret_len = 0;
	return text;
}

/* Modes that are no networks of ours. */
static bool words_is_mode(const char *name)
{
	return str_eq(name, "none") || str_eq(name, "host") || str_eq(name, "private") ||
	       str_starts(name, "container:") || usernet_is_mode(name);
}

/* The first network; of several modes (none, host ...) the last, as with other flags. */
static const char *words_main(const struct run_options *o)
{
	const char *last = o->networks[strv_len(o->networks) - 1];
	return words_is_mode(last) || network_is_predefined(last) ? last : o->networks[0];
}

const char *network_words_mode(const struct run_options *o, char out[NETWORK_MODE_MAX])
{
	size_t n = 0;
	const char *name = strv_len(o->networks) ? words_name(words_main(o), &n) : NULL;
	if (name)
		snprintf(out, NETWORK_MODE_MAX, "%.*s", (int)n, name);
	else
		snprintf(out, NETWORK_MODE_MAX, "%s", o->network && *o->network ? o->network : "default");
	return out;
}

/* --- one network --- */

static bool words_alias(const char *s)
{
	bool ok = isalnum((unsigned char)*s) && strlen(s) <= 253;
	for (; *s; s++)
		ok &= isalnum((unsigned char)*s) || strchr("_.-", *s);
	return ok;
}

/* "db:alias", "/db:/web/alias" as inspect shows it, or "db" alone: kept as db:alias. */
static int words_link(const char *value, char **ret, struct mc_err *err)
{
	value += *value == '/';
	size_t n = strcspn(value, ":");
	const char *slash = strrchr(value + n, '/'),
		   *alias = slash ? slash + 1 : value + n + (value[n] == ':');
	if (!value[n])
		alias = value;
	if (!n || !words_alias(alias))
		return err_set(err, EINVAL, "invalid link \"%s\": expected CONTAINER:ALIAS", value);
	*ret = xasprintf("%.*s:%s", (int)n, value, alias);
	return 0;
}

static void words_add(struct json *wish, const char *list, const char *value)
{
	struct json *have = (struct json *)json_member(wish, list);
	for (size_t i = 0; i < json_len(have); i++)
		if (str_eq(json_text_of(json_item(have, i)), value))
			return; /* docker's client says a link twice: in HostConfig and for the network */
	json_add(have ? have : json_set(wish, list, json_new_array()), json_new_string(value));
}

static int words_setting(struct json *wish, const char *key, const char *value, struct mc_err *err)
{
	struct address a;
	uint8_t mac[6];
	int64_t priority;
	if (str_eq(key, "name"))
		json_set_string(wish, "Name", value);
	else if (str_eq(key, "alias")) {
		if (!words_alias(value))
			return err_set(err, EINVAL,
				"invalid network alias \"%s\": letters, digits, dot, dash, underscore",
				value);
		words_add(wish, "Aliases", value);
	} else if (str_eq(key, "link")) {
		_cleanup_free_ char *link = NULL;
		int rc = words_link(value, &link, err);
		if (rc < 0)
			return rc;
		words_add(wish, "Links", link);
	} else if (str_eq(key, "link-local-ip")) {
		if (address_parse(value, 0, &a) < 0)
			return err_set(err, EINVAL, "invalid link-local address: %s", value);
		words_add(wish, "LinkLocalIPs", value);
	} else if (str_eq(key, "ip")) {
		if (address_parse(value, AF_INET, &a) < 0)
			return err_set(err, EINVAL, "invalid IPv4 address: %s", value);
		json_set_string(wish, "IPv4Address", value);
	} else if (str_eq(key, "ip6")) {
		if (address_parse(value, AF_INET6, &a) < 0)
			return err_set(err, EINVAL, "invalid IPv6 address: %s", value);
		json_set_string(wish, "IPv6Address", value);
	} else if (str_eq(key, "mac-address")) {
		if (mac_parse(value, mac) < 0)
			return err_set(err, EINVAL,
				"%s is not a valid mac address: expected one like 02:42:ac:11:00:02", value);
		json_set_string(wish, "MacAddress", value);
	} else if (str_eq(key, "gw-priority")) {
		if (parse_i64(value, &priority) < 0)
			return err_set(err, EINVAL, "invalid gw-priority \"%s\": expected a number", value);
		json_set_i64(wish, "GwPriority", priority);
	} else if (str_eq(key, "driver-opt")) {
		/* docker's bridge obeys none that is obeyed here: kept and shown, for programs that look for theirs */
		_cleanup_free_ char *name = xstrndup(value, strcspn(value, "="));
		if (!*name || !strchr(value, '='))
			return err_set(err, EINVAL, "invalid driver-opt \"%s\": expected key=value", value);
		json_set_string(json_sub(wish, "DriverOpts"), name, strchr(value, '=') + 1);
	} else
		return err_set(err, EINVAL,
			"invalid field %s in --network: known fields: name, alias, driver-opt, gw-priority, "
			"ip, ip6, link, link-local-ip, mac-address",
			key);
	return 0;
}

int network_words_wish(const char *text, struct json **ret, struct mc_err *err)
{
	_cleanup_json_ struct json *wish = json_new_object();
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;
	int rc = 0;
	if (!strchr(text, '='))
		rc = words_setting(wish, "name", text, err);
	else
		for (char *word = strtok_r(copy, ",", &save); word && rc >= 0;
			word = strtok_r(NULL, ",", &save)) {
			char *value = strchr(word, '=');
			if (!value)
				return err_set(err, EINVAL,
					"invalid field \"%s\" in --network: expected one like alias=db",
					word);
			*value++ = '\0';
			rc = words_setting(wish, word, value, err);
		}
	if (rc >= 0 && !json_member(wish, "Name"))
		rc = err_set(err, EINVAL, "--network %s names no network: name=NAME is missing", text);
	if (rc >= 0)
		*ret = take_ptr(&wish);
	return rc;
}

struct word_list {
	const char *key;
	char *const *words;
};

static int words_lists(struct json *wish, const struct word_list *lists, size_t n, struct mc_err *err)
{
	int rc = 0;
	for (size_t l = 0; l < n; l++)
		for (size_t i = 0; rc >= 0 && lists[l].words && lists[l].words[i]; i++)
			rc = words_setting(wish, lists[l].key, lists[l].words[i], err);
	return rc;
}

int endpoint_words_wish(const struct endpoint_words *w, struct json **ret, struct mc_err *err)
{
	_cleanup_json_ struct json *wish = json_new_object();
	const struct {
		const char *key, *value;
	} words[] = { { "name", w->network }, { "ip", w->ip }, { "ip6", w->ip6 }, { "mac-address", w->mac } };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(words); i++)
		if (words[i].value)
			rc = words_setting(wish, words[i].key, words[i].value, err);
	const struct word_list lists[] = { { "alias", w->aliases }, { "driver-opt", w->driver_opts },
		{ "link", w->links }, { "link-local-ip", w->link_local_ips } };
	if (rc >= 0)
		rc = words_lists(wish, lists, ARRAY_LEN(lists), err);
	if (w->priority)
		json_set_i64(wish, "GwPriority", w->priority);
	if (rc >= 0)
		*ret = take_ptr(&wish);
	return rc;
}

/* --- all of them --- */

int network_words_check(const struct run_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **seen = NULL;
	size_t own = 0;
	for (size_t i = 0; o->networks && o->networks[i]; i++) {
		_cleanup_json_ struct json *wish = NULL;
		int rc = network_words_wish(o->networks[i], &wish, err);
		if (rc < 0)
			return rc;
		const char *name = json_text_of(json_member(wish, "Name"));
		own += !words_is_mode(name) && !network_is_predefined(name) && !str_eq(name, "default");
		if (words_is_mode(name) && json_len(wish) > 1)
			return err_set(err, EINVAL,
				"conflicting options: --network %s has no settings of its own", name);
		if (strv_has(seen, name))
			return err_set(err, EINVAL, "network \"%s\" is specified multiple times", name);
		strv_push(&seen, name);
	}
	if (own && own < strv_len(seen))
		return err_set(err, EINVAL,
			"conflicting options: cannot attach both user-defined and non-user-defined "
			"network-modes");
	return 0;
}

static int words_first(const struct run_options *o, struct json *wish, struct mc_err *err)
{
	const struct word_list lists[] = { { "alias", o->network_alias }, { "link", o->links },
		{ "link-local-ip", o->link_local_ips } };
	int rc = words_lists(wish, lists, ARRAY_LEN(lists), err);
	if (rc >= 0 && o->ip && *o->ip)
		rc = words_setting(wish, "ip", o->ip, err);
	if (rc >= 0 && o->ip6 && *o->ip6)
		rc = words_setting(wish, "ip6", o->ip6, err);
	if (rc >= 0 && o->mac_address && *o->mac_address)
		rc = words_setting(wish, "mac-address", o->mac_address, err);
	return rc;
}

static int words_networks(const struct run_options *o, struct json *list, struct mc_err *err)
{
	char mode[NETWORK_MODE_MAX];
	network_words_mode(o, mode);
	if (words_is_mode(mode))
		return 0;
	int rc = 0;
	if (!strv_len(o->networks)) {
		struct json *wish = json_add(list, json_new_object());
		json_set_string(wish, "Name", str_eq(mode, "default") ? "bridge" : mode);
		return words_first(o, wish, err);
	}
	for (size_t i = 0; rc >= 0 && o->networks[i]; i++) {
		struct json *wish;
		if (str_eq(mode, "bridge") && o->networks[i] != words_main(o))
			continue;
		rc = network_words_wish(o->networks[i], &wish, err);
		if (rc < 0)
			break;
		if (str_eq(json_text_of(json_member(wish, "Name")), "default"))
			json_set_string(wish, "Name", "bridge");
		rc = json_len(list) ? 0 : words_first(o, wish, err);
		json_add(list, wish);
	}
	return rc;
}

int network_words_merge(const struct run_options *o, struct json *doc, struct mc_err *err)
{
	struct json *config = json_sub(doc, "Config"), *host = json_sub(doc, "HostConfig");
	struct json *bindings = json_sub(host, "PortBindings");
	struct json_iter it = { 0 };
	int rc = words_networks(o, json_set(doc, "Networks", json_new_array()), err);
	for (size_t i = 0; rc >= 0 && o->expose && o->expose[i]; i++)
		rc = port_spec_expose(o->expose[i], json_sub(config, "ExposedPorts"), err);
	for (size_t i = 0; rc >= 0 && o->publish && o->publish[i]; i++)
		rc = port_spec_add(o->publish[i], bindings, err);
	while (rc >= 0 && json_next(bindings, &it))
		json_set(json_sub(config, "ExposedPorts"), it.key, json_new_object());
	const char *mode = json_text_of(json_member(host, "NetworkMode"));
	if (rc >= 0 && (json_len(bindings) || o->publish_all) &&
		(str_eq(mode, "host") || str_eq(mode, "none")))
		warn_user("Published ports are discarded when using %s network mode", mode);
	return rc < 0 ? rc : 0;
}
