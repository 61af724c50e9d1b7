/*
 * cmd/cp.c - `cp`: files into a container, out of it, or as tar through a pipe.
 *
 * Both directions are one: a child writes the source as tar into a pipe, this process unpacks it at the
 * target. Each side is either the host or a container's root directory; names of the container's side are
 * resolved inside that root, so a link in the container never leads to the host. What is copied where
 * follows docker:
 *
 *     source      target              result
 *     file        is not there        a file of that name (a name that ends with / must be there)
 *     file        file / directory    replaced / put into it
 *     directory   is not there        a directory of that name with the same content
 *     directory   directory           put into it; with SOURCE/. only its content
 *
 * A link that the target names is followed inside its root, and what it points at is replaced; a source
 * that ends with / is what its link points at. Directories that are there keep their mode and owner: /tmp
 * must stay 1777.
 */
#include "cli/command.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "cli/engine_use.h"
#include "cli/format/table.h"
#include "cli/cp_sides.h"
#include "cli/verbs.h"
#include "engine/container_root.h"
#include "engine/events.h"
#include "engine/spec/user_ids.h"
#include "image/layer.h"
#include "image/tree.h"

static const struct option_def options[] = {
	{ 'a', "archive", OPT_FLAG, offsetof(struct cp_values, archive), NULL, "Keep owners and groups" },
	{ 'L', "follow-link", OPT_FLAG, offsetof(struct cp_values, follow), NULL,
		"Copy what a link in SOURCE points at, not the link" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct cp_values, quiet), NULL, "Say nothing" },
	{ 0 },
};

/* "web:/etc" is a container's, "./a:b" and "/a:b" are the host's. */
void cp_parse_side(const char *text, struct cp_side *s)
{
	const char *colon = strchr(text, ':');
	*s = (struct cp_side){ .path = text, .root = -1, .stream = str_eq(text, "-") };
	if (colon && colon != text && *text != '/' && *text != '.') {
		s->name = xstrndup(text, (size_t)(colon - text));
		s->path = colon + 1;
	}
}

static int open_side(struct engine *e, struct cp_side *s, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	if (!s->name) {
		s->root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return s->root < 0 ? err_sys(err, "open /") : 0;
	}
	if (!*s->path) {
		err_set(err, EINVAL, "the path in container %s is empty", s->name);
		return err_hint(err, "all of its files are %s:/", s->name);
	}
	int rc = container_find(e, s->name, &c, err);
	if (rc < 0)
		return rc;
	s->root = container_root(e, &c, err);
	return s->root < 0 ? s->root : user_ids_load(c.host, &s->ids, err);
}

/* The host's relative names start at the current directory, a container's at /. Caller frees. */
static char *whole_path(const struct cp_side *s)
{
	char here[4096];
	if (s->name || *s->path == '/' || !getcwd(here, sizeof(here)))
		return xasprintf("%s%s", *s->path == '/' ? "" : "/", s->path);
	return xasprintf("%s/%s", here, s->path);
}

/* Directory and last name of a path: "/a/b/" gives /a and b; "/" gives / and ".". The caller frees both. */
void cp_split(const char *path, char **dir, char **name)
{
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	_cleanup_free_ char *clean = xstrndup(path, len);
	char *slash = strrchr(clean, '/');
	*name = xstrdup(slash[1] ? slash + 1 : ".");
	slash[slash == clean] = '\0';
	*dir = xstrdup(clean);
}

bool cp_wants_content(const char *path) { return str_ends(path, "/.") || str_eq(path, "."); }

/* --- source: a child writes tar --- */

/* The path inside the side's root that an open descriptor has now. Caller frees. */
static char *path_of(const struct cp_side *s, int fd)
{
	_cleanup_free_ char *root = fd_path(s->root), *real = fd_path(fd);
	size_t cut = str_eq(root, "/") || !str_starts(real, root) ? 0 : strlen(root);
	return xstrdup(real[cut] ? real + cut : "/");
}

/* Files of /proc and /sys have no size and say something else at every look; docker has no such files in
 * its view. */
static bool is_kernels(const struct cp_side *s, int fd)
{
	struct statfs fs;
	return s->name && fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC);
}

static int not_found(const struct cp_side *s, struct mc_err *err)
{
	*err = (struct mc_err){ 0 };
	return err_set(err, ENOENT, "Could not find the file %s%s%s", s->path,
		s->name ? " in container " : "", s->name ? s->name : "");
}

/*
 * Opens the source's directory; *name is its last component there, "." when the path ends with / or /. and
 * so names a directory; *base is the name it gets at the target: the one that was typed, also when a link is
 * followed.
 */
