/*
 * fuzz_tar.c - any bytes as a layer: unpacked beneath a directory, with a canary beside it that must stay as it is.
 * Checksums of headers are put right first, so that mutations reach what lies behind them.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "image/layer.h"

static char top[] = "/tmp/minictr-fuzz-XXXXXX";
static int dir = -1;

static void end(void)
{
	struct mc_err err;
	dir_remove(AT_FDCWD, top, &err);
}

static void fix_checksums(uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 512 <= size; at += 512) {
		uint8_t *h = data + at;
		if (memcmp(h + 257, "ustar", 5) != 0)
			continue;
		unsigned sum = 0;
		memset(h + 148, ' ', 8);
		for (int i = 0; i < 512; i++)
			sum += h[i];
		snprintf((char *)h + 148, 8, "%06o", sum);
	}
}

static int write_all(void *arg, const void *data, size_t len, struct mc_err *err) { return 0; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tar_limits limits = { .entries = 1000, .bytes = 8 << 20 };
	struct mc_err err;
	if (dir < 0) {
		if (!mkdtemp(top) || (dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
			abort();
		atexit(end);
	}
	if (file_write_atomic(dir, "canary", "x", 1, 0600, 0, &err) < 0)
		abort();
	int root = dir_make_open(dir, "fs", 0755, &err), fd = memfd_create("tar", 0);
	uint8_t *copy = xmalloc(size + 1);
	memcpy(copy, data, size);
	fix_checksums(copy, size);
	if (file_write_all(fd, copy, size, &err) < 0)
		abort();
	free(copy);
	lseek(fd, 0, SEEK_SET);
	struct tar_reader *r;
	struct tar_writer *w;
	if (tar_open(fd, "fuzz", &limits, &r, &err) == 0) {
		if (unpack(r, root, UNPACK_LAYER, &err) == 0)
			tar_finish(r, &(struct digest){ "" }, &err);
		tar_close(r);
	}
	/* What was unpacked can be written again. */
	if (tar_create(write_all, NULL, TAR_PLAIN, &w, &err) == 0) {
		if (layer_diff(root, w, &err) == 0)
			tar_end(w, &err);
		else
			tar_abort(w);
	}
	close(fd);
	close(root);
	struct buf b = { 0 };
	struct stat st;
	if (file_read(dir, "canary", 10, &b, &err) < 0 || strcmp(b.data, "x") || fstatat(dir, "canary", &st, 0) ||
		st.st_nlink != 1 || (st.st_mode & 07777) != 0600)
		abort();
	buf_release(&b);
	char **names;
	if (dir_list(dir, ".", &names, &err) < 0 || strv_len(names) != 2)
		abort();
	strv_free(names);
	if (dir_remove(dir, "fs", &err) < 0)
		abort();
	return 0;
}
