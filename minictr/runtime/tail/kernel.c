/*
 * tail/kernel.c - time offsets, propagation of the root, the session keyring; what surrounds the clone.
 *
 * Kernel objects: /proc/self/timens_offsets (time_namespaces(7)): can be written only while the namespace has
 * no process, so the parent first makes one for its children; the container's own, made by clone3, starts
 * with a copy of its offsets. keyctl(2): without its own session keyring a container would use its starter's
 * keys.
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/sys.h"
#include "runtime/caps.h"
#include "base/warn.h"
#include "runtime/mounts.h"

static int write_offset(const struct json *offsets, const char *clock, struct mc_err *err)
{
	char text[96];
	int64_t seconds = 0;
	uint32_t nanoseconds = 0;
	const struct json *one = json_member(offsets, clock);
	if (!one)
		return 0;
	if (json_get_i64(one, &seconds, err, "secs") < 0 ||
		json_get_u32(one, &nanoseconds, err, "nanosecs") < 0)
		return err_wrap(err, "linux.timeOffsets.%s", clock);
	snprintf(text, sizeof(text), "%s %lld %u", clock, (long long)seconds, nanoseconds);
	return sys_write_file(AT_FDCWD, "/proc/self/timens_offsets", text, err);
}

/* Without a name: any process of the user that knows a name may join the keyring. The child inherits it. */
static int new_keyring(struct mc_err *err)
{
	if (getenv("MINICTR_NO_KEYRING")) /* --no-new-keyring */
		return 0;
	long key = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	/*
	 * ENOSYS, EPERM: no keys in the kernel, or a filter around us; EDQUOT: too many. A warning is enough.
	 */
	if (key < 0 && errno != ENOSYS && errno != EPERM && errno != EDQUOT)
		return err_sys(err, "keyctl(KEYCTL_JOIN_SESSION_KEYRING)");
	if (key < 0 && errno == EDQUOT)
		warn_user("the container shares our session keyring: no more keys allowed "
			  "(/proc/sys/kernel/keys/maxkeys)");
	return 0;
}

/* Warns of a capability that is unknown or that we lack, and leaves it out (config.md, "Linux Process"). */
static void tell_of_capabilities(const struct config *c)
{
	static const char *const sets[] = { "bounding", "permitted", "effective", "inheritable", "ambient" };
	const struct json *caps = json_at(c->doc, "process.capabilities");
	uint64_t possible = config_has_new(c, NS_USER) ? caps_known() : caps_own(), told = 0;
	for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
		const struct json *list = json_member(caps, sets[s]);
		for (size_t i = 0; i < json_len(list); i++) {
			const char *name = json_text_of(json_item(list, i));
			int number = name ? cap_number(name) : -1;
			if (number < 0)
				warn_user("process.capabilities.%s: %s is unknown and left out", sets[s],
					name ? name : "?");
			else if (!((possible | told) >> number & 1))
				warn_user("process.capabilities: %s is left out: the runtime does not have "
					  "it itself",
					name);
			if (number >= 0)
				told |= 1ULL << number;
		}
	}
}

int tail_before_clone(const struct config *c, struct mc_err *err)
{
	struct json_iter it = { 0 };
	tell_of_capabilities(c);
	const struct process_tail *p = c->has_process ? c->process.tail : NULL;
	if (p)
		stdio_give(c, &c->process);
	int rc = tail_labels(p ? p->apparmor : NULL, p ? p->selinux : NULL, err);
	if (rc >= 0)
		rc = labels_of_mounts(c->tail->mount_label, err);
	if (rc < 0 || (rc = sysctls_look(c, err)) < 0 || (rc = new_keyring(err)) < 0)
		return rc;
	if (!c->tail->time_offsets)
		return 0;
	rc = sys_unshare(CLONE_NEWTIME, err);
	while (rc >= 0 && json_next(c->tail->time_offsets, &it))
		rc = write_offset(c->tail->time_offsets, it.key, err);
	return rc < 0 ? err_wrap(err, "linux.timeOffsets") : 0;
}

