/*
 * program.c - finds our executables beside the running one (proc(5), /proc/self/exe) or, when installed, in
 * the libexec directory next to its bin. It never uses $PATH: root would run the first file of that name.
 */
#include "base/program.h"

#include <unistd.h>

/* Weak: the lab tool links a definition of its own beside a learner's files (learn/mine.c). */
__attribute__((weak)) const char program_mine[] = "";

int program_path(const char *name, char **ret, struct mc_err *err)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return err_sys(err, "readlink /proc/self/exe");
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	*slash = '\0';
	static const char *const places[] = { "", "/../libexec/minictr" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char *path = xasprintf("%s%s/%s", self, places[i], name);
		if (access(path, X_OK) == 0) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	err_set(err, ENOENT, "%s is neither in %s nor in %s/../libexec/minictr", name, self, self);
	return err_hint(err, "build it with `make`, or reinstall the package");
}

int program_exec(const char *name, char *const argv[], struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	int rc = program_path(name, &path, err);
	if (rc < 0)
		return rc;
	execv(path, argv);
	return err_sys(err, "exec %s", path);
}
