/*
 * remote_cp.c - cp into and out of a daemon's container: GET and PUT .../archive.
 *
 * One side is here, the other is behind the connection; in between flows a tar. What is copied where follows
 * the same table as locally (cmd/cp.c). The other side is asked by HEAD what a path is there: the answer's
 * X-Docker-Container-Path-Stat is base64 of {name, size, mode, mtime, linkTarget}, and mode is written
 * in Go's bits, not in those of stat(2).
 * Order and why: processes with pipes, so that nothing is kept in memory: tar or the daemon's answer, then
 * names and owners are rewritten, then the daemon or unpacking.
 */
#include "cli/remote/remote.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "cli/cp_sides.h"
#include "image/archive.h"
#include "registry/login.h"

static const int64_t go_mode_dir = 1LL << 31, go_mode_link = 1LL << 27, go_mode_device = 1LL << 26;

struct path_stat {
	bool exists, is_dir, is_link, is_device;
	char *link; /* where a link leads; owned */
};

static void archive_path(struct buf *path, const char *container, const char *inside)
{
	buf_adds(path, "/containers/");
	path_add(path, container);
	buf_adds(path, "/archive");
	query_add(path, "path", inside);
}

static int ask_stat(struct client *c, const char *container, const char *inside, struct path_stat *ret,
	struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	_cleanup_free_ char *header = NULL;
	_cleanup_json_ struct json *doc = NULL;
	size_t len = 0;
	*ret = (struct path_stat){ 0 };
	archive_path(&path, container, inside);
	int rc = client_call(c,
		&(struct client_call){ .method = "HEAD",
			.path = path.data,
			.wanted = "X-Docker-Container-Path-Stat",
			.ret_wanted = &header },
		NULL, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *text = header ? base64_decode(header, &len) : NULL;
	if (!text || json_parse(text, len, "X-Docker-Container-Path-Stat", &doc, err) < 0)
		return err_set(err, EPROTO, "the daemon does not say what %s:%s is", container, inside);
	int64_t mode = json_int_of(json_member(doc, "mode"));
	const char *link = json_text_of(json_member(doc, "linkTarget"));
	*ret = (struct path_stat){ true, mode & go_mode_dir, mode & go_mode_link, mode & go_mode_device,
		xstrdup(link) };
	return 0;
}

/*
 * HEAD has no body, so 404 has no words: ours. A container that is not there is told from a path by a
 * look at it.
 */
static int missing(struct client *c, const struct cp_side *s, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	*err = (struct mc_err){ 0 };
	buf_adds(&path, "/containers/");
	path_add(&path, s->name);
	buf_adds(&path, "/json");
	int rc = client_get(c, path.data, NULL, err);
	if (rc < 0)
		return rc;
	return err_set(err, ENOENT, "Could not find the file %s in container %s", s->path, s->name);
}

/* The path behind one link, inside the container; caller frees. */
static char *behind_link(const char *path, const char *link)
{
	_cleanup_free_ char *dir = NULL, *name = NULL;
	if (*link == '/')
		return xstrdup(link);
	cp_split(path, &dir, &name);
	return xasprintf("%s/%s", dir, link);
}

/* --- the pipe in between --- */

struct flow {
	struct cli *cli;
	const struct cp_values *values;
	const struct cp_side *from, *to;
	int in;             /* what the rewriting process reads */
	int dir;            /* of a source that is here */
	const char *name;   /* its last component */
	const char *inside; /* path of a source that is there */
	const char *as;     /* the name of the copy; "." for the source's content alone */
	bool drop_owner;
};

/* Runs make(f, fd) in a child whose output is read from the returned descriptor. */
static int child_flow(int (*make)(const struct flow *f, int out, struct mc_err *err), const struct flow *f,
	struct mc_err *err)
{
	int ends[2];
	int rc = sys_pipe(ends, err);
	if (rc < 0)
		return rc;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct mc_err why = { 0 };
		close(ends[0]);
		rc = make(f, ends[1], &why);
		if (rc < 0 && rc != -EPIPE)
			err_print(&why, "minictr");
		_exit(rc < 0 ? 1 : 0);
	}
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return err_sys(err, "fork");
	}
	return ends[0];
}

static int write_piece(void *ctx, const void *data, size_t len, struct mc_err *err)
{
	return file_write_all(*(int *)ctx, data, len, err);
}

