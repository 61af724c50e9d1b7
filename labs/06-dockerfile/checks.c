/*
 * checks.c - lab 06: what the builder put in place of a variable, which files lie in which layer, what ran again, what never ran.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
#define BASE "/work/root/layers/b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b/fs"

/* The words that the drive program ends with: hold WORD A B ... */
static char **held(struct check *c, struct run *r, const char *what)
{
	for (unsigned waited = 0; waited < 6000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 3 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return line + 3;
		if (box_wait(r, 10))
			break;
	}
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 6 seconds");
	check_fail(c, NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static void end_of(struct box *b, struct run *r)
{
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

/* --- 06.1 --- */

struct expansion {
	const char *misread, *escape, *text, *want, *what;
};

/* %w in text and want: a planted word; the variable v has it, e is empty, n is not set. */
static const struct expansion expansions[] = {
	{ NULL, "\\", "x$v/y", "x%w/y", "$v outside quotes" },
	{ NULL, "\\", "x${v}y", "x%wy", "${v}" },
	{ "M-EXP-SINGLE", "\\", "'$v'", "$v", "'$v' in single quotes" },
	{ "M-EXP-DOUBLE", "\\", "\"a $v b\"", "a %w b", "\"$v\" in double quotes" },
	{ "M-EXP-UNSET", "\\", "[$n][${n}]", "[][]", "a variable that is not set" },
	{ NULL, "\\", "\\$v", "$v", "\\$v" },
	{ "M-EXP-BACKSLASH", "\\", "\"a\\tb\\\"c\\\\d\"", "a\\tb\"c\\d", "backslashes in double quotes" },
	{ "M-EXP-BACKSLASH", "\\", "a\\ b\\c", "a bc", "backslashes outside quotes" },
	{ "M-EXP-SINGLE", "\\", "'a\\b'", "a\\b", "a backslash in single quotes" },
	{ "M-EXP-QUOTES", "\\", "a\"b\"'c'", "abc", "the quotes themselves" },
	{ "M-EXP-ESCAPE", "`", "`$v C:\\d\\$v", "$v C:\\d\\%w", "another escape character, `" },
	{ NULL, "\\", "${n:-$v} ${e:-d} ${e-d} ${v:+s}", "%w d  s", "${n:-word}, ${e-word} and ${v:+word}" },
	{ NULL, "\\", "\"'$v'\"", "'%w'", "single quotes inside double ones" },
	{ "M-EXP-CLIENT", "\\", "[$HOME]", "[]", "HOME, which only the builder's own environment has" },
	{ NULL, "\\", "a\\", "a", "an escape character at the very end" },
	{ NULL, "\\", "", "", "an empty text (its result is an empty text, no NULL)" },
	{ NULL, "\\q", "\"$v\" 'a", "\"%w\" 'a", "with keep_quotes, quotes are ordinary characters" },
	{ NULL, "\\e", "\\*$v \\$v", "\\*%w \\$v", "with keep_escapes, an escape character does its work and stays" },
};

static char *with_word(struct check *c, const char *text, const char *word)
{
	const char *at = strstr(text, "%w");
	return at ? check_text(c, "%.*s%s%s", (int)(at - text), text, word, at + 2) : check_text(c, "%s", text);
}

static void check_expand(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *value = check_word(c), *set = check_text(c, "v=%s", value);

	for (size_t i = 0; i < ARRAY_LEN(expansions); i++) {
		const struct expansion *e = &expansions[i];
		struct run *r = box_start(b, RUN(DRIVE, "expand", word, e->escape, e->text, "v=old", "e=", set));
		check_ran(c, "drive expand %s '%s' '%s' v=old e= %s", word, e->escape, e->text, set);
		char **got = held(c, r, "expand");
		check_str(c, e->misread, check_text(c, "%s: %s", e->what, e->text), with_word(c, e->want, value), got[0]);
		end_of(b, r);
	}
	static const char *const broken[] = { "'a", "\"a", "${v", "${}", "${v:?}x${n:?gone}" };
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct run *r = box_run(b, RUN(DRIVE, "expand", word, "\\", broken[i], set, "fails"));
		check_ran(c, "drive expand %s '\\' \"%s\" %s", word, broken[i], set);
		check_int(c, r->code == 9 ? "M-EXP-FAILED" : "M-EXP-OPEN",
			check_text(c, "the error for %s (22 is EINVAL; 9: *ret was changed, or the error has no words)", broken[i]),
			EINVAL, r->code);
	}
	box_expect_empty(b, NULL);
}

/* --- stages with files --- */

static struct box *box_with_base(struct check *c)
{
	struct box *b = box_open(c, NULL);
	static const char *const dirs[] = { "/work/root", "/work/root/layers", NULL };
	for (size_t i = 0; dirs[i]; i++)
		box_mkdir(b, dirs[i], 0700);
	char *above = check_text(c, "%.*s", (int)(strlen(BASE) - 3), BASE);
	box_mkdir(b, above, 0700);
	box_rootfs(b, BASE, BOX_BUSYBOX);
	box_mkdir(b, "/work/ctx", 0755);
	return b;
}

static char *in_layer(struct check *c, struct box *b, const char *layer, const char *name)
{
	return box_read(b, check_text(c, "/work/root/layers/%s/fs/%s", layer, name));
}

static bool layer_has(struct check *c, struct box *b, const char *layer, const char *name)
{
	return box_exists(b, check_text(c, "/work/root/layers/%s/fs/%s", layer, name));
}

static size_t count(const char *text, const char *line)
{
	size_t n = 0, len = strlen(line);
	for (const char *p = text; p && (p = strstr(p, line)); p += len)
		n += (p == text || p[-1] == '\n') && p[len] == '\n';
	return n;
}

/* errno of the last step, layers before, layers: what `drive steps` and `drive build` hold with. */
struct steps {
	char *failed;
	int before;
	char **layers;
	size_t n; /* of new ones */
};

static struct steps steps_of(struct check *c, struct run *r, const char *what)
{
	char **got = held(c, r, what);
	struct steps s = { .failed = got[0], .before = atoi(got[1] ? got[1] : "0") };
	s.layers = strv_len(got) > 2 + (size_t)s.before ? got + 2 + s.before : NULL;
	s.n = strv_len(s.layers);
	return s;
}

/* --- 06.2 --- */

/* The first RUN succeeds and the second changes files, then fails. */
static void failed_run(struct check *c, struct box *b, const char *word, const char *text)
{
	int64_t started = (int64_t)count(box_read(b, "/work/started"), "run");
	box_write(b, "/work/Dockerfile", check_text(c, "FROM scratch\nRUN echo %s >/kept\nRUN echo %s >/lost; exit 3\n", text, text),
		0644);
	struct run *r = box_start(b, RUN(DRIVE, "steps", word));
	check_ran(c, "drive steps %s   (RUN echo %s >/kept, then RUN echo %s >/lost; exit 3)", word, text, text);
	struct steps s = steps_of(c, r, "step_run");
	check_that(c, !str_eq(s.failed, "0"), "M-RUN-STATUS", "the step whose program ends with 3 fails", "it succeeded");
	check_int(c, "M-RUN-HALF", "new layers after a RUN that succeeds and one that fails", 1, (int64_t)s.n);
	check_int(c, "M-RUN-TWICE", "programs that were started for two RUNs, the second of which fails", 2,
		(int64_t)count(box_read(b, "/work/started"), "run") - started);
	const char *words = box_read(b, "/work/error");
	check_that(c, words && strstr(words, "exit code: 3"), NULL, "the error names the program's status, 3", "it says: %s",
		words ? words : "nothing");
	check_str(c, NULL, "the file of the step that succeeded", check_text(c, "%s\n", text), in_layer(c, b, s.layers[0], "kept"));
	end_of(b, r);
}

static void check_run(struct check *c)
{
	struct box *b = box_with_base(c);
	char *word = check_word(c), *text = check_word(c), *old = check_word(c), *gone = check_word(c);

	box_write(b, BASE "/old", old, 0644);
	box_write(b, check_text(c, BASE "/%s", gone), old, 0644);
	box_write(b, "/work/Dockerfile",
		check_text(c, "FROM scratch\nENV V=%s\nRUN cd /tmp && echo $V >/made && rm /%s && echo more >>/old\nRUN pwd >/where\n",
			text, gone), 0644);
	struct run *r = box_start(b, RUN(DRIVE, "steps", word));
	check_ran(c, "drive steps %s   (RUN cd /tmp && echo $V >/made && rm /%s && echo more >>/old, then RUN pwd >/where)", word, gone);
	struct steps s = steps_of(c, r, "step_run");
	check_evidence(c, "errno %s, %zu new layers", s.failed, s.n);
	check_str(c, NULL, "what step_run returned for the last RUN", "0", s.failed);
	check_str(c, "M-RUN-PARENT", "a file of the layer below, after a RUN that appends to it", old, box_read(b, BASE "/old"));
	check_that(c, box_exists(b, check_text(c, BASE "/%s", gone)), "M-RUN-PARENT",
		"a file that RUN removes is still in the layer below", "it is gone from there");
	int64_t started = (int64_t)count(box_read(b, "/work/started"), "run");
	check_int(c, started > 2 ? "M-RUN-TWICE" : NULL, "programs that were started for two RUNs", 2, started);
	check_int(c, s.n ? NULL : "M-RUN-LOST", "new layers of two RUNs that change files", 2, (int64_t)s.n);
	check_str(c, "M-RUN-EARLY", "the file made by the first RUN, in the first new layer", check_text(c, "%s\n", text),
		in_layer(c, b, s.layers[0], "made"));
	check_str(c, NULL, "the file that it appended to, in the new layer", check_text(c, "%smore\n", old),
		in_layer(c, b, s.layers[0], "old"));
	check_that(c, !layer_has(c, b, s.layers[1], "made"), NULL, "the second layer holds the second RUN's changes only",
		"the first RUN's file is in it");
	check_str(c, "M-RUN-CD", "what pwd says in the second RUN", "/\n", in_layer(c, b, s.layers[1], "where"));
	check_note_predicted(c, 'n', "each RUN is a process of its own: only files go on to the next");
	end_of(b, r);
	failed_run(c, b, word, text);
}

/* --- 06.3 --- */

static void plant_context(struct check *c, struct box *b, const char *text, const char *secret)
{
	box_write(b, "/work/outside", secret, 0644);
	box_write(b, "/work/ctx/.dockerignore", "*.key\n", 0644);
	box_write(b, "/work/ctx/one", text, 0640);
	box_write(b, "/work/ctx/two", text, 0755);
	box_mkdir(b, "/work/ctx/dir", 0700);
	box_write(b, "/work/ctx/dir/in", text, 0604);
	box_write(b, "/work/ctx/dir/my.txt", text, 0644);
	box_write(b, "/work/ctx/my.key", secret, 0600);
	box_symlink(b, "../outside", "/work/ctx/out");
	box_symlink(b, "../../outside", "/work/ctx/dir/out");
	(void)c;
}

static void refused_copy(struct check *c, struct box *b, const char *word, const char *source, const char *why, const char *misread)
{
	box_write(b, "/work/Dockerfile", check_text(c, "FROM scratch\nCOPY %s\n", source), 0644);
	struct run *r = box_start(b, RUN(DRIVE, "steps", word));
	check_ran(c, "drive steps %s   (COPY %s)", word, source);
	struct steps s = steps_of(c, r, "step_copy");
	check_that(c, !str_eq(s.failed, "0"), misread, check_text(c, "an error for COPY %s: %s", source, why), "it succeeded");
	check_int(c, NULL, "new layers of a COPY that fails", 0, (int64_t)s.n);
	check_that(c, !box_exists(b, "/work/root/build/tmp-lab/0.0"), NULL, "the directory of a layer that is given up is gone",
		"it is there: /work/root/build/tmp-lab/0.0");
	end_of(b, r);
}

static char *mode_in(struct check *c, struct run *r, const char *layer, const char *name)
{
	struct stat st;
	if (lstat(check_text(c, "/proc/%d/root/work/root/layers/%s/fs/%s", (int)r->pid, layer, name), &st) < 0)
		return NULL;
	return check_text(c, "%04o", st.st_mode & 07777);
}

static void check_copy(struct check *c)
{
	struct box *b = box_with_base(c);
	char *word = check_word(c), *text = check_word(c), *secret = check_word(c);

	plant_context(c, b, text, secret);
	box_write(b, "/work/Dockerfile",
		"FROM scratch\nCOPY one two /d/\nCOPY dir /tree\nCOPY <<E . /h/\nbody\nE\n", 0644);
	struct run *r = box_start(b, RUN(DRIVE, "steps", word));
	check_ran(c, "drive steps %s   (COPY one two /d/; COPY dir /tree; COPY <<E . /h/)", word);
	struct steps s = steps_of(c, r, "step_copy");
	check_str(c, NULL, "what step_copy returned for the last COPY", "0", s.failed);
	check_int(c, s.n ? NULL : "M-COPY-LOST", "new layers of three COPYs", 3, (int64_t)s.n);
	check_str(c, NULL, "the first of two sources, in the layer", text, in_layer(c, b, s.layers[0], "d/one"));
	check_str(c, "M-COPY-FIRST", "the second of two sources, in the layer", text, in_layer(c, b, s.layers[0], "d/two"));
	check_str(c, "M-COPY-MODE", "mode of a copied file", "0640", mode_in(c, r, s.layers[0], "d/one"));
	check_str(c, "M-COPY-MODE", "mode of a program", "0755", mode_in(c, r, s.layers[0], "d/two"));
	check_str(c, NULL, "a file of a copied directory: its contents are copied, not itself", text,
		in_layer(c, b, s.layers[1], "tree/in"));
	check_str(c, "M-COPY-MODE", "mode of a new destination directory, whatever the context's is", "0755",
		mode_in(c, r, s.layers[1], "tree"));
	check_that(c, !layer_has(c, b, s.layers[2], "h/my.key"), "M-COPY-IGNORED", "a file that .dockerignore names stays out",
		"my.key is in the layer");
	char *link = in_layer(c, b, s.layers[1], "tree/out");
	check_that(c, !link || !str_eq(link, secret), "M-COPY-LINK", "a link that leads out of the context is not followed",
		"the file outside is in the layer");
	check_str(c, "M-COPY-HEREDOC", "the heredoc, as a file", "body\n", in_layer(c, b, s.layers[2], "h/E"));
	check_str(c, NULL, "a file beside the heredoc", text, in_layer(c, b, s.layers[2], "h/one"));
	check_that(c, !box_exists(b, BASE "/d/one") && !box_exists(b, BASE "/tree/in"), "M-COPY-PARENT", "the layer below is unchanged",
		"the files are in it");
	end_of(b, r);
	box_mkdir(b, BASE "/clash", 0755);
	box_mkdir(b, BASE "/clash/two", 0755);
	refused_copy(c, b, word, "one two /clash/", "/clash/two is a directory", NULL);
	refused_copy(c, b, word, "out /stolen", "it leads out of the context", "M-COPY-LINK");
	refused_copy(c, b, word, "my.key /stolen", ".dockerignore names it", "M-COPY-IGNORED");
	refused_copy(c, b, word, "missing /stolen", "there is no such file", NULL);
}

/* --- 06.4 --- */

static size_t lines_of(const char *text)
{
	size_t n = 0;
	for (; text && *text; text++)
		n += *text == '\n';
	return n;
}

/* Builds once more and says which steps ran: 0 none, 1 the second only, 2 both. */
static int64_t steps_run_by(struct check *c, struct box *b, const char *word, const char *arg)
{
	size_t before = lines_of(box_read(b, "/work/started"));
	struct run *r = box_start(b, arg ? RUN(DRIVE, "build", word, arg) : RUN(DRIVE, "build", word));
	check_ran(c, "drive build %s%s%s", word, arg ? " " : "", arg ? arg : "");
	struct steps s = steps_of(c, r, "a build with cache_key");
	check_str(c, NULL, "what the last step returned", "0", s.failed);
	end_of(b, r);
	char *log = box_read(b, "/work/started");
	for (size_t skip = before; skip && log && *log; log++)
		skip -= *log == '\n';
	return (int64_t)(count(log, "step_copy") + count(log, "step_run"));
}

static void write_build(struct check *c, struct box *b, const char *command, const char *label)
{
	box_write(b, "/work/Dockerfile",
		check_text(c, "FROM scratch\n# %s\nARG V=1\n%sLABEL l=%s\nCOPY  file /file\nRUN %s\n", label,
			*label == 'a' ? "" : "LABEL more=1\n", label, command), 0644);
}

static void run_in(struct check *c, struct box *b, const char *command)
{
	struct run *r = box_run(b, RUN("/bin/sh", "-c", command));
	if (r->code)
		check_trouble(c, "`%s` failed in the box: %s", command, r->out ? r->out : "");
}

/* WORKDIR makes a directory that belongs to USER: a key without one of them finds the layer of another WORKDIR. */
static void workdir_key(struct check *c, struct box *b, const char *word)
{
	char *name = check_word(c);
	const char *const files[] = { "FROM scratch\nWORKDIR /first\n", check_text(c, "FROM scratch\nWORKDIR /%s\n", name),
		check_text(c, "FROM scratch\nUSER 7\nWORKDIR /%s\n", name) };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		box_write(b, "/work/Dockerfile", files[i], 0644);
		struct run *r = box_start(b, RUN(DRIVE, "build", word));
		check_ran(c, "drive build %s   (%s)", word, i == 0 ? "WORKDIR /first" : i == 1 ? "another WORKDIR" : "the same, of USER 7");
		struct steps s = steps_of(c, r, "a build with cache_key");
		check_int(c, "M-KEY-WORKDIR", "new layers of a WORKDIR", 1, (int64_t)s.n);
		if (i)
			check_that(c, layer_has(c, b, s.layers[0], name), "M-KEY-WORKDIR", check_text(c, "the layer of WORKDIR /%s holds that directory", name),
				"it is the layer of another WORKDIR");
		if (i == 2) {
			struct run *owner = box_run(b, RUN("/bin/sh", "-c", check_text(c, "stat -c %%u /work/root/layers/%s/fs/%s", s.layers[0], name)));
			check_str(c, "M-KEY-WORKDIR", "the owner of a WORKDIR behind USER 7", "7\n", owner->out);
		}
		end_of(b, r);
	}
}

static void check_key(struct check *c)
{
	struct box *b = box_with_base(c);
	char *word = check_word(c), *text = check_word(c);
	static const char command[] = "cat /file >/made; echo $V >>/made";

	box_write(b, "/work/ctx/file", text, 0644);
	box_write(b, "/work/ctx/other", text, 0644);
	write_build(c, b, command, "a");
	check_int(c, NULL, "steps that run in the first build", 2, steps_run_by(c, b, word, NULL));
	check_int(c, "M-KEY-RANDOM", "steps that run when nothing has changed", 0, steps_run_by(c, b, word, NULL));
	run_in(c, b, "touch -d 2001-01-01 /work/ctx/file; echo more >>/work/ctx/other");
	check_int(c, "M-KEY-TIME", "steps that run when a file has a new time only (and a file that no COPY names was changed)", 0,
		steps_run_by(c, b, word, NULL));
	write_build(c, b, command, "b");
	check_int(c, "M-KEY-LABEL", "steps that run when a LABEL and a comment have changed, and one more LABEL came", 0,
		steps_run_by(c, b, word, NULL));
	box_write(b, "/work/ctx/file", check_word(c), 0644);
	int64_t ran = steps_run_by(c, b, word, NULL);
	check_int(c, ran == 1 ? "M-KEY-PARENT" : "M-KEY-BYTES", "steps that run when a byte of the copied file has changed", 2, ran);
	run_in(c, b, "chmod 755 /work/ctx/file");
	check_int(c, "M-KEY-MODE", "steps that run when the copied file has another mode", 2, steps_run_by(c, b, word, NULL));
	check_int(c, "M-KEY-ARG", "steps that run when the ARG that RUN sees has another value", 1, steps_run_by(c, b, word, "V=2"));
	check_int(c, "M-KEY-ARG", "steps that run with the value of before", 0, steps_run_by(c, b, word, NULL));
	write_build(c, b, "cat /file >/made", "b");
	check_int(c, "M-KEY-WORDS", "steps that run when the RUN itself has changed", 1, steps_run_by(c, b, word, NULL));
	box_write(b, "/work/Dockerfile", "FROM scratch\nADD file /added\n", 0644);
	check_int(c, NULL, "steps that run for a new ADD", 1, steps_run_by(c, b, word, NULL));
	box_write(b, "/work/ctx/file", check_word(c), 0644);
	check_int(c, "M-KEY-BYTES", "steps that run when a byte of the file of an ADD has changed", 1, steps_run_by(c, b, word, NULL));
	workdir_key(c, b, word);
	box_write(b, "/work/Dockerfile", "FROM scratch\nCOPY missing /x\n", 0644);
	struct run *r = box_run(b, RUN(DRIVE, "key"));
	check_ran(c, "drive key   (COPY missing /x)");
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for the key of a COPY whose file is missing",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 06.5 --- */

static void needs(struct check *c, struct box *b, const char *file, const char *target, const char *want, const char *misread,
	const char *what)
{
	char *word = check_word(c);
	box_write(b, "/work/Dockerfile", file, 0644);
	struct run *r = box_start(b, RUN(DRIVE, "needed", word, target));
	check_ran(c, "drive needed %s %s   (%s)", word, target, what);
	char *got = held(c, r, "stages_needed")[0];
	bool forgot = strchr(got, '?') != NULL, all = !strchr(got, '0') && !forgot;
	check_str(c, forgot ? "M-NEED-UNSET" : all ? "M-NEED-ALL" : misread, check_text(c, "needed stages, first to last: %s", what),
		want, got);
	end_of(b, r);
}

static void check_needed(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *x = check_word(c), *y = check_word(c);

	needs(c, b, "FROM a\nFROM b\nFROM c\n", "-", "001", NULL, "three stages that have nothing to do with each other");
	needs(c, b, "FROM a\nFROM b\nFROM c\n", "", "001", "M-NEED-TARGET", "the same with \"\" as target: the last one");
	needs(c, b, check_text(c, "FROM a AS %s\nFROM %s AS %s\nFROM b\nCOPY --from=%s /f /\n", x, x, y, y), "-", "111", "M-NEED-DIRECT",
		"the last copies from the second, which is FROM the first");
	needs(c, b, check_text(c, "FROM a AS %s\nFROM b AS %s\nFROM c\nCOPY --from=%s /f /\n", x, y, x), "-", "101", NULL,
		"the last copies from the first");
	needs(c, b, check_text(c, "FROM a AS %s\nFROM b\nRUN --mount=type=bind,from=%s,target=/m ls\n", x, x), "-", "11", "M-NEED-MOUNT",
		"a RUN mounts the first");
	needs(c, b, check_text(c, "FROM a AS %s\nFROM b AS %s\nFROM %s\n", x, y, y), x, "100", "M-NEED-TARGET", "the target is the first");
	needs(c, b, "FROM a\nFROM b\nFROM c\nCOPY --from=1 /f /\n", "-", "011", NULL, "the last copies from stage number 1");
	needs(c, b, check_text(c, "FROM a AS %s\nFROM b\nCOPY --from=%s /f /\n", x, y), "-", "01", NULL,
		"the last copies from an image");
	box_write(b, "/work/Dockerfile", "FROM a AS x\n", 0644);
	struct run *r = box_run(b, RUN(DRIVE, "needed", x, y, "fails"));
	check_ran(c, "drive needed %s %s", x, y);
	check_int(c, NULL, "the error for a target that is not there (2 is ENOENT; 9: need[] was changed, or the error has no words)",
		ENOENT, r->code);
	box_expect_empty(b, NULL);
}

const struct check_entry lab_06_checks[] = {
	{ "06.1", check_expand },
	{ "06.2", check_run },
	{ "06.3", check_copy },
	{ "06.4", check_key },
	{ "06.5", check_needed },
	{ 0 },
};
