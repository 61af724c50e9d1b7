/*
 * fuzz_user.c - a stranger's /etc/passwd and /etc/group: whatever they hold, no id above 2^31-1 comes out and nothing is
 * read out of bounds. The input serves as both files and, its first line, as what was typed for -u.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/spec/spec.h"

static int root = -1;
static char dir[] = "/dev/shm/minictr-fuzz-XXXXXX";

static void put(const char *name, const void *data, size_t size)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) < 0)
		abort();
	close(fd);
}

static void remove_root(void)
{
	unlinkat(root, "etc/passwd", 0);
	unlinkat(root, "etc/group", 0);
	unlinkat(root, "etc", AT_REMOVEDIR);
	rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spec_user u;
	struct mc_err err = { 0 };
	if (root < 0) {
		root = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		if (root < 0 || mkdirat(root, "etc", 0700) < 0)
			abort();
		atexit(remove_root);
	}
	char who[64] = "";
	for (size_t i = 0; i < size && i < sizeof(who) - 1 && data[i] && data[i] != '\n'; i++)
		who[i] = (char)data[i];
	put("etc/passwd", data, size);
	put("etc/group", data, size);
	if (spec_find_user(root, who, (char *[]){ who, NULL }, &u, &err) >= 0 &&
		(u.uid > INT32_MAX || u.gid > INT32_MAX))
		abort();
	return 0;
}
