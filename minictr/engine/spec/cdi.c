/*
 * spec/cdi.c - --gpus, and --device VENDOR/CLASS=NAME: devices as their vendor describes them.
 *
 * The Container Device Interface: a vendor's tool writes what a container needs for a device (nodes, mounts,
 * variables, hooks) into a file of /etc/cdi or /var/run/cdi; engines add that to config.json. Root alone can
 * write there, and a hook runs as root: the files are trusted as the host's own configuration is.
 * YAML is read by minictr-compose, which has a library for it, and comes back as JSON.
 * https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/program.h"
#include "base/spawn.h"
#include "engine/spec/spec.h"

enum { CDI_MOST = 4 << 20 };

/* --- what is asked for --- */

bool spec_cdi_is_name(const char *word)
{
	const char *is = strchr(word, '='), *slash = strchr(word, '/');
	return *word != '/' && slash && is && slash < is && is[1];
}

/* "all", a number, or "device=0,1", perhaps in quotes as docker's users write it. */
const char *spec_cdi_wrong_gpus(const char *word)
{
	int64_t n;
	if (str_eq(word, "all") || (parse_i64(word, &n) == 0 && n >= -1) || str_starts(word, "device=") ||
		str_starts(word, "\"device="))
		return NULL;
	return "it is all, a number, or device=NAME[,NAME]";
}

void spec_cdi_requests(struct json *host, const char *gpus, char *const devices[])
{
	struct json *all = json_new_array(), *ids = json_new_array();
	for (size_t i = 0; devices && devices[i]; i++)
		if (spec_cdi_is_name(devices[i]))
			json_add(ids, json_new_string(devices[i]));
	if (json_len(ids)) {
		struct json *r = json_add(all, json_new_object());
		json_set_string(r, "Driver", "cdi");
		json_set(r, "DeviceIDs", ids);
	} else {
		json_free(ids);
	}
	if (gpus && *gpus) {
		struct json *r = json_add(all, json_new_object());
		int64_t count = -1;
		const char *list = strstr(gpus, "device=");
		_cleanup_free_ char *names = xstrdup(list ? list + strlen("device=") : "");
		struct json *chosen = json_new_array();
		names[strcspn(names, "\"")] = '\0';
		for (char *rest = names, *one; *names && (one = strsep(&rest, ","));)
			json_add(chosen, json_new_string(one));
		json_set_string(r, "Driver", "");
		if (!list)
			parse_i64(gpus, &count); /* "all" leaves -1 */
		json_set_i64(r, "Count", list ? 0 : count);
		json_set(r, "DeviceIDs", chosen);
		json_add(json_add(json_set(r, "Capabilities", json_new_array()), json_new_array()),
			json_new_string("gpu"));
	}
	if (json_len(all))
		json_set(host, "DeviceRequests", all);
	else
		json_free(all);
}

/* --- what a file says --- */

static const char *text(const struct json *part, const char *key)
{
	return json_text_of(json_member(part, key));
}

static struct json *list_of(struct json *object, const char *key)
{
	const struct json *there = json_member(object, key);
	return there ? (struct json *)there : json_set(object, key, json_new_array());
}

static void copy_keys(struct json *to, const struct json *from, const char *const keys[])
{
	for (; *keys; keys++)
		if (json_member(from, *keys))
			json_set(to, *keys, json_copy(json_member(from, *keys)));
}

static int add_node(struct json *doc, const struct json *n, struct mc_err *err)
{
	static const char *const keys[] = { "path", "type", "major", "minor", "fileMode", "uid", "gid",
		NULL };
	const char *path = text(n, "path"), *host = text(n, "hostPath"), *access = text(n, "permissions");
	struct json *kernel = json_sub(doc, "linux");
	struct json *d = json_add(list_of(kernel, "devices"), json_new_object());
	struct stat st;
	copy_keys(d, n, keys);
	if (!json_member(n, "major") || !json_member(n, "type")) {
		if (!path || stat(host ? host : path, &st) < 0)
			return err_sys(err, "CDI device node %s",
				host   ? host
				: path ? path
				       : "without a path");
		json_set_string(d, "type", S_ISBLK(st.st_mode) ? "b" : "c");
		json_set_i64(d, "major", major(st.st_rdev));
		json_set_i64(d, "minor", minor(st.st_rdev));
	}
	struct json *rule = json_add(list_of(json_sub(kernel, "resources"), "devices"), json_new_object());
	static const char *const same[] = { "type", "major", "minor", NULL };
	json_set_bool(rule, "allow", true);
	copy_keys(rule, d, same);
	json_set_string(rule, "access", access && *access ? access : "rwm");
	return 0;
}

static void add_mount(struct json *doc, const struct json *m)
{
	struct json *to = json_add(list_of(doc, "mounts"), json_new_object());
	json_set_string(to, "destination", text(m, "containerPath"));
	json_set_string(to, "source", text(m, "hostPath"));
	json_set_string(to, "type", text(m, "type") ? text(m, "type") : "bind");
	json_set(to, "options", json_copy(json_member(m, "options")));
	if (!json_member(m, "options"))
		json_add(json_set(to, "options", json_new_array()), json_new_string("rbind"));
}