int cp_open_source(const struct cp_side *s, bool follow, char **name, char **base, struct mc_err *err)
{
	_cleanup_free_ char *path = whole_path(s), *dir = NULL, *above = NULL;
	cp_split(path, &above, base);
	if (follow || str_ends(path, "/")) {
		_cleanup_close_ int fd = file_open_beneath(s->root, path, O_PATH, 0, err);
		if (fd < 0)
			return fd == -ENOENT || fd == -ENOTDIR ? not_found(s, err) : fd;
		free(path);
		path = path_of(s, fd);
	}
	cp_split(path, &dir, name);
	_cleanup_close_ int fd = file_open_beneath(s->root, dir, O_RDONLY | O_DIRECTORY, 0, err);
	_cleanup_close_ int it = fd < 0 ? -1 : openat(fd, *name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -ENOENT || fd == -ENOTDIR || (fd >= 0 && (it < 0 || is_kernels(s, it))))
		return not_found(s, err);
	if (fd >= 0 && str_eq(*base, ".")) {
		/* "dir/." means dir; its name for the archive is that of the directory. */
		_cleanup_free_ char *shown = path_of(s, fd);
		free(*base);
		*base = xstrdup(strrchr(shown, '/')[1] ? strrchr(shown, '/') + 1 : ".");
	}
	return take_fd(&fd);
}

static const struct id_maps *ids_of(const struct cp_side *s) { return s->ids.uids.n ? &s->ids : NULL; }

int cp_send_tar(
	int out, const struct cp_side *from, int dir, const char *name, const char *as, struct mc_err *err)
{
	struct tar_writer *tar = NULL;
	int rc = tar_create_fd(out, TAR_PLAIN, &tar, err);
	if (rc < 0)
		return rc;
	tar_writer_ids(tar, ids_of(from));
	rc = tree_write_named(dir, name, as, tar, err);
	if (rc == 0)
		return tar_end(tar, err);
	tar_abort(tar);
	return rc;
}

/* --- target --- */

static int no_directory(const struct cp_side *to, const char *dir, struct mc_err *err)
{
	memset(err, 0, sizeof(*err));
	if (to->name)
		return err_set(err, ENOENT, "Could not find the file %s in container %s", dir, to->name);
	return err_set(err, ENOENT, "invalid output path: directory \"%s\" does not exist", dir);
}

/*
 * The target's path behind its links: of what is there, or of what a dangling link would make. Every step
 * is resolved inside the root, so no link of the container leads to the host. Caller frees.
 */
static char *behind_links(const struct cp_side *to, const char *path)
{
	char *now = xstrdup(path);
	for (int i = 0; i < 40; i++) {
		char target[4097];
		struct mc_err ignored = { 0 };
		_cleanup_free_ char *dir = NULL, *last = NULL;
		_cleanup_close_ int there = file_open_beneath(to->root, now, O_PATH, 0, &ignored);
		if (there >= 0) {
			free(now);
			return path_of(to, there);
		}
		cp_split(now, &dir, &last);
		_cleanup_close_ int above =
			file_open_beneath(to->root, dir, O_PATH | O_DIRECTORY, 0, &ignored);
		ssize_t n = above < 0 ? -1 : readlinkat(above, last, target, sizeof(target) - 1);
		if (n <= 0)
			break;
		target[n] = '\0';
		free(now);
		now = *target == '/' ? xstrdup(target) : xasprintf("%s/%s", dir, target);
	}
	return now;
}

/* A file in the place of /dev/null breaks every program that opens it. */
int cp_refuse_device(const struct cp_side *to, struct mc_err *err)
{
	return err_set(err, EINVAL, "%s is a device: cp would put a file in its place", to->path);
}

