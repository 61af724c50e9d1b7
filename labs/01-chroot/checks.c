/*
 * checks.c - lab 01: mountinfo, inodes of root and cwd, and an escape that must fail.
 *
 * The learner's functions are called by drive.c in mount namespaces of its own, inside the crash box.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { FD_SHOWN = 50 };

/* A known cause of a failure: the drive program's errno, and a word in the function's message. */
struct cause {
	int code;
	const char *word, *misread;
};

/*
 * Waits until the drive program has become `probe hold`. When it ends instead the check fails, with the
 * misconception of the first known cause that fits.
 */
static pid_t held(struct check *c, struct run *r, const char *what, const struct cause *known)
{
	for (unsigned waited = 0; waited < 4000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return r->pid;
		if (box_wait(r, 10))
			break;
	}
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 4 seconds");
	while (known && known->code && (known->code != r->code || !strstr(r->out, known->word)))
		known++;
	check_fail(c, known && known->code ? known->misread : NULL, check_text(c, "%s succeeds", what), "%s",
		run_failure(r));
}

static void fails_with(
	struct check *c, struct box *b, int want, const char *what, const char *verb, const char *dir)
{
	struct run *r = box_run(b, RUN(DRIVE, verb, dir, "x", "x"));

	check_that(c, r->code == want, r->code == 0 ? "M-ANY-IGNORED" : NULL,
		check_text(c, "the error %s (%s)", what, errno_name(want)), "%s", run_failure(r));
}

static void same_place(struct check *c, pid_t pid, const char *link, uint64_t ino, uint64_t dev,
	const char *misread, const char *expected)
{
	uint64_t got_dev = 0, got = ev_inode(c, pid, link, &got_dev);

	check_that(c, got == ino && got_dev == dev, misread, expected,
		"another directory (inode %llu, wanted %llu)", (unsigned long long)got,
		(unsigned long long)ino);
}

/* A root file system on a tmpfs of its own, which mountinfo names planted-WORD; a second one is mounted on /sub. */
static char *planted_root(struct check *c, struct box *b, char **ret_name)
{
	char *dir = check_text(c, "/work/%s", check_word(c)),
	     *name = check_text(c, "planted-%s", check_word(c));

	box_mkdir(b, dir, 0755);
	box_mount(b, name, dir, "tmpfs", 0, "size=8m");
	box_rootfs(b, dir, 0);
	box_mkdir(b, check_text(c, "%s/sub", dir), 0755);
	box_mount(b, name, check_text(c, "%s/sub", dir), "tmpfs", 0, "size=1m");
	box_write(b, check_text(c, "%s/sub/inner", dir), "inner", 0644);
	*ret_name = name;
	return dir;
}

/* --- 01.1 --- */

static void check_chroot(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *dir = check_text(c, "/work/%s", check_word(c)), *word = check_word(c);
	char *proof = check_text(c, "/work/outside-%s", check_word(c));
	uint64_t dev = 0;

	box_rootfs(b, dir, 0);
	box_write(b, proof, "outside", 0644);
	uint64_t ino = box_inode(b, dir, &dev);
	struct run *r = box_start(b, RUN(DRIVE, "chroot", dir, word));
	check_ran(c, "drive chroot %s %s", dir, word);
	check_descriptors(c, "M-CHROOT-WALL");
	pid_t pid = held(c, r, "rootfs_chroot", (struct cause[]){ { ENOENT, "chdir", "M-CHROOT-NAME" }, { 0 } });
	same_place(c, pid, "root", ino, dev, NULL, check_text(c, "its root directory is %s", dir));
	same_place(c, pid, "cwd", ino, dev, "M-CHROOT-CWD", "its current directory lies inside the new root");
	box_kill(r, SIGKILL);
	fails_with(c, b, ENOENT, "for a directory that does not exist", "chroot-missing", "/work/none");

	static const int calls[] = { SYS_chroot, SYS_chdir, SYS_fchdir, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "chroot", dir, word);
	r = box_run(b, RUN(DRIVE, "chroot-escape", dir, proof + 1));
	if (r->code == 0)
		check_note(c, "and then it escaped and saw a file outside: chroot is a pointer, not a wall%s",
			check_predicted(c) == 'y' ? "; you predicted that" : "");
	box_expect_empty(b, NULL);
}

