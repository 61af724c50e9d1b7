/*
 * store.c - the content store: a plain OCI image layout (image-spec, image-layout.md) and its index.
 *
 * Everything is a blob, named by its own hash; index.json alone gives names to some of them. So a store
 * needs no database: a blob is either whole or absent, two writers of one blob write the same bytes, and
 * the only thing to lock is the index. skopeo and umoci read and write the same directory.
 *
 * Kernel interfaces: openat(2), renameat(2), flock(2). Order of every writer: blobs first, each by rename,
 * then the index, by rename, under the lock. A crash at any point leaves blobs without a name; garbage
 * collection (gc.c) takes them later. Left out: writing blobs (blob.c, needs the hash), what a manifest
 * means (image.c).
 */
#include "image/store.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/file.h"
#include "base/private_dir.h"
#include "image/name.h"
#include "image/unfinished.h"

int store_open(const char *root, struct mc_err *err)
{
	_cleanup_free_ char *real = NULL;
	_cleanup_close_ int dir = dir_open_trusted(root, &real, err);
	return dir < 0 ? dir : store_open_in(dir, err);
}

/* The layers hold set-uid programs of images: no other user may reach them (CVE-2021-41091). */
int store_open_in(int dir, struct mc_err *err)
{
	static const char layout[] = "{\"imageLayoutVersion\": \"1.0.0\"}\n";
	static const char empty[] = "{\"schemaVersion\": 2, \"manifests\": []}\n";
	_cleanup_close_ int layers = dir_open_private(dir, "layers", err);
	_cleanup_close_ int store = layers < 0 ? layers : dir_open_private(dir, "images", err);
	if (store < 0)
		return store;
	if (path_exists(store, "oci-layout"))
		return take_fd(&store);
	int rc = dir_make(store, "blobs/sha256", 0755, err);
	if (rc == 0)
		rc = dir_make(store, "ingest", 0700, err);
	if (rc == 0 && !path_exists(store, "index.json"))
		rc = file_write_atomic(store, "index.json", empty, sizeof(empty) - 1, 0644, 0, err);
	/* Last: it is what says that the layout is complete. */
	if (rc == 0)
		rc = file_write_atomic(store, "oci-layout", layout, sizeof(layout) - 1, 0644, 0, err);
	return rc < 0 ? err_wrap(err, "image store") : take_fd(&store);
}

char *store_root(int store)
{
	char *path = fd_path(store);
	char *slash = strrchr(path, '/');
	if (slash && slash != path)
		*slash = '\0';
	return path;
}

int store_layers(int store, struct mc_err *err) { return dir_open(store, "../layers", err); }

/* Exclusive lock for changing index.json: held for microseconds only. Closing the fd lets go. */
static int store_lock(int store, struct mc_err *err) { return file_lock(store, "../images.lock", true, err); }

static int lock_beside(int store, const char *path, int operation, struct mc_err *err)
{
	_cleanup_close_ int fd = openat(store, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, "open %s", path + 3);
	while (flock(fd, operation) < 0)
		if (errno != EINTR)
			return err_sys(err, "flock %s", path + 3);
	return take_fd(&fd);
}

