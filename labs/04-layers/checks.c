/*
 * checks.c - lab 04: what an overlay shows, what lies in the layers, what the system's tar and sha256sum say.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { NO_MOUNT = 89 }; /* drive.c */

static pid_t held(struct check *c, struct run *r, const char *what, int errno_known, const char *misread)
{
	for (unsigned waited = 0; waited < 4000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return r->pid;
		if (box_wait(r, 10))
			break;
	}
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 4 seconds");
	check_that(c, r->code != NO_MOUNT, misread,
		check_text(c, "%s returns the descriptor of a mount", what),
		"move_mount(2) refuses what it returned");
	check_fail(c, r->code == errno_known || errno_known < 0 ? misread : NULL,
		check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static void end_of(struct box *b, struct run *r)
{
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

/* --- 04.1 --- */

/* As many layers as a real image has, with names as long: too much for a small buffer. */
static void many_layers(struct check *c, struct box *b)
{
	enum { LAYERS = 20 };
	char *list = "", *word = check_word(c), *text[LAYERS], *name = check_word(c);
	for (int i = 0; i < LAYERS; i++) {
		char *dir = check_text(
			c, "/work/layers/%s%s%s-%02d", check_word(c), check_word(c), check_word(c), i);
		text[i] = check_word(c);
		box_write(b, check_text(c, "%s/only%d", dir, i), text[i], 0644);
		if (i > 0)
			box_write(b, check_text(c, "%s/%s", dir, name), text[i], 0644);
		list = check_text(c, "%s%s%s", list, *list ? "," : "", dir);
	}
	box_mkdir(b, "/work/many", 0755);
	struct run *r = box_start(b, RUN(DRIVE, "mount", word, list, "-", "-", "/work/many", "only0"));
	check_ran(c, "drive mount %s (%d layers) - - /work/many only0", word, LAYERS);
	pid_t pid = held(c, r, "overlay_mount of twenty layers", -1, "M-OV-MANY");
	for (int i = 0; i < LAYERS; i++)
		check_str(c, "M-OV-MANY", check_text(c, "a file that only layer %d of %d has", i + 1, LAYERS),
			text[i], ev_read(c, pid, check_text(c, "/work/many/only%d", i)));
	check_str(c, "M-OV-ORDER", "a name that all layers but the top one have", text[1],
		ev_read(c, pid, check_text(c, "/work/many/%s", name)));
	end_of(b, r);
}

/* Layers with an upper directory, detached. */
static void detached(struct check *c, struct box *b, const char *changed)
{
	char *word = check_word(c);
	box_mkdir(b, "/work/upper2", 0755);
	box_mkdir(b, "/work/w2", 0755);
	struct run *r = box_start(b, RUN(DRIVE, "mount-detached", word, "/work/top,/work/middle", "/work/upper2",
					     "/work/w2", "/work/merged", changed));
	check_ran(c, "drive mount-detached %s /work/top,/work/middle /work/upper2 /work/w2 /work/merged %s", word,
		changed);
	held(c, r, "overlay_mount of two layers and an upper, without a target", -1, "M-OV-DETACHED");
	check_str(c, "M-OV-DETACHED", "a file after it was rewritten, in the upper directory", "changed",
		box_read(b, check_text(c, "/work/upper2/%s", changed)));
	end_of(b, r);
}

/* One layer and nothing to write into, on a target and detached. */
static void one_layer(struct check *c, struct box *b, const char *name, const char *text)
{
	static const char *const verbs[] = { "mount", "mount-detached" };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		char *word = check_word(c);
		struct run *r =
			box_start(b, RUN(DRIVE, verbs[i], word, "/work/top", "-", "-", "/work/merged", name));
		check_ran(c, "drive %s %s /work/top - - /work/merged %s   (one layer, no upper%s)", verbs[i],
			word, name, i ? ", target NULL" : "");
		pid_t pid = held(c, r,
			i ? "overlay_mount without a target" : "overlay_mount of one layer without upper", -1,
			i ? "M-OV-DETACHED" : "M-OV-ONE");
		check_str(c, i ? "M-OV-DETACHED" : "M-OV-ONE", "the layer's file in the mounted tree", text,
			ev_read(c, pid, check_text(c, "/work/merged/%s", name)));
		check_str(c, "M-OV-WRITES",
			"the file in the layer, after an attempt to write it through the tree", text,
			box_read(b, check_text(c, "/work/top/%s", name)));
		end_of(b, r);
	}
}

static void check_overlay(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *only = check_word(c), *word = check_word(c), *text[3];
	static const char *const dirs[] = { "/work/top", "/work/middle", "/work/bottom" };

	for (int i = 0; i < 3; i++) {
		text[i] = check_word(c);
		box_mkdir(b, dirs[i], 0755);
		box_write(b, check_text(c, "%s/%s", dirs[i], name), text[i], 0644);
		box_write(b, check_text(c, "%s/%s%d", dirs[i], only, i), text[i], 0644);
	}
	box_mkdir(b, "/work/upper", 0755);
	box_mkdir(b, "/work/w", 0755);
	box_mkdir(b, "/work/merged", 0755);
	struct run *r =
		box_start(b, RUN(DRIVE, "mount", word, "/work/top,/work/middle,/work/bottom", "/work/upper",
				     "/work/w", "/work/merged", check_text(c, "%s1", only)));
	check_ran(c, "drive mount %s /work/top,/work/middle,/work/bottom /work/upper /work/w /work/merged",
		word);
	pid_t pid = held(c, r, "overlay_mount", EINVAL, "M-OV-WORK");
	struct mounts m = ev_mounts(c, pid);
	const struct mount_line *line = mounts_at(&m, "/work/merged");
	check_that(c, line && str_eq(line->type, "overlay"), "M-OV-COPIED",
		"an overlay is mounted on /work/merged", "%s",
		line ? line->text : "nothing is mounted there");
	char *seen = ev_read(c, pid, check_text(c, "/work/merged/%s", name));
	check_str(c, seen && str_eq(seen, text[2]) ? "M-OV-ORDER" : NULL, "a name that all three layers have",
		text[0], seen);
	check_str(c, NULL, "a name of the lowest layer only", text[2],
		ev_read(c, pid, check_text(c, "/work/merged/%s2", only)));
	char *changed = check_text(c, "%s1", only);
	check_str(c, NULL, "a file after it was rewritten", "changed",
		ev_read(c, pid, check_text(c, "/work/merged/%s", changed)));
	check_str(c, "M-OV-COPIED", "the same file in its layer", text[1],
		box_read(b, check_text(c, "/work/middle/%s", changed)));
	bool swapped = box_exists(b, check_text(c, "/work/w/%s", changed));
	check_str(c, swapped ? "M-OV-SWAPPED" : NULL, "the same file in the upper directory", "changed",
		box_read(b, check_text(c, "/work/upper/%s", changed)));
	end_of(b, r);
	many_layers(c, b);
	one_layer(c, b, name, text[0]);
	detached(c, b, changed);
	static const int calls[] = { SYS_fsmount, SYS_move_mount, SYS_mount, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "mount", word, "/work/top,/work/middle", "/work/upper",
		"/work/w", "/work/merged", name);
	r = box_run(b, RUN(DRIVE, "mount", word, "/work/top,/work/none", "/work/upper", "/work/w",
			       "/work/merged", name));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a layer that is not there",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 04.2 --- */

/* The layer has a file and a directory of its own under these names: both stay, and hide the lower ones. */
static void own_names(struct check *c, struct box *b)
{
	char *file = check_word(c), *dir = check_word(c), *own = check_word(c), *old = check_word(c),
	     *word = check_word(c);
	const char *const names[] = { file, dir };
	box_write(b, check_text(c, "/work/below/%s", file), old, 0644);
	box_write(b, check_text(c, "/work/below/%s/old", dir), old, 0644);
	box_write(b, check_text(c, "/work/layer/%s", file), own, 0644);
	box_write(b, check_text(c, "/work/layer/%s/new", dir), own, 0644);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct run *r = box_start(b, RUN(DRIVE, "whiteout", word, "/work/layer", "/work/below",
						     check_text(c, ".wh.%s", names[i])));
		check_ran(c, "drive whiteout %s /work/layer /work/below .wh.%s   (the layer itself has %s)",
			word, names[i], names[i]);
		pid_t pid = held(c, r, "layer_whiteout", EEXIST, "M-WH-OWN");
		check_str(c, "M-WH-OWN", "what the layer itself has under this name, in the merged tree", own,
			ev_read(c, pid,
				check_text(c, i ? "/work/merged/%s/new" : "/work/merged/%s", names[i])));
		check_that(c, !i || !ev_read(c, pid, check_text(c, "/work/merged/%s/old", dir)),
			"M-WH-MERGED", "of the lower directory nothing shows", "%s/old does", dir);
		end_of(b, r);
	}
}

/* In the layer NAME is a symlink to a directory outside: the whiteout must not change that directory. */
static void link_is_not_followed(struct check *c, struct box *b)
{
	char *link = check_word(c), *word = check_word(c), mark;
	box_mkdir(b, "/work/aside", 0755);
	box_symlink(b, "/work/aside", check_text(c, "/work/layer/%s", link));
	struct run *r = box_start(
		b, RUN(DRIVE, "whiteout", word, "/work/layer", "/work/below", check_text(c, ".wh.%s", link)));
	check_ran(c, "drive whiteout %s /work/layer /work/below .wh.%s   (the layer's %s is a link to /work/aside)",
		word, link, link);
	pid_t pid = held(c, r, "layer_whiteout", EEXIST, "M-WH-OWN");
	char *aside = check_text(c, "/proc/%d/root/work/aside", (int)pid);
	static const char *const marks[] = { "user.overlay.opaque", "trusted.overlay.opaque" };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		check_that(c, getxattr(aside, marks[i], &mark, 1) < 0, "M-WH-LINK",
			"the directory that the link points to stays as it is", "it has the mark %s", marks[i]);
	end_of(b, r);
}

static void refused(struct check *c, struct box *b, const char *name, const char *misread)
{
	char *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "whiteout", word, "/work/layer", "/work/below", name));
	box_wait(r, 1000);
	check_ran(c, "drive whiteout %s /work/layer /work/below %s", word, name);
	check_that(c, r->done && r->code != 0, misread, check_text(c, "an error for the name \"%s\"", name),
		"it was accepted");
}

