/*
 * inspect_tree.c - a running container as a picture: what the kernel keeps of it, read from /proc and
 * cgroupfs now.
 *
 * Processes from ps(1) with both numbers (NSpid, proc_pid_status(5)), namespaces by inode with "own" or
 * "host's" (namespaces(7)), mounts from mountinfo, layers from the image, the cgroup's limits and use, links.
 */
#include "cli/inspect_parts.h"

#include <fcntl.h>

#include "base/file.h"
#include "cli/format/draw.h"
#include "cli/ns_links.h"
#include "cli/format/table.h"
#include "engine/container_root.h"
#include "engine/inspect.h"
#include "image/image.h"

/* --- processes --- */

/* The number of a process in its own pid namespace: the last one in "NSpid: 1899 1". */
static int inside_pid(int pid)
{
	char path[40];
	struct mc_err err = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (file_read(AT_FDCWD, path, 65536, &b, &err) < 0)
		return 0;
	char *line = strstr(b.data, "\nNSpid:");
	if (!line)
		return 0;
	line[1 + strcspn(line + 1, "\n")] = '\0';
	const char *last = strrchr(line, '\t');
	return last ? atoi(last + 1) : 0;
}

static const char *cell(const struct json *row, size_t i)
{
	const char *s = json_text_of(json_item(row, i));
	return s ? s : "";
}

/* Rows are PID PPID COMMAND; adds those whose parent is `parent`, with their own children below them. */
static void add_children(struct node *at, const struct json *rows, const char *parent, int depth)
{
	for (size_t i = 0; i < json_len(rows) && depth < 32; i++) {
		const struct json *row = json_item(rows, i);
		if (!str_eq(cell(row, 1), parent))
			continue;
		struct node *n = node_add(at, "%d  %s   (%s on the host)", inside_pid(atoi(cell(row, 0))),
			cell(row, 2), cell(row, 0));
		add_children(n, rows, cell(row, 0), depth + 1);
	}
}

static bool has_pid(const struct json *rows, const char *pid)
{
	for (size_t i = 0; i < json_len(rows); i++)
		if (str_eq(cell(json_item(rows, i), 0), pid))
			return true;
	return false;
}

static int add_processes(struct node *root, struct engine *e, const struct container *c, struct mc_err *err)
{
	char *const args[] = { "-eo", "pid,ppid,args", NULL };
	_cleanup_json_ struct json *doc = NULL;
	int rc = container_top(e, c->id, args, &doc, err);
	if (rc < 0)
		return rc;
	const struct json *rows = json_member(doc, "Processes");
	struct node *at = node_add(root, "processes");
	for (size_t i = 0; i < json_len(rows); i++) {
		const struct json *row = json_item(rows, i);
		if (has_pid(rows, cell(row, 1)))
			/* the child of another one: drawn below its parent */
			continue;
		struct node *n = node_add(at, "%d  %s   (%s on the host)", inside_pid(atoi(cell(row, 0))),
			cell(row, 2), cell(row, 0));
		add_children(n, rows, cell(row, 0), 0);
	}
	return 0;
}

/* --- namespaces --- */

static int add_namespaces(struct node *root, const struct container *c, struct mc_err *err)
{
	uint64_t own[NS_KINDS], host[NS_KINDS];
	int rc = ns_read(0, host, err);
	if (rc == 0)
		rc = ns_read(c->init.pid, own, err);
	if (rc < 0)
		return rc;
	struct node *at = node_add(root, "namespaces");
	for (size_t i = 0; i < NS_KINDS; i++)
		if (own[i])
			node_add(at, "%-7s %-7s %llu   %s", ns_kinds[i], own[i] == host[i] ? "host's" : "own",
				(unsigned long long)own[i], ns_meaning[i]);
	return 0;
}

/* --- files --- */

static int add_layers(struct node *root, struct engine *e, const struct container *c, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	_cleanup_free_ char *upper = container_upper(e, c->id);
	_cleanup_close_ int store = store_open(e->root, err);
	if (store < 0)
		return store;
	struct node *at = node_add(root, "root file system, seen from above");
	node_add(at, "writable   %s", upper);
	if (image_find(store, c->image_id ? c->image_id : c->image, &img, err) < 0) {
		node_add(at, "image      %s (not in the store any more)", c->image);
		return 0;
	}
	const struct json *ids = json_at(img.config, "rootfs.diff_ids");
	for (size_t i = json_len(ids); i-- > 0;) {
		const char *id = json_text_of(json_item(ids, i));
		_cleanup_free_ char *cut = text_short_id(id ? id : "");
		node_add(at, "read-only  layer %zu %s   of image %s", i + 1, cut, c->image);
	}
	return 0;
}

