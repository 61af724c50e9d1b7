/*
 * unfinished.c - what killed pulls, broken pushes and full disks leave behind, counted and deleted.
 * openat(2), flock(2).
 */
#include "image/unfinished.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "image/store.h"

/* Not by store_layers(): store.c calls this file, and two files must not call each other. */
static int open_layers(int store)
{
	struct mc_err ignored;
	return dir_open(store, "../layers", &ignored);
}

static bool may_go_on(const char *name) { return str_ends(name, ".part") || str_starts(name, "upload-"); }

/* Its writer holds a lock on it, from the first byte to the last. */
static bool is_abandoned(int dir, const char *name, unsigned seconds)
{
	struct stat st;
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && fstat(fd, &st) == 0 && st.st_mtime + (time_t)seconds <= time(NULL) &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static uint64_t clear_ingest(int dir, unsigned seconds, bool alone)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	uint64_t freed = 0;
	if (dir_list(dir, ".", &names, &ignored) < 0)
		return 0;
	for (char **n = names; *n; n++) {
		if (may_go_on(*n) ? !is_abandoned(dir, *n, seconds) : !alone)
			continue;
		uint64_t size = dir_bytes(dir, *n);
		if (dir_remove(dir, *n, &ignored) == 0)
			freed += size;
	}
	return freed;
}

static uint64_t clear_layers(int layers)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	uint64_t freed = 0;
	if (dir_list(layers, ".", &names, &ignored) < 0)
		return 0;
	for (char **n = names; *n; n++) {
		if (!str_starts(*n, "tmp-") && !str_ends(*n, ".lock"))
			continue;
		uint64_t size = dir_bytes(layers, *n);
		if (dir_remove(layers, *n, &ignored) == 0)
			freed += size;
	}
	return freed;
}

uint64_t unfinished_clear(int store, unsigned seconds, bool alone)
{
	struct mc_err ignored;
	_cleanup_close_ int ingest = dir_open(store, "ingest", &ignored);
	_cleanup_close_ int layers = open_layers(store);
	uint64_t freed = ingest < 0 ? 0 : clear_ingest(ingest, seconds, alone);
	return freed + (alone && layers >= 0 ? clear_layers(layers) : 0);
}

uint64_t unfinished_size(int store)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored;
	_cleanup_close_ int layers = open_layers(store);
	uint64_t sum = dir_bytes(store, "ingest");
	if (layers >= 0 && dir_list(layers, ".", &names, &ignored) == 0)
		for (char **n = names; *n; n++)
			sum += str_starts(*n, "tmp-") ? dir_bytes(layers, *n) : 0;
	return sum;
}
