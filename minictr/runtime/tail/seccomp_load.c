/*
 * tail/seccomp_load.c - the program for a profile: built in, from the cache, or compiled and cached now.
 *
 * A cache file is named after the hash of the profile's text and holds that text too: only an equal text
 * counts, a hash alone never decides. Only we may be able to write to the directory.
 */
#include "runtime/seccomp.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "runtime/tail/seccomp_build.h"

/* Grows with each change to what seccomp_compile() makes of the same text. */
#define CACHE_MAGIC "minictr bpf 3\n"

struct cache_head {
	char magic[16];
	uint32_t flags;
	uint32_t text_len; /* behind the head: the text, then the instructions */
	uint32_t n;
};

/* An fd of the cache directory when only we can write there, else -1. */
static int open_cache(const char *cache)
{
	struct stat st;
	struct mc_err ignored = { 0 };
	int fd = cache ? dir_make_open(AT_FDCWD, cache, 0700, &ignored) : -1;
	if (fd >= 0 && (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 022)))
		fd = close_fd(fd);
	return fd;
}

static bool from_cache(
	int dir, const char *name, const char *text, struct seccomp_plan *plan, struct seccomp_program *owner)
{
	_cleanup_buf_ struct buf file = { 0 };
	struct mc_err ignored = { 0 };
	struct cache_head head;
	size_t len = strlen(text);
	if (dir < 0 || file_read(dir, name, 1 << 20, &file, &ignored) < 0 || file.len < sizeof(head))
		return false;
	memcpy(&head, file.data, sizeof(head));
	size_t size = head.n * sizeof(struct sock_filter);
	if (memcmp(head.magic, CACHE_MAGIC, sizeof(CACHE_MAGIC)) != 0 || head.text_len != len ||
		head.n > BPF_MAXINSNS || file.len != sizeof(head) + len + size ||
		memcmp(file.data + sizeof(head), text, len) != 0)
		return false;
	owner->owned = xmalloc(size);
	memcpy(owner->owned, file.data + sizeof(head) + len, size);
	plan->filter = owner->owned;
	plan->n = (unsigned short)head.n;
	plan->flags = head.flags;
	return true;
}

/* Best effort: without a cache the next start is 8 ms slower. */
static void into_cache(int dir, const char *name, const char *text, const struct seccomp_plan *plan)
{
	struct buf file = { 0 };
	struct mc_err ignored = { 0 };
	struct cache_head head = {
		.magic = CACHE_MAGIC, .flags = plan->flags, .text_len = (uint32_t)strlen(text), .n = plan->n
	};
	if (dir < 0)
		return;
	buf_add(&file, &head, sizeof(head));
	buf_adds(&file, text);
	buf_add(&file, plan->filter, plan->n * sizeof(*plan->filter));
	file_write_atomic(dir, name, file.data, file.len, 0600, 0, &ignored);
	buf_release(&file);
}

int seccomp_plan_load(const struct json *profile, const char *cache, struct seccomp_plan *plan,
	struct seccomp_program *owner, struct mc_err *err)
{
	size_t n = 0;
	struct buf bpf = { 0 };
	char name[32];
	*owner = (struct seccomp_program){ 0 };
	plan->filter = NULL;
	if (!profile || json_kind_of(profile) == JSON_NULL)
		return 0;
	_cleanup_free_ char *text = json_dump(profile, false);
	plan->flags = 0;
	plan->filter = seccomp_default_match(text, &n);
	plan->n = (unsigned short)n;
	if (plan->filter)
		return 0;
	_cleanup_close_ int dir = open_cache(cache);
	snprintf(name, sizeof(name), "%016llx", (unsigned long long)fnv1a(text, strlen(text)));
	if (from_cache(dir, name, text, plan, owner))
		return 0;
	int rc = seccomp_compile(profile, seccomp_native_arch(), &bpf, &plan->flags, err);
	if (rc < 0) {
		buf_release(&bpf);
		return rc;
	}
	plan->n = (unsigned short)(bpf.len / sizeof(struct sock_filter));
	plan->filter = owner->owned = (struct sock_filter *)(void *)buf_take(&bpf);
	into_cache(dir, name, text, plan);
	return 0;
}

void seccomp_program_release(struct seccomp_program *owner)
{
	free(owner->owned);
	owner->owned = NULL;
}