static int make_here(const struct flow *f, int out, struct mc_err *err)
{
	return cp_send_tar(out, f->from, f->dir, f->name, "copy", err);
}

static int make_there(const struct flow *f, int out, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	_cleanup_buf_ struct buf path = { 0 };
	archive_path(&path, f->from->name, f->inside);
	int rc = client_open(f->cli, &c, err);
	if (rc < 0)
		return rc;
	return client_call(
		&c, &(struct client_call){ .path = path.data, .sink = write_piece, .ctx = &out }, NULL, err);
}

static const char *plain(const char *path)
{
	while (str_starts(path, "./") || *path == '/')
		path += *path == '/' ? 1 : 2;
	return str_eq(path, ".") ? "" : path;
}

/* "was/x" -> "as/x"; "was" -> "as". as "." takes the first component away. Caller frees. */
static char *renamed(const char *was, const char *as, const char *text)
{
	const char *path = plain(text);
	size_t n = strlen(was);
	if (strncmp(path, was, n) || (n && path[n] && path[n] != '/'))
		return xstrdup(path);
	const char *rest = path + n + strspn(path + n, "/");
	if (str_eq(as, "."))
		return xstrdup(*rest ? rest : ".");
	return *rest ? xasprintf("%s/%s", as, rest) : xstrdup(as);
}

static int rewrite_one(const struct flow *f, const char *was, struct tar_reader *in,
	const struct tar_entry *e, struct tar_writer *out, struct mc_err *err)
{
	static char piece[65536];
	struct tar_entry now = *e;
	_cleanup_free_ char *path = renamed(was, f->as, e->path);
	_cleanup_free_ char *link = e->hardlink ? renamed(was, f->as, e->link) : NULL;
	ssize_t n = 0;
	now.path = path;
	if (link)
		now.link = link;
	if (f->drop_owner)
		now.st.st_uid = now.st.st_gid = 0;
	int rc = tar_add(out, &now, err);
	while (rc >= 0 && S_ISREG(e->st.st_mode) && !e->hardlink &&
		(n = tar_read(in, piece, sizeof(piece), err)) > 0)
		rc = tar_write(out, piece, (size_t)n, err);
	return rc < 0 ? rc : n < 0 ? (int)n : 0;
}

static int make_renamed(const struct flow *f, int out, struct mc_err *err)
{
	struct tar_reader *r = NULL;
	struct tar_writer *w = NULL;
	const struct tar_entry *e;
	int rc = tar_open(f->in, "copy", NULL, &r, err);
	if (rc >= 0)
		rc = tar_create_fd(out, TAR_PLAIN, &w, err);
	/* the archive begins with what was asked for: its name there is the first component of all names */
	_cleanup_free_ char *was = NULL;
	while (rc >= 0 && (rc = tar_next(r, &e, err)) > 0) {
		if (!was)
			was = xstrndup(plain(e->path), strcspn(plain(e->path), "/"));
		rc = rewrite_one(f, was, r, e, w, err);
	}
	tar_close(r);
	if (rc >= 0)
		return tar_end(w, err);
	if (w)
		tar_abort(w);
	return rc;
}

/* --- into the container --- */

static int put_archive(
	struct client *c, const struct cp_side *to, const char *dir, int in, bool owners, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	archive_path(&path, to->name, dir);
	query_add(&path, "noOverwriteDirNonDir", "true");
	query_add(&path, "copyUIDGID", owners ? "true" : NULL);
	return client_call(c,
		&(struct client_call){
			.method = "PUT", .path = path.data, .type = "application/x-tar", .fd = in },
		NULL, err);
}

/* Where it goes: *dir and *as, both owned by the caller. The table of cmd/cp.c, asked over the connection. */
static int place_there(struct client *c, const struct cp_side *to, const char *source, bool source_is_dir,
	const char *base, char **dir, char **as, struct mc_err *err)
{
	struct path_stat st = { 0 };
	_cleanup_free_ char *path = xasprintf("%s%s", *to->path == '/' ? "" : "/", to->path);
	int rc = ask_stat(c, to->name, path, &st, err);
	if (rc >= 0 && st.is_link && st.link) {
		char *behind = behind_link(path, st.link);
		free(path);
		path = behind;
		free(st.link);
		rc = ask_stat(c, to->name, path, &st, err);
	}
	free(take_ptr(&st.link));
	if (rc < 0 && rc != -ENOENT)
		return rc;
	*err = (struct mc_err){ 0 };
	if (st.exists && st.is_dir) {
		*dir = xstrdup(path);
		*as = xstrdup(source_is_dir && cp_wants_content(source) ? "." : base);
		return 0;
	}
	if (st.exists && st.is_device)
		return cp_refuse_device(to, err);
	if (st.exists && source_is_dir)
		return err_set(err, ENOTDIR, "cannot copy a directory to a file: %s", to->path);
	if (!source_is_dir && str_ends(to->path, "/"))
		return err_set(err, ENOENT,
			st.exists ? "%s is no directory" : "the directory %s does not exist", to->path);
	cp_split(path, dir, as);
	return 0;
}

