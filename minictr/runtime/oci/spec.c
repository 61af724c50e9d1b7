/*
 * oci/spec.c - the verbs spec and features: a config.json to start from, and what this runtime can do.
 */
#include "runtime/oci/cmd.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/caps.h"

/* The usual container: what `runc spec` writes too. Rootless callers add the user namespace. */
static const char template[] =
	"{\"ociVersion\":\"1.0.2\","
	"\"process\":{\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"sh\"],"
	"\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\",\"TERM=xterm\"],"
	"\"cwd\":\"/\",\"capabilities\":{"
	"\"bounding\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"
	"\"effective\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"
	"\"permitted\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":1024}],\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},\"hostname\":\"minictr\","
	"\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
	"\"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\",\"gid=5\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"relatime\",\"ro\"]}],"
	"\"linux\":{\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},"
	"{\"type\":\"mount\"},{\"type\":\"cgroup\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/kcore\",\"/proc/keys\",\"/proc/"
	"latency_stats\","
	"\"/proc/timer_list\",\"/proc/timer_stats\",\"/proc/sched_debug\",\"/sys/firmware\",\"/proc/scsi\"],"
	"\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\",\"/proc/"
	"sysrq-trigger\"]}}";

/* A copy of the array without the elements for which f is true. */
static struct json *without(const struct json *array, bool (*f)(const struct json *))
{
	struct json *left = json_new_array();
	for (size_t i = 0; i < json_len(array); i++)
		if (!f(json_item(array, i)))
			json_add(left, json_copy(json_item(array, i)));
	return left;
}

static bool is_network(const struct json *ns)
{
	return str_eq(json_text_of(json_member(ns, "type")), "network");
}
static bool is_gid(const struct json *option) { return str_eq(json_text_of(option), "gid=5"); }

static struct json *one_id(unsigned id)
{
	struct json *list = json_new_array(), *range = json_add(list, json_new_object());
	json_set_u64(range, "containerID", 0);
	json_set_u64(range, "hostID", id);
	json_set_u64(range, "size", 1);
	return list;
}

/*
 * In the host's network namespace a user namespace cannot mount sysfs: bind the host's. The tty group is not
 * mapped.
 */
static struct json *rootless_mounts(const struct json *mounts)
{
	static char *const sys[] = { "rbind", "nosuid", "noexec", "nodev", "ro", NULL };
	struct json *list = json_new_array();
	for (size_t i = 0; i < json_len(mounts); i++) {
		struct json *m = json_add(list, json_copy(json_item(mounts, i)));
		if (json_member(m, "options"))
			json_set(m, "options", without(json_member(m, "options"), is_gid));
		if (str_eq(json_text_of(json_member(m, "destination")), "/sys")) {
			json_set_string(m, "type", "none");
			json_set_string(m, "source", "/sys");
			json_set_strv(m, "options", sys);
		}
	}
	return list;
}

/* Without root: a user namespace with one id, the host's network, no limits. */
static void make_rootless(struct json *c)
{
	struct json *linux_part = json_sub(c, "linux");
	struct json *list = without(json_member(linux_part, "namespaces"), is_network);
	json_set_string(json_add(list, json_new_object()), "type", "user");
	json_set(linux_part, "namespaces", list);
	json_set(linux_part, "uidMappings", one_id(geteuid()));
	json_set(linux_part, "gidMappings", one_id(getegid()));
	json_unset(linux_part, "resources");
	json_set(c, "mounts", rootless_mounts(json_member(c, "mounts")));
}

int oci_cmd_spec(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "bundle", required_argument, NULL, 'b' },
		{ "rootless", no_argument, NULL, 'r' }, { 0 } };
	const char *bundle = ".";
	bool rootless = false;
	struct json *c = NULL;
	for (int o; (o = getopt_long(argc, argv, "+b:r", options, NULL)) != -1;) {
		if (o == '?')
			return oci_bad_option(argv, err);
		if (o == 'b')
			bundle = optarg;
		rootless |= o == 'r';
	}
	if (oci_end(argc, argv, 0, err) < 0)
		return -err->code;
	_cleanup_close_ int dir = dir_open(AT_FDCWD, bundle, err);
	if (dir < 0)
		return dir;
	if (path_exists(dir, "config.json"))
		return err_set(err, EEXIST, "%s/config.json exists already: remove it first", bundle);
	int rc = json_parse(template, strlen(template), "template", &c, err);
	if (rc < 0)
		return rc;
	if (rootless)
		make_rootless(c);
	rc = json_write_file(dir, "config.json", c, 0644, 0, err);
	json_free(c);
	return rc;
}