/*
 * Two reasons to clone the root here, before init could make it. "slave" means: what the host mounts below
 * the root later appears inside. When the child has its root, all mounts around it are private, so we set
 * this here, on a clone that is still a peer of the host's mount. And where only we can clone the source of a
 * bind, the root must be older than that clone (mounts.c). "shared" needs no link to the host: it makes a new
 * peer group (tail_after_pivot()).
 */
int tail_root(const struct config *c, int *ret_fd, struct mc_err *err)
{
	const char *word = c->rootfs_propagation;
	bool slave = str_eq(word, "slave") || str_eq(word, "rslave");
	struct mc_err refused = { 0 };
	struct stat st;
	if (stat(c->root_path, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(
			err, ENOTDIR, "config.json: root.path: there is no directory %s", c->root_path);
	if (!slave && !mounts_want_root_first(c))
		return 0;
	_cleanup_close_ int tree = sys_open_tree(
		AT_FDCWD, c->root_path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE, &refused);
	if (tree == -EPERM) /* without root there is nothing of the host's to follow */
		return 0;
	if (tree < 0) {
		*err = refused;
		return err_wrap(err, "root.path");
	}
	/* The whole tree, also for "slave": a mount below that stays the host's peer would send ours out. */
	struct mount_attr links = { .propagation = slave ? MS_SLAVE : MS_PRIVATE };
	int rc = sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &links, err);
	if (rc < 0)
		return err_wrap(err, "linux.rootfsPropagation %s", word ? word : "private");
	*ret_fd = take_fd(&tree);
	return 0;
}

int tail_after_clone(const struct config *c, pid_t pid, struct mc_err *err)
{
	int rc = 0;
	if (c->tail->time_offsets) { /* our own later children (hooks) live in our time again */
		_cleanup_close_ int own = sys_open(AT_FDCWD, "/proc/self/ns/time", O_RDONLY, 0, err);
		struct mc_err refused = { 0 };
		if (own < 0)
			return own;
		/* An unprivileged user may not join the host's: then the hooks see the container's time. */
		if ((rc = sys_setns(own, CLONE_NEWTIME, &refused)) < 0 && rc != -EPERM) {
			*err = refused;
			return rc;
		}
	}
	return c->has_process ? tail_adjust(&c->process, pid, err) : 0;
}

int tail_after_pivot(const struct config *c, struct mc_err *err)
{
	static const struct {
		const char *word;
		unsigned long flags;
	} words[] = { { "private", MS_PRIVATE }, { "rprivate", MS_PRIVATE | MS_REC }, { "slave", MS_SLAVE },
		{ "rslave", MS_SLAVE | MS_REC }, { "shared", MS_SHARED }, { "rshared", MS_SHARED | MS_REC },
		{ "unbindable", MS_UNBINDABLE }, { "runbindable", MS_UNBINDABLE | MS_REC } };
	for (size_t i = 0; c->rootfs_propagation && i < ARRAY_LEN(words); i++)
		if (str_eq(c->rootfs_propagation, words[i].word))
			return sys_mount(NULL, "/", NULL, words[i].flags, NULL, err);
	return 0;
}

int tail_exec(const struct config *c, const struct config_process *p, const char *state, int *ret_keep,
	struct mc_err *err)
{
	static char *kept; /* the listener's message is made in the child */
	stdio_give(c, p);
	int rc = tail_labels(p->tail->apparmor, p->tail->selinux, err);
	if (rc < 0 || (rc = new_keyring(err)) < 0 || (rc = tail_adjust(p, getpid(), err)) < 0 ||
		(rc = affinity_initial(p, err)) < 0)
		return rc;
	free(kept);
	kept = xstrdup(state);
	listener_remember(kept);
	return listener_connect(c, ret_keep, err);
}
