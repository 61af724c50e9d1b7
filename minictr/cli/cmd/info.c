/*
 * cmd/info.c - `info`: this engine, this machine, and what the machine lacks, each with the fix.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "engine/container.h"
#include "image/image.h"

#include <fcntl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/format/table.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct info_values, format), "string", "'json' or a template" },
	{ 0 },
};

/* 2: one tree with all controllers. A v2 tree without any beside v1's controllers is 1, and a warning. */
static const char *cgroup_version(void)
{
	struct statfs s;
	if (statfs("/sys/fs/cgroup", &s) == 0 && s.f_type == 0x63677270)
		return "2";
	return path_is_dir(AT_FDCWD, "/sys/fs/cgroup/memory") ? "1" : "none";
}

static void count_containers(struct engine *e, struct json *d)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	struct mc_err err = { 0 };
	int running = 0, paused = 0, stopped = 0;
	if (container_list(e, &list, &err) < 0)
		err_print(&err, "minictr");
	for (size_t i = 0; i < list.count; i++) {
		running += list.items[i].status == CONTAINER_RUNNING;
		paused += list.items[i].status == CONTAINER_PAUSED;
		stopped += !container_is_active(&list.items[i]);
	}
	json_set_i64(d, "Containers", (int64_t)list.count);
	json_set_i64(d, "ContainersRunning", running);
	json_set_i64(d, "ContainersPaused", paused);
	json_set_i64(d, "ContainersStopped", stopped);
}

static void count_images(struct engine *e, struct json *d)
{
	struct mc_err err = { 0 };
	struct image *list = NULL;
	size_t n = 0;
	_cleanup_close_ int store = store_open(e->root, &err);
	if (store < 0 || image_list(store, &list, &n, &err) < 0)
		err_print(&err, "minictr");
	json_set_i64(d, "Images", (int64_t)n);
	image_list_free(list, n);
}

static char *os_name(void)
{
	struct mc_err err = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	if (file_read(AT_FDCWD, "/etc/os-release", 65536, &b, &err) == 0) {
		char *p = strstr(b.data, "PRETTY_NAME=\"");
		if (p) {
			p += strlen("PRETTY_NAME=\"");
			return xstrndup(p, strcspn(p, "\"\n"));
		}
	}
	return xstrdup("Linux");
}

static void describe_machine(struct json *d)
{
	struct utsname u;
	struct sysinfo s;
	_cleanup_free_ char *os = os_name();
	uname(&u);
	sysinfo(&s);
	json_set_string(d, "KernelVersion", u.release);
	json_set_string(d, "OperatingSystem", os);
	json_set_string(d, "OSType", "linux");
	json_set_string(d, "Architecture", u.machine);
	json_set_i64(d, "NCPU", sysconf(_SC_NPROCESSORS_ONLN));
	json_set_u64(d, "MemTotal", (uint64_t)s.totalram * s.mem_unit);
	json_set_string(d, "Name", u.nodename);
	json_set_string(d, "CgroupVersion", cgroup_version());
}

static void add_warnings(const struct engine *e, struct json *d)
{
	struct json *w = json_set(d, "Warnings", json_new_array());
	if (str_eq(cgroup_version(), "none"))
		json_add(w, json_new_string("no cgroups are mounted: limits will be refused (mount -t "
					    "cgroup2 none /sys/fs/cgroup)"));
	if (access("/sys/fs/cgroup/unified", F_OK) == 0)
		json_add(w, json_new_string("cgroup hybrid: limits go to v1; boot with "
					    "systemd.unified_cgroup_hierarchy=1 for v2"));
	if (access("/proc/self/ns/user", F_OK) != 0)
		json_add(w, json_new_string("this kernel has no user namespaces: no container without root"));
	if (e->rootless && !e->systemd)
		json_add(w, json_new_string(
				    "without root: limits need a delegated cgroup (systemd user session)"));
}

static struct json *describe(struct engine *e)
{
	struct json *d = json_new_object();
	count_containers(e, d);
	count_images(e, d);
	json_set_string(d, "ServerVersion", MINICTR_VERSION);
	json_set_string(d, "Driver", "overlay2");
	json_set_string(d, "MinictrRootDir", e->root);
	json_set_string(d, "MinictrRunDir", e->run_dir);
	/* what scripts for docker ask for */
	json_set_string(d, "DockerRootDir", e->root);
	json_set_string(d, "LoggingDriver", "json-file");
	json_set_string(d, "CgroupDriver", e->systemd ? "systemd" : "cgroupfs");
	json_set_string(json_sub(d, "Swarm"), "LocalNodeState", "inactive");
	json_set_string(d, "DefaultRuntime", e->config.runtime ? e->config.runtime : "minictr-oci");
	json_set_bool(d, "Rootless", e->rootless);
	describe_machine(d);
	add_warnings(e, d);
	return d;
}

static void line(const struct json *d, const char *title, const char *key)
{
	const struct json *v = json_member(d, key);
	if (!v)
		return;
	_cleanup_free_ char *text = json_text_of(v) ? xstrdup(json_text_of(v)) : json_dump(v, false);
	printf("%s: %s\n", title, text);
}

static void info_text(const struct json *d)
{
	line(d, "Containers", "Containers");
	line(d, " Running", "ContainersRunning");
	line(d, " Paused", "ContainersPaused");
	line(d, " Stopped", "ContainersStopped");
	line(d, "Images", "Images");
	line(d, "Server Version", "ServerVersion");
	line(d, "Storage Driver", "Driver");
	line(d, "Runtime", "DefaultRuntime");
	line(d, "Cgroup Version", "CgroupVersion");
	line(d, "Kernel Version", "KernelVersion");
	line(d, "Operating System", "OperatingSystem");
	line(d, "Architecture", "Architecture");
	line(d, "CPUs", "NCPU");
	_cleanup_free_ char *memory = text_size_binary(json_int_of(json_member(d, "MemTotal")));
	printf("Total Memory: %s\n", memory);
	line(d, "Name", "Name");
	line(d, "Root Dir", json_member(d, "MinictrRootDir") ? "MinictrRootDir" : "DockerRootDir");
	line(d, "Run Dir", "MinictrRunDir");
	line(d, "Rootless", "Rootless");
	fflush(stdout);
	const struct json *w = json_member(d, "Warnings");
	for (size_t i = 0; i < json_len(w); i++)
		fprintf(stderr, "WARNING: %s\n", json_text_of(json_item(w, i)));
}

int info_print(const struct info_values *v, struct json *doc, struct mc_err *err)
{
	_cleanup_json_ struct json *all = json_new_array();
	json_add(all, doc);
	if (v->format)
		return str_eq(v->format, "json") ? format_list("json", "", NULL, all, stdout, err)
						 : format_inspect(v->format, all, stdout, err);
	info_text(doc);
	return 0;
}

static int info_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct info_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	int rc = use_engine(cli, &e, err);
	return rc < 0 ? rc : info_print(v, describe(&e), err);
}

const struct command cmd_info = {
	.name = "info",
	.aliases = "system info",
	.group = GROUP_SYSTEM,
	.usage = "[OPTIONS]",
	.summary = "Show this engine, this machine and what it lacks",
	.example = "minictr info --format '{{.CgroupVersion}}'",
	.options = options,
	.values_size = sizeof(struct info_values),
	.run = info_run,
};
