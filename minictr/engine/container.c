/*
 * container.c - the record of a container: finding, reading and writing it.
 *
 * Kernel objects and man pages: symlink(2) as an exclusive claim on a name, rename(2) as an atomic
 * replacement, flock(2) as the lock of writers, proc_pid_stat(5) and proc_sys_kernel(5) to tell a process
 * from a later one with the same number.
 * Order and why: readers take no lock and do not wait. What they read may be older than the truth (a
 * process killed with -9 writes nothing), so container_load() ends by comparing the record with the kernel;
 * only writers fold the difference into the file (restore.c).
 * Left out: how the texts of `ps` look (status.c), the documents of `inspect` (inspect.c).
 */
#include "engine/container.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "engine/names.h"

enum { STATE_MAX = 1 << 20 }; /* bytes of state.json, writer and reader */

static const char *const status_names[] = { "created", "running", "paused", "restarting", "removing",
	"exited", "dead" };

const char *container_status_name(enum container_state s) { return status_names[s]; }

static enum container_state status_parse(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(status_names); i++)
		if (str_eq(text, status_names[i]))
			return (enum container_state)i;
	return CONTAINER_DEAD;
}

char *container_path(const struct engine *e, const char *id, const char *file)
{
	return xasprintf("%s/containers/%s/%s", e->root, id, file);
}

/* --- reading --- */

static int parse_record(struct container *c, struct mc_err *err)
{
	const char *name = NULL, *image = NULL, *image_id = NULL;
	int rc = json_get_string(c->doc, &name, err, "Name");
	if (rc >= 0)
		rc = json_get_string(c->doc, &image, err, "Image");
	if (rc >= 0)
		rc = json_get_string(c->doc, &image_id, err, "ImageID");
	if (rc >= 0)
		rc = json_get_i64(c->doc, &c->created, err, "Created");
	if (rc < 0)
		return rc;
	c->name = xstrdup(name ? name : c->id);
	c->image = xstrdup(image ? image : "");
	c->image_id = xstrdup(image_id ? image_id : "");
	c->config = json_sub(c->doc, "Config");
	c->host = json_sub(c->doc, "HostConfig");
	return 0;
}

static int get_process(const struct json *doc, const char *key, struct process_id *ret, struct mc_err *err)
{
	int64_t pid = 0;
	int rc = json_get_i64(doc, &pid, err, "%s.Pid", key);
	ret->pid = (pid_t)pid;
	return rc < 0 ? rc : json_get_u64(doc, &ret->start, err, "%s.StartTime", key);
}

static int parse_state(struct container *c, const struct json *doc, struct mc_err *err)
{
	const char *status = "created", *error = NULL, *boot = NULL, *health = NULL;
	int64_t code = 0;
	bool ok = json_get_string(doc, &status, err, "Status") >= 0 &&
		  json_get_i64(doc, &code, err, "ExitCode") >= 0 &&
		  json_get_bool(doc, &c->oom_killed, err, "OOMKilled") >= 0 &&
		  json_get_bool(doc, &c->stopped_by_user, err, "StoppedByUser") >= 0 &&
		  json_get_i64(doc, &c->kill_at, err, "KillAt") >= 0 &&
		  json_get_i64(doc, &c->started, err, "StartedAt") >= 0 &&
		  json_get_i64(doc, &c->finished, err, "FinishedAt") >= 0 &&
		  json_get_u32(doc, &c->restart_count, err, "RestartCount") >= 0 &&
		  json_get_u32(doc, &c->backoff, err, "Backoff") >= 0 &&
		  json_get_string(doc, &error, err, "Error") >= 0 &&
		  json_get_string(doc, &boot, err, "BootID") >= 0 &&
		  json_get_string(doc, &health, err, "Health") >= 0 &&
		  get_process(doc, "Init", &c->init, err) >= 0 &&
		  get_process(doc, "Monitor", &c->monitor, err) >= 0;
	if (!ok)
		return -EINVAL;
	c->status = status_parse(status);
	c->exit_code = (int)code;
	c->error = xstrdup(error);
	c->health = xstrdup(health);
	const struct json *net = json_member(doc, "Network");
	c->net = net ? json_copy(net) : NULL;
	snprintf(c->boot_id, sizeof(c->boot_id), "%s", boot ? boot : "");
	return 0;
}

