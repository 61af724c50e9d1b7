/*
 * host.c - the host before and after the checks: mounts, network links, processes and cgroups of the boxes.
 *
 * Kernel objects: proc(5) mountinfo, /sys/class/net, /proc/PID/status. What can only come from a box (processes with a
 * box's ids, cgroups of its name) is removed and reported as left behind; anything else that changed is reported
 * too, but may be somebody else's doing, so nothing of it is touched.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/grade.h"

/* Ids of boxes begin here (box.c): no user of any system has them. */
enum { BOX_ID_FIRST = 1500000000 };

struct host {
	char **mounts; /* mount points */
	char **links;  /* names of network links */
	char **boxed;  /* pids with a box's ids: of other runs, they were here before */
};

static char **read_mounts(void)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	char **points = xcalloc(1, sizeof(char *)), *save = NULL, point[1024];
	if (file_read(AT_FDCWD, "/proc/self/mountinfo", 4 << 20, &text, &err) < 0)
		return points;
	for (char *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%*d %*d %*s %*s %1023s", point) == 1)
			strv_push(&points, point);
	return points;
}

static char **read_boxed(void)
{
	char **pids = xcalloc(1, sizeof(char *));
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		char path[300];
		struct stat st;
		snprintf(path, sizeof(path), "/proc/%s", e->d_name);
		if (atoi(e->d_name) > 0 && stat(path, &st) == 0 && st.st_uid >= BOX_ID_FIRST &&
			st.st_uid < BOX_ID_FIRST + 8000u * BOX_IDS)
			strv_push(&pids, e->d_name);
	}
	return pids;
}

struct host *host_look(void)
{
	struct mc_err err;
	struct host *h = xcalloc(1, sizeof(*h));
	h->mounts = read_mounts();
	h->boxed = read_boxed();
	if (dir_list(AT_FDCWD, "/sys/class/net", &h->links, &err) < 0)
		h->links = xcalloc(1, sizeof(char *));
	return h;
}

void host_forget(struct host *h)
{
	strv_free(h->mounts);
	strv_free(h->links);
	strv_free(h->boxed);
	free(h);
}

static void say_new(char *const before[], char *const after[], const char *what, struct buf *out)
{
	for (char *const *a = after; *a; a++)
		if (!strv_has(before, *a))
			buf_addf(out, "%s%s %s", out->len ? ", " : "", what, *a);
}

void host_compare(const struct host *before, struct buf *leftovers, struct buf *changes)
{
	struct host *after = host_look();
	say_new(before->mounts, after->mounts, "mount", changes);
	say_new(before->links, after->links, "link", changes);
	if (!strv_has(before->boxed, "")) /* processes of boxes: dead ones vanish a moment later */
		for (int i = 0; i < 20; i++) {
			struct buf left = { 0 };
			say_new(before->boxed, after->boxed, "process", &left);
			size_t n = left.len;
			buf_release(&left);
			if (!n)
				break;
			usleep(10000);
			strv_free(after->boxed);
			after->boxed = read_boxed();
		}
	say_new(before->boxed, after->boxed, "process", leftovers);
	host_forget(after);
}
