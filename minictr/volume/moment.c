/*
 * moment.c - did a tree change while it was copied?
 *
 * Kernel objects and man pages: inode(7): ctime and size. A copy of a moving tree is no backup: a database
 * writes two files that belong together, and the copy may have one of them from before and one from after.
 * So the tree is looked at before and after, and what moved is named.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "image/tree.h"
#include "volume/pack.h"

struct moment_entry {
	char *path;
	struct timespec ctime;
	off_t size;
	ino_t inode;
};

struct pack_moment {
	struct moment_entry *entries; /* in the tree's order, which is sorted */
	size_t n;
};

int pack_moment_take(int dir, struct pack_moment **ret, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *item = NULL;
	struct pack_moment *m = xcalloc(1, sizeof(*m));
	int rc = tree_open(dir, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &item, err)) > 0) {
		if ((m->n & (m->n - 1)) == 0)
			m->entries = xrealloc(m->entries, (m->n ? m->n * 2 : 1) * sizeof(*m->entries));
		m->entries[m->n++] = (struct moment_entry){ xstrdup(item->path), item->st.st_ctim,
			item->st.st_size, item->st.st_ino };
	}
	tree_close(t);
	if (rc < 0)
		pack_moment_free(m);
	else
		*ret = m;
	return rc < 0 ? rc : 0;
}

void pack_moment_free(struct pack_moment *m)
{
	for (size_t i = 0; m && i < m->n; i++)
		free(m->entries[i].path);
	if (m)
		free(m->entries);
	free(m);
}

static bool moment_same(const struct moment_entry *a, const struct moment_entry *b)
{
	return a->inode == b->inode && a->size == b->size && a->ctime.tv_sec == b->ctime.tv_sec &&
	       a->ctime.tv_nsec == b->ctime.tv_nsec;
}

static int moment_by_path(const void *a, const void *b)
{
	return strcmp(((const struct moment_entry *)a)->path, ((const struct moment_entry *)b)->path);
}

static void moment_sort(struct pack_moment *m)
{
	if (m->n)
		qsort(m->entries, m->n, sizeof(*m->entries), moment_by_path);
}

int pack_moment_compare(const struct pack_moment *before, int dir, char ***ret, struct mc_err *err)
{
	struct pack_moment *now = NULL;
	int rc = pack_moment_take(dir, &now, err);
	*ret = NULL;
	if (rc < 0)
		return rc;
	moment_sort((struct pack_moment *)before);
	moment_sort(now);
	for (size_t i = 0, k = 0; i < before->n || k < now->n;) {
		int order = i == before->n ? 1
			    : k == now->n  ? -1
					   : strcmp(before->entries[i].path, now->entries[k].path);
		if (order != 0 || !moment_same(&before->entries[i], &now->entries[k]))
			strv_push(ret, order <= 0 ? before->entries[i].path : now->entries[k].path);
		i += order <= 0;
		k += order >= 0;
	}
	pack_moment_free(now);
	return 0;
}
