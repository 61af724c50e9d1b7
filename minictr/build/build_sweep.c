/*
 * build_sweep.c - temporary directories and containers of builds that were killed.
 *
 * A build holds an flock(2) on alive-NONCE as long as it lives; the kernel lets go of it when the process
 * ends, however it ends. A free lock is a dead build. The keeper of a RUN ends its container by itself
 * (run_keeper.c); one that was killed as well is cleared up here.
 */
#include "build/build_sweep.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "runtime/process.h"

int build_sweep_lock(int dir, const char *nonce, struct mc_err *err)
{
	_cleanup_free_ char *name = xasprintf("alive-%s", nonce);
	return file_lock(dir, name, true, err);
}

void build_sweep_unlock(int dir, const char *nonce, int lock)
{
	_cleanup_free_ char *name = xasprintf("alive-%s", nonce);
	unlinkat(dir, name, 0);
	close_fd(lock);
}

static void delete_container_of(struct engine *e, const char *oci_root, const char *id)
{
	struct mc_err ignored;
	_cleanup_free_ char *oci = NULL;
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid;
	if (program_path("minictr-oci", &oci, &ignored) < 0)
		return;
	char *argv[] = { oci, "--root", (char *)oci_root, "delete", "--force", (char *)id, NULL };
	struct process p = { .argv = argv, .stdio = { null, null, null } };
	if (process_spawn(&p, &pid, &ignored) >= 0)
		waitpid(pid, NULL, 0);
}

/* Its containers are called build-NONCE-N, in the OCI runtime's state and as bundles. */
static void sweep_containers(struct engine *e, const char *nonce)
{
	struct mc_err ignored;
	_cleanup_strv_ char **states = NULL, **bundles = NULL;
	_cleanup_free_ char *oci_root = xasprintf("%s/build-oci", e->run_dir);
	_cleanup_free_ char *dir = xasprintf("%s/build/containers", e->run_dir);
	_cleanup_free_ char *prefix = xasprintf("build-%s-", nonce);
	if (dir_list(AT_FDCWD, oci_root, &states, &ignored) >= 0)
		for (char **s = states; *s; s++)
			if (str_starts(*s, prefix))
				delete_container_of(e, oci_root, *s);
	if (dir_list(AT_FDCWD, dir, &bundles, &ignored) < 0)
		return;
	for (char **n = bundles; *n; n++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, *n);
		if (str_starts(*n, prefix))
			dir_remove(AT_FDCWD, path, &ignored);
	}
}

/* Locks of keys (stage.c) that no step holds. */
static void sweep_locks(int dir)
{
	struct mc_err ignored;
	_cleanup_strv_ char **names = NULL;
	if (dir_list(dir, "locks", &names, &ignored) < 0)
		return;
	for (char **n = names; *n; n++) {
		_cleanup_free_ char *path = xasprintf("locks/%s", *n);
		_cleanup_close_ int lock = file_lock(dir, path, false, &ignored);
		if (lock >= 0)
			unlinkat(dir, path, 0);
	}
}

void build_sweep(struct engine *e, int dir)
{
	struct mc_err ignored;
	_cleanup_strv_ char **names = NULL;
	sweep_locks(dir);
	if (dir_list(dir, ".", &names, &ignored) < 0)
		return;
	for (char **n = names; *n; n++) {
		const char *nonce = str_starts(*n, "alive-") ? *n + strlen("alive-") : NULL;
		if (!nonce)
			continue;
		_cleanup_close_ int lock = file_lock(dir, *n, false, &ignored);
		if (lock < 0)
			continue;
		_cleanup_free_ char *temp = xasprintf("tmp-%s", nonce);
		sweep_containers(e, nonce);
		if (dir_remove(dir, temp, &ignored) >= 0)
			unlinkat(dir, *n, 0);
	}
}
