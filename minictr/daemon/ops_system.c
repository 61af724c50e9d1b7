/*
 * ops_system.c - info and system df: the whole engine at a glance.
 */
#include "daemon/ops_job.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "daemon/image_events.h"
#include "daemon/job.h"
#include "engine/image_uses.h"
#include "engine/inspect.h"
#include "engine/volumes.h"
#include "image/image.h"

/* --- info --- */

static void count_containers(struct engine *e, struct json *o)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	struct mc_err ignored = { 0 };
	int64_t running = 0, paused = 0, stopped = 0;
	container_list(e, &list, &ignored);
	for (size_t i = 0; i < list.count; i++) {
		paused += list.items[i].status == CONTAINER_PAUSED;
		stopped += !container_is_active(&list.items[i]);
	}
	running = (int64_t)list.count - paused - stopped;
	json_set_i64(o, "Containers", (int64_t)list.count);
	json_set_i64(o, "ContainersRunning", running);
	json_set_i64(o, "ContainersPaused", paused);
	json_set_i64(o, "ContainersStopped", stopped);
}

static void count_images(struct engine *e, struct json *o)
{
	struct image *list = NULL;
	struct mc_err ignored = { 0 };
	size_t n = 0;
	int store = engine_store(e, &ignored);
	if (store >= 0 && image_list(store, &list, &n, &ignored) >= 0)
		image_list_free(list, n);
	json_set_i64(o, "Images", (int64_t)n);
}

static void set_flags(struct json *o)
{
	static const char *const yes[] = { "MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota",
		"CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding", "OomKillDisable" };
	static const char *const no[] = { "Debug", "ExperimentalBuild", "LiveRestoreEnabled",
		"BridgeNfIptables", "BridgeNfIp6tables" };
	static const char *const empty[] = { "HttpProxy", "HttpsProxy", "NoProxy", "InitBinary",
		"IndexServerAddress" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		json_set_bool(o, yes[i], true);
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		json_set_bool(o, no[i], str_eq(no[i], "LiveRestoreEnabled"));
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		json_set_string(o, empty[i], "");
	json_set_string(o, "IndexServerAddress", "https://index.docker.io/v1/");
}

/* --- the machine --- */

static char *os_name(void)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	static const char key[] = "PRETTY_NAME=\"";
	const char *p = file_read(AT_FDCWD, "/etc/os-release", 65536, &b, &ignored) < 0 || !b.data
				? NULL
				: strstr(b.data, key);
	return p ? xstrndup(p + strlen(key), strcspn(p + strlen(key), "\"\n")) : xstrdup("Linux");
}

static void set_machine(struct json *o)
{
	struct utsname u;
	struct sysinfo s;
	struct statfs fs;
	char now[40];
	_cleanup_free_ char *os = os_name();
	uname(&u);
	sysinfo(&s);
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	bool v2 = statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
	json_set_string(o, "SystemTime", now);
	json_set_string(o, "KernelVersion", u.release);
	json_set_string(o, "OperatingSystem", os);
	json_set_string(o, "OSVersion", "");
	json_set_string(o, "OSType", "linux");
	json_set_string(o, "Architecture", u.machine);
	json_set_i64(o, "NCPU", sysconf(_SC_NPROCESSORS_ONLN));
	json_set_u64(o, "MemTotal", (uint64_t)s.totalram * s.mem_unit);
	json_set_string(o, "Name", u.nodename);
	json_set_string(o, "CgroupVersion", v2 ? "2" : "1");
	json_set_i64(o, "NFd", 0);
	json_set_i64(o, "NGoroutines", 1);
	json_set_i64(o, "NEventsListener", 0);
}

/* --- the engine --- */

static void set_strings(struct json *o, const char *key, const char *const words[])
{
	struct json *list = json_set(o, key, json_new_array());
	for (size_t i = 0; words[i]; i++)
		json_add(list, json_new_string(words[i]));
}

