/*
 * tail/seccomp_resolve.c - docker's profiles to the spec's: conditions on capabilities, architecture and
 * kernel are decided.
 *
 * Docker's format adds three things to linux.seccomp of config.json: "archMap" (the ABIs that belong to a
 * machine), "includes" and "excludes" (rules that hold with or without a capability, on some architectures,
 * from a kernel on). A rule counts when all of includes holds and nothing of excludes does.
 */
#include "runtime/tail/seccomp_build.h"

#include <sys/utsname.h>

#include "runtime/caps.h"

static const struct {
	const char *go, *scmp, *machine;
} arches[] = {
	{ "amd64", "SCMP_ARCH_X86_64", "x86_64" },
	{ "arm64", "SCMP_ARCH_AARCH64", "aarch64" },
	{ "riscv64", "SCMP_ARCH_RISCV64", "riscv64" },
	{ "x86", "SCMP_ARCH_X86", "i686" },
	{ "arm", "SCMP_ARCH_ARM", "armv7l" },
};

const char *seccomp_native_arch(void)
{
	struct utsname u;
	uname(&u);
	for (size_t i = 0; i < ARRAY_LEN(arches); i++)
		if (str_eq(u.machine, arches[i].machine))
			return arches[i].go;
	return sizeof(void *) == 4 ? "x86" : "amd64";
}

static const char *scmp_name(const char *go)
{
	for (size_t i = 0; i < ARRAY_LEN(arches); i++)
		if (str_eq(go, arches[i].go))
			return arches[i].scmp;
	return "";
}

/* "4.8" is at most the running kernel's "6.1.0-13". */
static bool kernel_at_least(const char *want)
{
	struct utsname u;
	unsigned have[2] = { 0 }, need[2] = { 0 };
	uname(&u);
	sscanf(u.release, "%u.%u", &have[0], &have[1]);
	sscanf(want, "%u.%u", &need[0], &need[1]);
	return have[0] != need[0] ? have[0] > need[0] : have[1] >= need[1];
}

static bool list_has(const struct json *list, const char *word)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_text_of(json_item(list, i)), word))
			return true;
	return false;
}

static size_t caps_in(const struct json *list, uint64_t caps)
{
	size_t n = 0;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_text_of(json_item(list, i));
		int number = name ? cap_number(name) : -1;
		n += number >= 0 && (caps >> number & 1);
	}
	return n;
}

static bool rule_counts(const struct json *rule, const char *arch, uint64_t caps)
{
	const struct json *in = json_member(rule, "includes"), *out = json_member(rule, "excludes");
	const struct json *list;
	const char *kernel;
	if ((list = json_member(in, "caps")) && json_len(list) && caps_in(list, caps) < json_len(list))
		return false;
	if ((list = json_member(in, "arches")) && json_len(list) && !list_has(list, arch))
		return false;
	if ((kernel = json_text_of(json_member(in, "minKernel"))) && !kernel_at_least(kernel))
		return false;
	if (caps_in(json_member(out, "caps"), caps) || list_has(json_member(out, "arches"), arch))
		return false;
	kernel = json_text_of(json_member(out, "minKernel"));
	return !(kernel && kernel_at_least(kernel));
}

static void copy_keys(struct json *to, const struct json *from, const char *const *keys)
{
	for (; *keys; keys++) {
		const struct json *v = json_member(from, *keys);
		if (v && json_kind_of(v) != JSON_NULL)
			json_set(to, *keys, json_copy(v));
	}
}

static struct json *architectures(const struct json *map, const char *arch)
{
	struct json *list = json_new_array();
	for (size_t i = 0; i < json_len(map); i++) {
		const struct json *entry = json_item(map, i), *sub = json_member(entry, "subArchitectures");
		const char *name = json_text_of(json_member(entry, "architecture"));
		if (!str_eq(name, scmp_name(arch)))
			continue;
		json_add(list, json_new_string(name));
		for (size_t k = 0; k < json_len(sub); k++)
			json_add(list, json_copy(json_item(sub, k)));
	}
	return list;
}

int seccomp_resolve(
	const struct json *profile, const char *arch, uint64_t caps, struct json **ret, struct mc_err *err)
{
	static const char *const top[] = { "defaultAction", "defaultErrnoRet", "architectures", "flags",
		"listenerPath", "listenerMetadata", NULL };
	static const char *const each[] = { "action", "errnoRet", "args", NULL };
	const char *action;
	int rc = json_get_string(profile, &action, err, "defaultAction");
	if (rc <= 0)
		return rc < 0 ? rc : err_set(err, EINVAL, "the seccomp profile has no defaultAction");
	struct json *to = json_new_object();
	copy_keys(to, profile, top);
	if (json_member(profile, "archMap"))
		json_set(to, "architectures", architectures(json_member(profile, "archMap"), arch));
	struct json *rules = json_set(to, "syscalls", json_new_array());
	const struct json *from = json_member(profile, "syscalls");
	for (size_t i = 0; i < json_len(from); i++) {
		const struct json *rule = json_item(from, i), *names = json_member(rule, "names");
		const char *one = json_text_of(json_member(rule, "name")); /* docker's old form */
		if (!rule_counts(rule, arch, caps))
			continue;
		struct json *r = json_add(rules, json_new_object());
		struct json *list = json_set(r, "names", names ? json_copy(names) : json_new_array());
		if (one)
			json_add(list, json_new_string(one));
		copy_keys(r, rule, each);
	}
	*ret = to;
	return 0;
}
