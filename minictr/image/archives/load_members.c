/*
 * load_members.c - pass one of `load`: files of the archive become blobs.
 *
 * The archive may come through a pipe, and its table of contents stands at its end. So every file is kept
 * as it comes, before anything is known about it; what no image turns out to need is taken by garbage
 * collection.
 */
#include "image/archives/load_members.h"

#include "image/archive.h"

/* "a/../b/./c" as "b/c": how members name each other. Caller frees. */
static char *plain_path(const char *dir, const char *path)
{
	_cleanup_free_ char *whole = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", dir, path);
	char **parts = NULL;
	size_t n = 0;
	for (char *save = NULL, *part = strtok_r(whole, "/", &save); part;
		part = strtok_r(NULL, "/", &save)) {
		if (str_eq(part, "."))
			continue;
		if (str_eq(part, "..")) {
			if (n)
				free(parts[--n]);
			if (parts)
				parts[n] = NULL;
			continue;
		}
		strv_push(&parts, part);
		n++;
	}
	struct buf out = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s%s", i ? "/" : "", parts[i]);
	strv_free(parts);
	return buf_take(&out);
}

static struct member *new_member(struct members *m, const char *path)
{
	if (m->n == m->room)
		m->list = xrealloc(m->list, (m->room = m->room * 2 + 32) * sizeof(*m->list));
	m->list[m->n] = (struct member){ .path = plain_path("", path), .position = m->n };
	return &m->list[m->n++];
}

static int store_member(int store, struct tar_reader *r, struct member *m, struct mc_err *err)
{
	enum { CHUNK = 128 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	struct digest want = { "" };
	if (str_starts(m->path, "blobs/sha256/") || str_starts(m->path, "blobs/sha512/")) {
		_cleanup_free_ char *text = xasprintf("%.6s:%s", m->path + 6, m->path + 13);
		if (digest_parse(text, &want, err) < 0)
			return -err->code;
	}
	struct blob_writer w;
	int rc = blob_begin(store, &w, err);
	while (rc == 0) {
		ssize_t n = tar_read(r, chunk, CHUNK, err);
		if (n < 0)
			rc = (int)n;
		if (n <= 0)
			break;
		rc = blob_write(&w, chunk, (size_t)n, err);
	}
	if (rc == 0)
		rc = blob_commit(&w, want.text[0] ? &want : NULL, &m->blob, err);
	blob_abort(&w);
	return rc < 0 ? err_wrap(err, "%s", m->path) : 0;
}

/* Old docker writes the same layer a second time as a link. */
static void remember_link(struct members *m, const struct tar_entry *e)
{
	struct member *new = new_member(m, e->path);
	char *slash = strrchr(new->path, '/');
	_cleanup_free_ char *dir = slash ? xstrndup(new->path, (size_t)(slash - new->path)) : xstrdup("");
	new->link = plain_path(e->hardlink ? "" : dir, e->link);
}

static int by_path(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->path, y->path);
	return order ? order : (x->position > y->position) - (x->position < y->position);
}

int members_read(int store, int fd, const char *name, struct members *ret, struct mc_err *err)
{
	static const struct tar_limits limits = { .entries = 100000 };
	struct tar_reader *r = NULL;
	const struct tar_entry *e;
	int rc = tar_open(fd, name, &limits, &r, err);
	while (rc == 0 && (rc = tar_next(r, &e, err)) > 0) {
		rc = 0;
		if (!e->hardlink && S_ISREG(e->st.st_mode))
			rc = store_member(store, r, new_member(ret, e->path), err);
		else if (e->link)
			remember_link(ret, e);
	}
	tar_close(r);
	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list), by_path);
	return rc < 0 ? err_wrap(err, "%s", name) : 0;
}

/* By halves: an archive may name 100,000 files, and its manifest each of them. Of equal paths the last. */
static const struct member *find_path(const struct members *m, const char *path)
{
	size_t low = 0, high = m->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(m->list[middle].path, path) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && str_eq(m->list[low - 1].path, path) ? &m->list[low - 1] : NULL;
}

const struct member *members_find(const struct members *m, const char *path)
{
	_cleanup_free_ char *plain = plain_path("", path);
	const struct member *found = find_path(m, plain);
	for (int hops = 0; found && found->link; hops++)
		found = hops < 8 ? find_path(m, found->link) : NULL;
	return found;
}

void members_free(struct members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->list[i].path);
		free(m->list[i].link);
	}
	free(m->list);
	*m = (struct members){ 0 };
}