/* --- 01.2 --- */

static void check_private(struct check *c)
{
	struct box *b = box_open(c, &(struct box_options){ .shared = true });
	char *dir = check_text(c, "/work/%s", check_word(c)), *word = check_word(c);

	box_mkdir(b, dir, 0755);
	/* A name that mountinfo spells in another way ("a\040name"). */
	char *blank = check_text(c, "/work/%s with blanks", check_word(c));
	box_mkdir(b, blank, 0755);
	box_mount(b, "blank", blank, "tmpfs", 0, "size=64k");
	struct run *r = box_start(b, RUN(DRIVE, "private", dir, word));
	check_ran(c, "drive private %s %s", dir, word);
	pid_t pid = held(c, r, "rootfs_make_private", NULL);
	struct mounts m = ev_mounts(c, pid);
	size_t shared = 0;
	const struct mount_line *root = mounts_at(&m, "/"), *first = NULL;
	for (size_t i = 0; i < m.n; i++)
		if (strstr(m.line[i].propagation, "shared:")) {
			shared++;
			first = first ? first : &m.line[i];
		}
	bool root_private = root && !strstr(root->propagation, "shared:");
	check_that(c, shared == 0, root_private ? "M-PRIVATE-REC" : "M-PRIVATE-NS",
		"no mount of the new namespace is shared", "%zu are, the first is %s (%s)", shared,
		first ? first->point : "", first ? first->propagation : "");
	size_t slaves = 0;
	for (size_t i = 0; i < m.n; i++)
		slaves += strstr(m.line[i].propagation, "master:") != NULL;
	check_that(c, slaves == 0, "M-PRIVATE-SLAVE",
		"no mount of the new namespace receives the host's mounts (slave)", "%zu do", slaves);
	for (size_t i = 0; i < m.n; i++)
		check_that(c, !strstr(m.line[i].propagation, "unbindable"), "M-PRIVATE-UNBINDABLE",
			"every mount can still be bound (01.3 binds one)", "%s is unbindable", m.line[i].point);
	check_that(c, mounts_at(&m, dir) != NULL, NULL, "a mount made inside is there", "it is not");
	char **line = ev_cmdline(c, pid);
	check_that(c, strv_len(line) < 3 || str_eq(line[2], word), "M-PRIVATE-ANOTHER",
		"the process is in the mount namespace it was in", "it is in another one");
	char *later = check_text(c, "/work/later-%s", check_word(c));
	box_mkdir(b, later, 0755);
	box_mount(b, "later", later, "tmpfs", 0, "size=64k");
	m = ev_mounts(c, pid);
	check_that(c, !mounts_at(&m, later), "M-PRIVATE-SLAVE",
		"a mount made on the host later does not appear inside", "%s is there", later);
	pid_t outside = 0;
	struct run *watch = box_start(b, RUN("/lab/probe", "hold", "watch"));
	outside = probe_wait(b, watch, "watch", 3000);
	struct mounts host = ev_mounts(c, outside);
	const struct mount_line *leak = mounts_at(&host, dir);
	check_that(c, !leak || !str_eq(leak->source, "planted"), "M-PRIVATE-NS",
		"a mount made inside is not on the host", "%s", leak ? leak->text : "");
	box_kill(watch, SIGKILL);
	box_kill(r, SIGKILL);
	fails_with(c, b, EPERM, "for a process without the right to mount", "private-nocaps", dir);
	static const int calls[] = { SYS_mount, OR(SYS_mount_setattr), -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "private", dir, word);
	box_expect_empty(b, NULL);
}

