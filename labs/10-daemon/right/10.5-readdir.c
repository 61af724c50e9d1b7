/* right 10.5: readdir(3) over a copy of the descriptor, in the order of the disk */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
int daemon_restore(struct daemon *d, int state_dir)
{
	int copy = openat(state_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = 0;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	size_t running = 0;
	if (!dir)
		return -errno;
	for (struct dirent *e; (e = readdir(dir));) {
		struct container c = { 0 };
		struct mc_err ignored = { 0 };
		if (strspn(e->d_name, "0123456789abcdef") != 64 || e->d_name[64] || container_load(&d->engine, e->d_name, &c, &ignored) < 0)
			continue;
		if (c.stale)
			repair(d, e->d_name);
		running += !c.stale && (c.status == CONTAINER_RUNNING || c.status == CONTAINER_PAUSED);
		container_release(&c);
		found++;
	}
	closedir(dir);
	d->n_running = running;
	return found;
}
