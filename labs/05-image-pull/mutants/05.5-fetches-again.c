/* mutant 05.5 M-PULL-AGAIN: the blobs of before are thrown away, to be sure of getting new ones */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	int blobs = openat(store, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = blobs < 0 ? NULL : fdopendir(blobs);

	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(blobs, e->d_name, 0);
	if (d)
		closedir(d);
	return TODO(05.5, image_pull, n, store, err);
}