static void check_whiteout(struct check *c)
{
	struct box *b = box_open(c, NULL);
	static const char *const hostile[] = { ".wh...", ".wh.", ".wh..", ".wh.../outside", ".wh.a/b" },
				 *const plain[] = { "plain", ".xh.plain", "wh..plain", ".whale", ".wh_plain" };
	char *name = check_word(c), *other = check_word(c), *word = check_word(c), *text = check_word(c);
	struct stat st = { 0 };

	box_mkdir(b, "/work/below", 0755);
	box_mkdir(b, "/work/layer", 0755);
	box_mkdir(b, "/work/merged", 0755);
	box_write(b, check_text(c, "/work/below/%s", name), text, 0644);
	box_write(b, check_text(c, "/work/below/%s", other), text, 0644);
	struct run *r = box_start(
		b, RUN(DRIVE, "whiteout", word, "/work/layer", "/work/below", check_text(c, ".wh.%s", name)));
	check_ran(c, "drive whiteout %s /work/layer /work/below .wh.%s", word, name);
	pid_t pid = held(c, r, "layer_whiteout", EPERM, "M-WH-DEVICE");
	check_that(c, !box_exists(b, check_text(c, "/work/layer/.wh.%s", name)), "M-WH-KEPT",
		"the name of the archive is translated", "there is a file .wh.%s in the layer", name);
	check_str(c, "M-WH-REMOVES", "the file in the layer below", text,
		box_read(b, check_text(c, "/work/below/%s", name)));
	bool there = lstat(check_text(c, "/proc/%d/root/work/layer/%s", (int)pid, name), &st) == 0;
	char **made = box_names(b, "/work/layer");
	check_that(c, there && S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0),
		there                  ? "M-WH-KIND"
		: made && made[0]      ? "M-WH-NAME"
				       : "M-WH-NOTHING",
		check_text(c, "in the layer %s is a character device 0:0", name), "%s",
		there             ? "it is something else"
		: made && made[0] ? check_text(c, "there is only %s", made[0])
				  : "the layer is empty");
	check_that(c, !ev_read(c, pid, check_text(c, "/work/merged/%s", name)), NULL,
		check_text(c, "%s is gone in the merged tree", name), "it is there");
	check_str(c, NULL, "another file of the layer below, in the merged tree", text,
		ev_read(c, pid, check_text(c, "/work/merged/%s", other)));
	end_of(b, r);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
		refused(c, b, hostile[i], "M-WH-CLIMB");
	check_that(c, !box_exists(b, "/work/outside"), "M-WH-CLIMB", "nothing is made outside the layer",
		"/work/outside is there");
	own_names(c, b);
	link_is_not_followed(c, b);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		refused(c, b, plain[i], "M-WH-PREFIX");
	check_that(c, !box_exists(b, "/work/layer/plain"), "M-WH-PREFIX", "a name without .wh. makes nothing",
		"plain is there");
	static const int calls[] = { SYS_mknodat, SYS_mknod, OR(SYS_renameat2), -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "whiteout", word, "/work/layer", "/work/below",
		check_text(c, ".wh.%s", check_word(c)));
	box_expect_empty(b, NULL);
}

