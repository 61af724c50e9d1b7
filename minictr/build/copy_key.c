/*
 * copy_key.c - what the result of a COPY or ADD depends on.
 *
 * For each entry: name, type, mode, link text, device, bytes. No times: equal content with a new mtime is
 * a hit. Of a context neither owner nor attributes (they are the host's); of a stage's files both. Files
 * of another stage are named by content, not by that stage's key: a stage that was built again with the
 * same output is a hit. The content of a stage's files never changes, so its digest is kept
 * (build_memo_*): a second build mounts nothing.
 */
#include "build/steps.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "build/stat_cache.h"

enum { SHOWN_FILES = 20000 }; /* entries that --explain-cache can name */

struct content {
	const struct copy_plan *p;
	struct key *k;
	struct hash *hash;
	const char *top; /* name of the top, for the list of inputs */
	size_t n;
};

static void add_line(struct content *c, const char *text) { hash_add(c->hash, text, strlen(text) + 1); }

static void add_capability(struct content *c, const struct source_entry *e)
{
	char value[64];
	_cleanup_free_ char *path = xasprintf("/proc/self/fd/%d/%s", e->dir, e->name);
	ssize_t n = lgetxattr(path, "security.capability", value, sizeof(value));
	if (n > 0)
		hash_add(c->hash, value, (size_t)n);
}

/* What --explain-cache says when this entry differs: "file src/a.c". */
static void list_input(struct content *c, const struct source_entry *e, const char *text)
{
	struct digest d;
	if (!c->k->inputs || c->n++ >= SHOWN_FILES || !c->p->tree.is_context)
		return;
	digest_of(text, strlen(text), &d);
	_cleanup_free_ char *name =
		xasprintf("%s %s", S_ISDIR(e->st.st_mode) ? "directory" : "file", *e->path ? e->path : ".");
	json_set_string(c->k->inputs, name, d.text);
}

static int visit_content(void *arg, const struct source_entry *e, struct mc_err *err)
{
	struct content *c = arg;
	struct digest d = { "" };
	bool top_dir = !*e->rel && S_ISDIR(e->st.st_mode); /* its own mode and owner are not copied */
	if (S_ISREG(e->st.st_mode)) {
		int rc = stat_cache_digest(c->p->tree.cache, e->dir, e->name, e->path, &e->st, &d, err);
		if (rc < 0)
			return rc;
	}
	_cleanup_free_ char *line = xasprintf("%s|%o|%s|%s|%llu", e->rel, top_dir ? S_IFDIR : e->st.st_mode,
		d.text, e->link ? e->link : "",
		S_ISCHR(e->st.st_mode) || S_ISBLK(e->st.st_mode) ? (unsigned long long)e->st.st_rdev : 0);
	add_line(c, line);
	list_input(c, e, line);
	if (!c->p->tree.is_context && !top_dir) {
		char owner[32];
		snprintf(owner, sizeof(owner), "%u:%u", e->st.st_uid, e->st.st_gid);
		add_line(c, owner);
		add_capability(c, e);
	}
	return 0;
}

/* The digest of everything that the sources bring. */
static int content_of(struct copy_plan *p, struct key *k, struct digest *ret, struct mc_err *err)
{
	struct content c = { .p = p, .k = k, .hash = hash_new() };
	int rc = 0;
	for (size_t n = 0; rc >= 0 && n < p->tops.n; n++) {
		const struct source_top *top = &p->tops.list[n];
		const char *slash = strrchr(top->path, '/');
		add_line(&c, top->is_dir ? "directory" : slash ? slash + 1 : top->path);
		add_line(&c, top->below ? top->below : "");
		rc = source_parents(&p->tree, top, visit_content, &c, err);
		if (rc >= 0)
			rc = source_walk(
				&p->tree, top, p->exclude.n ? &p->exclude : NULL, visit_content, &c, err);
	}
	hash_end(c.hash, ret);
	return rc;
}

