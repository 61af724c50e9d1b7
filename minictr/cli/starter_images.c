/*
 * starter_images.c - two images out of what the machine has: `busybox` (the static busybox of the
 * distribution, its applets as links, a handful of files) and `hello` (one static program, nothing else:
 * FROM scratch).
 *
 * Order: a root file system in a temporary directory, a tar of it by tar(1) with fixed owners and times (so
 * that the same input gives the same digests), then `minictr-image import`. An image is no more than such a
 * tree and a small text.
 */
#include "cli/starter_images.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/spawn.h"
#include "base/tool.h"
#include "cli/engine_use.h"
#include "image/image.h"

struct starter {
	const char *name;
	const char *const *changes; /* Dockerfile instructions for import; NULL-terminated */
	int (*fill)(int root, const char *program, struct mc_err *err);
};

/* Runs a program of the host, its output into *out (NULL: dropped). */
static int run_program(char *const argv[], struct buf *out, struct mc_err *err)
{
	struct spawn s = { .argv = argv, .out = SPAWN_NULL };
	int rc = out ? spawn_read(&s, 1 << 20, out, err) : spawn_run(&s, err);
	return rc > 0 ? err_set(err, EIO, "%s failed (status %d)", argv[0], rc) : rc;
}

static int copy_file(const char *from, int root, const char *to, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int rc = file_read(AT_FDCWD, from, 256 << 20, &b, err);
	return rc < 0 ? rc : file_write_atomic(root, to, b.data, b.len, 0755, 0, err);
}

/* --- busybox --- */

/* An executable that needs no loader and no libraries: no PT_INTERP segment (elf(5)). */
static bool is_static(const char *path)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err err = { 0 };
	if (file_read(AT_FDCWD, path, 256 << 20, &b, &err) < 0 || b.len < 64)
		return false;
	uint64_t at;
	uint16_t size, count;
	memcpy(&at, b.data + 32, 8);
	memcpy(&size, b.data + 54, 2);
	memcpy(&count, b.data + 56, 2);
	for (unsigned i = 0; i < count && at + size <= b.len; i++, at += size) {
		uint32_t type;
		memcpy(&type, b.data + at, 4);
		if (type == 3) /* PT_INTERP */
			return false;
	}
	return true;
}

static int find_busybox(char **ret, struct mc_err *err)
{
	static const char *const places[] = { "/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static",
		"/usr/local/bin/busybox" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (access(places[i], X_OK) == 0 && is_static(places[i])) {
			*ret = xstrdup(places[i]);
			return 0;
		}
	}
	err_set(err, ENOENT, "there is no static busybox on this machine");
	return err_hint(err, "apt-get install busybox-static");
}

static const struct {
	const char *path, *text;
} busybox_files[] = {
	{ "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
			"daemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
			"www-data:x:33:33:www-data:/var/www:/bin/false\n"
			"nobody:x:65534:65534:nobody:/home:/bin/false\n" },
	{ "etc/group", "root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n" },
	{ "etc/shadow", "root:*:::::::\nnobody:*:::::::\n" },
	{ "etc/localtime.txt", "UTC\n" },
	{ "etc/nsswitch.conf", "hosts: files dns\n" },
};

static int busybox_links(int root, const char *busybox, struct mc_err *err)
{
	char *const argv[] = { (char *)busybox, "--list", NULL };
	_cleanup_buf_ struct buf b = { 0 };
	int rc = run_program(argv, &b, err);
	for (char *save = NULL, *a = rc == 0 ? strtok_r(b.data, "\n", &save) : NULL; a;
		a = strtok_r(NULL, "\n", &save)) {
		_cleanup_free_ char *link = xasprintf("bin/%s", a);
		if (!str_eq(a, "busybox") && symlinkat("busybox", root, link) != 0 && errno != EEXIST)
			return err_sys(err, "symlink %s", link);
	}
	return rc;
}

