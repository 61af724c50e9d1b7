/*
 * run_mounts.c - RUN --mount=type=bind|cache|tmpfs|secret|ssh, made ready for one container.
 *
 * Kernel objects and man pages: open_tree(2), fsmount(2): a source is a detached mount; the keeper
 * attaches it below the bundle in a mount namespace of its own, where the OCI runtime finds it by path.
 * The host's table of mounts never changes. flock(2) for caches that are not shared. Order and why: caches
 * are locked in the order of their ids, so that two steps that want the same two cannot each hold one;
 * what a bind shows is what its key says: files that .dockerignore names are not in it.
 */
#include "build/run_mounts.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/warn.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

/* --- the key --- */

static int key_bind(struct build *b, const struct run_mount *m, struct key *k, struct mc_err *err)
{
	/* its content as a COPY of the same files would have it */
	char *words[] = { m->source ? m->source : (char *)".", m->target, NULL };
	struct flag from = { .name = (char *)"from", .value = m->from };
	struct instruction copy = { .kind = DO_COPY,
		.name = "COPY",
		.line = (char *)"--mount=type=bind",
		.words = words,
		.n_words = 2,
		.flags = &from,
		.n_flags = m->from ? 1 : 0 };
	return copy_key(b, &copy, k, err);
}

int run_mounts_key(const struct build *b, const struct instruction *i, struct key *k, struct mc_err *err)
{
	struct run_mount *list;
	size_t n;
	int rc = run_mount_list(&b->config, i, &list, &n, err);
	for (size_t m = 0; rc >= 0 && m < n; m++) {
		char type[2] = { (char)('0' + list[m].type), '\0' };
		key_add(k, "mount", type);
		key_add(k, "mount target", list[m].target);
		key_add(k, "mount variable", list[m].env);
		key_add(k, "mount writable", list[m].writable ? "yes" : "no");
		if (list[m].type == RUN_BIND)
			rc = key_bind((struct build *)b, &list[m], k, err);
	}
	run_mount_list_free(list, n);
	return rc;
}

/* --- entries of config.json --- */

static void add_entry(
	struct run_mounts *ms, const char *target, const char *type, const char *source, const char *words)
{
	struct json *e = json_add(ms->entries, json_new_object());
	_cleanup_strv_ char **options = NULL;
	_cleanup_free_ char *copy = xstrdup(words);
	char *save = NULL;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		strv_push(&options, w);
	json_set_string(e, "destination", target);
	json_set_string(e, "type", type);
	json_set_string(e, "source", source);
	json_set_strv(e, "options", options);
}

/* The keeper attaches fd (which is ours to close) at bundle/mN; returns that path, owned by the caller. */
static char *attach_later(struct run_mounts *ms, int fd, struct mc_err *err)
{
	char *path = xasprintf("%s/m%zu", ms->bundle, ms->n_attach);
	ms->attach = xrealloc(ms->attach, (ms->n_attach + 1) * sizeof(*ms->attach));
	ms->attach[ms->n_attach++] = (struct keeper_mount){ .fd = fd, .path = xstrdup(path) };
	if (dir_make(AT_FDCWD, path, 0755, err) >= 0)
		return path;
	free(path);
	return NULL;
}

/* --- bind --- */

static char *temp_name(struct build *b, const char *suffix)
{
	return xasprintf("%zu.%d.%s", b->index, b->n_uppers++, suffix);
}

/*
 * The files of the context that .dockerignore leaves, in a directory of ours: a bind of the real one would
 * show all.
 */
static int copy_context(struct build *b, const struct run_mount *m, char **ret_path, struct mc_err *err)
{
	_cleanup_free_ char *name = temp_name(b, "bind");
	_cleanup_source_tops_ struct source_tops tops = { 0 };
	struct copy_into c = { .has_owner = true };
	_cleanup_close_ int dir = dir_make_open(b->all->temp, name, 0755, err);
	c.root = dir;
	int rc = dir < 0 ? dir
			 : source_select(
				   &b->all->context.tree, m->source ? m->source : ".", false, &tops, err);
	for (size_t i = 0; rc >= 0 && i < tops.n; i++) {
		const char *slash = strrchr(tops.list[i].real, '/');
		_cleanup_free_ char *to =
			tops.list[i].is_dir ? xasprintf("/%s", tops.list[i].real)
					    : xasprintf("/%.*s", slash ? (int)(slash - tops.list[i].real) : 0,
						      tops.list[i].real);
		rc = copy_top(&c, &b->all->context.tree, &tops.list[i], NULL, to, true, err);
	}
	copy_into_release(&c);
	*ret_path = xasprintf("%s/%s", b->all->temp_path, name);
	return rc;
}

