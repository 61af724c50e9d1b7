/*
 * output.c - --output: the result as a directory, a tar, an OCI archive, or (without it) as an image of
 * the store.
 *
 * A directory gets the files only: they belong to the caller, devices are left out, what is there already
 * stays. A tar holds owners, modes and devices. An OCI archive is what `minictr save` writes, so the image
 * is in the store as well.
 */
#include "build/publish.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "build/copy_into.h"
#include "image/archive.h"
#include "image/tree.h"
#include "image/verbs.h"

struct output {
	char *type, *dest;
};

static void output_release(struct output *o)
{
	free(o->type);
	free(o->dest);
}

/* "type=tar,dest=x.tar", or PATH alone for a directory, or "-" for a tar on standard output. */
static int read_output(const char *text, struct output *ret, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;
	*ret = (struct output){ 0 };
	if (!strstr(text, "type=")) {
		ret->type = xstrdup(str_eq(text, "-") ? "tar" : "local");
		ret->dest = xstrdup(text);
		return 0;
	}
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		char *value = strchr(w, '=');
		if (!value)
			return err_set(err, EINVAL, "--output %s: \"%s\" is not KEY=VALUE", text, w);
		*value++ = '\0';
		char **field = str_eq(w, "type") ? &ret->type : str_eq(w, "dest") ? &ret->dest : NULL;
		if (!field || *field)
			return err_set(err, EINVAL, "--output %s: \"%s\" is none of type=, dest=, each once",
				text, w);
		*field = xstrdup(value);
	}
	return 0;
}

int output_check(const char *text, struct mc_err *err)
{
	static const char *const types[] = { "local", "tar", "oci", "docker", "image", "cacheonly" };
	struct output o;
	int rc = read_output(text, &o, err);
	const char *type = o.type ? o.type : "", *near = nearest_word(type, types, ARRAY_LEN(types));
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(types); i++)
		rc = str_eq(type, types[i]) ? 1 : rc;
	if (rc == 0) {
		rc = err_set(err, EINVAL, "--output: unknown type \"%s\"", type);
		if (near)
			err_hint(err, "did you mean %s?", near);
		else
			err_hint(err, "known: local, tar, oci, image, cacheonly");
	} else if (rc > 0 && str_eq(type, "local") && (!o.dest || !*o.dest || str_eq(o.dest, "-"))) {
		rc = err_set(err, EINVAL, "--output type=local needs dest=PATH");
	}
	output_release(&o);
	return rc < 0 ? rc : 0;
}

static int write_local(struct build *t, const char *dest, struct mc_err *err)
{
	_cleanup_close_ int view = build_view(t, err);
	_cleanup_close_ int dir = view < 0 ? view : dir_make_open(AT_FDCWD, dest, 0755, err);
	struct source_tree tree = { .root = view, .what = "the result" };
	struct source_top top = { .path = (char *)"", .real = (char *)"", .is_dir = true };
	struct copy_into c = { .root = dir,
		.has_owner = true,
		.uid = geteuid(),
		.gid = getegid(),
		.dir_uid = geteuid(),
		.dir_gid = getegid() };
	int rc = dir < 0 ? dir : copy_top(&c, &tree, &top, NULL, "/", true, err);
	copy_into_release(&c);
	return rc < 0 ? err_wrap(err, "--output %s", dest) : 0;
}

static int open_dest(const char *dest, struct mc_err *err)
{
	if (str_eq(dest, "-") && isatty(1))
		return err_set(err, EINVAL, "--output: a tar is not written to a terminal");
	int fd = str_eq(dest, "-") ? fcntl(1, F_DUPFD_CLOEXEC, 3)
				   : open(dest, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return fd < 0 ? err_sys(err, "--output %s", dest) : fd;
}

static int write_tar(struct build *t, const char *dest, struct mc_err *err)
{
	struct tar_writer *w = NULL;
	_cleanup_close_ int view = build_view(t, err);
	_cleanup_close_ int fd = view < 0 ? view : open_dest(dest, err);
	int rc = fd < 0 ? fd : tar_create_fd(fd, TAR_PLAIN, &w, err);
	if (rc < 0)
		return rc;
	rc = tree_write(view, "", w, err);
	if (rc >= 0)
		return tar_end(w, err);
	tar_abort(w);
	return rc;
}

static int write_oci(struct builder *all, struct build *t, const char *dest, struct mc_err *err)
{
	int rc = all->result->manifest.text[0] ? 0 : publish_image(all, t, err);
	_cleanup_close_ int fd = rc < 0 ? rc : open_dest(dest, err);
	char *id[] = { all->result->id.text, NULL };
	bool named = all->o->tags && all->o->tags[0];
	return fd < 0 ? fd : image_save(all->store, named ? (char **)all->o->tags : id, fd, err);
}

static int write_output(struct builder *all, struct build *t, const struct output *o, struct mc_err *err)
{
	const char *type = o->type;
	const char *dest =
		o->dest && *o->dest ? o->dest : "-"; /* docker's: an archive goes to standard output */
	if (str_eq(type, "local"))
		return write_local(t, dest, err);
	if (str_eq(type, "tar"))
		return write_tar(t, dest, err);
	if (str_eq(type, "oci") || (str_eq(type, "docker") && o->dest))
		return write_oci(all, t, dest, err);
	return str_eq(type, "cacheonly") ? 0 : publish_image(all, t, err);
}

int publish_outputs(struct builder *all, struct build *t, struct mc_err *err)
{
	if (!all->o->outputs || !all->o->outputs[0])
		return publish_image(all, t, err);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && all->o->outputs[i]; i++) {
		struct output o;
		rc = read_output(all->o->outputs[i], &o, err);
		if (rc >= 0)
			rc = write_output(all, t, &o, err);
		output_release(&o);
	}
	return rc;
}
