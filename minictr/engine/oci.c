/*
 * oci.c - which OCI runtime, and taking its traces away.
 *
 * Order and why: `delete` of the runtime first (it knows its own state), then the cgroup by its path and
 * the state directory by its name, in case the runtime was killed half-way or is not installed any more.
 */
#include "engine/oci.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>
#include "base/file.h"
#include "base/private_dir.h"
#include "base/program.h"
#include "base/sys.h"
#include "base/warn.h"
#include "runtime/cgroup.h"
#include "runtime/process.h"

extern char **environ;

/* Reads a file of the container's run directory; empty when there is none. */
static void run_file_read(const char *path, struct buf *ret)
{
	enum { LOG_MAX = 1 << 20 };
	struct mc_err none = { 0 };
	if (file_read(AT_FDCWD, path, LOG_MAX, ret, &none) < 0)
		buf_release(ret);
}

static char *told_file(const struct engine *e, const char *id)
{
	_cleanup_free_ char *run = engine_run_path(e, id);
	return xasprintf("%s/oci.told", run);
}

void oci_forget_warnings(const struct engine *e, const char *id)
{
	_cleanup_free_ char *path = told_file(e, id);
	unlink(path);
}

/*
 * Our runtime's standard error is the container's, so its warnings go to a file (--log), one JSON object a
 * line. Another runtime's log holds its errors too, which we want on its standard error.
 *
 * A limit that the start could not give, no exec can give either: what the start told an exec does not tell
 * again.
 */
void oci_tell_warnings(const struct engine *e, const char *id, const char *file)
{
	_cleanup_free_ char *run = engine_run_path(e, id), *log = xasprintf("%s/%s", run, file);
	_cleanup_free_ char *told_path = told_file(e, id);
	_cleanup_buf_ struct buf text = { 0 }, told = { 0 };
	struct mc_err ignored = { 0 };
	bool exec = !str_eq(file, OCI_LOG);
	run_file_read(log, &text);
	unlink(log);
	run_file_read(told_path, &told);
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		_cleanup_json_ struct json *entry = NULL;
		if (!*line || json_parse(line, strlen(line), log, &entry, &ignored) < 0 ||
			!str_eq(json_text_of(json_member(entry, "level")), "warning"))
			continue;
		_cleanup_free_ char *said = xasprintf("%s\n", json_text_of(json_member(entry, "msg")));
		if (told.data && strstr(told.data, said))
			continue;
		warn_user("%.*s", (int)strlen(said) - 1, said);
		buf_addf(&told, "%s", said);
	}
	if (!exec && told.len)
		file_write_atomic(AT_FDCWD, told_path, told.data, told.len, 0600, 0, &ignored);
}

int oci_find(struct engine *e, const struct container *c, struct oci *ret, struct mc_err *err)
{
	const char *name = json_text_of(json_member(c->host, "Runtime"));
	*ret = (struct oci){ 0 };
	if (!name || !*name)
		name = e->config.runtime;
	if (!name || !*name || str_eq(name, "minictr-oci") || str_eq(name, "minictr"))
		return program_path("minictr-oci", &ret->path, err);
	ret->foreign = true;
	if (process_find(name, environ, &ret->path, err) < 0) {
		*err = (struct mc_err){ 0 };
		err_set(err, ENOENT, "unknown or invalid runtime name: %s", name);
		err_hint(err, "crun and runc are understood when they are installed");
		return err_exit(err, 125);
	}
	/* A flag's program was typed by the user who calls us; the file's runs in each start from now on. */
	if (name != e->config.runtime || file_check_trusted(AT_FDCWD, ret->path, err) >= 0)
		return 0;
	err_wrap(err, "config.json: runtime %s", name);
	return err_exit(err, 125);
}

void oci_release(struct oci *o)
{
	free(o->path);
	*o = (struct oci){ 0 };
}

bool oci_hybrid_cgroups(void)
{
	struct statfs s;
	return statfs("/sys/fs/cgroup/unified", &s) == 0 && s.f_type == 0x63677270; /* CGROUP2_SUPER_MAGIC */
}

/* crun 1.8 on a hybrid host finds the empty cgroup2 mount and gives up: it gets a view without it. */
static int spawn_without_unified(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork()");
	if (pid == 0) {
		struct mc_err child = { 0 };
		if (sys_unshare(CLONE_NEWNS, &child) >= 0 &&
			sys_mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL, &child) >= 0)
			umount2("/sys/fs/cgroup/unified", MNT_DETACH);
		for (int i = 0; i < 3; i++)
			if (p->stdio[i] >= 0 && p->stdio[i] != i)
				dup2(p->stdio[i], i);
		process_exec(p, &child);
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}

int oci_spawn(const struct oci *o, char *const argv[], const int stdio[3], pid_t *ret_pid, struct mc_err *err)
{
	struct process p = { .argv = argv, .stdio = { stdio[0], stdio[1], stdio[2] } };
	if (o->foreign && oci_hybrid_cgroups())
		return spawn_without_unified(&p, ret_pid, err);
	return process_spawn(&p, ret_pid, err);
}

void oci_delete(struct engine *e, const struct container *c)
{
	struct mc_err ignored = { 0 };
	struct oci oci;
	struct cgroup cg = { 0 };
	pid_t pid;
	_cleanup_free_ char *state = xasprintf("%s/%s", e->oci_root, c->id);
	_cleanup_free_ char *path = container_cgroup(e, c);
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (path_exists(AT_FDCWD, state) && oci_find(e, c, &oci, &ignored) == 0) {
		char *argv[] = { oci.path, "--root", e->oci_root, "delete", "--force", (char *)c->id, NULL };
		if (oci_spawn(&oci, argv, (int[3]){ null, null, null }, &pid, &ignored) >= 0)
			sys_wait(pid, NULL, &ignored);
		oci_release(&oci);
	}
	if (cgroup_open(&cg, path, &ignored) >= 0)
		cgroup_remove(&cg, &ignored);
	cgroup_close(&cg);
	dir_remove(AT_FDCWD, state, &ignored);
}