/* --- 04.3 --- */

static void check_opaque(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *dir = check_word(c), *old = check_word(c), *new = check_word(c), *word = check_word(c);

	box_mkdir(b, "/work/merged", 0755);
	for (int i = 0; i < 2; i++) {
		const char *layer = i ? "/work/layer" : "/work/below";
		box_mkdir(b, layer, 0755);
		box_mkdir(b, check_text(c, "%s/%s", layer, dir), 0755);
		box_write(b, check_text(c, "%s/%s/%s", layer, dir, i ? new : old), "x", 0644);
	}
	struct run *r = box_start(b, RUN(DRIVE, "opaque", word, "/work/layer", "/work/below", dir));
	check_ran(c, "drive opaque %s /work/layer /work/below %s", word, dir);
	pid_t pid = held(c, r, "layer_set_opaque", EPERM, "M-OPQ-TRUSTED");
	check_that(c, ev_read(c, pid, check_text(c, "/work/merged/%s/%s", dir, new)), "M-OPQ-WHITEOUT",
		"the directory is there, with the new name", "%s/%s is gone", dir, new);
	check_that(c, !ev_read(c, pid, check_text(c, "/work/merged/%s/%s", dir, old)), "M-OPQ-NONE",
		"no name of the layer below shows through", "%s/%s does", dir, old);
	end_of(b, r);
	r = box_start(b, RUN(DRIVE, "opaque-twice", word, "/work/layer", "/work/below", dir));
	check_ran(c, "drive opaque-twice %s /work/layer /work/below %s", word, dir);
	pid = held(c, r, "layer_set_opaque of a directory that is opaque already", EEXIST, "M-OPQ-TWICE");
	check_that(c, !ev_read(c, pid, check_text(c, "/work/merged/%s/%s", dir, old)), "M-OPQ-NONE",
		"no name of the layer below shows through", "%s/%s does", dir, old);
	end_of(b, r);
	r = box_run(b, RUN(DRIVE, "opaque-bad", "-", "-"));
	check_int(c, NULL, "the error for an invalid descriptor (9 is EBADF)", EBADF, r->code);
	box_expect_empty(b, NULL);
}