/* The monitor's last word: "CODE OOM FINISHED_NS". */
static bool read_exit(struct engine *e, struct container *c)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = container_path(e, c->id, "exit");
	struct mc_err ignored = { 0 };
	int code, oom;
	long long finished;
	if (file_read(AT_FDCWD, path, 128, &b, &ignored) < 0 || !b.data ||
		sscanf(b.data, "%d %d %lld", &code, &oom, &finished) != 3)
		return false;
	c->exit_code = code;
	c->oom_killed = oom;
	c->finished = finished;
	return true;
}

bool container_returns(const struct container *c)
{
	const struct json *policy = json_member(c->host, "RestartPolicy");
	const char *name = json_text_of(json_member(policy, "Name"));
	int64_t max = json_int_of(json_member(policy, "MaximumRetryCount"));
	if (c->stopped_by_user)
		return false;
	if (str_eq(name, "always") || str_eq(name, "unless-stopped"))
		return true;
	return str_eq(name, "on-failure") && c->exit_code && (!max || c->restart_count < (uint64_t)max);
}

/*
 * A record that says "running" is believed only as far as the kernel confirms it. Three ways it can be
 * wrong: the monitor has written the exit status but the record was not folded yet; the machine has booted
 * since; or all of our processes were killed, and none saw the end (then the code is 137, as for any
 * program killed with -9).
 */
static void compare_with_kernel(struct engine *e, struct container *c)
{
	/* The process that slept through the pause is gone. */
	if (c->status == CONTAINER_RESTARTING && !process_id_alive(&c->monitor))
		c->status = CONTAINER_EXITED;
	if (c->status != CONTAINER_RUNNING && c->status != CONTAINER_PAUSED)
		return;
	bool same_boot = str_eq(c->boot_id, container_boot_id());
	if (same_boot && process_id_alive(&c->init))
		return;
	bool told = read_exit(e, c);
	/*
	 * The program is gone and its monitor is about to say how it ended: wait for that word, not for
	 * long.
	 */
	for (int i = 0; !told && same_boot && i < 250 && process_id_alive(&c->monitor); i++) {
		usleep(2000);
		told = read_exit(e, c);
	}
	if (!told) {
		c->exit_code = 137;
		c->finished = (int64_t)now_ns(CLOCK_REALTIME);
	}
	/* Its monitor is about to plan the restart: called exited until then, `rm` would take it away. */
	bool returns = container_returns(c) && process_id_alive(&c->monitor);
	c->status = returns ? CONTAINER_RESTARTING : CONTAINER_EXITED;
	c->init = (struct process_id){ 0 };
	c->stale = true;
}

const char *container_boot_id(void)
{
	static char id[40];
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	if (!id[0] && file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &b, &ignored) >= 0)
		snprintf(id, sizeof(id), "%.36s", b.data);
	return id;
}

static int load_record(struct engine *e, struct container *c, struct mc_err *err)
{
	_cleanup_free_ char *path = container_path(e, c->id, "container.json");
	int rc = json_parse_record(AT_FDCWD, path, CONTAINER_RECORD_MAX, &c->doc, err);
	return rc < 0 ? rc : parse_record(c, err);
}

static int load_state(struct engine *e, struct container *c, struct mc_err *err)
{
	_cleanup_json_ struct json *state = NULL;
	_cleanup_free_ char *path = container_path(e, c->id, "state.json");
	struct mc_err why = { 0 };
	int rc = json_parse_record(AT_FDCWD, path, STATE_MAX, &state, &why);
	if (rc == -ENOENT) /* it never ran */
		return 0;
	if (rc < 0)
		*err = why;
	return rc < 0 ? rc : parse_state(c, state, err);
}

int container_load(struct engine *e, const char *id, struct container *ret, struct mc_err *err)
{
	*ret = (struct container){ 0 };
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	int rc = load_record(e, ret, err);
	if (rc >= 0)
		rc = load_state(e, ret, err);
	if (rc < 0) {
		container_release(ret);
		return err_wrap(err, "container %.12s", id);
	}
	compare_with_kernel(e, ret);
	return 0;
}