/* --- 01.3 --- */

static void check_bind(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = NULL, *top = planted_root(c, b, &name), *word = check_word(c);
	/* A plain directory, with something mounted below it. */
	char *dir = check_text(c, "/work/%s", check_word(c)), *sub = check_text(c, "%s/deep", dir);
	int under = 0;

	(void)top;
	box_mkdir(b, dir, 0755);
	box_mkdir(b, sub, 0755);
	box_mount(b, name, sub, "tmpfs", 0, "size=1m");
	struct run *r = box_start(b, RUN(DRIVE, "bind", dir, word));
	check_ran(c, "drive bind %s %s", dir, word);
	pid_t pid = held(c, r, "rootfs_bind_self",
		(struct cause[]){ { EINVAL, "mount(", "M-BIND-FLAG" }, { 0 } });
	struct mounts m = ev_mounts(c, pid);
	const struct mount_line *self = mounts_at(&m, dir);
	check_that(c, self != NULL, "M-BIND-NONE", check_text(c, "%s is a mount point", dir),
		"it is a plain directory: no line of mountinfo ends there");
	check_that(c, !mount_has(self, "ro"), "M-BIND-FLAGS", "the new mount is like the directory: writable",
		"its flags are %s", self->options);
	for (size_t i = 0; i < m.n; i++)
		under += m.line[i].parent == self->id && str_eq(m.line[i].point, sub);
	check_that(c, under > 0, "M-BIND-REC", check_text(c, "what is mounted on %s came along", sub),
		"below the new mount there is nothing");
	char *info = ev_file(c, pid, check_text(c, "fdinfo/%d", (int)FD_SHOWN));
	const char *mnt = info ? strstr(info, "mnt_id:") : NULL;
	check_int(c, "M-BIND-FD", "the mount that the returned descriptor belongs to (its id in mountinfo)",
		self->id, mnt ? atoi(mnt + 7) : 0);
	box_kill(r, SIGKILL);
	fails_with(c, b, ENOENT, "for a directory that does not exist", "bind-missing", "/work/none");
	static const int calls[] = { SYS_mount, SYS_move_mount, SYS_open_tree, SYS_openat, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "bind", dir, word);
	box_expect_empty(b, NULL);
}

/* --- 01.4 --- */

static void check_pivot(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = NULL, *dir = planted_root(c, b, &name), *word = check_word(c);
	char *proof = check_text(c, "/work/host-%s", check_word(c));
	uint64_t dev = 0, ino = box_inode(b, dir, &dev);

	box_write(b, proof, "the host's", 0644);
	struct run *r = box_start(b, RUN(DRIVE, "pivot", dir, word));
	check_ran(c, "drive pivot %s %s", dir, word);
	check_descriptors(c, "M-PIVOT-FD");
	pid_t pid = held(c, r, "rootfs_pivot",
		(struct cause[]){ { EINVAL, "", "M-PIVOT-ORDER" }, { EBUSY, "umount", "M-PIVOT-BUSY" },
			{ ENOENT, "pivot_root", "M-PIVOT-PUTOLD" }, { RUN_NO_PROBE, "", "M-PIVOT-WHERE" },
			{ 0 } });
	struct mounts m = ev_mounts(c, pid);
	size_t foreign = 0;
	const struct mount_line *first = NULL;
	for (size_t i = 0; i < m.n; i++) {
		check_evidence(c, "%s\n", m.line[i].text);
		if (!str_eq(m.line[i].source, name)) {
			foreign++;
			first = first ? first : &m.line[i];
		}
	}
	check_that(c, foreign == 0, "M-PIVOT-OLD", "only the new root and what is mounted in it are left",
		"%zu mounts of the old root are left, the first: %s", foreign, first ? first->text : "");
	check_that(c, mounts_at(&m, "/sub") != NULL, NULL, "what was mounted in the new root is still there",
		"it is gone");
	same_place(c, pid, "root", ino, dev, NULL, check_text(c, "its root directory is what was %s", dir));
	same_place(c, pid, "cwd", ino, dev, "M-PIVOT-CWD", "its current directory lies in the new root");
	box_kill(r, SIGKILL);

	r = box_run(b, RUN(DRIVE, "pivot-escape", dir, proof + 1));
	check_that(c, r->code != 0, "M-PIVOT-CHROOT", "the escape that works against chroot fails",
		"it got out and found %s", proof);
	box_mkdir(b, "/work/plain", 0755);
	fails_with(c, b, EINVAL, "for a root that is no mount", "pivot-plain", "/work/plain");
	static const int calls[] = { SYS_pivot_root, SYS_umount2, SYS_chdir, SYS_fchdir, SYS_chroot,
		SYS_mount, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "pivot", dir, word);
	box_expect_empty(b, NULL);
}

