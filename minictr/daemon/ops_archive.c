/*
 * ops_archive.c - files of a container as tar: archive get, put, head; export.
 *
 * All paths are resolved inside the container's root (openat2(2), RESOLVE_IN_ROOT), so no link in it leads to
 * the host.
 */
#include "daemon/ops_image_job.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/job.h"
#include "engine/container_root.h"
#include "engine/events.h"
#include "engine/spec/user_ids.h"
#include "image/layer.h"
#include "image/tree.h"
#include "registry/login.h"

struct place {
	int root;           /* of the container */
	struct id_maps ids; /* of its user namespace */
	int dir;            /* where `name` stands */
	char *name;         /* last component, "." for a directory itself; owned */
	char *as;           /* what it is called in the archive; owned */
	struct stat st;
};

static void place_release(struct place *p)
{
	close_fd(p->root);
	close_fd(p->dir);
	id_maps_release(&p->ids);
	free(p->name);
	free(p->as);
}

/* path: absolute. *ret_rest: where it is from p->root on. */
static int open_root(struct engine *e, const struct request *q, const char *path, struct place *p,
	const char **ret_rest, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	*p = (struct place){ .root = -1, .dir = -1 };
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0)
		rc = user_ids_load(c.host, &p->ids, err);
	if (rc >= 0)
		rc = p->root = container_root_at(e, &c, path, ret_rest, err);
	return rc;
}

/* The path that was asked for, from / on. Caller frees. NULL: none. */
static char *asked_path(const struct request *q)
{
	const char *given = request_query(q, "path");
	if (!given || !*given)
		return NULL;
	char *path = xasprintf("/%s", given), *to = path;
	for (const char *s = path; *s; s++)
		if (*s != '/' || to == path || to[-1] != '/')
			*to++ = *s;
	*to = '\0';
	return path;
}

static int not_found(const struct request *q, const char *path, struct mc_err *err)
{
	*err = (struct mc_err){ 0 };
	return err_set(err, ENOENT, "Could not find the file %s in container %s", path, request_name(q));
}

/* "/a/b/" and "/a/b/." are the directory b itself; "/a/b" may be a link, which is not followed. */
static int find_place(struct engine *e, const struct request *q, struct place *p, struct mc_err *err)
{
	const char *given = request_query(q, "path"), *rest = NULL;
	_cleanup_free_ char *path = asked_path(q), *dir = NULL;
	*p = (struct place){ .root = -1, .dir = -1 };
	if (!path)
		return err_set(err, EINVAL, "bad parameter: path is empty");
	bool content = str_ends(path, "/."), whole = content || str_ends(path, "/");
	size_t len = strlen(path) - (content ? 1 : 0);
	if (len > 1 && path[len - 1] == '/')
		len--;
	path[len] = '\0';
	int rc = open_root(e, q, path, p, &rest, err);
	if (rc < 0)
		return rc;
	const char *last = strrchr(path, '/') + 1, *slash = strrchr(rest, '/');
	p->as = xstrdup(content || !*last ? "." : last);
	/* The root of a volume has its name in the directory above it. */
	whole |= !slash[1];
	p->name = xstrdup(whole ? "." : slash + 1);
	dir = whole ? xstrdup(rest) : xasprintf("%.*s/", (int)(slash - rest), rest);
	p->dir = file_open_beneath(p->root, dir, O_RDONLY | O_DIRECTORY, 0, err);
	if (p->dir == -ENOENT || p->dir == -ENOTDIR)
		return not_found(q, given, err);
	if (p->dir < 0)
		return p->dir;
	return fstatat(p->dir, p->name, &p->st, AT_SYMLINK_NOFOLLOW) < 0 ? not_found(q, given, err) : 0;
}

/* Go's os.FileMode: permissions, and a bit for each type. */
static uint32_t go_mode(mode_t mode)
{
	static const struct {
		mode_t type;
		uint32_t bits;
	} types[] = { { S_IFDIR, 1u << 31 }, { S_IFLNK, 1u << 27 }, { S_IFBLK, 1u << 26 },
		{ S_IFIFO, 1u << 25 }, { S_IFSOCK, 1u << 24 }, { S_IFCHR, (1u << 26) | (1u << 21) } };
	uint32_t bits = mode & 0777;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			bits |= types[i].bits;
	return bits | (mode & S_ISUID ? 1u << 23 : 0) | (mode & S_ISGID ? 1u << 22 : 0) |
	       (mode & S_ISVTX ? 1u << 20 : 0);
}