/* One line of mountinfo: "ID PARENT MAJ:MIN ROOT POINT OPTIONS - TYPE SOURCE ...". */
static void add_mount(struct node *at, char *line)
{
	char point[512], options[128], type[64];
	char *dash = strstr(line, " - ");
	if (!dash || sscanf(line, "%*d %*d %*s %*s %511s %127s", point, options) != 2 ||
		sscanf(dash, " - %63s", type) != 1)
		return;
	options[strcspn(options, ",")] = '\0';
	node_add(at, "%-22s %-8s %s", point, type, options);
}

static int add_mounts(struct node *root, const struct container *c, struct mc_err *err)
{
	char path[40];
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)c->init.pid);
	int rc = file_read(AT_FDCWD, path, 4 << 20, &b, err);
	if (rc < 0)
		return rc;
	struct node *at = node_add(root, "mounts");
	for (char *save = NULL, *line = strtok_r(b.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		add_mount(at, line);
	return 0;
}

/* --- cgroup and links --- */

static int add_cgroup(struct node *root, struct engine *e, const struct container *c, struct mc_err *err)
{
	struct container_stats s;
	_cleanup_free_ char *path = engine_cgroup_path(e, c->id);
	int rc = container_stats(e, c, &s, err);
	if (rc < 0)
		return rc;
	const struct json *cpus = json_member(c->host, "NanoCpus"), *memory = json_member(c->host, "Memory");
	_cleanup_free_ char *used = text_size_binary((int64_t)s.memory);
	_cleanup_free_ char *limit = text_size_binary((int64_t)s.memory_limit);
	struct node *at = node_add(root, "cgroup %s", path);
	node_add(at, "memory  %s of %s%s", used, limit,
		json_int_of(memory) ? "" : " (the machine's: no limit)");
	if (json_int_of(cpus))
		node_add(at, "cpu     %.2f s used, limit %.2f CPUs", (double)s.cpu_ns / 1e9,
			(double)json_int_of(cpus) / 1e9);
	else
		node_add(at, "cpu     %.2f s used, no limit", (double)s.cpu_ns / 1e9);
	if (s.pids_limit && s.pids_limit < INT64_MAX)
		node_add(at, "pids    %llu of %llu", (unsigned long long)s.pids,
			(unsigned long long)s.pids_limit);
	else
		node_add(at, "pids    %llu, no limit", (unsigned long long)s.pids);
	return 0;
}

static int add_links(struct node *root, const struct container *c, struct mc_err *err)
{
	char path[40];
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/net/dev", (int)c->init.pid);
	int rc = file_read(AT_FDCWD, path, 1 << 20, &b, err);
	if (rc < 0)
		return rc;
	struct node *at = node_add(root, "links");
	for (char *save = NULL, *line = strtok_r(b.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		char name[32];
		unsigned long long rx, tx;
		if (sscanf(line, " %31[^:]: %llu %*u %*u %*u %*u %*u %*u %*u %llu", name, &rx, &tx) == 3)
			node_add(at, "%-8s in %llu bytes, out %llu bytes", name, rx, tx);
	}
	return 0;
}

int inspect_tree(struct engine *e, const char *name, FILE *out, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *status = container_status_text(&c);
	struct node *root = node_new("%s (%.12s)   %s   image %s", c.name, c.id, status, c.image);
	bool alive = container_is_active(&c) && c.init.pid;
	if (alive)
		rc = add_processes(root, e, &c, err);
	if (rc == 0 && alive)
		rc = add_namespaces(root, &c, err);
	if (rc == 0)
		rc = add_layers(root, e, &c, err);
	if (rc == 0 && alive)
		rc = add_mounts(root, &c, err);
	if (rc == 0 && alive)
		rc = add_cgroup(root, e, &c, err);
	if (rc == 0 && alive)
		rc = add_links(root, &c, err);
	if (rc == 0)
		node_print(root, out);
	node_free(root);
	return rc;
}
