/*
 * stat_cache.c - git's index for build contexts: lstat(2) tells whether a file must be read again.
 *
 * A remembered digest counts when device, inode, size, mode, mtime and ctime are as they were. ctime,
 * because touch -r, cp -p and tar set an old mtime; no program sets ctime. Racy files: a file that is
 * written twice within one tick of the file system's clock has the same times both times. So an entry is
 * kept only if its ctime was older than GRAIN when the file was read; a younger file is read again next
 * time (git: Documentation/technical/racy-git.txt). Kernels before 6.13 tick every 4 to 10 ms.
 *
 * Format: MAGIC, then records of struct record and the path, all in this machine's byte order. It is a
 * cache: a file that does not look right is ignored. Written to a temporary file and renamed, so builds at
 * the same time see one or the other.
 */
#include "build/stat_cache.h"

#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "build/state.h"

#define MAGIC "minictr stat 1\n"

enum { MAX_BYTES = 256 << 20 };
#define GRAIN_NS 20000000LL

struct record {
	uint64_t dev, ino, size;
	int64_t mtime, ctime;
	uint32_t mode, path_len;
	char hex[64];
};

struct slot {
	struct record r;
	char *path; /* NULL: free */
	bool used;  /* by this build */
};

struct stat_cache {
	int dir; /* own */
	char name[48];
	struct slot *slots; /* open addressing, room is a power of two */
	size_t n, room;
	bool changed;
	pthread_mutex_t lock;
};

static struct slot *find_slot(struct stat_cache *c, const char *path)
{
	size_t i = fnv1a(path, strlen(path)) & (c->room - 1);
	while (c->slots[i].path && !str_eq(c->slots[i].path, path))
		i = (i + 1) & (c->room - 1);
	return &c->slots[i];
}

static void make_room(struct stat_cache *c)
{
	struct slot *old = c->slots;
	size_t room = c->room;
	if (c->n * 2 < c->room)
		return;
	c->room = room ? room * 2 : 1024;
	c->slots = xcalloc(c->room, sizeof(*c->slots));
	for (size_t i = 0; i < room; i++)
		if (old[i].path)
			*find_slot(c, old[i].path) = old[i];
	free(old);
}

static struct slot *put(struct stat_cache *c, const struct record *r, const char *path, size_t len)
{
	make_room(c);
	_cleanup_free_ char *copy = xstrndup(path, len);
	struct slot *s = find_slot(c, copy);
	if (!s->path) {
		s->path = take_ptr(&copy);
		c->n++;
	}
	s->r = *r;
	return s;
}

static void read_records(struct stat_cache *c, const struct buf *b)
{
	size_t at = strlen(MAGIC);
	if (b->len < at || memcmp(b->data, MAGIC, at) != 0)
		return;
	while (b->len - at >= sizeof(struct record)) {
		struct record r;
		memcpy(&r, b->data + at, sizeof(r));
		at += sizeof(r);
		if (r.path_len > b->len - at)
			return; /* cut short */
		put(c, &r, b->data + at, r.path_len);
		at += r.path_len;
	}
}

struct stat_cache *stat_cache_open(int dir, const char *context_path)
{
	struct stat_cache *c = xcalloc(1, sizeof(*c));
	struct mc_err ignored;
	_cleanup_buf_ struct buf b = { 0 };
	pthread_mutex_init(&c->lock, NULL);
	c->dir = dir_make_open(dir, "stat", 0700, &ignored);
	snprintf(c->name, sizeof(c->name), "%016llx",
		(unsigned long long)fnv1a(context_path, strlen(context_path)));
	make_room(c);
	if (c->dir >= 0 && file_read(c->dir, c->name, MAX_BYTES, &b, &ignored) >= 0)
		read_records(c, &b);
	return c;
}

