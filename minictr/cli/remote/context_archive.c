/*
 * context_archive.c - `minictr context export|import`: docker's archive, a tar of meta.json and
 * tls/docker/NAME.pem.
 * The real docker imports ours, and we import docker's. An archive is from outside: entries of other names
 * are passed over, sizes are limited.
 */
#include "cli/remote/context_draft.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/context_store.h"
#include "image/archive.h"

enum { IMPORT_MOST = 16 << 20 };

static int export_files(const char *name, struct tar_writer *out, struct mc_err *err)
{
	_cleanup_json_ struct json *meta = NULL;
	_cleanup_free_ char *dir = context_path(name), *text = NULL;
	int rc = context_load(name, &meta, err);
	if (rc >= 0) {
		text = json_dump(meta, false);
		rc = tar_add_data(out, "meta.json", 0644, text, strlen(text), err);
	}
	for (size_t i = 0; rc >= 0 && i < CONTEXT_PEMS; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, context_pems[i]),
				    *as = xasprintf("tls/docker/%s", context_pems[i]);
		_cleanup_buf_ struct buf b = { 0 };
		if (path_exists(AT_FDCWD, path))
			rc = file_read(AT_FDCWD, path, PEM_MOST, &b, err);
		if (rc >= 0 && b.len)
			rc = tar_add_data(out, as, 0600, b.data, b.len, err);
	}
	return rc;
}

int context_export(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_free_ char *usual = xasprintf("%s.dockercontext", argv[0]);
	const char *path = argc > 1 ? argv[1] : usual;
	struct tar_writer *out = NULL;
	if (!context_exists(argv[0]))
		return err_set(err, ENOENT, "context \"%s\": context not found", argv[0]);
	if (str_eq(path, "-") && isatty(STDOUT_FILENO))
		return err_set(err, EINVAL, "cowardly refusing to export to a terminal, specify a file path");
	/* it may hold a private key */
	_cleanup_close_ int fd = str_eq(path, "-")
					 ? dup(STDOUT_FILENO)
					 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "create %s", path);
	int rc = tar_create_fd(fd, TAR_PLAIN, &out, err);
	if (rc >= 0)
		rc = export_files(argv[0], out, err);
	if (rc < 0) {
		if (out)
			tar_abort(out);
		return rc;
	}
	rc = tar_end(out, err);
	if (rc >= 0 && !str_eq(path, "-"))
		fprintf(stderr, "Written file \"%s\"\n", path);
	return rc;
}

static int import_entry(struct draft *d, struct tar_reader *r, const struct tar_entry *e, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	const char *slash = strrchr(e->path, '/'), *name = slash ? slash + 1 : e->path;
	bool meta = str_eq(e->path, "meta.json") || str_eq(e->path, "./meta.json"), pem = false;
	char piece[4096];
	ssize_t n = 0;
	for (size_t i = 0; i < CONTEXT_PEMS; i++)
		pem |= str_eq(name, context_pems[i]) && strstr(e->path, "tls/docker/");
	if (!S_ISREG(e->st.st_mode) || (!meta && !pem))
		return 0;
	while ((n = tar_read(r, piece, sizeof(piece), err)) > 0) {
		buf_add(&b, piece, (size_t)n);
		if (b.len > PEM_MOST)
			return err_set(err, EFBIG, "%s in the archive is too long", e->path);
	}
	if (n < 0 || pem)
		return n < 0 ? (int)n : draft_pem(d, name, b.data ? b.data : "", b.len, err);
	struct json *doc = NULL;
	_cleanup_free_ char *own = xstrdup(json_text_of(json_member(d->meta, "Name")));
	int rc = json_parse(b.data ? b.data : "", b.len, "meta.json", &doc, err);
	if (rc < 0)
		return rc;
	json_free(d->meta);
	d->meta = doc;
	json_set_string(d->meta, "Name", own);
	return 0;
}

/*
 * docker leaves out the end of its archive: the last file's padding and the two empty blocks. A copy
 * gets them; more of them do no harm. Returns the copy's descriptor.
 */
static int open_import(const char *path, struct mc_err *err)
{
	static const char zeros[1536];
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_close_ int in = str_eq(path, "-") ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return err_sys(err, "open %s", path);
	int rc = file_read_fd(in, path, IMPORT_MOST, &b, err);
	if (rc < 0)
		return rc;
	size_t odd = b.len % 512 ? 512 - b.len % 512 : 0;
	_cleanup_close_ int copy = memfd_create("context", MFD_CLOEXEC);
	if (copy < 0)
		return err_sys(err, "memfd_create");
	rc = file_write_all(copy, b.data ? b.data : "", b.len, err);
	if (rc >= 0)
		rc = file_write_all(copy, zeros, odd + 1024, err);
	return rc < 0 ? rc : lseek(copy, 0, SEEK_SET) < 0 ? err_sys(err, "lseek") : take_fd(&copy);
}

int context_import(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_draft_ struct draft d = { 0 };
	struct tar_reader *r = NULL;
	const struct tar_limits limits = { .entries = 64, .bytes = 16 << 20 };
	const struct tar_entry *e;
	struct endpoint at;
	_cleanup_close_ int fd = open_import(argv[1], err);
	if (fd < 0)
		return fd;
	int rc = context_check_name(argv[0], err);
	if (rc >= 0 && context_exists(argv[0]))
		rc = err_set(err, EEXIST, "context \"%s\" already exists", argv[0]);
	if (rc >= 0)
		rc = draft_begin(&d, argv[0], err);
	if (rc >= 0)
		rc = tar_open(fd, argv[1], &limits, &r, err);
	while (rc >= 0 && (rc = tar_next(r, &e, err)) > 0)
		rc = import_entry(&d, r, e, err);
	tar_close(r);
	const char *host = json_text_of(json_at(d.meta, "Endpoints.docker.Host"));
	if (rc >= 0 && host)
		rc = endpoint_parse(host, &at, err);
	if (rc >= 0)
		rc = draft_commit(&d, err);
	if (rc < 0)
		return rc;
	printf("%s\n", argv[0]);
	fprintf(stderr, "Successfully imported context \"%s\"\n", argv[0]);
	return 0;
}
