/*
 * guest_modules.c - which drivers the guest must load, and in what order.
 *
 * A distribution's kernel has most drivers as modules, files that are loaded when they are needed. The
 * guest has no modprobe(8), so the order is found here: every module names the modules it needs in its
 * section .modinfo ("depends=virtio,virtio_ring"). modules.dep says the same, but an unpacked package has
 * none. man pages: modinfo(8), modules.dep(5), init_module(2).
 */
#include "vm/guest_kernel.h"

#include <fcntl.h>

#include "base/file.h"
#include "image/archive.h"

enum { MODULE_MAX = 64 << 20, TREE_DEPTH = 12, DEPENDS_DEPTH = 32 };

static void collect(const char *dir, int depth, char ***paths)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored = { 0 };
	if (depth > TREE_DEPTH || dir_list(AT_FDCWD, dir, &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, names[i]);
		if (strstr(names[i], ".ko"))
			strv_push(paths, path);
		else if (!strchr(names[i], '.') && path_is_dir(AT_FDCWD, path))
			collect(path, depth + 1, paths);
	}
}

int guest_modules_open(const struct guest_kernel *k, struct guest_modules *ret, struct mc_err *err)
{
	struct mc_err ignored = { 0 };
	*ret = (struct guest_modules){ .none = !k->modules };
	if (ret->none)
		return 0;
	_cleanup_free_ char *builtin = xasprintf("%s/modules.builtin", k->modules);
	_cleanup_free_ char *tree = xasprintf("%s/kernel", k->modules);
	file_read(AT_FDCWD, builtin, 4 << 20, &ret->builtin, &ignored);
	collect(tree, 0, &ret->paths);
	return 0;
}

/* A dash and an underscore are the same in a module's name. */
static bool same_name(const char *file, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if ((file[i] == '-' ? '_' : file[i]) != (name[i] == '-' ? '_' : name[i]))
			return false;
	return str_starts(file + n, ".ko");
}

static const char *module_path(const struct guest_modules *m, const char *name)
{
	for (size_t i = 0; m->paths && m->paths[i]; i++)
		if (same_name(strrchr(m->paths[i], '/') + 1, name))
			return m->paths[i];
	return NULL;
}

static bool is_builtin(const struct guest_modules *m, const char *name)
{
	for (const char *p = m->builtin.data; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		const char *end = strchrnul(p, '\n'), *slash = memrchr(p, '/', (size_t)(end - p));
		if (slash && same_name(slash + 1, name))
			return true;
	}
	return false;
}

int guest_module_read(const char *path, struct buf *ret, struct mc_err *err)
{
	struct tar_reader *r = NULL;
	const void *data;
	ssize_t n = 0;
	if (str_ends(path, ".ko"))
		return file_read(AT_FDCWD, path, MODULE_MAX, ret, err);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", path);
	int rc = inflate_open(fd, path, &r, err);
	while (rc >= 0 && (n = inflate_read(r, &data, err)) > 0 && ret->len < MODULE_MAX)
		buf_add(ret, data, (size_t)n);
	tar_close(r);
	return rc < 0 ? rc : n < 0 ? (int)n : 0;
}

/* The names behind "depends=", separated by commas; "" when there are none. Caller frees. */
static char *depends_of(const struct buf *module)
{
	static const char key[] = "\0depends=";
	const char *at = memmem(module->data, module->len, key, sizeof(key) - 1);
	size_t left = at ? module->len - (size_t)(at - module->data) - (sizeof(key) - 1) : 0;
	return at ? xstrndup(at + sizeof(key) - 1, strnlen(at + sizeof(key) - 1, left)) : xstrdup("");
}

static int add_module(struct guest_modules *m, const char *name, int depth, struct mc_err *err)
{
	_cleanup_buf_ struct buf content = { 0 };
	const char *path = module_path(m, name);
	if (!path)
		return is_builtin(m, name);
	if (strv_has(m->chosen, path) || depth > DEPENDS_DEPTH)
		return 1;
	int rc = guest_module_read(path, &content, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *depends = depends_of(&content);
	char *save = NULL;
	for (char *d = strtok_r(depends, ",", &save); d; d = strtok_r(NULL, ",", &save)) {
		rc = add_module(m, d, depth + 1, err);
		if (rc < 0)
			return rc;
	}
	strv_push(&m->chosen, path);
	return 1;
}

int guest_modules_add(struct guest_modules *m, const char *name, struct mc_err *err)
{
	/* A kernel without a modules directory was built by its owner: we trust that it has what it needs. */
	return m->none ? 1 : add_module(m, name, 0, err);
}

void guest_modules_release(struct guest_modules *m)
{
	strv_free(m->paths);
	strv_free(m->chosen);
	buf_release(&m->builtin);
	*m = (struct guest_modules){ 0 };
}
