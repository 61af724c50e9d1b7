/*
 * state.c - what is known of a container between two commands.
 *
 * Kernel objects: /proc/PID/stat (proc_pid_stat(5)), /proc/sys/kernel/random/boot_id, pidfd_open(2),
 * rename(2). A pid alone proves nothing: the kernel reuses pids. Pid, start time and boot id together
 * identify one process for ever. Readers take no lock: writers replace the whole file (rename).
 * https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state
 */
#include "runtime/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/cgroup.h"

char *state_default_root(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	if (geteuid() == 0 && !(run && getenv("MINICTR_ROOTLESS")))
		return xstrdup("/run/minictr-oci");
	return run && *run ? xasprintf("%s/minictr-oci", run) : xasprintf("/tmp/minictr-oci-%u", geteuid());
}

int state_id_check(const char *id, struct mc_err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_.";
	size_t len = strlen(id);
	if (len && len <= 1024 && id[0] != '.' && strspn(id, allowed) == len)
		return 0;
	err_set(err, EINVAL, "invalid container id format: \"%.80s\"", id);
	return err_hint(err, "an id has letters, digits, + - _ and dots inside");
}

int state_create(const char *root, const char *id, struct mc_err *err)
{
	int rc = state_id_check(id, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int top = dir_open_own(root, true, err);
	if (top < 0)
		return top;
	if (mkdirat(top, id, 0711) < 0) { /* mkdir(2) is the lock: of two creates one wins */
		if (errno == EEXIST)
			return err_set(err, EEXIST, "container with id exists: %s", id);
		return err_sys(err, "mkdir %s/%s", root, id);
	}
	return dir_open(top, id, err);
}

int state_open(const char *root, const char *id, struct mc_err *err)
{
	struct mc_err missing = { 0 };
	int rc = state_id_check(id, err);
	if (rc < 0)
		return rc;
	/* Check the owner: hooks of a config.json planted by another user would run with our privileges. */
	_cleanup_close_ int top = dir_open_own(root, false, &missing);
	int dir = top < 0 ? top : dir_open(top, id, &missing);
	if (dir == -ENOENT || top == -ENOTDIR)
		return err_set(err, ENOENT, "container \"%s\" does not exist", id);
	if (dir < 0)
		*err = missing;
	return dir;
}

/* Start time of a process for comparing later; 0 when it is gone or a zombie. */
static uint64_t state_process_start_time(pid_t pid)
{
	char path[64], text[1024], kind;
	unsigned long long start;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* The name in parentheses may hold any bytes, ") " too: the fields start after the last one. */
	const char *rest = strrchr(text, ')');
	if (!rest ||
		sscanf(rest,
			") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
			&kind, &start) != 2)
		return 0;
	return kind == 'Z' || kind == 'X' ? 0 : start;
}

/* Read once: it cannot change while we run. */
static const char *boot_id(void)
{
	static char id[40];
	if (*id)
		return id;
	_cleanup_close_ int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, id, 36);
	id[n < 0 ? 0 : n] = '\0';
	return id;
}

int state_write(int dir, struct json *doc, pid_t pid, struct mc_err *err)
{
	json_set_string(doc, "ociVersion", "1.2.0");
	json_set_string(doc, "bootId", boot_id());
	int64_t before = -1;
	json_get_i64(doc, &before, &(struct mc_err){ 0 }, "pid");
	if (before != pid) { /* a process keeps its start time: /proc is asked once */
		json_set_i64(doc, "pid", pid);
		json_set_u64(doc, "startTime", pid ? state_process_start_time(pid) : 0);
	}
	return json_write_file(dir, STATE_FILE, doc, 0600, 0, err);
}

static bool is_frozen(const struct state *s)
{
	struct cgroup cg = { 0 };
	struct mc_err ignored = { 0 };
	if (!*s->cgroup || cgroup_open_one(&cg, s->cgroup, "freezer", &ignored) < 0)
		return false;
	bool frozen = cgroup_is_frozen(&cg);
	cgroup_close(&cg);
	return frozen;
}