/* --- 04.4 --- */

static bool has_line(const char *list, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = list; p && (p = strstr(p, name)); p++)
		if ((p == list || p[-1] == '\n' || p[-1] == ' ' ||
			    (p[-1] == '/' && p - list >= 2 && p[-2] == '.')) &&
			(p[n] == '\n' || p[n] == '\0' || p[n] == ' '))
			return true;
	return false;
}

/* The first line that only one of the two lists has; NULL when they are equal. */
static char *differs(struct check *c, const char *a, const char *b)
{
	while (*a && *b) {
		size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
		if (n != m || strncmp(a, b, n) != 0)
			break;
		a += n + (a[n] == '\n');
		b += m + (b[m] == '\n');
	}
	return *a || *b ? check_text(c, "%.*s   (it was: %.*s)", (int)strcspn(b, "\n"), *b ? b : "nothing",
				  (int)strcspn(a, "\n"), *a ? a : "nothing")
			: NULL;
}

/* The same trees in two boxes: the learner's, and the judge's, where nothing of the learner's runs. */
static void plant_trees(
	struct check *c, struct box *b, const char *name, const char *untouched, const char *text)
{
	static const char *const dirs[] = { "/work/below", "/work/below/fresh", "/work/below/deep", "/work/w",
		"/work/merged", "/work/again", "/work/upper", "/work/upper/fresh", "/work/upper/deep",
		"/work/back" };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		box_mkdir(b, dirs[i], 0755);
	box_write(b, check_text(c, "/work/below/%s", untouched), text, 0644);
	box_write(b, "/work/below/GONE", text, 0644);
	box_write(b, "/work/below/deep/DEEP", text, 0644);
	box_write(b, "/work/below/fresh/old", text, 0644);
	box_write(b, check_text(c, "/work/upper/%s", name), text, 0640);
	box_write(b, "/work/upper/fresh/inner", text, 0755);
	box_write(b, "/work/upper/.hidden", text, 0600);
	box_mkdir(b, "/work/upper/empty", 0700);
	box_symlink(b, untouched, "/work/upper/link");
	struct run *r = box_run(b, RUN("/usr/bin/find", "/work/upper", "/work/below", "-exec",
					   "/usr/bin/touch", "-h", "-d", "@1700000000", "{}", "+"));
	if (r->code)
		check_trouble(c, "planting the trees: %s", r->out);
}

