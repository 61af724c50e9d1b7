/*
 * remote_system.c - info, version, system df and the prunes of a daemon.
 */
#include "cli/remote/remote.h"

#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/format/table.h"

int remote_info(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	struct json *doc = NULL;
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, "/info", &doc, err);
	if (rc >= 0 && !doc)
		doc = json_new_object();
	return rc < 0 ? rc : info_print(values, doc, err);
}

int remote_version(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct version_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *doc = json_new_array();
	struct json *server = NULL, *all = json_add(doc, json_new_object());
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, "/version", &server, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *api = xasprintf("1.%u", c.minor), *where = endpoint_text(&c.at);
	json_set_string(json_sub(all, "Client"), "Version", MINICTR_VERSION);
	json_set_string(json_sub(all, "Client"), "ApiVersion", api);
	json_set(all, "Server", server);
	if (v->format)
		return str_eq(v->format, "json") ? format_list("json", "", NULL, doc, stdout, err)
						 : format_inspect(v->format, doc, stdout, err);
	printf("Client: minictr %s\n API:     %s (agreed on)\n", MINICTR_VERSION, api);
	printf("Server: %s\n Address: %s\n API:     %s (since %s)\n Kernel:  %s %s\n",
		json_text_at(server, "Version", "?"), where, json_text_at(server, "ApiVersion", "?"),
		json_text_at(server, "MinAPIVersion", "?"), json_text_at(server, "KernelVersion", "?"),
		json_text_at(server, "Arch", "?"));
	return 0;
}

/* --- df --- */

static int64_t number(const struct json *o, const char *key) { return json_int_of(json_member(o, key)); }

static void sum_kind(struct json *rows, const char *type, const struct json *list, const char *size_key,
	bool (*active)(const struct json *), const struct df_values *v)
{
	struct df_sum s = { 0 };
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *one = json_item(list, i);
		const struct json *usage = json_member(one, "UsageData");
		int64_t size = number(usage ? usage : one, usage ? "Size" : size_key);
		bool used = active(one);
		size = size < 0 ? 0 : size;
		s.total++;
		s.active += used;
		s.size += size;
		s.reclaimable += used ? 0 : size;
		const char *id = json_text_of(json_member(one, "Id"));
		_cleanup_free_ char *shown = id ? text_short_id(id) : xstrdup(json_text_at(one, "Name", "?"));
		_cleanup_free_ char *text = text_size(size);
		if (v->verbose)
			printf("%-14s %-14.14s  %-10s %s\n", type, shown, text, used ? "in use" : "unused");
	}
	df_row(rows, type, &s);
}

static bool image_active(const struct json *o) { return number(o, "Containers") > 0; }
static bool volume_active(const struct json *o) { return json_int_of(json_at(o, "UsageData.RefCount")) > 0; }

static bool container_active(const struct json *o)
{
	const char *state = json_text_of(json_member(o, "State"));
	return str_eq(state, "running") || str_eq(state, "paused") || str_eq(state, "restarting");
}

static bool cache_active(const struct json *o)
{
	bool used = false;
	struct mc_err ignored = { 0 };
	json_get_bool(o, &used, &ignored, "InUse");
	return used;
}

int remote_df(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct df_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_json_ struct json *doc = NULL, *rows = json_new_array();
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = client_get(&c, "/system/df", &doc, err);
	if (rc < 0)
		return rc;
	sum_kind(rows, "Images", json_member(doc, "Images"), "Size", image_active, v);
	sum_kind(rows, "Containers", json_member(doc, "Containers"), "SizeRw", container_active, v);
	sum_kind(rows, "Local Volumes", json_member(doc, "Volumes"), "Size", volume_active, v);
	sum_kind(rows, "Build Cache", json_member(doc, "BuildCache"), "Size", cache_active, v);
	return df_print(v, rows, err);
}

/* --- prune --- */

struct pruning {
	const char *path, *key, *title; /* key of the answer's list */
};
static const struct pruning containers = { "/containers/prune", "ContainersDeleted", "Deleted Containers:" };
static const struct pruning images = { "/images/prune", "ImagesDeleted", "Deleted Images:" };
static const struct pruning networks = { "/networks/prune", "NetworksDeleted", "Deleted Networks:" };
static const struct pruning volumes = { "/volumes/prune", "VolumesDeleted", "Deleted Volumes:" };
static const struct pruning cache = { "/build/prune", "CachesDeleted", "Deleted build cache objects:" };