/* --- 01.5 --- */

struct wanted {
	const char *item, *point, *type;
	const char *flags[4];
};

static const struct wanted wanted[] = {
	{ "proc,/proc,proc,14,", "/proc", "proc", { "nosuid", "nodev", "noexec" } },
	{ "%s,/dev,tmpfs,2,mode=755", "/dev", "tmpfs", { "nosuid" } }, /* %s: a planted name */
	{ "devpts,/dev/pts,devpts,10,newinstance", "/dev/pts", "devpts", { "nosuid", "noexec" } },
	{ "sysfs,/sys,sysfs,15,", "/sys", "sysfs", { "ro", "nosuid", "nodev", "noexec" } },
};

static void check_mounts(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = NULL, *dir = planted_root(c, b, &name), *word = check_word(c);
	char *away = check_text(c, "/work/away-%s", check_word(c)), *link = check_text(c, "%s/link", dir);
	char *file = check_text(c, "/etc/file-%s", check_word(c)),
	     *deep = check_text(c, "/a/%s/b", check_word(c));
	char *text = check_word(c), *dev_name = check_text(c, "dev-%s", check_word(c));

	box_mkdir(b, away, 0755); /* on the host, and the same name in the image */
	box_mkdir(b, check_text(c, "%s/work", dir), 0755);
	box_mkdir(b, check_text(c, "%s%s", dir, away), 0755);
	box_symlink(b, away, link); /* an image may hold any link: this one points at the host */
	box_write(b, "/work/source", text, 0644);
	box_mkdir(b, "/work/own", 0755); /* a file system that no other mount of the plan changes */
	box_mount(b, "own", "/work/own", "tmpfs", 0, "size=64k");
	box_write(b, "/work/own/source", text, 0644);
	box_mkdir(b, "/work/tree", 0755);
	box_mkdir(b, "/work/tree/deep", 0755);
	box_mount(b, "deep", "/work/tree/deep", "tmpfs", 0, "size=64k");
	struct run *r =
		box_start(b, RUN(DRIVE, "mount", dir, word, wanted[0].item,
				     check_text(c, "%s,/dev,tmpfs,2,mode=755", dev_name), wanted[2].item,
				     wanted[3].item, check_text(c, "/work/own/source,%s:,,4111,", file),
				     check_text(c, "none,%s,tmpfs,6,size=64k", deep),
				     "linked,/link,tmpfs,0,size=64k", "/work/tree,/tree,,20480,",
				     "/work/tree,/trees,,20482,", "/work/tree/deep,/quiet,,5122,"));
	check_ran(c, "drive mount %s %s '%s' ...", dir, word, wanted[0].item);
	pid_t pid = 0;
	for (int i = 0; i < 200 && !(pid = probe_find(b, word)) && !r->done; i++)
		box_wait(r, 20);
	/* Only the bind is remounted: EINVAL comes when the descriptor means the file below the mount. */
	bool below = r->done && r->code == EINVAL && r->out && strstr(r->out, file);
	bool kind = r->done && (r->code == ENOTDIR || r->code == EISDIR);
	check_that(c, pid != 0,
		below                              ? "M-MOUNT-FD"
		: kind                             ? "M-MOUNT-KIND"
		: r->done && r->code == ENOENT     ? "M-MOUNT-POINT"
						   : NULL,
		"every mount of the plan succeeds", "%s", run_failure(r));
	struct mounts m = ev_mounts(c, pid);
	for (size_t i = 0; i < m.n; i++)
		check_evidence(c, "%s\n", m.line[i].text);
	char *one =
		ev_read(c, pid, "/proc/1/cmdline"); /* "probe", NUL, "hold"; not the box's process 1 */
	check_that(c, one && str_eq(one, "probe") && str_eq(one + sizeof("probe"), "hold"), "M-MOUNT-PROC",
		"in /proc, process 1 is the container's program", "it is another one: %.40s",
		one ? one : "(nothing)");
	const struct mount_line *dev = mounts_at(&m, "/dev");
	check_that(c, dev && str_eq(dev->source, dev_name), "M-MOUNT-DEV",
		check_text(c, "/dev is a file system of its own, called %s", dev_name), "%s",
		dev ? dev->text : "nothing");
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct wanted *w = &wanted[i];
		const struct mount_line *line = mounts_at(&m, w->point);
		check_that(c, line != NULL, "M-MOUNT-PLACE", check_text(c, "%s is mounted", w->point),
			"nothing is mounted there");
		check_that(c, str_eq(line->type, w->type), "M-MOUNT-TYPE",
			check_text(c, "%s is a %s of its own", w->point, w->type), "%s", line->text);
		for (size_t k = 0; k < ARRAY_LEN(w->flags) && w->flags[k]; k++)
			check_that(c, mount_has(line, w->flags[k]), "M-MOUNT-FLAGS",
				check_text(c, "%s has the flag %s", w->point, w->flags[k]),
				"its flags are %s", line->options);
	}
	check_str(c, "M-MOUNT-PLACE", "a file bound over a file that did not exist", text, ev_read(c, pid, file));
	const struct mount_line *bind = mounts_at(&m, file);
	static const char *const all[] = { "ro", "nosuid", "nodev", "noexec" };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		check_that(c, bind && mount_has(bind, all[i]), "M-MOUNT-FLAGS",
			check_text(
				c, "a bind asked for as ro, nosuid, nodev, noexec has the flag %s", all[i]),
			"its flags are %s", bind ? bind->options : "(no mount)");
	check_that(c, !str_starts(bind->super, "ro"), "M-READONLY-SUPER",
		"only the bind is read-only, not the file system it comes from", "the file system is: %s",
		bind->text);
	const struct mount_line *tree = mounts_at(&m, "/tree/deep");
	check_that(c, tree != NULL, "M-MOUNT-REC",
		"a bind with MS_REC brings what is mounted below its source",
		"below /tree nothing is mounted");
	tree = mounts_at(&m, "/trees/deep");
	check_that(c, tree != NULL, "M-MOUNT-REC",
		"a bind with MS_REC and MS_NOSUID brings what is mounted below its source",
		"below /trees nothing is mounted");
	bind = mounts_at(&m, "/quiet");
	check_that(c, bind && mount_has(bind, "noatime") && mount_has(bind, "nosuid"), "M-MOUNT-FLAGS",
		"a bind asked for with MS_NOSUID and MS_NOATIME has the flags nosuid, noatime",
		"its flags are %s", bind ? bind->options : "(no mount)");
	bind = mounts_at(&m, deep);
	check_that(c, dev && strstr(dev->super, "mode=755") && (!bind || strstr(bind->super, "size=64k")),
		"M-MOUNT-DATA", "the data of the plan reaches the file system: mode=755 of /dev, size=64k",
		"/dev has %s, the other %s", dev ? dev->super : "", bind ? bind->super : "");
	check_that(c, mounts_at(&m, deep) != NULL, "M-MOUNT-PLACE", check_text(c, "%s was made and mounted on", deep),
		"it is not there");
	check_that(c, mounts_at(&m, away) != NULL, "M-MOUNT-LINK",
		"the image's link is followed inside the new root", "the mount is not at %s of the new root",
		away);
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);
	fails_with(c, b, ENODEV, "for a file system that does not exist", "mount-bad", dir);
	static const int calls[] = { SYS_mount, SYS_move_mount, -1 };
	CHECK_ERRORS(
		c, b, calls, EIO, DRIVE, "mount", dir, word, check_text(c, "/work/source,%s:,,4097,", file));
	box_expect_empty(b, NULL);
}