/* The directories that the bind's tree is made of, top first. Caller strv_free()s. */
static int lower_of(struct build *b, const struct run_mount *m, char ***ret, struct mc_err *err)
{
	struct from_source f;
	_cleanup_free_ char *copy = NULL;
	*ret = NULL;
	if (!m->from) {
		if (b->all->context.dir < 0)
			return err_set(err, ENOENT, "--mount=type=bind: there is no build context");
		bool direct = *b->all->context.path && !b->all->context.ignore.n;
		int rc = direct ? 0 : copy_context(b, m, &copy, err);
		strv_push(ret, direct ? b->all->context.path : copy);
		return rc;
	}
	int rc = from_find(b, m->from, &f, err);
	if (rc >= 0 && f.stage)
		*ret = build_lower(f.stage, NULL);
	else if (rc >= 0 && f.context)
		strv_push(ret, f.context->path);
	else if (rc >= 0)
		rc = image_layers(b->all->store, f.image, NULL, ret, err);
	from_release(&f);
	return rc;
}

/*
 * One directory that is only read is a bind; anything else an overlay, whose upper directory is thrown
 * away.
 */
static int mount_lower(struct build *b, char **lower, bool writable, struct mc_err *err)
{
	struct layers l = { .lower = lower, .userxattr = overlay_needs_userxattr(), .is_volatile = true };
	if (writable) {
		_cleanup_free_ char *upper = temp_name(b, "rw"), *work = xasprintf("%s.work", upper);
		int rc = sys_mkdir(b->all->temp, upper, 0755, err);
		if (rc >= 0)
			rc = sys_mkdir(b->all->temp, work, 0700, err);
		if (rc < 0)
			return rc;
		l.upper = xasprintf("%s/%s", b->all->temp_path, upper);
		l.work = xasprintf("%s/%s", b->all->temp_path, work);
	}
	int fd = build_mount(&l, err);
	free(l.upper);
	free(l.work);
	return fd;
}

/* source inside the mounted tree, links followed inside it; as a path without links. */
static int resolve_source(int root, const char *source, char **ret, struct stat *ret_st, struct mc_err *err)
{
	_cleanup_close_ int fd = file_open_beneath(root, source, O_PATH, 0, err);
	if (fd < 0)
		return err_wrap(err, "--mount=type=bind,source=%s", source);
	if (fstat(fd, ret_st) < 0)
		return err_sys(err, "stat %s", source);
	_cleanup_free_ char *top = fd_path(root), *path = fd_path(fd);
	size_t n = str_eq(top, "/") ? 0 : strlen(top);
	*ret = xstrdup(strncmp(path, top, n) == 0 ? path + n : path);
	return 0;
}

static int add_bind(struct build *b, struct run_mount *m, struct run_mounts *ms, struct mc_err *err)
{
	struct stat st;
	_cleanup_strv_ char **lower = NULL;
	_cleanup_free_ char *real = NULL;
	int rc = lower_of(b, m, &lower, err);
	int fd = rc < 0 ? rc : mount_lower(b, lower, m->writable, err);
	if (fd < 0)
		return fd;
	_cleanup_free_ char *path = attach_later(ms, fd, err);
	rc = path ? resolve_source(fd, m->source ? m->source : ".", &real, &st, err) : -err->code;
	if (rc < 0)
		return rc;
	m->is_file = !S_ISDIR(st.st_mode);
	_cleanup_free_ char *source = xasprintf("%s%s", path, real);
	add_entry(ms, m->target, "bind", source, m->writable ? "rbind,rprivate" : "rbind,rprivate,ro");
	return 0;
}

/* --- cache --- */

