/*
 * remote_parts.c - networks and volumes of a daemon.
 */
#include "cli/remote/remote.h"

#include "cli/remote/remote_spec.h"
#include "engine/spec/network_words.h"
#include "engine/spec/option_words.h"

/* "key=value" or "key" as {"key": "value"}. */
static struct json *pairs_of(char *const pairs[])
{
	struct json *o = json_new_object();
	for (size_t i = 0; pairs && pairs[i]; i++) {
		_cleanup_free_ char *key = xstrndup(pairs[i], strcspn(pairs[i], "="));
		json_set_string(o, key, pairs[i][strlen(key)] ? pairs[i] + strlen(key) + 1 : "");
	}
	return o;
}

static void noun_path(struct buf *path, const char *noun, const char *name, const char *verb)
{
	buf_adds(path, noun);
	path_add(path, name);
	buf_adds(path, verb);
}

/* --- networks --- */

/* The i-th subnet goes with the i-th range and gateway, as they were typed. */
static void set_ipam(struct json *body, const struct network_create_values *v)
{
	size_t n = strv_len(v->subnets);
	struct json *ipam = json_sub(body, "IPAM");
	json_set_string(ipam, "Driver", "default");
	json_sub(ipam, "Options");
	struct json *list = json_set(ipam, "Config", json_new_array());
	for (size_t i = 0; i < n; i++) {
		struct json *one = json_add(list, json_new_object());
		json_set_string(one, "Subnet", v->subnets[i]);
		if (i < strv_len(v->ranges))
			json_set_string(one, "IPRange", v->ranges[i]);
		if (i < strv_len(v->gateways))
			json_set_string(one, "Gateway", v->gateways[i]);
		/* the daemon looks which subnet each of them lies in */
		if (i == 0 && v->kept)
			json_set(one, "AuxiliaryAddresses", pairs_of(v->kept));
	}
}

int remote_network_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_create_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *body = json_new_object(), *answer = NULL;
	int rc = option_labels_check(v->labels, err);
	json_set_string(body, "Name", argv[0]);
	json_set_string(body, "Driver", v->driver ? v->driver : "bridge");
	json_set_bool(body, "CheckDuplicate", true);
	json_set_bool(body, "Internal", v->internal);
	json_set_bool(body, "Attachable", v->attachable);
	json_set_bool(body, "EnableIPv6", v->ipv6);
	set_ipam(body, v);
	json_set(body, "Options", pairs_of(v->opts));
	json_set(body, "Labels", pairs_of(v->labels));
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_call(&c,
			&(struct client_call){ .method = "POST", .path = "/networks/create", .body = body },
			&answer, err);
	const char *id = json_text_of(json_member(answer, "Id"));
	if (rc >= 0 && id)
		puts(id);
	return rc < 0 ? rc : 0;
}

int remote_network_ls(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_list_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *list = NULL, *rows = json_new_array();
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/networks");
	query_filters(&path, v->filters);
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, path.data, &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++)
		json_add(rows, network_row(json_item(list, i), v->no_trunc));
	return rc < 0 ? rc : networks_print(v, rows, err);
}

int remote_network_inspect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_inspect_values *v = values;
	return remote_inspect_all(cli, "/networks/", "", v->format, argc, argv, err);
}

static int network_rm_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	const struct network_rm_values *v = values;
	_cleanup_buf_ struct buf path = { 0 };
	noun_path(&path, "/networks/", name, "");
	int rc = client_delete(c, path.data, err);
	return rc == -ENOENT && v->force ? 0 : rc;
}

int remote_network_rm(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return remote_each(cli, argc, argv, network_rm_one, values, err);
}

int remote_network_connect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_connect_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *wish = NULL, *body = json_new_object();
	_cleanup_buf_ struct buf path = { 0 };
	struct endpoint_words w = { argv[0], v->ip, v->ip6, v->mac, v->aliases, v->driver_opts, v->priority,
		v->links, v->link_local_ips };
	int rc = endpoint_words_wish(&w, &wish, err);
	if (rc < 0)
		return rc;
	json_set_string(body, "Container", argv[1]);
	json_set(body, "EndpointConfig", remote_endpoint(wish));
	noun_path(&path, "/networks/", argv[0], "/connect");
	rc = client_open(cli, &c, err);
	return rc < 0 ? rc : client_post(&c, path.data, body, err);
}

int remote_network_disconnect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_disconnect_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *body = json_new_object();
	_cleanup_buf_ struct buf path = { 0 };
	json_set_string(body, "Container", argv[1]);
	json_set_bool(body, "Force", v->force);
	noun_path(&path, "/networks/", argv[0], "/disconnect");
	int rc = client_open(cli, &c, err);
	return rc < 0 ? rc : client_post(&c, path.data, body, err);
}

/* --- volumes --- */

int remote_volume_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_create_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *body = json_new_object(), *answer = NULL;
	if (argc && v->name)
		return err_set(err, EINVAL,
			"conflicting options: cannot specify a volume-name through both --name and as a "
			"positional arg");
	int rc = option_labels_check(v->labels, err);
	json_set_string(body, "Name", argc ? argv[0] : v->name ? v->name : "");
	json_set_string(body, "Driver", v->driver ? v->driver : "local");
	json_set(body, "DriverOpts", pairs_of(v->options));
	json_set(body, "Labels", pairs_of(v->labels));
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_call(&c,
			&(struct client_call){ .method = "POST", .path = "/volumes/create", .body = body },
			&answer, err);
	const char *name = json_text_of(json_member(answer, "Name"));
	if (rc >= 0 && name)
		puts(name);
	return rc < 0 ? rc : 0;
}

int remote_volume_ls(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_list_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *answer = NULL, *rows = json_new_array();
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, "/volumes");
	query_filters(&path, v->filters);
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, path.data, &answer, err);
	const struct json *list = json_member(answer, "Volumes");
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++)
		volume_add_row(
			rows, json_item(list, i), json_member(json_item(list, i), "UsageData") != NULL);
	return rc < 0 ? rc : volumes_print(v, rows, err);
}

int remote_volume_inspect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_inspect_values *v = values;
	return remote_inspect_all(cli, "/volumes/", "", v->format, argc, argv, err);
}

static int volume_rm_one(struct client *c, const char *name, const void *values, struct mc_err *err)
{
	const struct volume_rm_values *v = values;
	_cleanup_buf_ struct buf path = { 0 };
	noun_path(&path, "/volumes/", name, "");
	query_add(&path, "force", v->force ? "1" : NULL);
	return client_delete(c, path.data, err);
}

int remote_volume_rm(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return remote_each(cli, argc, argv, volume_rm_one, values, err);
}