static enum container_status compute_status(int dir, const struct state *s)
{
	if (!s->pid)
		return STATUS_CREATING;
	if (!s->same_boot || state_process_start_time(s->pid) != s->start_time || !s->start_time)
		return STATUS_STOPPED;
	if (s->creating)
		return STATUS_CREATING;
	if (is_frozen(s))
		return STATUS_PAUSED;
	return path_exists(dir, STATE_START) ? STATUS_CREATED : STATUS_RUNNING;
}

int state_read(int dir, struct state *s, struct mc_err *err)
{
	const char *recorded = "";
	int64_t pid = 0;
	int rc = json_parse_record(dir, STATE_FILE, 16 << 20, &s->doc, err);
	if (rc < 0)
		return rc;
	s->id = s->bundle = s->cgroup = s->created = s->rootfs = "";
	if ((rc = json_get_string(s->doc, &s->id, err, "id")) < 0 ||
		(rc = json_get_string(s->doc, &s->bundle, err, "bundle")) < 0 ||
		(rc = json_get_string(s->doc, &s->cgroup, err, "cgroup")) < 0 ||
		(rc = json_get_string(s->doc, &s->created, err, "created")) < 0 ||
		(rc = json_get_string(s->doc, &s->rootfs, err, "rootfs")) < 0 ||
		(rc = json_get_string(s->doc, &recorded, err, "bootId")) < 0 ||
		(rc = json_get_i64(s->doc, &pid, err, "pid")) < 0 ||
		(rc = json_get_u64(s->doc, &s->start_time, err, "startTime")) < 0)
		return rc;
	if ((rc = json_get_bool(s->doc, &s->creating, err, "creating")) < 0)
		return rc;
	s->pid = (pid_t)pid;
	s->same_boot = str_eq(recorded, boot_id());
	s->status = compute_status(dir, s);
	return 0;
}

int state_load(const char *root, const char *id, struct state *s, struct mc_err *err)
{
	_cleanup_close_ int dir = state_open(root, id, err);
	if (dir < 0)
		return dir;
	int rc = state_read(dir, s, err);
	return rc < 0 ? rc : take_fd(&dir);
}

void state_release(struct state *s)
{
	json_free(s->doc);
	*s = (struct state){ 0 };
}

int state_remove(const char *root, const char *id, struct mc_err *err)
{
	static const char *const ours[] = { "config.json", STATE_FILE };
	_cleanup_free_ char *path = xasprintf("%s/%s", root, id);
	/* Mostly these files are all there is, which saves reading the directory. */
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		_cleanup_free_ char *file = xasprintf("%s/%s", path, ours[i]);
		unlink(file);
	}
	return rmdir(path) == 0 ? 0 : dir_remove(AT_FDCWD, path, err);
}

bool state_has_hook(const struct state *s, const char *point)
{
	const struct json *points = json_member(s->doc, "hooks");
	for (size_t i = 0; i < json_len(points); i++)
		if (str_eq(json_text_of(json_item(points, i)), point))
			return true;
	return points == NULL;
}

const char *state_status_name(enum container_status s)
{
	static const char *const names[] = { "creating", "created", "running", "paused", "stopped" };
	return names[s];
}

struct json *state_oci(const struct state *s)
{
	struct json *o = json_new_object();
	const struct json *notes = json_member(s->doc, "annotations");
	json_set_string(o, "ociVersion", "1.2.0");
	json_set_string(o, "id", s->id);
	json_set_string(o, "status", state_status_name(s->status));
	json_set_i64(o, "pid", s->status == STATUS_STOPPED ? 0 : s->pid);
	json_set_string(o, "bundle", s->bundle);
	if (*s->rootfs)
		json_set_string(o, "rootfs", s->rootfs);
	if (*s->created)
		json_set_string(o, "created", s->created);
	if (notes)
		json_set(o, "annotations", json_copy(notes));
	return o;
}

int state_pidfd(const struct state *s, struct mc_err *err)
{
	_cleanup_close_ int fd = s->pid && s->same_boot ? sys_pidfd_open(s->pid, err) : -ESRCH;
	/* Check after opening: from now on the descriptor means this process, if it is the right one. */
	if (fd >= 0 && s->start_time && state_process_start_time(s->pid) == s->start_time)
		return take_fd(&fd);
	return err_set(err, ESRCH, "container not running");
}