/* The layer on a second engine, over the same layers below: the same tree as the one that was saved? */
static void same_tree(struct check *c, struct box *judge)
{
	struct run *r = box_run(judge, RUN("/lab/ref/drive", "second", "/work/out.tar"));
	check_ran(c, "the layer on a second engine, over the same layers below");
	check_that(c, r->code == 0, NULL, "a second engine takes the layer", "%s", run_failure(r));
	char *was = box_read(judge, "/work/list.merged"), *is = box_read(judge, "/work/list.again");
	if (!was || !*was || !is)
		check_trouble(c, "the trees could not be listed: %s", r->out ? r->out : "");
	check_evidence(c, "saved:\n%s\non the second engine:\n%s", was, is);
	char *line = differs(c, was, is);
	check_that(c, !line, "M-DIFF-TREE", "on the second engine there is the same tree", "%.250s", line);
}

/* The names of a list that mark deletions; a message that quotes all names would hide them. */
static char *marks_of(struct check *c, const char *list)
{
	char *marks = "";
	for (const char *p = list; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
		int n = (int)strcspn(p, "\n");
		char *line = check_text(c, "%.*s", n, p);
		if (strstr(line, ".wh."))
			marks = check_text(c, "%s%s%s", marks, *marks ? " " : "", line);
	}
	return *marks ? marks : "no .wh. name at all";
}

/* Each deletion is marked in its own directory, and no directory is called opaque that is not. */
static void marks_are_right(struct check *c, const char *list)
{
	char *marks = marks_of(c, list);
	bool inside = strstr(list, "fresh/.wh..wh..opq") != NULL;
	check_that(c, has_line(list, ".wh.GONE"), "M-DIFF-MISSED",
		"the deletion of GONE is in the layer, as .wh.GONE", "%.200s", marks);
	check_that(c, strstr(list, "deep/.wh.DEEP") && !has_line(list, ".wh.DEEP"),
		strstr(marks, "DEEP") ? "M-DIFF-PLACE" : "M-DIFF-MISSED",
		"the deletion of deep/DEEP is in the layer, as deep/.wh.DEEP", "%.200s", marks);
	check_that(c, inside, strstr(list, ".wh..wh..opq") ? "M-DIFF-BESIDE" : "M-DIFF-MISSED",
		"that fresh starts from nothing is in the layer, as fresh/.wh..wh..opq", "%.200s", marks);
	check_that(c, !strstr(list, "empty/.wh..wh..opq") && !strstr(list, "deep/.wh..wh..opq"),
		"M-DIFF-OPAQUE", "only fresh starts from nothing", "%.200s", marks);
	check_that(c, has_line(list, ".hidden"), "M-DIFF-HIDDEN",
		"a name that begins with a dot is in the layer", "%.200s", list);
}

