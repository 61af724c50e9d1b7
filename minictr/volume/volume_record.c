/*
 * volume_record.c - what is known about a volume: driver, options, labels, age, size.
 *
 * Kernel objects and man pages: inode(7) (st_blocks counts 512 bytes each).
 * A volume whose record is missing or damaged still holds data: it counts as an ordinary one without labels.
 */
#include "volume/volume.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

enum { RECORD_MAX = 1 << 20 };

const char volume_anonymous_label[] = "com.docker.volume.anonymous";

int volume_save(int store, const char *name, const struct json *record, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/volume.json", name);
	return json_write_file(store, path, record, 0600, FILE_SYNC, err);
}

static struct json *volume_read_record(int store, const char *name)
{
	struct mc_err ignored = { 0 };
	struct json *record = NULL;
	_cleanup_free_ char *path = xasprintf("%s/volume.json", name);
	if (json_parse_record(store, path, RECORD_MAX, &record, &ignored) >= 0 &&
		json_kind_of(record) == JSON_OBJECT)
		return record;
	json_free(record);
	return json_new_object();
}

int volume_load(int store, const char *name, struct volume *ret, struct mc_err *err)
{
	struct stat st;
	struct mc_err bad = { 0 };
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	*ret = (struct volume){ 0 };
	if (volume_check_name(name, &bad) < 0 || fstatat(store, data, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISDIR(st.st_mode)) {
		err_set(err, ENOENT, "get %s: no such volume", name);
		return -ENOENT;
	}
	ret->name = xstrdup(name);
	ret->record = volume_read_record(store, name);
	const char *when = json_text_of(json_member(ret->record, "CreatedAt"));
	if (!when || parse_rfc3339(when, &ret->created) < 0)
		ret->created = (int64_t)st.st_mtim.tv_sec * 1000000000;
	return 0;
}

void volume_release(struct volume *v)
{
	free(v->name);
	json_free(v->record);
	*v = (struct volume){ 0 };
}

bool volume_is_anonymous(const struct volume *v) { return volume_label(v, volume_anonymous_label) != NULL; }

const char *volume_label(const struct volume *v, const char *key)
{
	return json_text_of(json_member(json_member(v->record, "Labels"), key));
}

/* --- size --- */

struct record_seen { /* inodes with several names that were counted */
	ino_t *inodes;
	size_t n;
};

static bool record_seen_before(struct record_seen *seen, ino_t inode)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->inodes[i] == inode)
			return true;
	if ((seen->n & (seen->n - 1)) == 0)
		seen->inodes = xrealloc(seen->inodes, (seen->n ? seen->n * 2 : 1) * sizeof(*seen->inodes));
	seen->inodes[seen->n++] = inode;
	return false;
}

static uint64_t record_tree_size(int dir, dev_t dev, struct record_seen *seen)
{
	uint64_t bytes = 0;
	struct stat st;
	_cleanup_closedir_ DIR *d = fdopendir(dir);
	for (struct dirent *entry; d && (entry = readdir(d));) {
		if (str_eq(entry->d_name, "..") ||
			fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (str_eq(entry->d_name, ".") || !S_ISDIR(st.st_mode)) {
			bool again = !S_ISDIR(st.st_mode) && st.st_nlink > 1 &&
				     record_seen_before(seen, st.st_ino);
			bytes += again ? 0 : (uint64_t)st.st_blocks * 512;
			continue;
		}
		int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
		int below = st.st_dev != dev ? -1 : openat(dirfd(d), entry->d_name, flags);
		if (below >= 0)
			bytes += record_tree_size(below, dev, seen);
	}
	return bytes;
}

uint64_t volume_size(int store, const char *name)
{
	struct stat st;
	struct mc_err ignored = { 0 };
	struct record_seen seen = { 0 };
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	int dir = dir_open(store, data, &ignored);
	if (dir < 0 || fstat(dir, &st) < 0)
		return 0;
	uint64_t bytes = record_tree_size(dir, st.st_dev, &seen); /* closes dir */
	free(seen.inodes);
	return bytes;
}