static void set_engine(struct engine *e, struct json *o)
{
	static const char *const cdi[] = { "/etc/cdi", "/var/run/cdi", NULL },
				 *const volume[] = { "local", NULL },
				 *const network[] = { "bridge", "host", "null", NULL };
	static const char *const log[] = { "json-file", "local", "none", NULL };
	static const char *const security[] = { "name=seccomp,profile=builtin", "name=cgroupns", NULL };
	const char *runtime = e->config.runtime ? e->config.runtime : "minictr-oci";
	struct json *plugins = json_sub(o, "Plugins");
	_cleanup_free_ char *id = xasprintf("minictr-%s", e->key);
	json_set_string(o, "ID", id);
	json_set_string(o, "Driver", "overlay2");
	struct json *status = json_set(o, "DriverStatus", json_new_array());
	struct json *row = json_add(status, json_new_array());
	json_add(row, json_new_string("Backing Filesystem"));
	json_add(row, json_new_string("overlayfs"));
	json_set(o, "SystemStatus", NULL);
	set_strings(plugins, "Volume", volume);
	set_strings(plugins, "Network", network);
	json_set(plugins, "Authorization", NULL);
	set_strings(plugins, "Log", log);
	json_set_string(o, "LoggingDriver", "json-file");
	json_set_string(o, "CgroupDriver", e->systemd ? "systemd" : "cgroupfs");
	json_set_string(o, "DockerRootDir", e->root);
	json_set_string(o, "ServerVersion", MINICTR_VERSION);
	json_set_string(o, "DefaultRuntime", runtime);
	json_set_string(json_sub(json_sub(o, "Runtimes"), runtime), "path", runtime);
	json_set_string(json_sub(o, "Swarm"), "LocalNodeState", "inactive");
	static const char *const swarm_texts[] = { "NodeID", "NodeAddr", "Error" };
	for (size_t i = 0; i < ARRAY_LEN(swarm_texts); i++)
		json_set_string(json_sub(o, "Swarm"), swarm_texts[i], "");
	json_set_bool(o, "KernelMemory", false);
	json_set_bool(o, "KernelMemoryTCP", false);
	set_strings(o, "CDISpecDirs", cdi);
	json_set_bool(json_sub(o, "Swarm"), "ControlAvailable", false);
	set_strings(o, "SecurityOptions", security);
	json_set_string(o, "Isolation", "");
	json_set(o, "Labels", json_new_array());
	json_set(o, "GenericResources", NULL);
	json_set(o, "Warnings", json_new_array());
	for (size_t i = 0; i < 3; i++) {
		static const char *const parts[] = { "ContainerdCommit", "RuncCommit", "InitCommit" };
		json_set_string(json_sub(o, parts[i]), "ID", "");
		json_set_string(json_sub(o, parts[i]), "Expected", "");
	}
}

static void set_registry(struct json *o)
{
	struct json *r = json_sub(o, "RegistryConfig"),
		    *hub = json_sub(json_sub(r, "IndexConfigs"), "docker.io");
	struct json *local = json_set(r, "InsecureRegistryCIDRs", json_new_array());
	json_add(local, json_new_string("127.0.0.0/8"));
	json_set(r, "AllowNondistributableArtifactsCIDRs", json_new_array());
	json_set(r, "AllowNondistributableArtifactsHostnames", json_new_array());
	json_set(r, "Mirrors", json_new_array());
	json_set_string(hub, "Name", "docker.io");
	json_set(hub, "Mirrors", json_new_array());
	json_set_bool(hub, "Secure", true);
	json_set_bool(hub, "Official", true);
}

int op_info(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *o = json_new_object();
	count_containers(e, o);
	count_images(e, o);
	set_engine(e, o);
	set_machine(o);
	set_flags(o);
	set_registry(o);
	reply_json(r, 200, o);
	return 0;
}

/* --- df --- */

static int df_containers(struct engine *e, struct json *rows, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	int rc = container_list(e, &list, err);
	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		struct json *row = NULL;
		rc = container_summary(e, &list.items[i], true, &row, err);
		if (rc >= 0)
			json_add(rows, row);
	}
	return rc;
}

/* "type", since API 1.42: all kinds are counted whatever it says, as the client shows what it asked for. */
static int df_types(const struct request *q, struct mc_err *err)
{
	static char *const known[] = { "container", "image", "volume", "build-cache", NULL };
	_cleanup_strv_ char **types = request_api(q) < 42 ? NULL : request_queries(q, "type");
	for (size_t i = 0; types && types[i]; i++)
		if (!strv_has(known, types[i]))
			return err_set(err, EINVAL, "unknown object type: %s", types[i]);
	return 0;
}

int op_df(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_json_ struct json *o = json_new_object();
	struct json *images = json_set(o, "Images", json_new_array()), *volumes = NULL;
	struct json *containers = json_set(o, "Containers", json_new_array());
	struct image_uses uses = { 0 };
	int64_t total = 0;
	int store = engine_store(e, err);
	int rc = store < 0 ? store : df_types(q, err);
	if (rc >= 0)
		rc = engine_image_uses(e, &uses, err);
	if (rc >= 0)
		rc = job_images(store, &uses, NULL, request_api(q), images, err);
	free((void *)uses.use);
	if (rc >= 0)
		rc = df_containers(e, containers, err);
	if (rc >= 0)
		rc = engine_volume_list(e, true, &volumes, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < json_len(images); i++) {
		struct json *row = (struct json *)json_item(images, i);
		total += json_int_of(json_member(row, "Size"));
		json_set_i64(row, "SharedSize", 0);
	}
	json_set_i64(o, "LayersSize", total);
	json_set(o, "Volumes", volumes);
	json_set(o, "BuildCache", json_new_array());
	json_set_i64(o, "BuilderSize", 0);
	reply_json(r, 200, o);
	return 0;
}