static int copy_in(struct client *c, struct flow *f, uint64_t *bytes, struct mc_err *err)
{
	_cleanup_free_ char *name = NULL, *base = NULL, *dir = NULL, *as = NULL;
	struct stat st;
	if (f->from->stream)
		return put_archive(c, f->to, f->to->path, STDIN_FILENO, f->values->archive, err);
	_cleanup_close_ int source = cp_open_source(f->from, f->values->follow, &name, &base, err);
	if (source < 0)
		return source;
	if (fstatat(source, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "%s", f->from->path);
	int rc = place_there(c, f->to, f->from->path, S_ISDIR(st.st_mode), base, &dir, &as, err);
	if (rc < 0)
		return rc == -ENOENT && !err->what[0] ? missing(c, f->to, err) : rc;
	*f = (struct flow){ f->cli, f->values, f->from, f->to, -1, source, name, NULL, as,
		!f->values->archive };
	_cleanup_close_ int tar = child_flow(make_here, f, err);
	f->in = tar;
	_cleanup_close_ int clean = tar < 0 ? tar : child_flow(make_renamed, f, err);
	*bytes = (uint64_t)st.st_size;
	return clean < 0 ? clean : put_archive(c, f->to, dir, clean, f->values->archive, err);
}

/* --- out of it --- */

static int copy_out(struct client *c, struct flow *f, uint64_t *bytes, struct mc_err *err)
{
	struct path_stat st = { 0 };
	_cleanup_free_ char *path = xasprintf("%s%s", *f->from->path == '/' ? "" : "/", f->from->path);
	_cleanup_free_ char *above = NULL, *base = NULL, *as = NULL;
	int rc = ask_stat(c, f->from->name, path, &st, err);
	if (rc == -ENOENT)
		return missing(c, f->from, err);
	cp_split(path, &above, &base);
	if (rc >= 0 && st.is_link && st.link && f->values->follow) {
		char *behind = behind_link(path, st.link);
		free(path);
		path = behind;
		free(st.link);
		rc = ask_stat(c, f->from->name, path, &st, err);
	}
	free(take_ptr(&st.link));
	if (rc < 0)
		return rc;
	f->inside = path;
	if (f->to->stream)
		return make_there(f, STDOUT_FILENO, err);
	_cleanup_close_ int into = cp_choose_target(f->to, f->from->path, st.is_dir, base, &as, err);
	if (into < 0)
		return into;
	f->as = as;
	_cleanup_close_ int tar = child_flow(make_there, f, err);
	f->in = tar;
	_cleanup_close_ int named = tar < 0 ? tar : child_flow(make_renamed, f, err);
	return named < 0 ? named : cp_receive(named, f->to, into, f->values, bytes, err);
}

int remote_cp(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	struct cp_side from, to;
	struct flow f = { .cli = cli, .values = values, .from = &from, .to = &to, .in = -1, .dir = -1 };
	uint64_t bytes = 0;
	cp_parse_side(argv[0], &from);
	cp_parse_side(argv[1], &to);
	int rc = cp_check_sides(&from, &to, err), status = 0;
	struct cp_side *here = from.name ? &to : &from;
	here->root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc >= 0)
		rc = from.name ? copy_out(&c, &f, &bytes, err) : copy_in(&c, &f, &bytes, err);
	while (wait(&status) > 0)
		if (rc >= 0 && status != 0)
			rc = err_set(err, EIO, "the source could not be read completely");
	if (rc >= 0)
		cp_say(values, &to, bytes);
	close_fd(here->root);
	free(from.name);
	free(to.name);
	return rc < 0 ? rc : 0;
}
