/*
 * copy_step.c - COPY and ADD: from the instruction to files in a tree.
 *
 * Order and why: where the files come from (context, stage, image), which they are (source_tree.c), whose
 * they become (names are looked up in the stage's own /etc/passwd), where they go; then copy_into.c writes
 * them one by one.
 */
#include "build/steps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/warn.h"

/* --- making it ready --- */

static int add_excludes(const struct instruction *i, struct ignore *ret, struct mc_err *err)
{
	int rc = 0;
	for (size_t n = 0; rc >= 0 && n < i->n_flags; n++)
		if (str_eq(i->flags[n].name, "exclude"))
			rc = ignore_add(ret, i->flags[n].value, err);
	return rc;
}

/* "dir/", "." and "./" are directories; so is the place of several files. */
static bool ends_as_dir(const char *to)
{
	return str_ends(to, "/") || str_eq(to, ".") || str_ends(to, "/.") || str_eq(to, "..") ||
	       str_ends(to, "/..");
}

static int select_sources(
	struct build *b, const struct instruction *i, struct copy_plan *p, struct mc_err *err)
{
	bool parents = instruction_flag_on(i, "parents", false), wild = false;
	int rc = 0;
	for (size_t n = 0; rc >= 0 && n + 1 < i->n_words; n++) {
		if (!copy_is_tree_source(i, i->words[n]))
			continue;
		rc = source_select(&p->tree, i->words[n], parents, &p->tops, err);
		wild |= glob_has_magic(i->words[n]);
	}
	/* The key's look and the step's own are one step: told once. */
	if (rc >= 0 && wild && !p->tops.n && !i->n_heredocs && !b->told_no_match) {
		warn_user("%s: no source file matches; nothing is copied", i->line);
		b->told_no_match = true;
	}
	return rc;
}

/* Does any source lie in the tree at all? COPY of heredocs needs no context. */
static bool needs_tree(const struct instruction *i)
{
	for (size_t n = 0; n + 1 < i->n_words; n++)
		if (copy_is_tree_source(i, i->words[n]))
			return true;
	return false;
}

static int open_tree(struct build *b, const struct instruction *i, struct copy_plan *p, struct mc_err *err)
{
	const char *from = instruction_flag(i, "from");
	struct from_source f;
	if (!from) {
		p->tree = b->all->context.tree;
		if (p->tree.root >= 0 || !needs_tree(i))
			return 0;
		err_set(err, ENOENT, "there is no build context: the Dockerfile came from standard input");
		return err_hint(err, "give a directory as well: minictr build -f - DIRECTORY");
	}
	int rc = from_find(b, from, &f, err);
	if (rc >= 0)
		rc = p->view = from_view(b, &f, err);
	p->tree = f.context ? f.context->tree : (struct source_tree){ .root = p->view, .what = i->line };
	from_release(&f);
	return rc < 0 ? rc : 0;
}

int copy_plan_make(struct build *b, const struct instruction *i, struct copy_plan *ret, struct mc_err *err)
{
	const char *to = i->words[i->n_words - 1];
	*ret = (struct copy_plan){ .i = i, .view = -1, .tree = { .root = -1 } };
	ret->to = stage_config_path(&b->config, to);
	ret->into_dir = ends_as_dir(to);
	ret->into.chmod = instruction_flag(i, "chmod");
	int rc = copy_check(i, err);
	if (rc >= 0)
		rc = add_excludes(i, &ret->exclude, err);
	if (rc >= 0)
		rc = open_tree(b, i, ret, err);
	if (rc >= 0)
		rc = select_sources(b, i, ret, err);
	return rc;
}

void copy_plan_release(struct copy_plan *p)
{
	close_fd(p->view);
	source_tops_free(&p->tops);
	ignore_free(&p->exclude);
	copy_into_release(&p->into);
	free(p->to);
}

/* --- doing it --- */

static int find_owner(int root, const char *text, struct copy_into *c, struct mc_err *err)
{
	int rc = step_owner(root, text, &c->uid, &c->gid, err);
	if (rc < 0)
		return err_wrap(err, "--chown=%s", text);
	c->has_owner = c->chowned = true;
	c->dir_uid = c->uid;
	c->dir_gid = c->gid;
	return 0;
}