/*
 * /dev/null is a device and no deletion. It is bound over a file of the upper directory, because a box may
 * not make it by mknod(2).
 */
static void device_is_kept(struct check *c)
{
	struct box *b = box_open(c, NULL), *judge = box_open(c, NULL);
	box_mkdir(b, "/work/upper", 0755);
	box_write(b, "/work/upper/null", "", 0644);
	box_mount(b, "/dev/null", "/work/upper/null", NULL, MS_BIND, NULL);
	struct run *r = box_run(b, RUN(DRIVE, "diff-device", "/work/upper", "/work/device.tar"));
	check_ran(c, "drive diff-device /work/upper /work/device.tar   (null is the device 1:3)");
	check_that(c, r->code == 0 && box_transfer(b, "/work/device.tar", judge, "/work/device.tar"), NULL,
		"layer_diff succeeds", "%s", run_failure(r));
	r = box_run(judge, RUN("/usr/bin/tar", "-tvf", "/work/device.tar"));
	check_evidence(c, "%s", r->out);
	check_that(c, !strstr(r->out, ".wh.null"), "M-DIFF-DEVICE", "a device that is not 0:0 is no deletion",
		"%.200s", r->out);
	box_expect_empty(b, NULL);
}

/* The disk is full in the middle of a large file: the layer is incomplete, so layer_diff() must fail. */
static void full_disk(struct check *c)
{
	struct box *b = box_open(c, NULL);
	box_mkdir(b, "/work/upper", 0755);
	struct run *r = box_run(b, RUN("/bin/sh", "-c", "head -c 3000000 /dev/urandom >/work/upper/large"));
	if (r->code)
		check_trouble(c, "no large file: %s", r->out);
	r = box_run(b, RUN(DRIVE, "diff-full", "/work/upper", "/work/full.tar"));
	check_ran(c, "drive diff-full /work/upper /work/full.tar   (a file of at most 100000 bytes may be written)");
	check_that(c, r->code != 0 && !r->timed_out, "M-ANY-IGNORED", "an error when a write fails (EFBIG)",
		"it said success");
	box_expect_empty(b, NULL);
}