static const char features[] =
	"{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.2.0\","
	"\"hooks\":[\"prestart\",\"createRuntime\",\"createContainer\",\"startContainer\",\"poststart\","
	"\"poststop\"],"
	"\"mountOptions\":[\"async\",\"atime\",\"bind\",\"defaults\",\"dev\",\"diratime\",\"dirsync\","
	"\"exec\","
	"\"idmap\",\"iversion\",\"lazytime\",\"loud\",\"mand\",\"noatime\",\"nodev\",\"nodiratime\","
	"\"noexec\","
	"\"noiversion\",\"nolazytime\",\"nomand\",\"norelatime\",\"nostrictatime\",\"nosuid\","
	"\"nosymfollow\","
	"\"private\",\"ratime\",\"rbind\",\"rdev\",\"rdiratime\",\"relatime\",\"remount\",\"rexec\","
	"\"ridmap\","
	"\"rnoatime\",\"rnodev\",\"rnodiratime\",\"rnoexec\",\"rnorelatime\",\"rnostrictatime\",\"rnosuid\","
	"\"rnosymfollow\",\"ro\",\"rprivate\",\"rrelatime\",\"rro\",\"rrw\",\"rshared\",\"rslave\","
	"\"rstrictatime\","
	"\"rsuid\",\"rsymfollow\",\"runbindable\",\"rw\",\"shared\",\"silent\",\"slave\",\"strictatime\","
	"\"suid\","
	"\"symfollow\",\"sync\",\"tmpcopyup\",\"unbindable\"],"
	"\"linux\":{\"namespaces\":[\"cgroup\",\"ipc\",\"mount\",\"network\",\"pid\",\"time\",\"user\","
	"\"uts\"],"
	"\"cgroup\":{\"v1\":true,\"v2\":true,\"systemd\":true,\"systemdUser\":true,\"rdma\":true},"
	"\"seccomp\":{\"enabled\":true,\"actions\":[\"SCMP_ACT_ALLOW\",\"SCMP_ACT_ERRNO\",\"SCMP_ACT_KILL\","
	"\"SCMP_ACT_KILL_PROCESS\",\"SCMP_ACT_KILL_THREAD\",\"SCMP_ACT_LOG\",\"SCMP_ACT_NOTIFY\",\"SCMP_ACT_"
	"TRACE\","
	"\"SCMP_ACT_TRAP\"],\"operators\":[\"SCMP_CMP_EQ\",\"SCMP_CMP_GE\",\"SCMP_CMP_GT\",\"SCMP_CMP_LE\","
	"\"SCMP_CMP_LT\",\"SCMP_CMP_MASKED_EQ\",\"SCMP_CMP_NE\"],"
	"\"archs\":[\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\",\"SCMP_ARCH_MIPS\",\"SCMP_ARCH_MIPS64\","
	"\"SCMP_ARCH_MIPS64N32\",\"SCMP_ARCH_MIPSEL\",\"SCMP_ARCH_MIPSEL64\",\"SCMP_ARCH_MIPSEL64N32\","
	"\"SCMP_ARCH_PARISC\",\"SCMP_ARCH_PARISC64\",\"SCMP_ARCH_PPC\",\"SCMP_ARCH_PPC64\",\"SCMP_ARCH_"
	"PPC64LE\","
	"\"SCMP_ARCH_RISCV64\",\"SCMP_ARCH_S390\",\"SCMP_ARCH_S390X\",\"SCMP_ARCH_X32\",\"SCMP_ARCH_X86\","
	"\"SCMP_ARCH_X86_64\"],"
	"\"knownFlags\":[\"SECCOMP_FILTER_FLAG_TSYNC\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
	"\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],"
	"\"supportedFlags\":[\"SECCOMP_FILTER_FLAG_TSYNC\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
	"\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]},"
	"\"apparmor\":{\"enabled\":true},\"selinux\":{\"enabled\":false},\"intelRdt\":{\"enabled\":false},"
	"\"mountExtensions\":{\"idmap\":{\"enabled\":true}}},"
	"\"potentiallyUnsafeConfigAnnotations\":[\"io.minictr.init\"]}";

int oci_cmd_features(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option none[] = { { 0 } };
	struct json *f = NULL;
	if (getopt_long(argc, argv, "+", none, NULL) != -1)
		return oci_bad_option(argv, err);
	if (oci_end(argc, argv, 0, err) < 0)
		return -err->code;
	int rc = json_parse(features, strlen(features), "features", &f, err);
	if (rc < 0)
		return rc;
	struct json *names = json_new_array();
	for (int i = 0; cap_name(i); i++)
		json_add(names, json_new_string(cap_name(i)));
	json_set(json_sub(f, "linux"), "capabilities", names);
	return oci_print(f);
}