int store_busy(int store, struct mc_err *err)
{
	_cleanup_close_ int fd = lock_beside(store, "../images.busy", LOCK_SH, err);
	/* With the exclusive lock no other process is at work, so a half-written blob has lost its writer.
	 * flock(2) drops a shared lock before it tries for the exclusive one, and a failed try leaves none: the
	 * shared one is taken anew. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unfinished_clear(store, UNFINISHED_DAY, true);
	while (fd >= 0 && flock(fd, LOCK_SH) < 0)
		if (errno != EINTR)
			return err_sys(err, "flock images.busy");
	return take_fd(&fd);
}

int store_pin(int store, struct mc_err *err) { return lock_beside(store, "../images.pin", LOCK_SH, err); }

int store_pin_none(int store, struct mc_err *err)
{
	return lock_beside(store, "../images.pin", LOCK_EX, err);
}

/* --- blobs --- */

const char *store_blob_path(const struct digest *d, char *out)
{
	snprintf(out, BLOB_PATH, "blobs/%.6s/%s", d->text[0] ? d->text : "sha256", digest_hex(d));
	return out;
}

bool store_has(int store, const struct digest *d)
{
	char path[BLOB_PATH];
	return d->text[0] && path_exists(store, store_blob_path(d, path));
}

int store_open_blob(int store, const struct digest *d, struct mc_err *err)
{
	char path[BLOB_PATH];
	int fd = openat(store, store_blob_path(d, path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		return fd;
	int rc = err_sys(err, "open blob %s", d->text);
	if (rc == -ENOENT)
		err_hint(err, "the image store is incomplete: pull or load the image again");
	return rc;
}

int store_blob_size(int store, const struct digest *d, uint64_t *ret, struct mc_err *err)
{
	char path[BLOB_PATH];
	struct stat st;
	if (fstatat(store, store_blob_path(d, path), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "blob %s", d->text);
	*ret = (uint64_t)st.st_size;
	return 0;
}

int store_read_json(int store, const struct digest *d, struct json **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_close_ int fd = store_open_blob(store, d, err);
	if (fd < 0)
		return fd;
	int rc = file_read_fd(fd, d->text, DOCUMENT_MAX, &text, err);
	return rc < 0 ? rc : json_parse(text.data, text.len, d->text, ret, err);
}

int store_disk_full(int rc, struct mc_err *err)
{
	if (rc == -ENOSPC || rc == -EDQUOT)
		err_hint(err, "the disk of the images is full: minictr system df tells what takes the room, "
			      "minictr "
			      "system prune gives some back");
	return rc;
}

/* --- the index --- */

int store_read_index(int store, struct json **ret, struct mc_err *err)
{
	if (!path_exists(store, "index.json")) {
		*ret = json_new_object();
		json_set_i64(*ret, "schemaVersion", 2);
		return 0;
	}
	int rc = json_parse_record(store, "index.json", DOCUMENT_MAX * 8, ret, err);
	if (rc < 0)
		err_hint(err,
			"the image store's index is damaged; its blobs are not: skopeo can make a new one");
	return rc;
}

/* Name of an index entry in full, NULL when it has none. Other tools write short ones; caller frees. */
static char *entry_name(const struct json *entry)
{
	const char *text = json_text_of(json_member(json_member(entry, "annotations"), ANNOTATION_NAME));
	struct image_name name;
	struct mc_err ignored;
	if (!text)
		return NULL;
	return image_name_parse(text, &name, &ignored) < 0 ? xstrdup(text) : image_name_full(&name);
}

static bool entry_is(const struct json *entry, const char *digest)
{
	return str_eq(json_text_of(json_member(entry, "digest")), digest);
}

static size_t count_of(const struct json *entries, const char *digest)
{
	size_t n = 0;
	for (size_t i = 0; i < json_len(entries); i++)
		n += entry_is(json_item(entries, i), digest);
	return n;
}

/* A copy of an entry under a name; NULL takes the name away. */
static struct json *entry_named(const struct json *entry, const char *name)
{
	struct json *copy = json_copy(entry);
	struct json *annotations = json_sub(copy, "annotations");
	json_unset(annotations, ANNOTATION_NAME);
	json_set_string(annotations, ANNOTATION_NAME, name);
	if (json_len(annotations) == 0)
		json_unset(copy, "annotations");
	return copy;
}

/*
 * Puts entries (taken over) in place of the old ones. A build or pull that ends where the last one ended
 * names what is named already. Nothing is written then: two fsync(2) cost more than all else in a cached
 * build.
 */
static int write_index(int store, struct json *index, struct json *entries, struct mc_err *err)
{
	bool same = json_equal(json_member(index, "manifests"), entries);
	json_set(index, "manifests", entries);
	if (same)
		return 0;
	return json_write_file(store, "index.json", index, 0644, FILE_SYNC, err);
}

/* The index while it is changed: each entry with its name in full. */
struct index_row {
	char *name;         /* NULL: none */
	struct json *entry; /* owned; NULL: dropped */
};

static bool row_is(const struct index_row *row, const char *digest)
{
	return row->entry && entry_is(row->entry, digest);
}

static size_t count_rows(const struct index_row *rows, size_t n, const char *digest)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += row_is(&rows[i], digest);
	return count;
}

static void drop_row(struct index_row *row)
{
	json_free(row->entry);
	free(row->name);
	*row = (struct index_row){ 0 };
}

/* An older image of that name loses it; without another name it becomes <none>, as docker does. */
static void take_name(struct index_row *rows, size_t n, struct index_row *row)
{
	if (count_rows(rows, n, json_text_of(json_member(row->entry, "digest"))) > 1) {
		drop_row(row);
		return;
	}
	struct json *nameless = entry_named(row->entry, NULL);
	drop_row(row);
	row->entry = nameless;
}

/* Adds an entry to rows, which have room for it. Returns the new number of rows. */
static size_t set_row(struct index_row *rows, size_t n, const struct store_entry *new)
{
	const char *digest = json_text_of(json_member(new->descriptor, "digest"));
	if (!new->name && count_rows(rows, n, digest) > 0)
		return n; /* it has names, or is there without one */
	struct json *entry = entry_named(new->descriptor, new->name);
	for (size_t i = 0; i < n; i++) {
		bool same_name = rows[i].entry && rows[i].name && str_eq(rows[i].name, new->name);
		if (same_name && json_equal(rows[i].entry, entry)) { /* it is there, and keeps its place */
			json_free(entry);
			return n;
		}
		if (row_is(&rows[i], digest) && (!rows[i].name || same_name))
			drop_row(&rows[i]); /* replaced by the new entry */
		else if (same_name)
			take_name(rows, n, &rows[i]);
	}
	rows[n] = (struct index_row){ .name = xstrdup(new->name), .entry = entry };
	return n + 1;
}

int store_set_names(int store, const struct store_entry *entries, size_t n_entries, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	_cleanup_close_ int lock = store_lock(store, err);
	int rc = lock < 0 ? lock : store_read_index(store, &index, err);
	if (rc < 0)
		return rc;
	const struct json *old = json_member(index, "manifests");
	size_t n = json_len(old);
	struct index_row *rows = xcalloc(n + n_entries + 1, sizeof(*rows));
	for (size_t i = 0; i < n; i++) {
		rows[i].entry = json_copy(json_item(old, i));
		rows[i].name = entry_name(rows[i].entry);
	}
	for (size_t i = 0; i < n_entries; i++)
		n = set_row(rows, n, &entries[i]);
	struct json *list = json_new_array();
	for (size_t i = 0; i < n; i++) {
		if (rows[i].entry)
			json_add(list, rows[i].entry);
		free(rows[i].name);
	}
	free(rows);
	return write_index(store, index, list, err);
}

int store_set_name(int store, const char *name, const struct json *descriptor, struct mc_err *err)
{
	struct store_entry entry = { .name = (char *)name, .descriptor = (struct json *)descriptor };
	return store_set_names(store, &entry, 1, err);
}

int store_remove_name(int store, const char *name, bool keep, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	_cleanup_close_ int lock = store_lock(store, err);
	int rc = lock < 0 ? lock : store_read_index(store, &index, err);
	if (rc < 0)
		return rc;
	const struct json *old = json_member(index, "manifests");
	struct json *entries = json_new_array();
	size_t found = 0;
	for (size_t i = 0; i < json_len(old); i++) {
		const struct json *e = json_item(old, i);
		_cleanup_free_ char *its = entry_name(e);
		if (!str_eq(its, name)) {
			json_add(entries, json_copy(e));
			continue;
		}
		found++;
		if (keep && count_of(old, json_text_of(json_member(e, "digest"))) == 1)
			json_add(entries, entry_named(e, NULL));
	}
	if (found)
		return write_index(store, index, entries, err);
	json_free(entries);
	return err_set(err, ENOENT, "No such image: %s", name);
}

int store_remove_entry(int store, const struct digest *entry, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	_cleanup_close_ int lock = store_lock(store, err);
	int rc = lock < 0 ? lock : store_read_index(store, &index, err);
	if (rc < 0)
		return rc;
	const struct json *old = json_member(index, "manifests");
	struct json *entries = json_new_array();
	for (size_t i = 0; i < json_len(old); i++)
		if (!entry_is(json_item(old, i), entry->text))
			json_add(entries, json_copy(json_item(old, i)));
	return write_index(store, index, entries, err);
}

struct json *descriptor_new(const char *media_type, const struct digest *d, uint64_t size)
{
	struct json *descriptor = json_new_object();
	json_set_string(descriptor, "mediaType", media_type);
	json_set_string(descriptor, "digest", d->text);
	json_set_u64(descriptor, "size", size);
	return descriptor;
}
