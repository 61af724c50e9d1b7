/*
 * failed_context.c - which files a failed build could see: the context without what .dockerignore leaves out.
 *
 * Why: "COPY failed: not found" is most often a file that the build never saw: an ignored one, or one of
 * another directory. The list is written when a step fails, since the context may be gone afterwards (a tar
 * lies in the build's temporary directory); `debug build --context` shows it. The next build that succeeds
 * takes it away.
 */
#include "build/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { LISTED = 100000 }; /* files; more of them are counted only */

struct listing {
	struct buf lines;
	uint64_t files, bytes;
};

static int list_entry(void *arg, const struct source_entry *e, struct mc_err *err)
{
	struct listing *l = arg;
	char kind = S_ISDIR(e->st.st_mode) ? 'd' : S_ISLNK(e->st.st_mode) ? 'l' : 'f';
	if (!*e->rel)
		return 0;
	l->files += !S_ISDIR(e->st.st_mode);
	l->bytes += S_ISREG(e->st.st_mode) ? (uint64_t)e->st.st_size : 0;
	if (l->files > LISTED)
		return 0;
	buf_addf(&l->lines, "%c %04o %10llu %s%s%s\n", kind, e->st.st_mode & 07777,
		(unsigned long long)(S_ISREG(e->st.st_mode) ? e->st.st_size : 0), e->path,
		e->link ? " -> " : "", e->link ? e->link : "");
	return 0;
}

void failed_context_keep(struct builder *all)
{
	const struct build_context *c = &all->context;
	const struct source_top top = { .path = "", .real = "", .is_dir = true };
	struct listing l = { 0 };
	struct mc_err ignored;
	_cleanup_buf_ struct buf text = { 0 };
	if (c->tree.root < 0 || source_walk(&c->tree, &top, NULL, list_entry, &l, &ignored) < 0) {
		failed_context_drop(all);
		buf_release(&l.lines);
		return;
	}
	buf_addf(&text, "# context %s: %llu files, %llu bytes; %s\n", all->o->context,
		(unsigned long long)l.files, (unsigned long long)l.bytes,
		c->ignore.n ? "what .dockerignore names is left out" : "there is no .dockerignore");
	if (l.lines.len)
		buf_add(&text, l.lines.data, l.lines.len);
	all->result->listed =
		file_write_atomic(all->dir, FAILED_CONTEXT, text.data, text.len, 0600, 0, &ignored) >= 0;
	buf_release(&l.lines);
}

void failed_context_drop(struct builder *all) { unlinkat(all->dir, FAILED_CONTEXT, 0); }
