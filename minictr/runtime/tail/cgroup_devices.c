/*
 * tail/cgroup_devices.c - which device nodes may be opened: linux.resources.devices.
 *
 * Kernel objects: v1 devices.allow and devices.deny (cgroup-v1/devices.rst); v2 a BPF program
 * (tail/cgroup_bpf.c). Rules apply in the order of the file, later ones win. The devices that every
 * container has are allowed at the end (config-linux.md: "Default Devices"); a list that is missing or
 * empty controls nothing.
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>

#include "base/sys.h"
#include "runtime/cgroup.h"
#include "base/warn.h"

enum { ACCESS_MKNOD = 1, ACCESS_READ = 2, ACCESS_WRITE = 4, ACCESS_ALL = 7 };

/*
 * mknod of any device (a node alone opens nothing); null, zero, full, random, urandom; tty, console, ptmx,
 * pts.
 */
static const struct device_rule always[] = {
	{ true, 'c', -1, -1, ACCESS_MKNOD },
	{ true, 'b', -1, -1, ACCESS_MKNOD },
	{ true, 'c', 1, 3, ACCESS_ALL },
	{ true, 'c', 1, 5, ACCESS_ALL },
	{ true, 'c', 1, 7, ACCESS_ALL },
	{ true, 'c', 1, 8, ACCESS_ALL },
	{ true, 'c', 1, 9, ACCESS_ALL },
	{ true, 'c', 5, 0, ACCESS_ALL },
	{ true, 'c', 5, 1, ACCESS_ALL },
	{ true, 'c', 5, 2, ACCESS_ALL },
	{ true, 'c', 136, -1, ACCESS_ALL },
};

static int parse_rule(const struct json *r, struct device_rule *ret, struct mc_err *err)
{
	const char *type = "a", *access = "rwm";
	*ret = (struct device_rule){ .major = -1, .minor = -1 };
	if (json_get_bool(r, &ret->allow, err, "allow") < 0 || json_get_string(r, &type, err, "type") < 0 ||
		json_get_string(r, &access, err, "access") < 0 ||
		json_get_i64(r, &ret->major, err, "major") < 0 ||
		json_get_i64(r, &ret->minor, err, "minor") < 0)
		return -err->code;
	ret->type = *type == 'u' ? 'c' : *type ? *type : 'a';
	if (!strchr("abc", ret->type) || (*type && type[1]))
		return err_set(err, EINVAL, "type '%s' is none of a, b, c", type);
	for (; *access; access++) {
		const char *at = strchr("mrw", *access);
		if (!at)
			return err_set(err, EINVAL, "access '%c' is none of r, w, m", *access);
		ret->access |= 1u << (at - "mrw");
	}
	if (!ret->access)
		ret->access = ACCESS_ALL;
	return 0;
}

static void number(int64_t v, char *out, size_t size)
{
	if (v < 0)
		snprintf(out, size, "*");
	else
		snprintf(out, size, "%lld", (long long)v);
}

/* files: devices.deny and devices.allow, open. */
static int write_v1(const int files[2], const struct device_rule *r, struct mc_err *err)
{
	bool all = r->major < 0 && r->minor < 0 && r->access == ACCESS_ALL;
	if (r->type == 'a' && !all) { /* the kernel's "a" means everything, whatever stands behind it */
		struct device_rule one = *r;
		one.type = 'c';
		int rc = write_v1(files, &one, err);
		one.type = 'b';
		return rc < 0 ? rc : write_v1(files, &one, err);
	}
	char text[80], major[24], minor[24];
	number(r->major, major, sizeof(major));
	number(r->minor, minor, sizeof(minor));
	snprintf(text, sizeof(text), "%c %s:%s %s%s%s", r->type, major, minor,
		r->access & ACCESS_READ ? "r" : "", r->access & ACCESS_WRITE ? "w" : "",
		r->access & ACCESS_MKNOD ? "m" : "");
	/* "a" alone, without numbers. It needs a cgroup without children: so before the clone. */
	return sys_write_text(files[r->allow], r->allow ? "devices.allow" : "devices.deny",
		r->type == 'a' ? "a" : text, err);
}

static int apply(const struct cgroup *cg, const struct device_rule *rules, size_t n, struct mc_err *err)
{
	int rc = 0, dir = cgroup_controller(cg, "devices");
	if (cg->v2)
		return cgroup_devices_bpf(cgroup_fd(cg), rules, n, err);
	if (dir < 0) {
		warn_user("linux.resources.devices is left out: this machine has no devices controller");
		return 0;
	}
	int files[2] = { sys_open(dir, "devices.deny", O_WRONLY, 0, err), -1 };
	if ((rc = files[0]) >= 0)
		rc = files[1] = sys_open(dir, "devices.allow", O_WRONLY, 0, err);
	for (size_t i = 0; i < n && rc >= 0; i++)
		rc = write_v1(files, &rules[i], err);
	close_fd(files[0]);
	close_fd(files[1]);
	return rc;
}

int cgroup_devices(const struct cgroup *cg, const struct json *list, struct mc_err *err)
{
	size_t n = json_len(list);
	if (!n)
		return 0;
	_cleanup_free_ struct device_rule *rules = xcalloc(n + ARRAY_LEN(always), sizeof(*rules));
	for (size_t i = 0; i < n; i++)
		if (parse_rule(json_item(list, i), &rules[i], err) < 0)
			return err_wrap(err, "linux.resources.devices[%zu]", i);
	memcpy(rules + n, always, sizeof(always));
	struct mc_err failed = { 0 };
	int rc = apply(cg, rules, n + ARRAY_LEN(always), &failed);
	/*
	 * In a user namespace the kernel refuses any rule. Nothing is lost: it refuses mknod and raw
	 * devices there too.
	 */
	if (rc == -EPERM) {
		warn_user("linux.resources.devices is left out: only the host's root may make such rules");
		return 0;
	}
	if (rc < 0)
		*err = failed;
	return rc < 0 ? err_wrap(err, "linux.resources.devices") : 0;
}