/* Several sources want a directory: one that exists, or that is written as one. */
static int check_place(const struct copy_plan *p, int root, struct mc_err *err)
{
	struct stat st;
	struct mc_err ignored;
	if (p->into_dir || p->i->n_words <= 2)
		return 0;
	_cleanup_close_ int fd = file_open_beneath(root, p->to, O_PATH, 0, &ignored);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	err_set(err, EINVAL, "%s with more than one source file: the destination %s must be a directory",
		p->i->name, p->i->words[p->i->n_words - 1]);
	return err_hint(err, "write a / at its end");
}

static int begin(struct copy_plan *p, int root, struct mc_err *err)
{
	const char *chown = instruction_flag(p->i, "chown");
	if (p->began)
		return 0;
	p->began = true;
	p->into.root = root;
	p->into.has_owner = p->tree.is_context || p->view < 0;
	p->into.keep_xattrs = !p->into.has_owner;
	p->into.no_links = instruction_flag_on(p->i, "link", false);
	int rc = chown ? find_owner(root, chown, &p->into, err) : 0;
	return rc < 0 ? rc : check_place(p, root, err);
}

/* ADD of a tar unpacks it, whatever its name; --unpack=false copies it. 1: it was one. */
static int try_archive(struct build *b, struct copy_plan *p, const struct source_top *top, struct mc_err *err)
{
	if (p->i->kind != DO_ADD || top->is_dir || !instruction_flag_on(p->i, "unpack", true))
		return 0;
	_cleanup_close_ int fd =
		file_open_beneath(p->tree.root, top->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, err);
	if (fd < 0)
		return fd;
	if (!add_is_archive(fd, top->path))
		return 0;
	int rc = add_unpack(b, &p->into, fd, top->path, p->to, err);
	return rc < 0 ? rc : 1;
}

int copy_plan_put(struct build *b, struct copy_plan *p, size_t n, int root, struct mc_err *err)
{
	const struct source_top *top = &p->tops.list[n];
	int rc = begin(p, root, err);
	if (rc >= 0)
		rc = try_archive(b, p, top, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return copy_top(&p->into, &p->tree, top, p->exclude.n ? &p->exclude : NULL, p->to,
		p->into_dir || p->tops.n > 1, err);
}

static int put_url(struct build *b, struct copy_plan *p, const char *url, struct mc_err *err)
{
	struct digest d;
	int64_t mtime = 0;
	_cleanup_free_ char *name = add_url_name(url);
	_cleanup_close_ int fd = add_fetch(b, p->i, url, &d, &mtime, err);
	if (fd < 0)
		return fd;
	if (!name && p->into_dir)
		return err_set(
			err, EINVAL, "%s: the URL has no file name, and the destination is a directory", url);
	if (instruction_flag_on(p->i, "unpack", false) && add_is_archive(fd, url))
		return add_unpack(b, &p->into, fd, url, p->to, err);
	return copy_file(&p->into, fd, name ? name : "download", 0600, mtime, p->to, p->into_dir, err);
}

int copy_plan_extra(struct build *b, struct copy_plan *p, int root, struct mc_err *err)
{
	size_t doc = 0;
	int rc = begin(p, root, err);
	for (size_t n = 0; rc >= 0 && n + 1 < p->i->n_words; n++) {
		const char *word = p->i->words[n];
		if (doc < p->i->n_heredocs && !copy_is_tree_source(p->i, word) && !add_is_url(word)) {
			const struct heredoc *h = &p->i->heredocs[doc++];
			bool own = p->into.has_owner;
			p->into.has_owner = true;
			rc = copy_text(&p->into, h->name, h->body ? h->body : "",
				strlen(h->body ? h->body : ""), p->to, p->into_dir, err);
			p->into.has_owner = own;
		} else if (p->i->kind == DO_ADD && add_is_url(word)) {
			rc = put_url(b, p, word, err);
		}
	}
	return rc;
}