static void check_diff(struct check *c)
{
	struct box *b = box_open(c, NULL), *judge = box_open(c, NULL);
	char *name = check_word(c), *text = check_word(c), *untouched = check_word(c);

	plant_trees(c, b, name, untouched, text);
	plant_trees(c, judge, name, untouched, text);
	struct run *r = box_run(b, RUN(DRIVE, "diff", "/work/upper", "/work/out.tar"));
	check_ran(c, "drive diff /work/upper /work/out.tar; tar -tvf /work/out.tar");
	check_that(c, r->code == 0, NULL, "layer_diff succeeds", "%s", run_failure(r));
	box_expect_empty(b, NULL);
	check_that(c, box_transfer(b, "/work/out.tar", judge, "/work/out.tar"), NULL, "there is an archive",
		"none");
	r = box_run(judge, RUN("/usr/bin/tar", "-tf", "/work/out.tar"));
	char *list = r->out;
	check_evidence(c, "%s", list);
	check_int(c, NULL, "exit status of the system's tar", 0, r->code);
	check_that(c, has_line(list, name), NULL, check_text(c, "the changed file %s is in the layer", name),
		"%.200s", list);
	check_that(c, !has_line(list, untouched), "M-DIFF-WHOLE",
		check_text(
			c, "the file %s of the layer below, which was not changed, is not in it", untouched),
		"%.200s", list);
	r = box_run(judge, RUN("/usr/bin/tar", "-tvf", "/work/out.tar", "--no-recursion"));
	check_that(c, !strstr(r->out, " GONE"), "M-DIFF-NODE", "a deletion is said by a file .wh.GONE",
		"GONE itself is in it: %.200s", r->out);
	marks_are_right(c, list);
	r = box_run(judge, RUN("/usr/bin/tar", "-xf", "/work/out.tar", "-C", "/work/back"));
	check_str(c, NULL, "the bytes of the changed file, unpacked by tar", text,
		box_read(judge, check_text(c, "/work/back/%s", name)));
	check_str(c, NULL, "the bytes of fresh/inner, unpacked by tar", text,
		box_read(judge, "/work/back/fresh/inner"));
	same_tree(c, judge);
	device_is_kept(c);
	full_disk(c);
	check_note_predicted(c, 'n', "a deletion is one more file in the layer above");
	r = box_run(b, RUN(DRIVE, "diff-bad", "-", "-"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for an invalid descriptor",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 04.5 --- */

static char *sum_of(struct check *c, struct box *b, const char *command)
{
	struct run *r = box_run(b, RUN("/bin/sh", "-c", command));
	char *hex = check_text(c, "sha256:%.64s", r->out ? r->out : "");
	if (r->code || strlen(hex) != 71)
		check_trouble(c, "`%s` failed in the box: %s", command, r->out ? r->out : "");
	return hex;
}

static void digests_are(struct check *c, struct box *b, const char *file, const char *digest, const char *diffid,
	const char *misread)
{
	char *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "digests", word, file));
	check_ran(c, "drive digests %s %s", word, file);
	char **line = ev_cmdline(c, held(c, r, "layer_digests", -1, misread));
	check_str(c, misread, "the digest: sha256sum of the blob", digest,
		strv_len(line) > 3 ? line[3] : "");
	check_str(c, misread, "the diff id: sha256sum of the tar inside", diffid,
		strv_len(line) > 4 ? line[4] : "");
	end_of(b, r);
}

static void check_digests(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *text = check_word(c);

	box_mkdir(b, "/work/t", 0755);
	box_write(b, "/work/t/file", text, 0644);
	/* Longer than one read, packed and unpacked: a single read must not be enough. */
	struct run *made = box_run(b, RUN("/bin/sh", "-c",
					      "cd /work && head -c 700000 /dev/urandom >t/noise && "
					      "tar -cf layer.tar -C t . && gzip -k layer.tar && "
					      "head -c 500000 layer.tar.gz >cut.tar.gz"));
	if (made->code)
		check_trouble(c, "no archive in the box: %s", made->out);
	char *digest = sum_of(c, b, "sha256sum /work/layer.tar.gz"),
	     *diffid = sum_of(c, b, "sha256sum /work/layer.tar");
	struct run *r = box_start(b, RUN(DRIVE, "digests", word, "/work/layer.tar.gz"));
	check_ran(c, "drive digests %s /work/layer.tar.gz", word);
	char **line = ev_cmdline(c, held(c, r, "layer_digests", 0, NULL));
	const char *one = strv_len(line) > 3 ? line[3] : "", *two = strv_len(line) > 4 ? line[4] : "";
	bool equal = str_eq(one, two);
	bool swapped = str_eq(one, diffid) && str_eq(two, digest);
	check_str(c, swapped ? "M-DIG-SWAPPED" : equal && str_eq(one, diffid) ? "M-DIG-TREE" : NULL, "the digest: sha256sum of the blob",
		digest, one);
	check_str(c, equal ? "M-DIG-ONE" : "M-DIG-PART", "the diff id: sha256sum of the tar inside", diffid, two);
	end_of(b, r);
	digests_are(c, b, "/work/layer.tar", diffid, diffid, "M-DIG-KIND");
	digests_are(c, b, "offset:/work/layer.tar.gz", digest, diffid, "M-DIG-PART");
	r = box_run(b, RUN(DRIVE, "digests-error", word, "/work/cut.tar.gz"));
	check_ran(c, "drive digests %s /work/cut.tar.gz   (its last third is missing)", word);
	check_that(c, r->code != 0 && !r->timed_out, "M-DIG-CUT", "an error for a blob that ends too early", "%s",
		r->timed_out ? "it goes on and on" : "success");
	r = box_run(b, RUN(DRIVE, "digests-bad", word, "-"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for an invalid descriptor",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

const struct check_entry lab_04_checks[] = {
	{ "04.1", check_overlay },
	{ "04.2", check_whiteout },
	{ "04.3", check_opaque },
	{ "04.4", check_diff },
	{ "04.5", check_digests },
	{ 0 },
};
