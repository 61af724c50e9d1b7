/*
 * tail/seccomp_gen_main.c - runs while minictr is built: turns tail/seccomp_default.json into
 * seccomp_default.h.
 *
 *     seccomp_gen PROFILE.json [ARCH] > seccomp_default.h
 * The header holds the profile's text, its result for docker's 14 capabilities on ARCH (the text that an
 * engine writes into config.json), and the BPF of that result. libseccomp would need 8 ms for it at every
 * start.
 */
#include <fcntl.h>
#include <linux/filter.h>

#include "base/file.h"
#include "base/json.h"
#include "runtime/caps.h"
#include "runtime/tail/seccomp_build.h"

static void print_text(const char *name, const char *text)
{
	size_t column = 0;
	printf("static const char %s[] =\n\t\"", name);
	for (const char *p = text; *p; p++) {
		if (column > 90) {
			printf("\"\n\t\"");
			column = 0;
		}
		column += (size_t)(*p == '"' || *p == '\\' ? printf("\\%c", *p) : printf("%c", *p));
	}
	printf("\";\n\n");
}

static void print_filter(const struct buf *bpf)
{
	const struct sock_filter *f = (const struct sock_filter *)(const void *)bpf->data;
	printf("static const struct sock_filter seccomp_default_filter[] = {\n");
	for (size_t i = 0; i < bpf->len / sizeof(*f); i++)
		printf("\t{ 0x%02x, %u, %u, 0x%x },\n", f[i].code, f[i].jt, f[i].jf, f[i].k);
	printf("};\n");
}

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };
	struct json *profile = NULL, *resolved = NULL;
	struct buf bpf = { 0 };
	unsigned flags = 0;
	const char *arch = argc > 2 ? argv[2] : seccomp_native_arch();
	if (argc < 2)
		die(2, "usage: seccomp_gen PROFILE.json [ARCH]");
	if (json_parse_file(AT_FDCWD, argv[1], 1 << 20, &profile, &err) < 0 ||
		seccomp_resolve(profile, arch, caps_docker_default(), &resolved, &err) < 0 ||
		seccomp_compile(resolved, arch, &bpf, &flags, &err) < 0) {
		err_print(&err, "seccomp_gen");
		return 1;
	}
	printf("/* Made from %s for %s. */\n#include <linux/filter.h>\n\n", "tail/seccomp_default.json",
		arch);
	print_text("seccomp_default_profile", json_dump(profile, false));
	print_text("seccomp_default_resolved", json_dump(resolved, false));
	print_filter(&bpf);
	return 0;
}