/* --- 01.6 --- */

static const struct cause readonly_causes[] = { { EINVAL, "\".\"", "M-READONLY-PLACE" },
	{ EINVAL, "", "M-READONLY-NEW" }, { 0 } };

static void check_readonly(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = NULL, *dir = planted_root(c, b, &name), *word = check_word(c);
	char *file = check_text(c, "/%s", check_word(c));
	struct run *r = box_start(b, RUN(DRIVE, "readonly", dir, word));

	check_ran(c, "drive readonly %s %s", dir, word);
	pid_t pid = held(c, r, "rootfs_set_readonly", readonly_causes);
	struct mounts m = ev_mounts(c, pid);
	const struct mount_line *root = mounts_at(&m, "/");
	check_that(c, root != NULL, NULL, "there is a root mount", "there is none");
	check_that(c, !str_starts(root->super, "ro"), "M-READONLY-SUPER", "only this mount is read-only",
		"the file system itself is: for all its mounts, the host's too");
	check_that(c, mount_has(root, "ro"), "M-READONLY-ONECALL", "the root mount has the flag ro",
		"its flags are %s", root->options);
	check_that(c, mount_has(root, "nosuid") && mount_has(root, "nodev"), "M-READONLY-FLAGS",
		"flags it had before (nosuid, nodev) are kept", "its flags are %s", root->options);
	const struct mount_line *sub = mounts_at(&m, "/sub");
	check_that(c, sub && !mount_has(sub, "ro"), "M-READONLY-ALL", "what is mounted below stays as it is",
		"/sub is read-only as well: %s", sub ? sub->options : "gone");
	box_kill(r, SIGKILL);
	r = box_start(b, RUN(DRIVE, "readonly-plain", dir, word));
	check_ran(c, "drive readonly-plain %s %s   (a mount without flags)", dir, word);
	pid = held(c, r, "rootfs_set_readonly", readonly_causes);
	m = ev_mounts(c, pid);
	root = mounts_at(&m, "/");
	check_that(c, root && !mount_has(root, "nosuid") && !mount_has(root, "nodev"), "M-READONLY-MORE",
		"the mount gets ro and no other flag", "its flags are %s", root ? root->options : "");
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "readonly-write", dir, file));
	check_int(c, NULL, "the error of a write inside (30 is EROFS)", EROFS, r->code);
	char *after = check_text(c, "%s/after", dir);
	box_write(b, after, "still writable", 0644);
	check_that(
		c, box_exists(b, after), "M-READONLY-SUPER", "the host can still write there", "it cannot");
	fails_with(c, b, EPERM, "for a process without the right to mount", "readonly-nocaps", dir);
	static const int calls[] = { SYS_mount, OR(SYS_mount_setattr), -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "readonly", dir, word);
	box_expect_empty(b, NULL);
}

const struct check_entry lab_01_checks[] = {
	{ "01.1", check_chroot },
	{ "01.2", check_private },
	{ "01.3", check_bind },
	{ "01.4", check_pivot },
	{ "01.5", check_mounts },
	{ "01.6", check_readonly },
	{ 0 },
};