static int wait_lock(struct build *b, const char *path, struct mc_err *err)
{
	for (;;) {
		int fd = file_lock(b->all->dir, path, false, err);
		if (fd >= 0 || err->code != EWOULDBLOCK)
			return fd;
		if (build_canceled())
			return err_set(err, ECANCELED, "canceled");
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
}

/* private: the first directory of this id that no other step has. *ret_name: caller's. */
static int lock_cache(struct build *b, const struct run_mount *m, char **ret_name, struct mc_err *err)
{
	uint64_t id = fnv1a(m->id, strlen(m->id));
	for (unsigned n = 0;; n++) {
		free(*ret_name);
		*ret_name = n ? xasprintf("caches/%016llx-%u", (unsigned long long)id, n)
			      : xasprintf("caches/%016llx", (unsigned long long)id);
		_cleanup_free_ char *lock = xasprintf("%s.lock", *ret_name);
		if (m->sharing == SHARING_SHARED)
			return 0;
		int fd = m->sharing == SHARING_LOCKED ? wait_lock(b, lock, err)
						      : file_lock(b->all->dir, lock, false, err);
		if (fd >= 0 || err->code != EWOULDBLOCK)
			return fd;
	}
}

/* from=, source=: what a new cache holds at first. */
static int seed_cache(struct build *b, const struct run_mount *m, int dir, struct mc_err *err)
{
	struct from_source f;
	_cleanup_source_tops_ struct source_tops tops = { 0 };
	int rc = from_find(b, m->from, &f, err);
	_cleanup_close_ int view = rc < 0 ? rc : from_view(b, &f, err);
	struct source_tree tree = { .root = view, .what = m->from };
	struct copy_into c = { .root = dir, .keep_xattrs = true };
	rc = view < 0 ? view : source_select(&tree, m->source ? m->source : ".", false, &tops, err);
	for (size_t i = 0; rc >= 0 && i < tops.n; i++)
		rc = copy_top(&c, &tree, &tops.list[i], NULL, "/", true, err);
	copy_into_release(&c);
	from_release(&f);
	return rc;
}

static int make_cache(struct build *b, const struct run_mount *m, const char *name, struct mc_err *err)
{
	if (mkdirat(b->all->dir, name, 0700) < 0)
		return errno == EEXIST ? 0 : err_sys(err, "make cache directory for %s", m->id);
	_cleanup_close_ int dir = dir_open(b->all->dir, name, err);
	int rc = dir < 0 ? dir : m->from ? seed_cache(b, m, dir, err) : 0;
	if (rc >= 0 &&
		(fchown(dir, m->uid, m->gid) < 0 || fchmod(dir, m->has_mode ? m->mode & 07777 : 0755) < 0))
		rc = err_sys(err, "chmod cache directory for %s", m->id);
	return rc;
}

static int add_cache(struct build *b, const struct run_mount *m, struct run_mounts *ms, struct mc_err *err)
{
	_cleanup_free_ char *name = NULL;
	int rc = dir_make(b->all->dir, "caches", 0700, err);
	int lock = rc < 0 ? rc : lock_cache(b, m, &name, err);
	if (lock < 0)
		return lock;
	if (lock > 0) {
		ms->locks = xrealloc(ms->locks, (ms->n_locks + 1) * sizeof(int));
		ms->locks[ms->n_locks++] = lock;
	}
	rc = make_cache(b, m, name, err);
	_cleanup_free_ char *source = xasprintf("%s/build/%s", b->all->engine->root, name);
	if (rc >= 0)
		add_entry(
			ms, m->target, "bind", source, m->writable ? "rbind,rprivate" : "rbind,rprivate,ro");
	return rc;
}

/* --- secret, ssh, tmpfs --- */

static int secret_file(struct run_mounts *ms, const struct run_mount *m, const char *name,
	const struct buf *value, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", ms->bundle, name);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "create %s", path);
	int rc = file_write_all(fd, value->data ? value->data : "", value->len, err);
	if (rc >= 0 &&
		(fchown(fd, m->uid, m->gid) < 0 || fchmod(fd, m->has_mode ? m->mode & 0777 : 0400) < 0))
		rc = err_sys(err, "chmod %s", path);
	if (rc >= 0)
		add_entry(ms, m->target, "bind", path, "rbind,rprivate,ro,nosuid,nodev,noexec");
	return rc;
}

static int add_secret(
	struct build *b, struct run_mount *m, size_t n, struct run_mounts *ms, struct mc_err *err)
{
	_cleanup_buf_ struct buf value = { 0 };
	char name[32];
	int rc = run_secret_find(b->all, m->id, &value, err);
	if (rc == 0 && m->required) {
		err_set(err, ENOENT, "secret %s: not found", m->id);
		return err_hint(err, "give it: --secret id=%s,src=FILE", m->id);
	}
	m->absent = rc == 0;
	m->is_file = true;
	if (rc <= 0)
		return rc;
	if (value.len && strlen(value.data) == value.len)
		strv_push(&ms->hidden, value.data);
	/* a file usually ends in a newline, what a program prints of it does not */
	for (size_t len = value.len;
		len && ms->hidden && ms->hidden[strv_len(ms->hidden) - 1][len - 1] == '\n'; len--)
		ms->hidden[strv_len(ms->hidden) - 1][len - 1] = '\0';
	if (m->env)
		strv_pushf(&ms->env, "%s=%s", m->env, value.data ? value.data : "");
	snprintf(name, sizeof(name), "secret%zu", n);
	return m->target ? secret_file(ms, m, name, &value, err) : 0;
}

/* Only an agent that --ssh names: a Dockerfile of a stranger must not sign with the user's keys unasked. */
static int add_ssh(struct build *b, struct run_mount *m, size_t n, struct run_mounts *ms, struct mc_err *err)
{
	const char *id = m->id ?: "default", *socket_path = run_ssh_find(b->all, id);
	m->is_file = true;
	m->absent = !socket_path;
	if (m->absent && m->required) {
		err_set(err, ENOENT, "--mount=type=ssh: no agent \"%s\" is given to this build", id);
		return err_hint(err, "give it: --ssh %s", id);
	}
	if (m->absent)
		return 0;
	if (m->uid || m->gid || m->has_mode)
		warn_user("uid, gid and mode have no effect on --mount=type=ssh: the socket is the agent's "
			  "own");
	if (!m->target)
		m->target = xasprintf("/run/buildkit/ssh_agent.%zu", n);
	add_entry(ms, m->target, "bind", socket_path, "rbind,rprivate");
	strv_pushf(&ms->env, "SSH_AUTH_SOCK=%s", m->target);
	return 0;
}

static void add_tmpfs(const struct run_mount *m, struct run_mounts *ms)
{
	char words[96] = "nosuid,nodev";
	if (m->size)
		snprintf(words, sizeof(words), "nosuid,nodev,size=%llu", (unsigned long long)m->size);
	add_entry(ms, m->target, "tmpfs", "tmpfs", words);
}

/* RUN <<EOF whose body begins with #!: the body is a program. */
static int add_script(const struct instruction *i, struct run_mounts *ms, struct mc_err *err)
{
	const struct heredoc *h = run_script(i);
	struct run_mount m = { .has_mode = true, .mode = 0755 };
	if (!h)
		return 0;
	struct buf body = { .data = h->body, .len = strlen(h->body) };
	m.target = xasprintf("%s/%s", RUN_SCRIPT_DIR, h->name);
	_cleanup_free_ char *path = xasprintf("%s/script", ms->bundle);
	int rc = file_write_atomic(AT_FDCWD, path, body.data, body.len, 0755, 0, err);
	if (rc >= 0)
		add_entry(ms, m.target, "bind", path, "rbind,rprivate,ro");
	free(m.target);
	return rc;
}

/* --- together --- */

static int compare_ids(const void *a, const void *b)
{
	const struct run_mount *x = *(const struct run_mount *const *)a,
			       *y = *(const struct run_mount *const *)b;
	return strcmp(x->id ? x->id : "", y->id ? y->id : "");
}

static int add_caches(struct build *b, struct run_mounts *ms, struct mc_err *err)
{
	_cleanup_free_ struct run_mount **sorted = xcalloc(ms->n + 1, sizeof(*sorted));
	int rc = 0;
	for (size_t i = 0; i < ms->n; i++)
		sorted[i] = &ms->list[i];
	qsort(sorted, ms->n, sizeof(*sorted), compare_ids);
	for (size_t i = 0; rc >= 0 && i < ms->n; i++)
		if (sorted[i]->type == RUN_CACHE)
			rc = add_cache(b, sorted[i], ms, err);
	return rc;
}

int run_mounts_make(struct build *b, const struct instruction *i, const char *bundle, struct run_mounts *ret,
	struct mc_err *err)
{
	*ret = (struct run_mounts){ .bundle = bundle, .entries = json_new_array() };
	int rc = run_mount_list(&b->config, i, &ret->list, &ret->n, err);
	if (rc >= 0)
		rc = add_caches(b, ret, err);
	for (size_t n = 0; rc >= 0 && n < ret->n; n++) {
		struct run_mount *m = &ret->list[n];
		if (m->type == RUN_BIND)
			rc = add_bind(b, m, ret, err);
		else if (m->type == RUN_SECRET)
			rc = add_secret(b, m, n, ret, err);
		else if (m->type == RUN_SSH)
			rc = add_ssh(b, m, n, ret, err);
		else if (m->type == RUN_TMPFS)
			add_tmpfs(m, ret);
	}
	return rc < 0 ? rc : add_script(i, ret, err);
}

int run_mounts_add(const struct run_mounts *m, struct json *doc, struct mc_err *err)
{
	struct json *all = (struct json *)json_member(doc, "mounts");
	_cleanup_strv_ char **env = NULL;
	for (size_t i = 0; i < json_len(m->entries); i++)
		json_add(all, json_copy(json_item(m->entries, i)));
	if (!m->env)
		return 0;
	int rc = json_get_strv(doc, &env, err, "process.env");
	for (size_t i = 0; rc >= 0 && m->env[i]; i++)
		strv_env_set(&env, m->env[i]);
	json_set_strv(json_sub(doc, "process"), "env", env);
	return rc < 0 ? rc : 0;
}

void run_mounts_end(struct run_mounts *m)
{
	for (size_t i = 0; i < m->n_attach; i++) {
		close_fd(m->attach[i].fd);
		free(m->attach[i].path);
	}
	for (size_t i = 0; i < m->n_locks; i++)
		close_fd(m->locks[i]);
	free(m->attach);
	free(m->locks);
	json_free(m->entries);
	strv_free(m->env);
	strv_free(m->hidden);
	run_mount_list_free(m->list, m->n);
	*m = (struct run_mounts){ 0 };
}
