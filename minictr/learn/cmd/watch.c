/*
 * cmd/watch.c - `lab check --watch`: waits until a work file is saved.
 *
 * Kernel objects: inotify(7). It is blind where another machine or the other side of WSL2 writes (network
 * file systems), so the files' times are looked at twice a second as well. Editors save by writing or by
 * rename: what counts is that device, inode, size or time of the name is another.
 */
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"

struct stamp {
	ino_t inode;
	off_t size;
	struct timespec time;
};

static struct stamp stamp_of(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_ino, st.st_size, st.st_mtim };
}

static bool stamp_eq(const struct stamp *a, const struct stamp *b)
{
	return a->inode == b->inode && a->size == b->size && a->time.tv_sec == b->time.tv_sec &&
	       a->time.tv_nsec == b->time.tv_nsec;
}

void watch_wait(const struct lab *l)
{
	struct stamp before[LAB_FILES];
	char events[4096];
	_cleanup_free_ char *folder = xasprintf("work/%s", l->name);
	_cleanup_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd >= 0 && inotify_add_watch(fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) < 0)
		close(fd); /* the times alone have to do */
	for (int i = 0; i < l->files; i++)
		before[i] = stamp_of(l->file[i].work);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, 500) > 0)
			while (read(fd, events, sizeof(events)) > 0)
				continue;
		for (int i = 0; i < l->files; i++) {
			struct stamp now = stamp_of(l->file[i].work);
			/* An editor that replaces a file leaves a moment without one. */
			if (now.inode && !stamp_eq(&now, &before[i]))
				return;
		}
	}
}
