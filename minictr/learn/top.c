/*
 * top.c - the top directory of the checkout, where all paths of the tool begin, and the build directory in
 * it. Man pages: proc(5) (/proc/self/exe), chdir(2).
 */
#include <fcntl.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/lab.h"

static char *built_in; /* see build_folder() */

const char *build_folder(void) { return built_in ? built_in : "build"; }

static bool is_top(void) { return path_is_dir(AT_FDCWD, "labs") && path_is_dir(AT_FDCWD, "minictr"); }

/* TOP/build/bin/minictr-lab: upwards until a directory holds the labs. */
static bool climb(const char *self)
{
	_cleanup_free_ char *path = xstrdup(self);
	for (char *slash; (slash = strrchr(path, '/'));) {
		*slash = '\0';
		if (chdir(*path ? path : "/") < 0 || !is_top())
			continue;
		const char *below = self + strlen(path) + 1, *end = strstr(below, "/bin/");
		if (end)
			built_in = xstrndup(below, (size_t)(end - below));
		return true;
	}
	return false;
}

int top_enter(struct mc_err *err)
{
	const char *given = getenv("MINICTR_TOP");
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return err_sys(err, "readlink /proc/self/exe");
	self[n] = '\0';
	if (given && chdir(given) < 0)
		return err_sys(err, "chdir %s (MINICTR_TOP)", given);
	if (given ? is_top() : climb(self))
		return 0;
	err_set(err, ENOENT,
		"the labs are not found: no directory above this program holds labs/ and minictr/");
	return err_hint(err, "labs need the source: run it from a checkout, or set MINICTR_TOP");
}
