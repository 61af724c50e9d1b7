/*
 * host.c - the host before and after the checks: mounts, network links, processes and cgroups of the boxes.
 *
 * Kernel objects: proc(5) mountinfo, /sys/class/net, /proc/PID/status. What can only come from a box
 * (processes with a box's ids, cgroups of its name) is removed and reported as left behind; anything else
 * that changed is reported too, but may be another program's doing, so nothing of it is touched.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/grade.h"

struct host {
	char **mounts; /* mount points */
	char **links;  /* names of network links */
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

static bool is_ours(const struct grading *g, uid_t uid)
{
	for (int i = 0; i < g->lab->tasks; i++)
		for (unsigned k = 0; k < g->record[i].boxes && k < RECORD_BOXES; k++)
			if (uid - g->record[i].base[k] < BOX_IDS)
				return true;
	return false;
}

/* Processes with an id of one of this run's boxes: no others have such ids. */
static char **read_boxed(const struct grading *g)
{
	char **pids = xcalloc(1, sizeof(char *));
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		char path[300];
		struct stat st;
		snprintf(path, sizeof(path), "/proc/%s", e->d_name);
		if (atoi(e->d_name) > 0 && stat(path, &st) == 0 && is_ours(g, st.st_uid))
			strv_push(&pids, e->d_name);
	}
	return pids;
}

struct host *host_look(void)
{
	struct mc_err err;
	struct host *h = xcalloc(1, sizeof(*h));
	h->mounts = read_mounts();
	if (dir_list(AT_FDCWD, "/sys/class/net", &h->links, &err) < 0)
		h->links = xcalloc(1, sizeof(char *));
	return h;
}

void host_forget(struct host *h)
{
	strv_free(h->mounts);
	strv_free(h->links);
	free(h);
}

static void say_new(char *const before[], char *const after[], const char *what, struct buf *out)
{
	for (char *const *a = after; *a; a++)
		if (!strv_has(before, *a))
			buf_addf(out, "%s%s %s", out->len ? ", " : "", what, *a);
}

static void kill_leftovers(struct grading *g)
{
	char **pids = read_boxed(g);
	for (int i = 0; *pids && i < 20; i++) { /* dead ones vanish a moment after their box */
		usleep(10000);
		strv_free(pids);
		pids = read_boxed(g);
	}
	for (char **p = pids; *p; p++) {
		buf_addf(&g->leftovers, "%sprocess %s", g->leftovers.len ? ", " : "", *p);
		kill((pid_t)atoi(*p), SIGKILL);
	}
	strv_free(pids);
}

void host_compare(const struct host *before, struct grading *g)
{
	struct host *after = host_look();
	say_new(before->mounts, after->mounts, "mount", &g->changes);
	say_new(before->links, after->links, "link", &g->changes);
	kill_leftovers(g);
	if (g->unremoved)
		buf_addf(&g->leftovers,
			"%scgroups of a box, which could NOT be removed (minictr-lab-* below /sys/fs/cgroup)",
			g->leftovers.len ? ", " : "");
	host_forget(after);
}