static void add_stat(struct reply *r, const struct place *p, const char *path)
{
	_cleanup_json_ struct json *o = json_new_object();
	char time[40], target[4097] = "";
	const char *slash = strrchr(path, '/');
	time_rfc3339((int64_t)p->st.st_mtim.tv_sec * 1000000000 + p->st.st_mtim.tv_nsec, time, sizeof(time));
	ssize_t n = S_ISLNK(p->st.st_mode) ? readlinkat(p->dir, p->name, target, sizeof(target) - 1) : 0;
	target[n > 0 ? n : 0] = '\0';
	/* A relative target is one of the directory that the link stands in. */
	_cleanup_free_ char *whole =
		n > 0 && *target != '/' ? xasprintf("%.*s/%s", slash ? (int)(slash - path) : 0, path, target)
					: xstrdup(target);
	json_set_string(o, "name", str_eq(p->as, ".") ? (slash && slash[1] ? slash + 1 : "/") : p->as);
	json_set_i64(o, "size", p->st.st_size);
	json_set_u64(o, "mode", go_mode(p->st.st_mode));
	json_set_string(o, "mtime", time);
	json_set_string(o, "linkTarget", whole);
	_cleanup_free_ char *text = json_dump(o, false);
	_cleanup_free_ char *coded = base64_encode(text, strlen(text));
	reply_header(r, "X-Docker-Container-Path-Stat", coded);
}

int op_archive_head(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct place p;
	int rc = find_place(e, q, &p, err);
	if (rc >= 0) {
		add_stat(r, &p, request_query(q, "path"));
		reply_empty(r, 200);
	}
	place_release(&p);
	return rc;
}

static int write_place(struct place *p, int out, struct mc_err *err)
{
	struct tar_writer *tar = NULL;
	int rc = tar_create_fd(out, TAR_PLAIN, &tar, err);
	if (rc < 0)
		return rc;
	tar_writer_ids(tar, p->ids.uids.n ? &p->ids : NULL);
	/* The members of "." are "./a": clients put another name in the place of the dot. */
	rc = str_eq(p->as, ".") && S_ISDIR(p->st.st_mode)
		     ? tree_write(p->dir, "./", tar, err)
		     : tree_write_named(p->dir, p->name, p->as, tar, err);
	if (rc >= 0)
		return tar_end(tar, err);
	tar_abort(tar);
	return rc;
}

int op_archive_get(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct place p;
	int rc = find_place(e, q, &p, err);
	if (rc >= 0) {
		add_stat(r, &p, request_query(q, "path"));
		rc = reply_begin(r, 200, "application/x-tar", err);
	}
	if (rc >= 0)
		rc = write_place(&p, JOB_REPLY, err);
	if (rc >= 0)
		event_named(e, request_name(q), "archive-path");
	place_release(&p);
	return rc;
}

static int unpack_body(const struct place *p, int dir, bool replace, struct mc_err *err)
{
	struct tar_reader *t = NULL;
	int rc = tar_open(0, "archive", NULL, &t, err);
	if (rc < 0)
		return rc;
	tar_reader_ids(t, p->ids.uids.n ? &p->ids : NULL);
	rc = unpack(t, dir, UNPACK_KEEP_DIRS | (replace ? 0 : UNPACK_REPLACE_NO_DIR), err);
	tar_close(t);
	return rc;
}

int op_archive_put(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct place p = { .root = -1, .dir = -1 };
	const char *rest = NULL;
	_cleanup_free_ char *path = asked_path(q);
	int rc = path ? open_root(e, q, path, &p, &rest, err)
		      : err_set(err, EINVAL, "bad parameter: path is empty");
	int dir = rc < 0 ? rc : file_open_beneath(p.root, rest, O_RDONLY | O_DIRECTORY, 0, err);
	if (dir == -ENOENT && p.root >= 0)
		rc = not_found(q, request_query(q, "path"), err);
	else if (dir == -ENOTDIR)
		rc = err_set(err, ENOTDIR, "extraction point is not a directory");
	else if (rc >= 0)
		rc = dir < 0 ? dir
			     : unpack_body(&p, dir, !request_flag(q, "noOverwriteDirNonDir", false), err);
	close_fd(dir);
	place_release(&p);
	if (rc < 0)
		return rc;
	event_named(e, request_name(q), "extract-to-dir");
	reply_empty(r, 200);
	return 0;
}

int op_export(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	struct place p;
	const char *rest;
	int rc = open_root(e, q, "/", &p, &rest, err);
	if (rc >= 0)
		rc = reply_begin(r, 200, "application/octet-stream", err);
	if (rc >= 0)
		rc = tree_write_all(p.root, &p.ids, JOB_REPLY, err);
	if (rc >= 0)
		event_named(e, request_name(q), "export");
	place_release(&p);
	return rc;
}
