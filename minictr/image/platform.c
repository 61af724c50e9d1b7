/*
 * platform.c - platforms as text, and which image runs on which machine. Pure but for uname(2).
 */
#include "image/platform.h"

#include <ctype.h>
#include <sys/utsname.h>

#include "image/image.h"

static const struct {
	const char *uname, *architecture, *variant;
} machines[] = {
	{ "x86_64", "amd64", "" },
	{ "aarch64", "arm64", "v8" },
	{ "armv7l", "arm", "v7" },
	{ "armv6l", "arm", "v6" },
	{ "i686", "386", "" },
	{ "riscv64", "riscv64", "" },
	{ "ppc64le", "ppc64le", "" },
	{ "s390x", "s390x", "" },
	{ "loongarch64", "loong64", "" },
};

/* What people write for an architecture and what images call it. */
static const char *architecture_name(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (str_eq(text, machines[i].uname))
			return machines[i].architecture;
	return str_eq(text, "armhf") ? "arm" : str_eq(text, "i386") ? "386" : text;
}

void platform_host(struct platform *ret)
{
	struct utsname u;
	memset(ret, 0, sizeof(*ret));
	strcpy(ret->os, "linux");
	uname(&u);
	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		if (!str_eq(u.machine, machines[i].uname))
			continue;
		snprintf(ret->architecture, sizeof(ret->architecture), "%s", machines[i].architecture);
		snprintf(ret->variant, sizeof(ret->variant), "%s", machines[i].variant);
		return;
	}
	snprintf(ret->architecture, sizeof(ret->architecture), "%.31s", u.machine);
}

const char *image_architecture(void)
{
	struct utsname u;
	uname(&u);
	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (str_eq(u.machine, machines[i].uname))
			return machines[i].architecture;
	return "unknown";
}

int platform_parse(const char *text, struct platform *ret, struct mc_err *err)
{
	if (!text) {
		platform_host(ret);
		return 0;
	}
	_cleanup_free_ char *copy = xstrdup(text);
	char *part[4] = { copy, NULL, NULL, NULL }, *slash;
	size_t n = 1;
	while (n < 4 && (slash = strchr(part[n - 1], '/'))) {
		*slash = 0;
		part[n++] = slash + 1;
	}
	memset(ret, 0, sizeof(*ret));
	if (n > 3 || !*part[0] || (n > 1 && !*part[1]) || strlen(text) > 30)
		return err_set(err, EINVAL,
			"invalid platform \"%s\": wanted os/architecture[/variant], like linux/arm64", text);
	snprintf(ret->os, sizeof(ret->os), "%s", n == 1 ? "linux" : part[0]);
	snprintf(ret->architecture, sizeof(ret->architecture), "%s", architecture_name(part[n == 1 ? 0 : 1]));
	if (n == 3)
		snprintf(ret->variant, sizeof(ret->variant), "%s", part[2]);
	return 0;
}

/* A digit behind the v: "v7" is 7. Nothing said means what docker means: arm is v7, arm64 is v8. */
static int variant_number(const struct platform *p)
{
	if (p->variant[0] == 'v')
		return atoi(p->variant + 1);
	return str_eq(p->architecture, "arm") ? 7 : str_eq(p->architecture, "arm64") ? 8 : 0;
}

int platform_match(const struct platform *have, const struct platform *want)
{
	int has = variant_number(have), wants = variant_number(want);
	if (!str_eq(have->os, want->os) || !str_eq(have->architecture, want->architecture))
		return 0;
	if (str_starts(want->architecture, "arm"))
		return has <= wants ? 1 + has : 0;
	return str_eq(have->variant, want->variant) ? 2 : has <= wants ? 1 : 0;
}

bool platform_is_foreign(const struct platform *have, const struct platform *host)
{
	struct platform plain = *have;
	for (char *c = plain.architecture; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	const char *name = architecture_name(plain.architecture);
	if (name != plain.architecture)
		snprintf(plain.architecture, sizeof(plain.architecture), "%s", name);
	if (str_eq(plain.architecture, "386") && str_eq(host->architecture, "amd64"))
		return false;
	return platform_match(&plain, host) == 0;
}

const char *platform_text(const struct platform *p, char *out)
{
	snprintf(out, 96, "%s%s%s%s%s", p->os, p->architecture[0] ? "/" : "", p->architecture,
		p->variant[0] ? "/" : "", p->variant);
	return out;
}

static void copy_text(const struct json *v, const char *key, char *out, size_t size)
{
	const char *text = json_text_of(json_member(v, key));
	snprintf(out, size, "%s", text ? text : "");
}

void platform_read(const struct json *object, struct platform *ret)
{
	copy_text(object, "os", ret->os, sizeof(ret->os));
	copy_text(object, "architecture", ret->architecture, sizeof(ret->architecture));
	copy_text(object, "variant", ret->variant, sizeof(ret->variant));
}