/* An empty record: every reader finds its parts, and nothing in them. */
static void make_blank(struct container *c)
{
	char id[CONTAINER_ID_LEN + 1];
	memcpy(id, c->id, sizeof(id));
	container_release(c);
	memcpy(c->id, id, sizeof(id));
	c->doc = json_new_object();
	c->image = xstrdup("");
	c->image_id = xstrdup("");
	c->config = json_sub(c->doc, "Config");
	c->host = json_sub(c->doc, "HostConfig");
}

int container_load_damaged(struct engine *e, const char *id, struct container *ret, struct mc_err *err)
{
	struct mc_err why = { 0 }, ignored = { 0 };
	_cleanup_free_ char *record = container_path(e, id, "container.json");
	int rc = container_load(e, id, ret, &why);
	if (rc >= 0)
		return 0;
	if (!path_exists(AT_FDCWD, record)) {
		*err = why;
		return rc;
	}
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	if (load_record(e, ret, &ignored) < 0)
		make_blank(ret);
	if (!ret->name)
		ret->name = name_of_id(e, id);
	load_state(e, ret, &ignored);
	compare_with_kernel(e, ret);
	free(ret->error);
	ret->error = xstrdup(why.what);
	ret->damaged = true;
	if (!container_is_active(ret))
		ret->status = CONTAINER_DEAD;
	return 0;
}

/* --- finding --- */

static bool is_hex(const char *s) { return *s && s[strspn(s, "0123456789abcdef")] == '\0'; }

/* The one directory in containers/ that begins with prefix. 0 none, 1 found, -EEXIST several. */
static int find_prefix(
	struct engine *e, const char *prefix, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err)
{
	_cleanup_strv_ char **ids = NULL;
	int found = 0, rc = dir_list(e->dir, "containers", &ids, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; ids[i]; i++)
		if (str_starts(ids[i], prefix) && strlen(ids[i]) == CONTAINER_ID_LEN) {
			snprintf(ret_id, CONTAINER_ID_LEN + 1, "%s", ids[i]);
			found++;
		}
	if (found > 1)
		return err_set(err, EEXIST, "Multiple IDs found with provided prefix: %s", prefix);
	return found;
}