/* An entry of the list: a name, or {"Untagged"} and {"Deleted"} of an image. */
static void print_entry(const struct json *one)
{
	struct json_iter it = { 0 };
	if (json_text_of(one)) {
		puts(json_text_of(one));
		return;
	}
	while (json_kind_of(one) == JSON_OBJECT && json_next(one, &it))
		printf("%s: %s\n", str_eq(it.key, "Deleted") ? "deleted" : "untagged",
			json_text_of(it.value));
}

static int prune(
	struct client *c, const struct pruning *p, char *const filters[], int64_t *freed, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf path = { 0 };
	buf_adds(&path, p->path);
	query_filters(&path, filters);
	int rc = client_call(c, &(struct client_call){ .method = "POST", .path = path.data }, &doc, err);
	const struct json *list = json_member(doc, p->key);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < json_len(list); i++) {
		if (!i)
			puts(p->title);
		print_entry(json_item(list, i));
	}
	if (json_len(list))
		putchar('\n');
	*freed += number(doc, "SpaceReclaimed");
	return 0;
}

static int prune_one(struct cli *cli, const struct pruning *p, bool force, const char *question,
	char *const filters[], bool total, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_free_ char *asked =
		xasprintf("WARNING! This will remove %s.\nAre you sure you want to continue?", question);
	int64_t freed = 0;
	if (!force && !ask_yes(asked))
		return 0;
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = prune(&c, p, filters, &freed, err);
	_cleanup_free_ char *size = text_size(freed);
	if (rc >= 0 && total)
		printf("Total reclaimed space: %s\n", size);
	return rc;
}

int remote_container_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct prune_values *v = values;
	return prune_one(cli, &containers, v->force, "all stopped containers", v->filters, true, err);
}

/* Without --all only what has no name: docker's filter dangling. */
static char **image_filters(char *const filters[], bool all)
{
	char **list = strv_copy(filters);
	strv_push(&list, all ? "dangling=false" : "dangling=true");
	return list;
}

int remote_image_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct image_prune_values *v = values;
	_cleanup_strv_ char **filters = image_filters(v->filters, v->all);
	return prune_one(cli, &images, v->force,
		v->all ? "all images without at least one container associated to them"
		       : "all dangling images",
		filters, true, err);
}

int remote_network_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_prune_values *v = values;
	return prune_one(cli, &networks, v->force, "all custom networks not used by at least one container",
		v->filters, false, err);
}

int remote_volume_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_prune_values *v = values;
	_cleanup_strv_ char **filters = strv_copy(v->filters);
	if (v->all)
		strv_push(&filters, "all=true");
	return prune_one(cli, &volumes, v->force,
		v->all ? "all volumes not used by at least one container"
		       : "anonymous volumes not used by at least one container",
		filters, true, err);
}

int remote_builder_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct builder_prune_values *v = values;
	return prune_one(cli, &cache, v->force, "the build cache", NULL, true, err);
}

int remote_system_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct prune_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	_cleanup_strv_ char **filters = image_filters(v->filters, v->all);
	int64_t freed = 0;
	if (!v->force &&
		!ask_yes("WARNING! This will remove:\n  - all stopped containers\n  - all networks not used "
			 "by at least one container\n  - images and build cache without a user\n"
			 "Are you sure you want to continue?"))
		return 0;
	int rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = prune(&c, &containers, v->filters, &freed, err);
	if (rc >= 0)
		rc = prune(&c, &networks, v->filters, &freed, err);
	if (rc >= 0 && v->volumes)
		rc = prune(&c, &volumes, v->filters, &freed, err);
	if (rc >= 0)
		rc = prune(&c, &images, filters, &freed, err);
	if (rc >= 0)
		rc = prune(&c, &cache, NULL, &freed, err);
	_cleanup_free_ char *size = text_size(freed);
	if (rc >= 0)
		printf("Total reclaimed space: %s\n", size);
	return rc;
}
