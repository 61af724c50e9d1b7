/*
 * pack.c - volumes as streams.
 *
 * Kernel objects and man pages: renameat(2), inode(7) (ctime changes with every change of a file, also with
 * one that sets mtime back).
 * Order and why: an import unpacks under a name that no container can use and gets its own name by one
 * rename(2) at the end: a stream that ends early leaves no volume behind. Only the volume's own directory
 * travels; whatever an image or a container has beside it is not part of the volume.
 */
#include "volume/pack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "image/layer.h"
#include "image/tree.h"
#include "volume/copy_tree.h"

#define RECORD_NAME ".minictr-volume.json"
enum { RECORD_LIMIT = 1 << 20 };

/* --- out --- */

/*
 * Writes all that stands in the directory `from` into `out`, each name behind "data/": bytes, numeric
 * owners, modes, times, extended attributes, hard links, symbolic links as they are. Nothing outside `from`
 * is read: no image, no process, no other file system mounted below it. Both are borrowed; `out` is not
 * ended. Returns 0, or -errno with *err filled.
 * Lab 08.5: what travels is the volume, with owners and hard links, and nothing of any container.
 */
int volume_move(int from, struct tar_writer *out, struct mc_err *err)
{
	return tree_write(from, "data/", out, err);
}

int pack_record(const struct volume *v, struct tar_writer *out, struct mc_err *err)
{
	_cleanup_free_ char *text = json_dump(v->record, true);
	return tar_add_data(out, RECORD_NAME, 0600, text, strlen(text), err);
}

/* --- in --- */

static int pack_unpack(int in, int dir, struct mc_err *err)
{
	/* The volume is the caller's own: no limit on bytes, and the highest ratio that zstd reaches (a file
	 * that a database has filled with zeros). */
	static const struct tar_limits limits = { .bytes = 1ULL << 60, .expansion = 40000 };
	struct tar_reader *tar = NULL;
	int rc = tar_open(in, "the archive", &limits, &tar, err);
	if (rc >= 0)
		rc = unpack(tar, dir, UNPACK_DEEP, err);
	tar_close(tar);
	return rc;
}

/*
 * Unpacks the stream into stage/all and moves what is data to stage/data. With a record the data lies below
 * "data/"; a stream without one is a plain tar, and all of it is data. *ret: the record, NULL without one.
 */
static int pack_place(int store, const char *stage, int in, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ char *all = xasprintf("%s/all", stage), *data = xasprintf("%s/data", stage);
	_cleanup_close_ int dir = dir_make_open(store, all, 0755, err);
	int rc = dir < 0 ? dir : pack_unpack(in, dir, err);
	if (rc < 0)
		return rc;
	struct mc_err absent = { 0 };
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_close_ int record = file_open_plain(dir, RECORD_NAME, O_RDONLY | O_NONBLOCK, &absent);
	bool ours = record >= 0 && path_is_dir(dir, "data") &&
		    file_read_fd(record, RECORD_NAME, RECORD_LIMIT, &text, err) >= 0;
	if (ours)
		rc = json_parse(text.data, text.len, RECORD_NAME, ret, err);
	if (rc >= 0)
		rc = sys_rename(ours ? dir : store, ours ? "data" : all, store, data, err);
	return rc >= 0 && ours ? dir_remove(store, all, err) : rc;
}

static void pack_add_labels(struct json *record, char *const labels[])
{
	for (size_t i = 0; labels && labels[i]; i++) {
		_cleanup_free_ char *key = xstrndup(labels[i], strcspn(labels[i], "="));
		json_set_string(json_sub(record, "Labels"), key,
			labels[i][strlen(key)] ? labels[i] + strlen(key) + 1 : "");
	}
}

/*
 * A new record for a volume that comes from elsewhere. It keeps the labels, but not the time of creation, nor
 * that the volume was anonymous.
 */
static struct json *pack_new_record(const struct json *old, char *const labels[])
{
	struct json *record = json_kind_of(old) == JSON_OBJECT ? json_copy(old) : json_new_object();
	char now[40];
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	json_set_string(record, "CreatedAt", now);
	json_set_string(record, "Driver", "local");
	json_set(record, "Options", json_new_object()); /* a mount of the other machine means nothing here */
	if (json_kind_of(json_member(record, "Labels")) != JSON_OBJECT)
		json_set(record, "Labels", json_new_object());
	json_unset(json_sub(record, "Labels"), volume_anonymous_label);
	pack_add_labels(record, labels);
	return record;
}

static int pack_finish(
	int store, const char *stage, const char *name, const struct json *record, struct mc_err *err)
{
	int rc = volume_save(store, stage, record, err);
	if (rc >= 0 && renameat2(store, stage, store, name, RENAME_NOREPLACE) < 0)
		rc = errno == EEXIST ? err_set(err, EEXIST, "volume %s exists already", name)
				     : err_sys(err, "rename to volume %s", name);
	return rc;
}

static int pack_check_new(int store, const char *name, struct mc_err *err)
{
	int rc = volume_check_name(name, err);
	if (rc >= 0 && path_exists(store, name)) {
		err_set(err, EEXIST, "volume %s exists already", name);
		rc = err_hint(err, "choose another name, or `minictr volume rm %s` first", name);
	}
	return rc;
}

int volume_import(int store, const char *name, int in, char *const labels[], struct mc_err *err)
{
	char suffix[17];
	_cleanup_json_ struct json *old = NULL, *record = NULL;
	random_hex(suffix, 8);
	_cleanup_free_ char *stage = xasprintf(".new.%s", suffix);
	int rc = pack_check_new(store, name, err);
	if (rc >= 0)
		rc = pack_place(store, stage, in, &old, err);
	if (rc >= 0) {
		record = pack_new_record(old, labels);
		rc = pack_finish(store, stage, name, record, err);
	}
	if (rc < 0) {
		struct mc_err ignored = { 0 };
		dir_remove(store, stage, &ignored);
	}
	return rc < 0 ? rc : 0;
}

int volume_clone(int store, const char *from, const char *to, struct mc_err *err)
{
	char suffix[17];
	_cleanup_volume_ struct volume source = { 0 };
	random_hex(suffix, 8);
	_cleanup_free_ char *stage = xasprintf(".new.%s", suffix), *data = xasprintf("%s/data", stage),
			    *old = xasprintf("%s/data", from);
	int rc = volume_load(store, from, &source, err);
	if (rc >= 0)
		rc = pack_check_new(store, to, err);
	_cleanup_close_ int in = rc < 0 ? rc : dir_open(store, old, err);
	_cleanup_close_ int out = in < 0 ? in : dir_make_open(store, data, 0755, err);
	rc = out < 0 ? out : copy_tree(in, out, err);
	if (rc >= 0) {
		_cleanup_json_ struct json *record = pack_new_record(source.record, NULL);
		rc = pack_finish(store, stage, to, record, err);
	}
	if (rc < 0) {
		struct mc_err ignored = { 0 };
		dir_remove(store, stage, &ignored);
	}
	return rc < 0 ? rc : 0;
}