int container_find_id(
	struct engine *e, const char *name, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err)
{
	/* docker's own names begin with a slash */
	const char *plain = *name == '/' ? name + 1 : name;
	int rc = name_lookup(e, plain, ret_id);
	if (rc <= 0 && is_hex(plain))
		rc = find_prefix(e, plain, ret_id, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *record = rc ? container_path(e, ret_id, "container.json") : NULL;
	if (rc && path_exists(AT_FDCWD, record))
		return 0;
	return err_set(err, ENOENT, "No such container: %s", plain);
}

int container_find(struct engine *e, const char *name, struct container *ret, struct mc_err *err)
{
	char id[CONTAINER_ID_LEN + 1];
	struct mc_err why = { 0 };
	int rc = container_find_id(e, name, id, err);
	if (rc < 0)
		return rc;
	rc = container_load(e, id, ret, &why);
	if (rc >= 0)
		return 0;
	/* Removed between the two. */
	if (rc == -ENOENT)
		return err_set(err, ENOENT, "No such container: %s", name);
	*err = why;
	return err_hint(err, "its record is damaged; minictr rm -f %s removes it", name);
}

static int newest_first(const void *a, const void *b)
{
	const struct container *x = a, *y = b;
	return x->created == y->created ? strcmp(x->id, y->id) : x->created < y->created ? 1 : -1;
}

int container_list(struct engine *e, struct container_list *ret, struct mc_err *err)
{
	*ret = (struct container_list){ 0 };
	_cleanup_strv_ char **ids = NULL;
	int rc = dir_list(e->dir, "containers", &ids, err);
	if (rc < 0)
		return rc;
	ret->items = xcalloc(strv_len(ids) + 1, sizeof(struct container));
	for (size_t i = 0; ids[i]; i++) {
		struct mc_err ignored = { 0 }; /* one being made or removed right now */
		if (strlen(ids[i]) == CONTAINER_ID_LEN &&
			container_load_damaged(e, ids[i], &ret->items[ret->count], &ignored) >= 0)
			ret->count++;
	}
	qsort(ret->items, ret->count, sizeof(struct container), newest_first);
	return 0;
}

void container_release(struct container *c)
{
	json_free(c->doc);
	free(c->name);
	free(c->image);
	free(c->image_id);
	free(c->error);
	free(c->health);
	json_free(c->net);
	*c = (struct container){ 0 };
}

void container_list_release(struct container_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		container_release(&l->items[i]);
	free(l->items);
	*l = (struct container_list){ 0 };
}

bool container_is_active(const struct container *c)
{
	return c->status == CONTAINER_RUNNING || c->status == CONTAINER_PAUSED ||
	       c->status == CONTAINER_RESTARTING;
}

char *container_cgroup(const struct engine *e, const struct container *c)
{
	const char *parent = json_text_of(json_member(c->host, "CgroupParent"));
	if (!parent || !*parent || e->systemd) /* systemd makes the slices of users */
		return engine_cgroup_path(e, c->id);
	return xasprintf("%s%s/%s", *parent == '/' ? "" : "/", parent, c->id);
}

bool container_flag(const struct json *part, const char *key)
{
	bool value = false;
	struct mc_err ignored = { 0 };
	json_get_bool(part, &value, &ignored, "%s", key);
	return value;
}

const char *container_label(const struct container *c, const char *key)
{
	return json_text_of(json_member(json_member(c->config, "Labels"), key));
}

/* --- writing; the lock is held --- */

int container_lock(struct engine *e, const char *id, struct mc_err *err)
{
	_cleanup_free_ char *run = engine_run_path(e, id);
	_cleanup_free_ char *path = xasprintf("%s/lock", run);
	_cleanup_free_ char *dir = xasprintf("containers/%s", id);
	int rc = dir_make(AT_FDCWD, run, 0700, err);
	_cleanup_close_ int lock = rc < 0 ? rc : file_lock(AT_FDCWD, path, true, err);
	if (lock < 0 || path_exists(e->dir, dir))
		return lock < 0 ? lock : take_fd(&lock);
	/* removed while we waited, or before: only our own lock file is left, and it goes, too */
	unlink(path);
	rmdir(run);
	return err_set(err, ENOENT, "No such container: %s", id);
}

int container_save(struct engine *e, const struct container *c, struct mc_err *err)
{
	_cleanup_free_ char *path = container_path(e, c->id, "container.json");
	json_set_string(c->doc, "Name", c->name);
	json_set_string(c->doc, "Image", c->image);
	json_set_string(c->doc, "ImageID", c->image_id);
	json_set_i64(c->doc, "Created", c->created);
	/* what --rm made is worth no wait for the disk */
	int flags = container_flag(c->host, "AutoRemove") ? 0 : FILE_SYNC;
	int rc = json_write_limited(AT_FDCWD, path, c->doc, CONTAINER_RECORD_MAX, 0600, flags, err);
	return rc == -EFBIG ? err_hint(err, "fewer or shorter labels, variables or arguments") : rc;
}

static void set_process(struct json *doc, const char *key, const struct process_id *p)
{
	struct json *o = json_sub(doc, key);
	json_set_i64(o, "Pid", p->pid);
	json_set_u64(o, "StartTime", p->start);
}

int container_save_state(struct engine *e, const struct container *c, struct mc_err *err)
{
	_cleanup_free_ char *path = container_path(e, c->id, "state.json");
	_cleanup_json_ struct json *doc = json_new_object();
	json_set_string(doc, "Status", container_status_name(c->status));
	set_process(doc, "Init", &c->init);
	set_process(doc, "Monitor", &c->monitor);
	json_set_i64(doc, "ExitCode", c->exit_code);
	json_set_bool(doc, "OOMKilled", c->oom_killed);
	json_set_bool(doc, "StoppedByUser", c->stopped_by_user);
	json_set_i64(doc, "KillAt", c->kill_at);
	json_set_i64(doc, "StartedAt", c->started);
	json_set_i64(doc, "FinishedAt", c->finished);
	json_set_u64(doc, "RestartCount", c->restart_count);
	json_set_u64(doc, "Backoff", c->backoff);
	json_set_string(doc, "Error", c->error);
	json_set_string(doc, "BootID", c->boot_id);
	json_set_string(doc, "Health", c->health);
	if (c->net)
		json_set(doc, "Network", json_copy(c->net));
	/* No fsync: a crash of the machine kills the container too, and the boot id then tells. */
	return json_write_limited(AT_FDCWD, path, doc, STATE_MAX, 0600, 0, err);
}