static void write_records(const struct stat_cache *c)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored;
	buf_adds(&b, MAGIC);
	for (size_t i = 0; i < c->room; i++)
		if (c->slots[i].path && b.len < MAX_BYTES - 8192) {
			buf_add(&b, &c->slots[i].r, sizeof(c->slots[i].r));
			buf_adds(&b, c->slots[i].path);
		}
	file_write_atomic(c->dir, c->name, b.data, b.len, 0600, 0, &ignored);
}

void stat_cache_close(struct stat_cache *c)
{
	if (!c)
		return;
	if (c->changed && c->dir >= 0)
		write_records(c);
	for (size_t i = 0; i < c->room; i++)
		free(c->slots[i].path);
	free(c->slots);
	close_fd(c->dir);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* --- one file --- */

static int64_t ns_of(struct timespec t) { return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }

static struct record record_of(const struct stat *st, const char *path)
{
	struct record r;
	memset(&r, 0, sizeof(r)); /* padding too: records are compared as bytes */
	r.dev = st->st_dev;
	r.ino = st->st_ino;
	r.size = (uint64_t)st->st_size;
	r.mtime = ns_of(st->st_mtim);
	r.ctime = ns_of(st->st_ctim);
	r.mode = st->st_mode;
	r.path_len = (uint32_t)strlen(path);
	return r;
}

static bool recall(struct stat_cache *c, const struct record *r, const char *path, struct digest *ret)
{
	pthread_mutex_lock(&c->lock);
	struct slot *s = find_slot(c, path);
	bool hit = s->path && memcmp(&s->r, r, offsetof(struct record, hex)) == 0;
	if (hit) {
		s->used = true;
		snprintf(ret->text, sizeof(ret->text), "sha256:%.64s", s->r.hex);
	}
	pthread_mutex_unlock(&c->lock);
	return hit;
}

static void remember(struct stat_cache *c, struct record *r, const char *path, const struct digest *d)
{
	memcpy(r->hex, digest_hex(d), sizeof(r->hex));
	pthread_mutex_lock(&c->lock);
	put(c, r, path, strlen(path))->used = true;
	c->changed = true;
	pthread_mutex_unlock(&c->lock);
}

static int changed(const char *path, struct mc_err *err)
{
	err_set(err, EAGAIN, "%s changed while it was read", path);
	return err_hint(err, "build again once nothing writes into the build context");
}

/* digest_of_fd() of a file of many gigabytes would not hear of Ctrl-C. */
static int digest_unless_canceled(int fd, struct digest *ret, struct mc_err *err)
{
	enum { CHUNK = 256 << 10 };
	_cleanup_free_ char *chunk = xcalloc(1, CHUNK);
	struct hash *h = hash_new();
	ssize_t n;
	while ((n = read(fd, chunk, CHUNK)) != 0 && !build_canceled()) {
		if (n > 0)
			hash_add(h, chunk, (size_t)n);
		else if (errno != EINTR)
			break;
	}
	int rc = n == 0 ? 0 : build_canceled() ? err_set(err, ECANCELED, "canceled") : err_sys(err, "read");
	hash_end(h, ret);
	return rc;
}

int stat_cache_digest(struct stat_cache *c, int dir, const char *name, const char *path,
	const struct stat *st, struct digest *ret, struct mc_err *err)
{
	struct record r = record_of(st, path), now;
	struct stat after;
	if (c && recall(c, &r, path, ret))
		return 0;
	int64_t begin = (int64_t)now_ns(CLOCK_REALTIME);
	/* O_NONBLOCK: the name may have become a FIFO since lstat, and an open would wait for a writer */
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open %s", path);
	int rc = digest_unless_canceled(fd, ret, err);
	if (rc < 0)
		return err_wrap(err, "%s", path);
	if (fstat(fd, &after) < 0)
		return err_sys(err, "stat %s", path);
	now = record_of(&after, path);
	if (memcmp(&now, &r, offsetof(struct record, hex)) != 0)
		return changed(path, err);
	if (c && r.ctime < begin - GRAIN_NS)
		remember(c, &r, path, ret);
	return 0;
}