static int add_edits(struct json *doc, const struct json *edits, struct mc_err *err)
{
	static const char *const hook_keys[] = { "path", "args", "env", "timeout", NULL };
	const struct json *env = json_member(edits, "env"), *nodes = json_member(edits, "deviceNodes");
	const struct json *mounts = json_member(edits, "mounts"), *hooks = json_member(edits, "hooks");
	const struct json *groups = json_member(edits, "additionalGids");
	struct json *process = json_sub(doc, "process");
	int rc = 0;
	for (size_t i = 0; i < json_len(env); i++)
		json_add(list_of(process, "env"), json_copy(json_item(env, i)));
	for (size_t i = 0; i < json_len(groups); i++)
		json_add(list_of(json_sub(process, "user"), "additionalGids"),
			json_copy(json_item(groups, i)));
	for (size_t i = 0; i < json_len(nodes) && rc >= 0; i++)
		rc = add_node(doc, json_item(nodes, i), err);
	for (size_t i = 0; i < json_len(mounts); i++)
		add_mount(doc, json_item(mounts, i));
	for (size_t i = 0; i < json_len(hooks); i++) {
		const char *name = text(json_item(hooks, i), "hookName");
		if (!name)
			return err_set(err, EINVAL, "CDI: hooks[%zu].hookName is missing", i);
		copy_keys(json_add(list_of(json_sub(doc, "hooks"), name), json_new_object()),
			json_item(hooks, i), hook_keys);
	}
	return rc;
}

/* --- finding it --- */

static int load_yaml(const char *path, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ char *reader = NULL;
	_cleanup_buf_ struct buf text = { 0 };
	int rc = program_path("minictr-compose", &reader, err);
	if (rc < 0)
		return rc;
	struct spawn s = { .argv = (char *[]){ reader, "--as-json", (char *)path, NULL } };
	rc = spawn_read(&s, CDI_MOST, &text, err);
	if (rc > 0)
		return err_set(err, EINVAL, "%s cannot be read as YAML (see above)", path);
	return rc < 0 ? rc : json_parse(text.data, text.len, path, ret, err);
}

/* All files in one list of documents; /var/run/cdi, the generated ones, before /etc/cdi. */
static int load_files(struct json *all, struct mc_err *err)
{
	static const char *const dirs[] = { "/var/run/cdi", "/etc/cdi" };
	for (size_t d = 0; d < ARRAY_LEN(dirs); d++) {
		_cleanup_strv_ char **names = NULL;
		struct mc_err absent = { 0 };
		if (dir_list(AT_FDCWD, dirs[d], &names, &absent) < 0)
			continue;
		for (size_t i = 0; names && names[i]; i++) {
			_cleanup_free_ char *path = xasprintf("%s/%s", dirs[d], names[i]);
			struct json *doc = NULL;
			int rc = str_ends(names[i], ".json")
					 ? json_parse_file(AT_FDCWD, path, CDI_MOST, &doc, err)
				 : str_ends(names[i], ".yaml") ? load_yaml(path, &doc, err)
							       : 0;
			if (rc < 0)
				return rc;
			if (!doc) /* not one of CDI's two endings */
				continue;
			json_add(all, doc);
		}
	}
	return 0;
}

/* Adds device name ("all": each of them, unless one is called so) of a file; the number of those added. */
static int add_device(struct json *doc, const struct json *file, const char *name, struct mc_err *err)
{
	const struct json *list = json_member(file, "devices");
	int added = 0, rc = 0;
	bool named = false;
	for (size_t i = 0; i < json_len(list); i++)
		named |= str_eq(text(json_item(list, i), "name"), name);
	for (size_t i = 0; i < json_len(list) && rc >= 0; i++) {
		const struct json *d = json_item(list, i);
		if (!str_eq(text(d, "name"), name) && (named || !str_eq(name, "all")))
			continue;
		rc = add_edits(doc, json_member(d, "containerEdits"), err);
		added++;
	}
	if (rc >= 0 && added)
		rc = add_edits(doc, json_member(file, "containerEdits"), err);
	return rc < 0 ? rc : added;
}

static int add_name(
	struct json *doc, const struct json *files, const char *kind, const char *name, struct mc_err *err)
{
	bool gpu = str_eq(kind, "gpu");
	for (size_t i = 0; i < json_len(files); i++) {
		const char *is = text(json_item(files, i), "kind");
		if (!is || (gpu ? !str_ends(is, "/gpu") : !str_eq(is, kind)))
			continue;
		int rc = add_device(doc, json_item(files, i), name, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	err_set(err, ENOENT,
		"unresolvable CDI device %s=%s: no file of /etc/cdi or /var/run/cdi describes it", kind,
		name);
	err_hint(err, "the vendor's tool writes it: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml");
	return err_exit(err, 125);
}

int spec_cdi(const struct spec_input *in, struct json *doc, struct mc_err *err)
{
	const struct json *requests = json_member(in->container->host, "DeviceRequests");
	_cleanup_json_ struct json *files = json_new_array();
	int rc = json_len(requests) ? load_files(files, err) : 0;
	for (size_t i = 0; i < json_len(requests) && rc >= 0; i++) {
		const struct json *r = json_item(requests, i), *ids = json_member(r, "DeviceIDs");
		bool cdi = str_eq(text(r, "Driver"), "cdi");
		int64_t count = json_int_of(json_member(r, "Count"));
		for (size_t k = 0; k < json_len(ids) && rc >= 0; k++) {
			_cleanup_free_ char *id = xstrdup(json_text_of(json_item(ids, k)));
			char *is = cdi ? strchr(id, '=') : NULL;
			if (is)
				*is = '\0';
			rc = add_name(doc, files, is ? id : "gpu", is ? is + 1 : id, err);
		}
		if (rc >= 0 && !cdi && count < 0)
			rc = add_name(doc, files, "gpu", "all", err);
		for (int64_t k = 0; k < count && rc >= 0 && !cdi; k++) {
			char name[24];
			snprintf(name, sizeof(name), "%lld", (long long)k);
			rc = add_name(doc, files, "gpu", name, err);
		}
	}
	/* The kernel wants root for rules. */
	if (in->engine->rootless)
		json_unset(json_sub(json_sub(doc, "linux"), "resources"), "devices");
	return rc;
}