/* Of a stage or an image: by what it holds, remembered under its layers and the words of the instruction. */
static int key_from(struct build *b, const struct instruction *i, const struct from_source *f, struct key *k,
	struct mc_err *err)
{
	struct copy_plan p;
	struct digest name, content;
	struct key memo = { .hash = hash_new() };
	key_add(&memo, "layers", f->state.text);
	key_add_list(&memo, "word", i->words);
	for (size_t n = 0; n < i->n_flags; n++)
		if (str_eq(i->flags[n].name, "exclude") || str_eq(i->flags[n].name, "parents"))
			key_add(&memo, i->flags[n].name, i->flags[n].value);
	key_end(&memo, &name);
	if (f->state.text[0] && build_memo_get(b->all, &name, &content)) {
		key_add(k, "files of --from", content.text);
		return 0;
	}
	int rc = copy_plan_make(b, i, &p, err);
	if (rc >= 0)
		rc = content_of(&p, k, &content, err);
	copy_plan_release(&p);
	if (rc < 0)
		return rc;
	if (f->state.text[0])
		build_memo_put(b->all, &name, &content);
	key_add(k, "files of --from", content.text);
	return 0;
}

static int key_files(struct build *b, const struct instruction *i, struct key *k, struct mc_err *err)
{
	const char *from = instruction_flag(i, "from");
	struct from_source f;
	struct copy_plan p;
	struct digest content;
	if (from) {
		int rc = from_find(b, from, &f, err);
		if (rc >= 0)
			rc = key_from(b, i, &f, k, err);
		from_release(&f);
		return rc;
	}
	int rc = copy_plan_make(b, i, &p, err);
	if (rc >= 0)
		rc = content_of(&p, k, &content, err);
	for (size_t n = 0; rc >= 0 && n < p.tops.n && copy_stands_alone(i); n++) {
		const char *below = p.tops.list[n].below; /* --parents */
		_cleanup_free_ char *place = xasprintf("%s/%s", p.to, below ? below : "");
		rc = below && *below ? copy_place_key(b, place, k, err) : 0;
	}
	copy_plan_release(&p);
	if (rc >= 0)
		key_add(k, "files", content.text);
	return rc;
}

static int key_extra(struct build *b, const struct instruction *i, struct key *k, struct mc_err *err)
{
	struct digest d;
	int64_t mtime;
	for (size_t n = 0; n < i->n_heredocs; n++) {
		key_add(k, "heredoc name", i->heredocs[n].name);
		key_add(k, "heredoc", i->heredocs[n].body);
	}
	for (size_t n = 0; i->kind == DO_ADD && n + 1 < i->n_words; n++) {
		if (!add_is_url(i->words[n]))
			continue;
		int fd = add_fetch(b, i, i->words[n], &d, &mtime, err);
		if (fd < 0)
			return fd;
		close_fd(fd);
		key_add(k, i->words[n], d.text);
	}
	return 0;
}

int copy_key(const struct build *b, const struct instruction *i, struct key *k, struct mc_err *err)
{
	static const char *const flags[] = { "chown", "chmod", "link", "parents", "exclude", "unpack" };
	_cleanup_free_ char *to = stage_config_path(&b->config, i->words[i->n_words - 1]);
	struct build *own =
		(struct build *)b; /* a stage's files are mounted to be read; its layers stay as they are */
	key_add(k, "destination", to);
	key_add(k, "as written", i->words[i->n_words - 1]); /* with or without its last slash */
	key_add(k, "sources", i->n_words > 2 ? "several" : "one");
	for (size_t f = 0; f < ARRAY_LEN(flags); f++)
		for (size_t n = 0; n < i->n_flags; n++)
			if (str_eq(i->flags[n].name, flags[f]))
				key_add(k, flags[f], i->flags[n].value);
	int rc = copy_stands_alone(i) ? copy_place_key(b, to, k, err) : 0;
	if (rc >= 0 && copy_stands_alone(i))
		rc = copy_owner_key(b, instruction_flag(i, "chown"), k, err);
	if (rc >= 0)
		rc = key_extra(own, i, k, err);
	return rc < 0 ? rc : key_files(own, i, k, err);
}
