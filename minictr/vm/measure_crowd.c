/*
 * measure_crowd.c - many of them: how many fit into a memory budget, and what ten take on disk.
 *
 * This is why containers are used: one kernel, one copy of each page of a program, one copy of each layer.
 */
#include "vm/measure.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "image/verbs.h"
#include "vm/guest_disk.h"

enum { CROWD_MOST = 500, LOOK_EVERY = 5, TEN = 10 };
#define DISK_LIMIT (400ULL << 20) /* ten copies of a larger image are not made for a measurement */

static uint64_t crowd_memory(const struct probe *crowd, int n)
{
	uint64_t sum = 0;
	for (int i = 0; i < n; i++) {
		struct pids pids;
		uint64_t pss = 0;
		struct mc_err ignored = { 0 };
		if (host_processes(&crowd[i], &pids, &ignored) >= 0 &&
			host_memory(&pids, &pss, &ignored) >= 0)
			sum += pss;
	}
	return sum;
}

/*
 * Starts them until the budget or the time is used up. The one that went over the budget does not count. A
 * look at all of their memory takes longer the more there are: it is taken each time a tenth has been added,
 * and its time is not that of the starts.
 */
static int fill_budget(struct measuring *m, int side, struct mc_err *err)
{
	_cleanup_free_ struct probe *crowd = xcalloc(CROWD_MOST, sizeof(*crowd));
	uint64_t end = now_ns(CLOCK_MONOTONIC) + (uint64_t)m->o->seconds * 1000000000ULL;
	uint64_t starting = 0, memory = 0;
	int n = 0, rc = 0, look = side == SIDE_VM ? 1 : LOOK_EVERY;
	const char *why = "as many as are tried";
	while (n < CROWD_MOST && !measure_interrupted()) {
		_cleanup_free_ char *name = xasprintf("%s-n%d", m->tag, n);
		uint64_t before = now_ns(CLOCK_MONOTONIC);
		rc = measure_hold(m, side, name, NULL, "0", &crowd[n], err);
		if (rc < 0)
			break;
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		starting += now - before;
		n++;
		if (n >= look) {
			memory = crowd_memory(crowd, n);
			look = n + 1 + (side == SIDE_VM ? 0 : n / 10);
		}
		if (memory > m->o->budget || now > end) {
			why = memory > m->o->budget ? "until the memory was used up"
						    : "until the time was used up";
			break;
		}
	}
	if (rc < 0 && n == 0)
		return rc;
	/* Within the budget, by what each took on the average; nothing is guessed beyond what was started. */
	int fit = memory > m->o->budget ? (int)((double)n * (double)m->o->budget / (double)memory) : n;
	measure_number(m, "fit", side, fit);
	measure_text(m, "fit", side, why);
	measure_number(m, "rate", side, n / ((double)starting / 1e9));
	return 0;
}

static void remove_crowd(struct measuring *m, int side)
{
	_cleanup_strv_ char **words = NULL;
	_cleanup_container_list_ struct container_list list = { 0 };
	_cleanup_free_ char *prefix = xasprintf("%s-n", m->tag);
	struct mc_err ignored = { 0 };
	size_t any = 0;
	if (side == SIDE_VM)
		strv_push(&words, "vm");
	strv_push(&words, "rm");
	strv_push(&words, "-f");
	container_list(side == SIDE_VM ? &m->h->machines : m->h->engine, &list, &ignored);
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].name && str_starts(list.items[i].name, prefix)) {
			strv_push(&words, list.items[i].name);
			any++;
		}
	if (any)
		measure_run(m, words, NULL, &ignored);
}

int measure_crowd(struct measuring *m, struct mc_err *err)
{
	int rc = 0;
	for (int side = 0; rc >= 0 && side < SIDES && !measure_interrupted(); side++) {
		if (m->o->tell)
			m->o->tell(side == SIDE_VM ? "how many machines fit" : "how many containers fit");
		rc = fill_budget(m, side, err);
		remove_crowd(m, side);
	}
	return rc;
}

/* --- disk --- */

/* Bytes that a tree really takes (st_blocks), of one file system, no link followed. */
static uint64_t tree_bytes(const char *path)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	struct mc_err ignored = { 0 };
	if (lstat(path, &st) < 0)
		return 0;
	uint64_t sum = (uint64_t)st.st_blocks * 512;
	if (!S_ISDIR(st.st_mode) || dir_list(AT_FDCWD, path, &names, &ignored) < 0)
		return sum;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_free_ char *child = xasprintf("%s/%s", path, names[i]);
		sum += tree_bytes(child);
	}
	return sum;
}