/* Where the source goes: the directory to unpack in (returned) and the name it gets there (*as, owned). */
int cp_choose_target(const struct cp_side *to, const char *source, bool source_is_dir, const char *name,
	char **as, struct mc_err *err)
{
	_cleanup_free_ char *typed = whole_path(to), *dir = NULL, *last = NULL;
	_cleanup_free_ char *path = behind_links(to, typed);
	struct stat st;
	struct mc_err absent = { 0 };
	_cleanup_close_ int there = file_open_beneath(to->root, path, O_PATH, 0, &absent);
	bool exists = there >= 0 && fstat(there, &st) == 0;
	if (exists && is_kernels(to, there))
		return not_found(to, err);
	if (exists && S_ISDIR(st.st_mode)) {
		*as = xstrdup(source_is_dir && cp_wants_content(source) ? "." : name);
		return file_open_beneath(to->root, path, O_RDONLY | O_DIRECTORY, 0, err);
	}
	if (exists && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		return cp_refuse_device(to, err);
	if (exists && source_is_dir)
		return err_set(err, ENOTDIR, "cannot copy a directory to a file: %s", to->path);
	if (exists && str_ends(to->path, "/"))
		return err_set(err, ENOTDIR, "%s is no directory", to->path);
	if (!exists && !source_is_dir && str_ends(to->path, "/"))
		return err_set(err, ENOENT, "the directory %s does not exist", to->path);
	cp_split(path, &dir, &last);
	*as = take_ptr(&last);
	int fd = file_open_beneath(to->root, dir, O_RDONLY | O_DIRECTORY, 0, err);
	return fd == -ENOENT ? no_directory(to, dir, err) : fd;
}

int cp_receive(int in, const struct cp_side *to, int dir, const struct cp_values *v, uint64_t *bytes,
	struct mc_err *err)
{
	struct tar_reader *r = NULL;
	int rc = tar_open(in, "copy", NULL, &r, err);
	if (rc == 0)
		tar_reader_ids(r, ids_of(to));
	if (rc == 0)
		rc = unpack(r, dir,
			UNPACK_REPLACE_NO_DIR | UNPACK_KEEP_DIRS | (v->archive ? 0 : UNPACK_NO_OWNER), err);
	if (rc == 0)
		*bytes = tar_file_bytes(r);
	tar_close(r);
	return rc;
}

static int pump(const struct cp_values *v, const struct cp_side *source, int from, const char *name,
	const struct cp_side *target, int to, const char *as, uint64_t *bytes, struct mc_err *err)
{
	int ends[2], status = 0;
	int rc = sys_pipe(ends, err);
	if (rc < 0)
		return rc;
	pid_t child = fork();
	if (child == 0) {
		struct mc_err why = { 0 };
		close(ends[0]);
		rc = cp_send_tar(ends[1], source, from, name, as, &why);
		if (rc < 0 && rc != -EPIPE)
			err_print(&why, "minictr");
		_exit(rc < 0 ? 1 : 0);
	}
	close(ends[1]);
	rc = child < 0 ? err_sys(err, "fork") : cp_receive(ends[0], target, to, v, bytes, err);
	close(ends[0]);
	if (child > 0 && sys_wait(child, &status, err) >= 0 && rc == 0 && status != 0)
		rc = err_set(err, EIO, "the source could not be read completely");
	return rc;
}

static int copy_stream(
	const struct cp_values *v, const struct cp_side *to, uint64_t *bytes, struct mc_err *err)
{
	_cleanup_free_ char *path = whole_path(to);
	_cleanup_close_ int into = file_open_beneath(to->root, path, O_RDONLY | O_DIRECTORY, 0, err);
	if (into == -ENOENT)
		return no_directory(to, path, err);
	if (into == -ENOTDIR)
		return err_set(err, ENOTDIR, "destination \"%s:%s\" must be a directory", to->name, to->path);
	return into < 0 ? into : cp_receive(0, to, into, v, bytes, err);
}

static int copy(const struct cp_values *v, const struct cp_side *from, const struct cp_side *to,
	uint64_t *bytes, struct mc_err *err)
{
	_cleanup_free_ char *name = NULL, *base = NULL, *as = NULL;
	struct stat st;
	if (from->stream)
		return copy_stream(v, to, bytes, err);
	_cleanup_close_ int dir = cp_open_source(from, v->follow, &name, &base, err);
	if (dir < 0)
		return dir;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return not_found(from, err);
	if (to->stream)
		return cp_send_tar(1, from, dir, name, base, err);
	_cleanup_close_ int into = cp_choose_target(to, from->path, S_ISDIR(st.st_mode), base, &as, err);
	return into < 0 ? into : pump(v, from, dir, name, to, into, as, bytes, err);
}

int cp_check_sides(const struct cp_side *from, const struct cp_side *to, struct mc_err *err)
{
	if (!from->name != !to->name)
		return 0;
	return err_set(err, EINVAL,
		from->name ? "copying between containers is not supported"
			   : "must specify at least one container source");
}

void cp_say(const struct cp_values *v, const struct cp_side *to, uint64_t bytes)
{
	_cleanup_free_ char *size = text_size((int64_t)bytes);
	/* docker tells it a person, not a script. */
	if (!v->quiet && !to->stream && isatty(2))
		fprintf(stderr, "Successfully copied %s to %s%s%s\n", size, to->name ? to->name : "",
			to->name ? ":" : "", to->path);
}

static int cp_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct cp_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct cp_side from, to;
	uint64_t bytes = 0;
	cp_parse_side(argv[0], &from);
	cp_parse_side(argv[1], &to);
	int rc = cp_check_sides(&from, &to, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = open_side(&e, &from, err);
	if (rc == 0)
		rc = open_side(&e, &to, err);
	if (rc == 0)
		rc = copy(v, &from, &to, &bytes, err);
	if (rc == 0) {
		event_named(
			&e, from.name ? from.name : to.name, from.name ? "archive-path" : "extract-to-dir");
		cp_say(v, &to, bytes);
	}
	close_fd(from.root);
	close_fd(to.root);
	free(from.name);
	free(to.name);
	id_maps_release(&from.ids);
	id_maps_release(&to.ids);
	return rc;
}

const struct command cmd_cp = {
	.name = "cp",
	.aliases = "container cp",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] CONTAINER:SOURCE TARGET|-\n       minictr cp [OPTIONS] SOURCE|- CONTAINER:TARGET",
	.summary = "Copy files into or out of a container",
	.example = "minictr cp web:/etc/hosts .\nminictr cp ./site/. web:/var/www",
	.min_args = 2,
	.max_args = 2,
	.options = options,
	.values_size = sizeof(struct cp_values),
	.run = cp_run,
};
