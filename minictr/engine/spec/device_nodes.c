/*
 * spec/device_nodes.c - linux.devices and the cgroup's rules for them: --device, --device-cgroup-rule,
 * --privileged.
 *
 * Kernel objects and man pages: mknod(2), cgroups(7) (devices controller; eBPF on version 2). Interface:
 * runtime-spec, config-linux.md.
 * Order and why: a rule is read after those before it, so "nothing" comes first, then docker's defaults,
 * then what was asked for. A container may make any node (mknod), but open only what a rule allows.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "base/file.h"
#include "engine/spec/spec.h"

enum { DEVICE_DEPTH_MAX = 8 };

static void add_rule(
	struct json *rules, bool allow, char type, int64_t major_id, int64_t minor_id, const char *access)
{
	char t[2] = { type, '\0' };
	struct json *r = json_add(rules, json_new_object());
	json_set_bool(r, "allow", allow);
	if (type)
		json_set_string(r, "type", t);
	if (major_id >= 0)
		json_set_i64(r, "major", major_id);
	if (minor_id >= 0)
		json_set_i64(r, "minor", minor_id);
	json_set_string(r, "access", access);
}

static void add_default_rules(struct json *rules)
{
	static const int allowed[][2] = { { 1, 5 }, { 1, 3 }, { 1, 9 }, { 1, 8 }, { 1, 7 }, { 5, 0 },
		{ 5, 1 }, { 5, 2 }, { 136, -1 } };
	add_rule(rules, false, '\0', -1, -1, "rwm");
	add_rule(rules, true, 'c', -1, -1, "m");
	add_rule(rules, true, 'b', -1, -1, "m");
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		add_rule(rules, true, 'c', allowed[i][0], allowed[i][1], "rwm");
}

static void add_device(struct json *devices, const char *path, const struct stat *st)
{
	struct json *d = json_add(devices, json_new_object());
	json_set_string(d, "path", path);
	json_set_string(d, "type", S_ISBLK(st->st_mode) ? "b" : "c");
	json_set_i64(d, "major", major(st->st_rdev));
	json_set_i64(d, "minor", minor(st->st_rdev));
	json_set_i64(d, "fileMode", st->st_mode & 07777);
	json_set_i64(d, "uid", st->st_uid);
	json_set_i64(d, "gid", st->st_gid);
}

static bool is_device(mode_t mode) { return S_ISBLK(mode) || S_ISCHR(mode); }

/* How one --device reads: where its nodes go, and what the cgroup lets the container do with them. */
struct wanted_device {
	struct json *devices, *rules;
	const char *access;
	bool any;
};

/* A node, or a directory of nodes (/dev/snd, /dev/dri), whose names stay the same below `inside`. Links are
 * left out, as docker does: what they name has a node of its own. */
static void add_nodes(struct wanted_device *w, const char *host, const char *inside, int depth)
{
	struct mc_err ignored = { 0 };
	struct stat st;
	_cleanup_strv_ char **names = NULL;
	if ((depth ? lstat(host, &st) : stat(host, &st)) < 0)
		return;
	if (is_device(st.st_mode)) {
		add_device(w->devices, inside, &st);
		add_rule(w->rules, true, S_ISBLK(st.st_mode) ? 'b' : 'c', major(st.st_rdev),
			minor(st.st_rdev), w->access);
		w->any = true;
	}
	if (!S_ISDIR(st.st_mode) || depth > DEVICE_DEPTH_MAX ||
		dir_list(AT_FDCWD, host, &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *below = xasprintf("%s/%s", host, names[i]);
		_cleanup_free_ char *there = xasprintf("%s/%s", inside, names[i]);
		add_nodes(w, below, there, depth + 1);
	}
}

static int add_wanted_device(
	const struct json *d, struct json *devices, struct json *rules, struct mc_err *err)
{
	const char *host = json_text_at(d, "PathOnHost", ""),
		   *inside = json_text_at(d, "PathInContainer", "");
	const char *access = json_text_at(d, "CgroupPermissions", "");
	struct wanted_device w = { devices, rules, *access ? access : "rwm", false };
	struct stat st;
	if (stat(host, &st) < 0)
		return err_set(err, ENOENT,
			"error gathering device information while adding custom device \"%s\": "
			"no such file or directory",
			host);
	add_nodes(&w, host, *inside ? inside : host, 0);
	return w.any ? 0
		     : err_set(err, EINVAL,
			       "error gathering device information while adding custom device \"%s\": "
			       "not a device node, and no directory that holds one",
			       host);
}

/* --privileged: every node of the host's /dev, one level of directories deep. */
static void add_all_devices(const char *dir, int depth, struct json *devices)
{
	static const char *const skip[] = { "pts", "shm", "mqueue", "fd", "console", "null", "zero", "full",
		"random", "urandom", "tty", "ptmx" };
	_cleanup_closedir_ DIR *d = opendir(dir);
	struct dirent *e;
	while (d && (e = readdir(d))) {
		struct stat st;
		bool skipped = *e->d_name == '.';
		for (size_t i = 0; i < ARRAY_LEN(skip) && depth == 0; i++)
			skipped |= str_eq(e->d_name, skip[i]);
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, e->d_name);
		if (skipped || lstat(path, &st) < 0)
			continue;
		if (is_device(st.st_mode))
			add_device(devices, path, &st);
		else if (S_ISDIR(st.st_mode) && depth < 2)
			add_all_devices(path, depth + 1, devices);
	}
}

/* "c 1:3 rwm", "b 8:* r" */
static int add_written_rule(const char *rule, struct json *rules, struct mc_err *err)
{
	char type, major_text[16], minor_text[16], access[8];
	uint64_t a = 0, b = 0;
	bool ok =
		sscanf(rule, "%c %15[0-9*]:%15[0-9*] %7[rwm]", &type, major_text, minor_text, access) == 4 &&
		strchr("abc", type) && (*major_text == '*' || parse_u64(major_text, &a) == 0) &&
		(*minor_text == '*' || parse_u64(minor_text, &b) == 0);
	if (!ok)
		return err_set(err, EINVAL, "invalid device cgroup rule format: '%s'", rule);
	add_rule(rules, true, type, *major_text == '*' ? -1 : (int64_t)a,
		*minor_text == '*' ? -1 : (int64_t)b, access);
	return 0;
}

int spec_devices(const struct spec_input *in, bool privileged, struct json *part, struct mc_err *err)
{
	const struct json *host = in->container->host, *wanted = json_member(host, "Devices");
	const struct json *written = json_member(host, "DeviceCgroupRules");
	struct json *devices = json_set(part, "devices", json_new_array());
	struct json *rules = json_set(json_sub(part, "resources"), "devices", json_new_array());
	int rc = 0;
	if (privileged) {
		add_rule(rules, true, '\0', -1, -1, "rwm");
		add_all_devices("/dev", 0, devices);
	} else {
		add_default_rules(rules);
	}
	for (size_t i = 0; rc >= 0 && i < json_len(wanted); i++)
		rc = add_wanted_device(json_item(wanted, i), devices, rules, err);
	for (size_t i = 0; rc >= 0 && i < json_len(written); i++)
		rc = add_written_rule(json_text_of(json_item(written, i)), rules, err);
	/* The kernel wants root for these. */
	if (in->engine->rootless)
		json_unset(json_sub(part, "resources"), "devices");
	return rc;
}