/* Ten containers that each keep a file: what their own directories hold. */
static int ten_containers(struct measuring *m, uint64_t *ret, struct mc_err *err)
{
	*ret = 0;
	for (int i = 0; i < TEN; i++) {
		_cleanup_container_ struct container c = { 0 };
		_cleanup_free_ char *name = xasprintf("%s-n%d", m->tag, i),
				    *flag = xasprintf("--name=%s", name);
		char *const options[] = { flag, NULL };
		_cleanup_strv_ char **words = measure_words(m, SIDE_CONTAINER, options);
		strv_push(&words, "keep");
		int rc = measure_run(m, words, NULL, err);
		if (rc != 0)
			return rc < 0 ? rc : err_set(err, EIO, "the image's file system cannot be written");
		rc = container_find(m->h->engine, name, &c, err);
		if (rc < 0)
			return rc;
		_cleanup_free_ char *dir = container_path(m->h->engine, c.id, "upper");
		*ret += tree_bytes(dir);
	}
	return 0;
}

/* Ten disks of the same image, each with the same file more. */
static int ten_disks(
	struct measuring *m, const struct image *image, uint64_t size, uint64_t *ret, struct mc_err *err)
{
	_cleanup_free_ char *dir = xasprintf("%s/vm/%s", m->h->engine->root, m->tag);
	_cleanup_free_ char *upper = xasprintf("%s/upper", dir), *work = xasprintf("%s/work", dir);
	_cleanup_free_ char *disk = xasprintf("%s/disk", dir), *kept = xasprintf("%s/minictr-kept", upper);
	_cleanup_buf_ struct buf file = { 0 };
	int rc = dir_make(AT_FDCWD, upper, 0755, err);
	if (rc >= 0)
		rc = dir_make(AT_FDCWD, work, 0755, err);
	for (size_t i = 0; i < 1 << 20; i++)
		buf_addc(&file, (char)(i * 31 + 7));
	if (rc >= 0)
		rc = file_write_atomic(AT_FDCWD, kept, file.data, file.len, 0600, 0, err);
	struct layers l = { .lower = strv_copy(image->layers),
		.upper = xstrdup(upper),
		.work = xstrdup(work),
		.userxattr = overlay_needs_userxattr() };
	_cleanup_close_ int root = rc < 0 ? rc : overlay_mount(&l, NULL, err);
	layers_release(&l);
	rc = root < 0 ? root : 0;
	for (int i = 0; rc >= 0 && i < TEN && !measure_interrupted(); i++) {
		struct stat st;
		rc = guest_disk_fill(root, disk, size, err);
		*ret += rc >= 0 && stat(disk, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
		/* One at a time is enough: they do not share, so their sum is the sum. */
		unlink(disk);
	}
	root = close_fd(root);
	dir_remove(AT_FDCWD, dir, &(struct mc_err){ 0 });
	return rc;
}

static uint64_t kernel_bytes(struct measuring *m)
{
	_cleanup_guest_kernel_ struct guest_kernel k = { 0 };
	struct mc_err ignored = { 0 };
	return guest_kernel_find(m->o->kernel, &k, &ignored) < 0 ? 0 : tree_bytes(k.image);
}

int measure_disks(struct measuring *m, struct mc_err *err)
{
	_cleanup_image_ struct image image = { 0 };
	_cleanup_free_ char *disk = NULL;
	struct stat st = { 0 };
	uint64_t ten = 0;
	int rc = image_find(m->h->engine->store, m->o->image, &image, err);
	if (rc >= 0)
		rc = guest_disk_make(m->h->engine, &image, &disk, err);
	if (rc < 0)
		return rc;
	uint64_t base = 0, unpacked = image_unpacked_size(m->h->engine->store, &image),
		 kernel = kernel_bytes(m);
	for (size_t i = 0; image.layers[i]; i++)
		base += tree_bytes(image.layers[i]);
	stat(disk, &st);
	measure_number(m, "disk", SIDE_CONTAINER, (double)base / (1 << 20));
	measure_number(m, "disk", SIDE_VM, (double)((uint64_t)st.st_blocks * 512 + kernel) / (1 << 20));
	if (m->o->quick)
		return 0;
	if (unpacked > DISK_LIMIT) {
		measure_note(m, "ten", "not measured: ten disks of this image would take gigabytes");
		return 0;
	}
	if (m->o->tell)
		m->o->tell("ten on one disk");
	rc = ten_containers(m, &ten, err);
	remove_crowd(m, SIDE_CONTAINER);
	if (rc < 0 && rc != -EINTR) {
		measure_note(m, "ten", err->what);
		*err = (struct mc_err){ 0 };
		return 0;
	}
	measure_number(m, "ten", SIDE_CONTAINER, (double)(base + ten) / (1 << 20));
	ten = 0;
	if (rc >= 0)
		rc = ten_disks(m, &image, (uint64_t)st.st_size, &ten, err);
	measure_number(m, "ten", SIDE_VM, (double)(ten + kernel) / (1 << 20));
	return rc;
}
