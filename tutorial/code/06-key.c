/*
 * 06-key.c - a cache key for "copy these files": name, mode and bytes of
 * each, on top of the key of the step before.
 *     cc -o key 06-key.c && ./key PARENT FILE...
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FNV-1a: short enough to read. A real builder takes SHA-256, which
 * cannot be forged. */
static uint64_t key;

static void add(const void *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		key = (key ^ ((const unsigned char *)data)[i]) * 1099511628211u;
}

int main(int argc, char **argv)
{
	/* what lies below: a miss there is a miss here */
	key = argc > 1 ? strtoull(argv[1], NULL, 16) : 0;
	for (int i = 2; i < argc; i++) {
		char bytes[65536];
		struct stat st;
		int fd = open(argv[i], O_RDONLY);
		if (fd < 0 || fstat(fd, &st) < 0)
			return perror(argv[i]), 1;
		/* a renamed file is another file */
		add(argv[i], strlen(argv[i]) + 1);
		/* ... and so is an executable one */
		add(&st.st_mode, sizeof(st.st_mode));
		for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) > 0;)
			add(bytes, (size_t)n);
		/* st.st_mtime is not in it, and that is the point */
		close(fd);
	}
	printf("%016llx\n", (unsigned long long)key);
}
