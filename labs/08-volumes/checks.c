/*
 * checks.c - lab 08: directories, inodes, owners and mounts as the kernel shows them; an archive as the system's tar reads it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";

/* The drive program holds after a success: its pid. 0 when it ended instead, or did neither within four seconds. */
static pid_t holds(struct check *c, struct run *r)
{
	for (unsigned waited = 0; waited < 4000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return r->pid;
		if (box_wait(r, 10))
			break;
	}
	return 0;
}

/* The same where only success is right; else the check ends here. misread is what the error number `error` says. */
static pid_t held_or(struct check *c, struct run *r, const char *what, int error, const char *misread)
{
	pid_t pid = holds(c, r);
	if (pid)
		return pid;
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 4 seconds");
	check_fail(c, r->code == error ? misread : NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static pid_t held(struct check *c, struct run *r, const char *what) { return held_or(c, r, what, 0, NULL); }

static void end_of(struct box *b, struct run *r)
{
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

/* lstat(2) of a path in the box, through the root of a process in it. */
static bool stat_in(struct check *c, pid_t pid, const char *path, struct stat *ret)
{
	return lstat(check_text(c, "/proc/%d/root%s", (int)pid, path), ret) == 0;
}

static void refuses_none(struct check *c, struct box *b, const char *verb)
{
	struct run *r = box_run(b, RUN(DRIVE, verb, "-"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for an invalid descriptor",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 08.1 --- */

static void check_create(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *word = check_word(c), *file = check_word(c), *text = check_word(c);
	static const char *const hostile[] = { "../outside", "a/b", "..", ".hidden", "", "x" };
	struct stat st = { 0 };
	char *data = check_text(c, "/work/store/%s/data", name), *kept = check_text(c, "%s/%s", data, file);

	box_mkdir(b, "/work/store", 0755);
	struct run *r = box_start(b, RUN(DRIVE, "create", word, "/work/store", name));
	check_ran(c, "drive create %s /work/store %s", word, name);
	pid_t pid = held(c, r, "volume_create");
	bool there = stat_in(c, pid, data, &st) && S_ISDIR(st.st_mode);
	check_that(c, there, "M-VOL-NODATA", check_text(c, "there is a directory %s", data), "there is none");
	check_that(c, (st.st_mode & 07777) == 0755, (st.st_mode & 07777) == 0700 ? "M-VOL-UMASK" : NULL,
		"its mode is 0755, whatever the caller's umask", "it is %04o", st.st_mode & 07777);
	check_that(c, strv_len(box_names(b, data)) == 0, "M-VOL-BESIDE", "it is empty", "it is not");
	end_of(b, r);
	box_write(b, kept, text, 0600);
	uint64_t inode = box_inode(b, kept, NULL);
	box_run(b, RUN("/usr/bin/chmod", "0711", data));
	r = box_start(b, RUN(DRIVE, "create", word, "/work/store", name));
	check_ran(c, "the same again, with a file in the volume, whose mode is 0711 now");
	pid = held_or(c, r, "volume_create of a volume that exists", EEXIST, "M-VOL-EXISTS");
	bool untouched = stat_in(c, pid, data, &st) && (st.st_mode & 07777) == 0711;
	check_str(c, "M-VOL-EMPTIED", "the file in it", text, box_read(b, kept));
	check_int(c, "M-VOL-EMPTIED", "its inode", (int64_t)inode, (int64_t)box_inode(b, kept, NULL));
	end_of(b, r);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		r = box_start(b, RUN(DRIVE, "create", word, "/work/store", hostile[i]));
		box_wait(r, 1000);
		check_ran(c, "drive create %s /work/store '%s'", word, hostile[i]);
		check_that(c, r->done && r->code != 0, "M-VOL-CLIMB",
			check_text(c, "an error for the name '%s'", hostile[i]), "it was accepted");
	}
	check_that(c, !box_exists(b, "/work/outside") && !box_exists(b, "/work/store/a"), "M-VOL-CLIMB",
		"nothing is made outside the store, nor for a name that is refused", "something is");
	check_that(c, untouched, "M-VOL-TOUCHED",
		check_text(c, "volume_create of a volume that exists left the mode 0711 of %s", data),
		"it is %04o", st.st_mode & 07777);
	check_note_predicted(
		c, 'n', "the volume's files belong to the volume, and no container has a part in them");
	CHECK_ERRORS(c, b, ((const int[]){ SYS_mkdirat, OR(SYS_mkdir), -1 }), EIO, DRIVE, "create", word, "/work/store",
		check_word(c));
	refuses_none(c, b, "create-none");
}

/* --- 08.2 --- */

static const struct mount_line *bound_at(struct check *c, pid_t pid, const char *where)
{
	struct mounts m = ev_mounts(c, pid);
	return mounts_at(&m, where);
}

#define BIND(target, access) RUN(DRIVE, "bind", word, "/work/root", target, "/work/vol", access)

static void check_bind(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *text = check_word(c), *place = check_word(c), *real = check_word(c);
	struct stat st;

	static const char *const dirs[] = { "/work/root", "/work/vol", "/work/root/etc", "/work/outside" };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		box_mkdir(b, dirs[i], 0755);
	box_write(b, "/work/vol/file", text, 0644);
	box_mkdir(b, check_text(c, "/work/root/%s", real), 0755);
	box_symlink(b, check_text(c, "/%s", real),
		"/work/root/link"); /* absolute: the image's own root is meant */
	box_symlink(b, "../../../../work/outside", "/work/root/etc/up"); /* climbs */
	box_symlink(b, "/work/outside", "/work/root/etc/out");           /* a place on the host */

	char *target = check_text(c, "/%s/deep/er", place), *point = check_text(c, "/work/root%s", target);
	struct run *r = box_start(b, BIND(target, "rw"));
	check_ran(c, "drive bind %s /work/root %s /work/vol %s", word, target, "rw");
	pid_t pid = held(c, r, "bind_mount");
	const struct mount_line *line = bound_at(c, pid, point);
	check_that(c, line != NULL, NULL, check_text(c, "a mount at %s: missing directories are made", point),
		"there is none");
	check_str(c, NULL, "a file of the volume, seen there", text,
		ev_read(c, pid, check_text(c, "%s/file", point)));
	check_that(c, !mount_has(line, "ro"), NULL, "it can be written", "its options are %s", line->options);
	end_of(b, r);

	r = box_start(b, BIND(target, "ro"));
	check_ran(c, "drive bind %s /work/root %s /work/vol %s", word, target, "ro");
	pid = held(c, r, "bind_mount");
	line = bound_at(c, pid, point);
	check_that(c, line && mount_has(line, "ro"), "M-BIND-RO", "the mount is read-only", "%s",
		line ? line->options : "no mount");
	check_that(c, !mount_has(line, "noexec"), "M-BIND-MORE", "programs of the volume can still be run",
		"its options are %s", line->options);
	check_that(c, !strstr(line->super, "ro,") && !str_eq(line->super, "ro"), "M-BIND-SUPER",
		"the file system itself can still be written", "its options are %s", line->super);
	end_of(b, r);

	static const char *const links[] = { "/link", "/etc/up", "/etc/out" };
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		r = box_start(b, BIND(links[i], "rw"));
		check_ran(c, "drive bind %s /work/root %s /work/vol %s", word, links[i], "rw");
		pid = holds(c, r); /* a refusal is as good as the right place */
		check_that(c, !pid || !bound_at(c, pid, "/work/outside"), "M-BIND-LINK",
			check_text(c, "the link %s of the image leads nowhere outside of it", links[i]),
			"it is mounted on /work/outside");
		if (i == 0)
			check_that(c, pid && bound_at(c, pid, check_text(c, "/work/root/%s", real)),
				"M-BIND-LINK",
				check_text(c, "the absolute link /link means /%s in the image", real), "%s",
				pid ? "no mount is there" : run_failure(r));
		if (pid)
			end_of(b, r);
	}
	box_write(b, "/work/one", text, 0644);
	r = box_start(b, RUN(DRIVE, "bind", word, "/work/root", "/etc/new", "/work/one", "rw"));
	check_ran(c, "drive bind %s /work/root /etc/new /work/one rw: a file", word);
	pid = held(c, r, "bind_mount of a file");
	check_that(c, stat_in(c, pid, "/work/root/etc/new", &st) && S_ISREG(st.st_mode), NULL,
		"a file is mounted on a file", "it is not");
	end_of(b, r);
	CHECK_ERRORS(c, b, ((const int[]){ SYS_move_mount, SYS_mount_setattr, OR(SYS_mount), -1 }), EIO, DRIVE, "bind", word,
		"/work/root", target, "/work/vol", "ro");
	refuses_none(c, b, "bind-none");
}

/* --- 08.3 --- */

/* An image's directory with all that must come along. */
static void plant_image(struct check *c, struct box *b, const char *name, const char *text)
{
	static const char *const dirs[] = { "/work/v", "/work/v/data", "/work/image", "/work/image/sub",
		"/work/other" };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		box_mkdir(b, dirs[i], 0755);
	box_write(b, check_text(c, "/work/image/%s", name), text, 0640);
	box_write(b, "/work/image/.hidden", text, 0600);
	box_write(b, "/work/other/other", text, 0600);
	box_symlink(b, "/etc/passwd", "/work/image/out");
	struct run *r = box_run(b, RUN("/bin/sh", "-c",
					   "cd /work/image && ln $0 sub/twin && chmod 4750 sub/twin && "
					   "mkfifo pipe && chmod 1770 . && "
					   "{ chown 7:8 $0 . 2>/dev/null || :; }",
					   name));
	if (r->code)
		check_trouble(c, "planting the image: %s", r->out);
}

static void same_entry(struct check *c, pid_t pid, const char *path)
{
	struct stat was = { 0 }, is = { 0 };
	char *from = check_text(c, "/work/image%s", path), *to = check_text(c, "/work/v/data%s", path);
	check_that(c, stat_in(c, pid, from, &was) && stat_in(c, pid, to, &is), NULL,
		check_text(c, "%s is there", to), "it is not");
	bool link = S_ISLNK(was.st_mode);
	check_that(c, (was.st_mode & S_IFMT) == (is.st_mode & S_IFMT), link ? "M-FILL-LINK" : NULL,
		check_text(c, "%s is of the same kind", to), "it is not (%o, wanted %o)", is.st_mode & S_IFMT,
		was.st_mode & S_IFMT);
	check_that(c, link || (was.st_mode & 07777) == (is.st_mode & 07777), "M-FILL-OWNER",
		check_text(c, "the mode of %s is %04o", to, was.st_mode & 07777), "it is %04o",
		is.st_mode & 07777);
	check_that(c, was.st_uid == is.st_uid && was.st_gid == is.st_gid, "M-FILL-OWNER",
		check_text(c, "%s has the same owner", to), "it has another");
}

static void check_fill(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *word = check_word(c), *text = check_word(c), *mine = check_word(c);
	struct stat one = { 0 }, two = { 0 };

	plant_image(c, b, name, text);
	struct run *r = box_start(b, RUN(DRIVE, "fill", word, "/work/v", "/work/image"));
	check_ran(c, "drive fill %s /work/v /work/image", word);
	pid_t pid = held(c, r, "volume_fill");
	char **said = ev_cmdline(c, pid);
	same_entry(c, pid, check_text(c, "/%s", name));
	same_entry(c, pid, "/sub");
	same_entry(c, pid, "/.hidden");
	same_entry(c, pid, "/pipe");
	same_entry(c, pid, "/out");
	same_entry(c, pid, "");
	check_str(c, NULL, "the bytes of a file", text, box_read(b, check_text(c, "/work/v/data/%s", name)));
	stat_in(c, pid, check_text(c, "/work/v/data/%s", name), &one);
	stat_in(c, pid, "/work/v/data/sub/twin", &two);
	check_that(c, one.st_ino && one.st_ino == two.st_ino, "M-MOVE-LINKS",
		"two names of one file are two names of one file again", "they are two files");
	check_str(c, NULL, "what volume_fill says: filled", "filled", strv_len(said) > 3 ? said[3] : "");
	end_of(b, r);

	box_write(b, check_text(c, "/work/v/data/%s", name), mine, 0640);
	r = box_start(b, RUN(DRIVE, "fill", word, "/work/v", "/work/other"));
	check_ran(c, "drive fill %s /work/v /work/other: another image, the same volume", word);
	held(c, r, "volume_fill");
	check_that(c, !box_exists(b, "/work/v/data/other"), "M-FILL-AGAIN",
		"a volume that holds something is left as it is", "the other image's file is in it");
	check_str(c, "M-FILL-AGAIN", "what was written since", mine,
		box_read(b, check_text(c, "/work/v/data/%s", name)));
	end_of(b, r);

	/* killed between the copy and the move: `filled` is complete, data has a part of it */
	box_mkdir(b, "/work/torn", 0755);
	box_mkdir(b, "/work/torn/data", 0755);
	box_mkdir(b, "/work/torn/filled", 0755);
	box_write(b, "/work/torn/data/first", text, 0644);
	box_write(b, "/work/torn/filled/second", text, 0644);
	r = box_start(b, RUN(DRIVE, "fill", word, "/work/torn", "/work/other"));
	check_ran(c, "a fill that was killed half-way, and then: drive fill %s /work/torn /work/other", word);
	held(c, r, "volume_fill");
	check_that(c, box_exists(b, "/work/torn/data/second") && !box_exists(b, "/work/torn/filled"),
		"M-FILL-HALF", "what the killed one had left to do is done", "it is not");
	check_that(c, !box_exists(b, "/work/torn/data/other"), NULL, "and nothing else",
		"the other image is in it, too");
	end_of(b, r);

	box_mkdir(b, "/work/bare", 0755);
	box_mkdir(b, "/work/bare/data", 0755);
	box_mkdir(b, "/work/none", 01777);
	r = box_start(b, RUN(DRIVE, "fill", word, "/work/bare", "/work/none"));
	check_ran(c, "drive fill %s /work/bare /work/none: an empty directory of mode 1777", word);
	pid = held(c, r, "volume_fill");
	check_that(c, stat_in(c, pid, "/work/bare/data", &one) && (one.st_mode & 07777) == 01777,
		"M-FILL-EMPTYDIR", "the volume has the mode 1777", "it is %04o", one.st_mode & 07777);
	end_of(b, r);
	box_mkdir(b, "/work/fresh", 0755);
	box_mkdir(b, "/work/fresh/data", 0755);
	CHECK_ERRORS(c, b, ((const int[]){ SYS_mkdirat, OR(SYS_mkdir), -1 }), EIO, DRIVE, "fill", word,
		"/work/fresh", "/work/image");
	refuses_none(c, b, "fill-none");
}

/* --- 08.4 --- */

static void check_share(struct check *c)
{
	struct box *b = box_open(c, NULL);
	static const struct {
		const char *mode;
		bool into, out;
	} rows[] = { { "private", false, false }, { "slave", true, false }, { "shared", true, true },
		{ "default", false, false } };
	char *word = check_word(c);

	box_mkdir(b, "/work/host", 0755);
	box_mkdir(b, "/work/in", 0755);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run *r = box_start(b, RUN(DRIVE, "share", word, rows[i].mode));
		check_ran(c, "drive share %s %s", word, rows[i].mode);
		pid_t pid = held_or(c, r, "bind_propagation", EINVAL, "M-PROP-ATTR");
		struct mounts m = ev_mounts(c, pid);
		const struct mount_line *in = mounts_at(&m, "/work/in"),
					*below = mounts_at(&m, "/work/in/below");
		bool into = mounts_at(&m, "/work/in/later") != NULL,
		     out = mounts_at(&m, "/work/host/inside") != NULL;
		check_evidence(
			c, "%s\n%s\n", in ? in->text : "no mount", below ? below->text : "no mount below");
		bool given = !str_eq(rows[i].mode, "default"); /* the mode 0 */
		check_that(c, into == rows[i].into,
			!given ? "M-PROP-DEFAULT" : into ? "M-PROP-SHARED" : "M-PROP-SLAVE",
			check_text(c, "%s: what the host mounts later %s inside", rows[i].mode,
				rows[i].into ? "appears" : "does not appear"),
			"it %s", into ? "does" : "does not");
		check_that(c, out == rows[i].out, out ? "M-PROP-SHARED" : NULL,
			check_text(c, "%s: what is mounted inside %s on the host", rows[i].mode,
				rows[i].out ? "appears" : "does not appear"),
			"it %s", out ? "does" : "does not");
		const char *want = rows[i].out ? "shared:" : rows[i].into ? "master:" : "";
		check_that(c,
			below && (*want ? strstr(below->propagation, want) != NULL
					: !strstr(below->propagation, "shared:")),
			"M-PROP-REC", check_text(c, "%s with MS_REC: the mount below, too", rows[i].mode),
			"its line says \"%s\"", below ? below->propagation : "there is no mount below");
		end_of(b, r);
	}
	CHECK_ERRORS(c, b, ((const int[]){ SYS_mount_setattr, OR(SYS_mount), -1 }), EIO, DRIVE, "share", word, "private");
	refuses_none(c, b, "share-none");
}

/* --- 08.5 --- */

static void check_move(struct check *c)
{
	struct box *b = box_open(c, NULL), *judge = box_open(c, NULL);
	char *name = check_word(c), *text = check_word(c);

	static const char *const dirs[] = { "/work/vol", "/work/vol/sub", "/work/beside" };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		box_mkdir(b, dirs[i], 0755);
	box_write(b, check_text(c, "/work/vol/%s", name), text, 0640);
	box_write(b, "/work/vol/.hidden", text, 0600);
	box_write(b, "/work/beside/secret", text, 0600);
	box_symlink(b, "/work/beside", "/work/vol/link");
	struct run *r = box_run(
		b, RUN("/bin/sh", "-c",
			   "cd /work/vol && ln $0 sub/twin && { chown 7:8 $0 2>/dev/null || :; }", name));
	if (r->code)
		check_trouble(c, "planting the volume: %s", r->out);
	char *planted =
		box_run(b, RUN("/usr/bin/stat", "-c", "%u/%g", check_text(c, "/work/vol/%s", name)))->out;
	planted[strcspn(planted, "\n")] = '\0';
	if (!strchr(planted, '/'))
		check_trouble(c, "the owner of the planted file: \"%s\"", planted);
	r = box_run(b, RUN(DRIVE, "move", "/work/vol", "/work/out.tar"));
	check_ran(c, "drive move /work/vol /work/out.tar; tar -tvf /work/out.tar");
	check_that(c, r->code == 0, NULL, "volume_move succeeds", "%s", run_failure(r));
	box_expect_empty(b, NULL);
	box_mkdir(judge, "/work/back", 0755);
	check_that(c, box_transfer(b, "/work/out.tar", judge, "/work/out.tar"), NULL, "there is an archive",
		"none");
	r = box_run(judge, RUN("/usr/bin/tar", "--numeric-owner", "-tvf", "/work/out.tar"));
	char *list = r->out;
	check_evidence(c, "%s", list);
	check_int(c, NULL, "exit status of the system's tar", 0, r->code);
	check_that(c, strstr(list, check_text(c, " data/%s", name)), NULL,
		check_text(c, "data/%s is in it", name), "%.200s", list);
	check_that(c, strstr(list, planted), "M-MOVE-OWNER", check_text(c, "its owner is in it: %s", planted),
		"%.200s", list);
	check_that(c, strstr(list, "link to"), "M-MOVE-LINKS",
		"the second name of a file is a link to the first", "%.200s", list);
	check_that(c, strstr(list, "data/.hidden"), NULL, "a name that begins with a dot is in it", "%.200s",
		list);
	check_that(c, !strstr(list, "secret"), "M-MOVE-MORE", "nothing outside the volume is in it", "%.200s",
		list);
	r = box_run(judge, RUN("/usr/bin/tar", "-xf", "/work/out.tar", "-C", "/work/back"));
	check_str(c, NULL, "the bytes of the file, unpacked by tar", text,
		box_read(judge, check_text(c, "/work/back/data/%s", name)));
	refuses_none(c, b, "move-none");
}

const struct check_entry lab_08_checks[] = {
	{ "08.1", check_create },
	{ "08.2", check_bind },
	{ "08.3", check_fill },
	{ "08.4", check_share },
	{ "08.5", check_move },
	{ 0 },
};