static int fill_busybox(int root, const char *program, struct mc_err *err)
{
	static const char *const dirs[] = { "bin", "dev", "etc", "home", "proc", "root", "sys", "tmp",
		"usr/bin", "usr/sbin", "var/www", "var/tmp" };
	_cleanup_free_ char *busybox = NULL;
	int rc = find_busybox(&busybox, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(dirs); i++)
		rc = dir_make(root, dirs[i], 0755, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(busybox_files); i++)
		rc = file_write_atomic(root, busybox_files[i].path, busybox_files[i].text,
			strlen(busybox_files[i].text), 0644, 0, err);
	if (rc == 0)
		rc = copy_file(busybox, root, "bin/busybox", err);
	if (rc == 0)
		rc = busybox_links(root, busybox, err);
	if (rc == 0 &&
		(fchmodat(root, "tmp", 01777, 0) != 0 || fchmodat(root, "var/tmp", 01777, 0) != 0 ||
			fchmodat(root, "root", 0700, 0) != 0 || fchmodat(root, "etc/shadow", 0600, 0) != 0))
		rc = err_sys(err, "chmod");
	return rc;
}

/* --- hello --- */

static int fill_hello(int root, const char *program, struct mc_err *err)
{
	_cleanup_free_ char *own = NULL;
	int rc = program ? 0 : program_path("minictr-hello", &own, err);
	return rc < 0 ? rc : copy_file(program ? program : own, root, "hello", err);
}

static const char *const busybox_changes[] = { "CMD [\"sh\"]",
	"ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
static const char *const hello_changes[] = { "CMD [\"/hello\"]", NULL };
static const struct starter starters[] = {
	{ "busybox", busybox_changes, fill_busybox },
	{ "hello", hello_changes, fill_hello },
};

/* --- from a tree to an image --- */

static int pack(const char *tree, const char *tar, struct mc_err *err)
{
	char *const argv[] = { "tar", "-C", (char *)tree, "--sort=name", "--owner=0", "--group=0",
		"--numeric-owner", "--mtime=@0", "-cf", (char *)tar, ".", NULL };
	return run_program(argv, NULL, err);
}

static int import(const struct starter *s, const char *tar, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	strv_push(&argv, "import");
	for (size_t i = 0; s->changes[i]; i++) {
		strv_push(&argv, "--change");
		strv_push(&argv, s->changes[i]);
	}
	strv_push(&argv, tar);
	strv_push(&argv, s->name);
	_cleanup_buf_ struct buf id = { 0 };
	int rc = tool_run(argv, &id, false, err);
	return rc > 0 ? err_set(err, EIO, "minictr import failed (status %d)", rc) : rc;
}

static int make_in(const struct starter *s, const char *dir, const char *program, struct mc_err *err)
{
	_cleanup_free_ char *tree = xasprintf("%s/root", dir), *tar = xasprintf("%s/%s.tar", dir, s->name);
	_cleanup_close_ int root = dir_make_open(AT_FDCWD, tree, 0755, err);
	int rc = root < 0 ? root : s->fill(root, program, err);
	if (rc == 0)
		rc = pack(tree, tar, err);
	if (rc == 0)
		rc = import(s, tar, err);
	return rc < 0 ? err_wrap(err, "make image %s", s->name) : 0;
}

static int make(const struct starter *s, const char *program, struct mc_err *err)
{
	struct mc_err ignored = { 0 };
	/* The owner of a directory could exchange files in it, and what is packed here runs as root later. */
	const char *tmp = geteuid() ? getenv("TMPDIR") : NULL;
	_cleanup_free_ char *dir = xasprintf("%s/minictr-starter.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return err_sys(err, "mkdtemp %s", dir);
	int rc = make_in(s, dir, program, err);
	dir_remove(AT_FDCWD, dir, &ignored);
	if (rc == 0)
		fprintf(stderr, "made image %s here, no network used\n", s->name);
	return rc;
}

static bool have(const char *name)
{
	struct mc_err err = { 0 };
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_image_ struct image img = { 0 };
	if (engine_open(&e, NULL, &err) < 0)
		return false;
	_cleanup_close_ int store = store_open(e.root, &err);
	return store >= 0 && image_find(store, name, &img, &err) == 0;
}

int starter_main(struct cli *cli, int argc, char **argv)
{
	struct mc_err err = { 0 };
	bool force = argc > 0 && str_eq(argv[0], "-f");
	argc -= force;
	argv += force;
	for (size_t i = 0; i < ARRAY_LEN(starters); i++) {
		const struct starter *s = &starters[i];
		if (argc > 0 && !str_eq(argv[0], s->name) && !(argc > 1 && str_eq(argv[1], s->name)))
			continue;
		const char *program = argc > 1 && str_eq(argv[0], "hello") ? argv[1] : NULL;
		if (!force && have(s->name))
			continue;
		if (make(s, program, &err) < 0) {
			err_print(&err, "minictr");
			return 1;
		}
	}
	return 0;
}
