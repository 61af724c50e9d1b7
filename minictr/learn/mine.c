/*
 * mine.c - "mine or reference", task by task: the learner's object beside the reference under weak names.
 *
 * For each owned file a wrapper is generated:
 *     #pragma weak rootfs_pivot                  the learner's definition wins where there is one
 *     #include "minictr/runtime/rootfs.c"
 *     extern __typeof__(rootfs_pivot) ref_rootfs_pivot __attribute__((alias("rootfs_pivot")));
 *     const char lab_interface_rootfs_1 = 1;     a starter of another generation does not link
 * ref_rootfs_pivot is what TODO calls. Weak and no LTO (-fno-lto): otherwise the compiler may inline or
 * even believe the reference's constant, and the learner is bypassed without an error.
 * Objects, not archives, are linked: a weak definition never pulls a member out of an archive.
 * The compiler runs as the learner: root must not read a file for `#include "/etc/shadow"`.
 */
#include "learn/mine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"
#include "learn/source.h"
#include "learn/starter.h"
#include "learn/workshop.h"

/* A file of the build directory; kept for the life of the tool. */
static const char *built(const char *name) { return xasprintf("%s/%s", build_folder(), name); }
static const char *conf(void)
{
	static const char *path;
	return path ? path : (path = built("gen/lab-link.ini"));
}

static struct timespec changed(const char *path)
{
	struct stat st;
	return stat(path, &st) < 0 ? (struct timespec){ 0 } : st.st_mtim;
}

/* A made file is fresh when it is newer than each of its sources. */
static bool newer(const char *made, const char *source)
{
	struct timespec a = changed(made), b = changed(source);
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* One run at a time builds and grades in a tree; the lock is the directory's, and lives as long as this
 * process. */
static int lock_tree(struct mc_err *err)
{
	static int held = -1;
	if (held >= 0)
		return 0;
	int fd = sys_open(AT_FDCWD, built("mine"), O_RDONLY | O_DIRECTORY, 0, err);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		fprintf(stderr, "lab: another run is at work in this tree; waiting for it\n");
		while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
			;
	}
	held = fd;
	return 0;
}

int build_open(struct build *b, const char *dir, struct mc_err *err)
{
	*b = (struct build){ .dir = xstrdup(dir) };
	int rc = ini_read(conf(), &b->conf, err);
	if (rc < 0)
		return err_hint(err, "build the engine first: `make`");
	if (geteuid() == 0 && person()->uid != 0 && mkdir(built("mine"), 0755) == 0 &&
		chown(built("mine"), person()->uid, person()->gid) < 0)
		return err_sys(err, "chown %s", built("mine"));
	rc = person_mkdir(dir, err);
	return rc < 0 ? rc : lock_tree(err);
}

void build_add(struct build *b, const struct lab *l, int file, const char *source)
{
	struct unit *u = &b->unit[b->units++];
	const char *stem = l->file[file].stem;
	u->lab = l;
	u->file = file;
	u->source = xstrdup(source);
	u->object = xasprintf("%s/%s.o", b->dir, stem);
	u->wrapper = xasprintf("%s/mine/wrap/%s-%s.o", build_folder(), l->number, stem);
}

void build_add_lab(struct build *b, const struct lab *l)
{
	for (int i = 0; i < l->files; i++)
		build_add(b, l, i, path_exists(AT_FDCWD, l->file[i].work) ? l->file[i].work : NULL);
}

void build_close(struct build *b)
{
	for (int i = 0; i < b->units; i++) {
		free(b->unit[i].source);
		free(b->unit[i].object);
		free(b->unit[i].wrapper);
		free(b->unit[i].warnings);
		strv_free(b->unit[i].todo);
	}
	free(b->dir);
	ini_free(b->conf);
}

bool build_is_todo(const struct build *b, const struct lab *l, const struct lab_task *t)
{
	for (int i = 0; i < b->units; i++)
		if (b->unit[i].lab == l && b->unit[i].file == t->file)
			return strv_has(b->unit[i].todo, t->function);
	return true;
}

/* --- compiling --- */

static void push_words(char ***argv, const char *text)
{
	char **words = words_of(text);
	for (char **w = words; *w; w++)
		strv_push(argv, *w);
	strv_free(words);
}

static char **compile_words(const struct build *b, const char *source, const char *object, const char *extra)
{
	char **argv = NULL;
	push_words(&argv, ini_get(b->conf, "compile", "cc"));
	push_words(&argv, ini_get(b->conf, "compile", "flags"));
	push_words(&argv, extra);
	/* Sections, so that the reference's version of a task that the learner has begun is left out of the link. */
	push_words(&argv, "-fno-lto -ffunction-sections -fdata-sections -fdiagnostics-color=never -I. -c");
	strv_push(&argv, source);
	strv_push(&argv, "-o");
	strv_push(&argv, object);
	return argv;
}

/* The grader's own sources. */
static int compile(const struct build *b, const char *source, const char *object, const char *extra,
	struct buf *out, struct mc_err *err)
{
	_cleanup_strv_ char **argv = compile_words(b, source, object, extra);
	return person_run(argv, out, err);
}

/* The first error with the lines the compiler shows below it; the rest is only counted. */
static void first_error(const char *out, struct complaint *c)
{
	int errors = 0, shown = 0;
	for (const char *line = out; *line;) {
		size_t len = strcspn(line, "\n");
		_cleanup_free_ char *text = xstrndup(line, len);
		bool error = strstr(text, " error: ") != NULL;
		errors += error;
		if (errors == 1 && shown < 5 &&
			(error || (shown && (*text == ' ' || strstr(text, " note: "))))) {
			buf_addf(&c->text, "  %s\n", text);
			shown++;
		}
		line += len + (line[len] == '\n');
	}
	if (errors > 1)
		buf_addf(&c->text, "  (and %d more; the first one often causes the rest)\n", errors - 1);
	if (errors == 0)
		buf_addf(&c->text, "  %.800s\n", out);
}

/* What the compiler said of a file that it took: kept beside the object, to be shown as long as that is
 * used. */
static void keep_warnings(struct unit *u, const char *said)
{
	struct mc_err err;
	_cleanup_free_ char *path = xasprintf("%s.warnings", u->object);
	unlink(path);
	if (said && strstr(said, " warning: ") && person_write(path, said, &err) < 0)
		unlink(path);
}

static void read_warnings(struct unit *u)
{
	struct mc_err err;
	struct buf text = { 0 };
	_cleanup_free_ char *path = xasprintf("%s.warnings", u->object);
	if (path_exists(AT_FDCWD, path) && work_read(path, 1 << 20, &text, &err) == 0)
		u->warnings = buf_take(&text);
	buf_release(&text);
}

static int compile_mine(struct build *b, struct unit *u, struct complaint *c, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	if (newer(u->object, u->source) && newer(u->object, conf()) &&
		newer(u->object, built("bin/minictr-lab")))
		return 0;
	_cleanup_buf_ struct buf text = { 0 };
	/* -finstrument-functions: labs/mine_start.c tells when the code runs */
	_cleanup_strv_ char **argv =
		compile_words(b, u->source, u->object, "-Wno-unused-function -g -finstrument-functions");
	unlink(u->object);
	if (work_read(u->source, WORKSHOP_SOURCE_MAX, &text, err) < 0) {
		buf_addf(&c->text, "%s\n", err->what);
		return 1;
	}
	int rc = workshop_compile(argv, u->source, &text, u->object, &out, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		buf_addf(&c->text, "%s does not compile%s:\n", u->source,
			rc == WORKSHOP_TIME_UP ? " in 20 seconds" : "");
	if (rc > 0 && out.data && strstr(out.data, "File size limit exceeded"))
		buf_adds(&c->text, "what it wrote grew over the limit for an object file: an array is too "
				   "large, malloc(3) it\n");
	if (rc > 0)
		first_error(out.data ? out.data : "", c);
	else
		keep_warnings(u, out.data);
	return rc > 0;
}

static char *wrapper_text(const struct unit *u, struct mc_err *err)
{
	struct source *s = NULL;
	const struct lab_file *f = &u->lab->file[u->file];
	if (source_read(f->source, &s, err) < 0)
		return NULL;
	struct buf weak = { 0 }, alias = { 0 };
	for (size_t i = 0; i < s->n; i++) {
		const struct function *fn = &s->function[i];
		if (!task_of_function(u->lab, fn->name))
			continue;
		buf_addf(&weak, "#pragma weak %s\n", fn->name);
		buf_addf(&alias, "extern __typeof__(%s) ref_%s __attribute__((alias(\"%s\")));\n", fn->name,
			fn->name, fn->name);
	}
	buf_addf(&weak,
		"#include \"%s\"\n%sextern const char lab_interface_%s_%d;\nconst char lab_interface_%s_%d = "
		"1;\n",
		f->source, alias.data ? alias.data : "", f->stem, u->lab->interface, f->stem,
		u->lab->interface);
	buf_release(&alias);
	source_free(s);
	return buf_take(&weak);
}

static int make_wrapper(struct build *b, struct unit *u, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_free_ char *ini = xasprintf("%s/lab.ini", u->lab->dir); /* its interface number */
	if (newer(u->wrapper, u->lab->file[u->file].source) && newer(u->wrapper, ini) &&
		newer(u->wrapper, conf()) && newer(u->wrapper, built("bin/minictr-lab")) &&
		newer(u->wrapper, built("lib/libruntime.a")))
		return 0;
	_cleanup_free_ char *source = xstrdup(u->wrapper), *text = wrapper_text(u, err);
	source[strlen(source) - 1] = 'c';
	if (!text)
		return -err->code;
	int rc = person_write(source, text, err);
	if (rc == 0)
		rc = compile(b, source, u->wrapper, "-Wno-missing-prototypes", &out, err);
	if (rc > 0)
		return err_set(err, EINVAL, "the reference does not compile as a wrapper: %.300s", out.data);
	return rc;
}

/* --- linking --- */

/* Does the reference build of this executable use the file at all? Then so must the learner's. */
static bool contains(const char *program, const struct unit *u)
{
	struct mc_err err;
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/bin/%s", build_folder(), program);
	char *const argv[] = { "nm", "--defined-only", path, NULL };
	if (person_run(argv, &out, &err) != 0)
		return false;
	for (int i = 0; i < u->lab->tasks; i++) {
		_cleanup_free_ char *symbol = xasprintf(" %s\n", u->lab->task[i].function);
		if (u->lab->task[i].file == u->file && out.data && strstr(out.data, symbol))
			return true;
	}
	return false;
}

static int main_object(
	struct build *b, const struct lab *l, const char *program, char **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	if (!str_eq(program, "drive")) {
		const char *object = ini_get(b->conf, program, "main");
		*ret = xstrdup(object);
		return object ? 0
			      : err_set(err, ENOENT, "%s/lab.ini: there is no executable %s", l->dir,
					program);
	}
	_cleanup_free_ char *source = xasprintf("%s/drive.c", l->dir);
	*ret = xasprintf("%s/mine/wrap/%s-drive.o", build_folder(), l->number);
	if (newer(*ret, source) && newer(*ret, conf()) && newer(*ret, built("bin/minictr-lab")))
		return 0;
	int rc = compile(b, source, *ret, "-Dmain=drive_main -Wno-missing-prototypes", &out, err);
	return rc > 0 ? err_set(err, EINVAL, "%s does not compile: %.400s", source, out.data) : rc;
}

/* A file of labs/ that many executables share: main() of all drives, the watch over a learner's code. */
static int shared_object(struct build *b, const char *name, char **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_free_ char *source = xasprintf("labs/%s.c", name);
	*ret = xasprintf("%s/mine/wrap/%s.o", build_folder(), name);
	if (newer(*ret, source) && newer(*ret, conf()) && newer(*ret, built("bin/minictr-lab")))
		return 0;
	int rc = compile(b, source, *ret, NULL, &out, err);
	return rc > 0 ? err_set(err, EINVAL, "%s does not compile: %.400s", source, out.data) : rc;
}

/* The first line that speaks of a learner's file. */
static int explain_link(const struct build *b, const char *out, struct complaint *c, struct mc_err *err)
{
	for (int i = 0; i < b->units; i++) {
		const struct unit *u = &b->unit[i];
		_cleanup_free_ char *name = u->source ? xasprintf("%s:", u->source) : NULL;
		if (!name || !strstr(out, name))
			continue;
		const char *at = strstr(out, name);
		buf_addf(&c->text, "%s does not link:\n  %.*s\n", u->source, (int)strcspn(at, "\n"), at);
		return 1;
	}
	for (int i = 0; i < b->units; i++)
		if (b->unit[i].source) { /* the reference alone links: `lab dev check` and build_reference() prove it */
			buf_addf(&c->text, "%s does not link:\n  %.*s\n", b->unit[i].source,
				(int)strcspn(out, "\n"), out);
			return 1;
		}
	return err_set(err, EINVAL, "link step: %.500s", out);
}

/*
 * Names the learner's functions inside every executable they reach: `minictr version` shows them, and
 * labs/mine_start.c knows them by address. Weak: not every executable holds every function.
 */
static void label_text(const struct build *b, struct buf *text)
{
	_cleanup_buf_ struct buf names = { 0 }, weak = { 0 }, rows = { 0 };
	for (int i = 0; i < b->units; i++) {
		const struct unit *u = &b->unit[i];
		for (int k = 0; u->source && k < u->lab->tasks; k++) {
			const struct lab_task *t = &u->lab->task[k];
			if (t->file != u->file || strv_has(u->todo, t->function))
				continue;
			buf_addf(&names, "%s%s", names.len ? " " : "", t->function);
			buf_addf(&weak, "extern const char %s[] __attribute__((weak));\n", t->function);
			buf_addf(&rows, "\t{ %s, \"%s\" },\n", t->function, t->id);
		}
	}
	buf_addf(text,
		"#include \"base/program.h\"\n#include \"learn/crash.h\"\nconst char program_mine[] = "
		"\"%s\";\n%sconst struct mine_task mine_tasks[] = {\n%s\t{ NULL, NULL }\n};\n",
		names.data ? names.data : "", weak.data ? weak.data : "", rows.data ? rows.data : "");
}

static int make_label(struct build *b, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 }, out = { 0 };
	_cleanup_free_ char *source = xasprintf("%s/mine.c", b->dir),
			    *object = xasprintf("%s/mine.o", b->dir);
	label_text(b, &text);
	struct mc_err absent;
	_cleanup_buf_ struct buf before = { 0 };
	if (file_read(AT_FDCWD, source, 1 << 20, &before, &absent) == 0 && str_eq(before.data, text.data) &&
		newer(object, source))
		return 0;
	int rc = person_write(source, text.data, err);
	if (rc == 0)
		rc = compile(b, source, object, NULL, &out, err);
	return rc > 0 ? err_set(err, EINVAL, "%s does not compile: %.200s", source, out.data) : rc;
}

/* drive.debug stays outside the box, for a debugger and for crash lines; what runs there has no names: a
 * learner's code could look up those of the grader's in its own file. */
static int strip_drive(const char *path, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_free_ char *debug = xasprintf("%s.debug", path);
	char *const move[] = { "mv", "-f", (char *)path, debug, NULL };
	char *const strip[] = { "strip", "-o", (char *)path, debug, NULL };
	int rc = person_run(move, &out, err);
	if (rc == 0)
		rc = person_run(strip, &out, err);
	return rc > 0 ? err_set(err, EIO, "strip %s: %.200s", debug, out.data ? out.data : "") : rc;
}

static int link_one(
	struct build *b, const struct lab *l, const char *program, struct complaint *c, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_free_ char *object = NULL, *path = xasprintf("%s/%s", b->dir, program), *start = NULL,
			    *watch = NULL;
	_cleanup_strv_ char **argv = NULL;
	bool drive = str_eq(program, "drive");
	int rc = main_object(b, l, program, &object, err);
	if (rc < 0)
		return rc;
	push_words(&argv, ini_get(b->conf, "compile", "cc"));
	push_words(&argv, ini_get(b->conf, "compile", "flags"));
	push_words(&argv, "-fno-lto -Wl,--gc-sections");
	rc = shared_object(b, "mine_start", &watch, err);
	if (rc == 0 && drive)
		rc = shared_object(b, "drive_start", &start, err);
	if (rc < 0)
		return rc;
	/* A drive with libraries of its own is not static: curl and libarchive have no complete static form. */
	const char *libs = drive ? ini_get(l->ini, "lab", "libs") : NULL;
	push_words(&argv, libs ? "" : ini_get(b->conf, drive ? "minictr-oci" : program, "ldflags"));
	strv_push(&argv, "-o");
	strv_push(&argv, path);
	strv_push(&argv, object);
	if (start)
		strv_push(&argv, start);
	strv_pushf(&argv, "%s/mine.o", b->dir);
	strv_push(&argv, watch);
	for (int i = 0; i < b->units; i++) {
		struct unit *u = &b->unit[i];
		if (!drive && !contains(program, u))
			continue;
		if (u->source)
			strv_push(&argv, u->object);
		strv_push(&argv, u->wrapper);
	}
	push_words(&argv, ini_get(b->conf, "compile", "archives"));
	push_words(&argv, libs ? libs : ini_get(b->conf, drive ? "minictr-oci" : program, "libs"));
	unlink(path); /* a hard link of the reference may stand there */
	rc = person_run(argv, &out, err);
	if (rc > 0)
		return explain_link(b, out.data ? out.data : "", c, err);
	if (rc == 0)
		rc = link_is_mine(b, path, c, err);
	return rc == 0 && drive ? strip_drive(path, err) : rc;
}

/* Executables find each other beside themselves: those not linked anew are the reference's, as hard links
 * where the owner allows it (fs.protected_hardlinks), else as copies. */
static int fill_directory(struct build *b, char *const programs[], struct mc_err *err)
{
	char **names = NULL;
	int rc = dir_list(AT_FDCWD, built("bin"), &names, err);
	for (char **n = names; rc == 0 && *n; n++) {
		_cleanup_free_ char *from = xasprintf("%s/bin/%s", build_folder(), *n),
				    *to = xasprintf("%s/%s", b->dir, *n);
		struct timespec have = changed(to), want = changed(from);
		if (strv_has(programs, *n) || (have.tv_sec == want.tv_sec && have.tv_nsec == want.tv_nsec))
			continue;
		struct mc_err none;
		_cleanup_buf_ struct buf ignored = { 0 };
		char *const link[] = { "ln", "-f", from, to, NULL }, *const copy[] = { "cp", "-fp", from, to,
			NULL };
		if (person_run(link, &ignored, &none) != 0 && person_run(copy, NULL, &none) != 0)
			rc = err_set(err, EIO, "cp %s %s failed", from, to);
	}
	strv_free(names);
	return rc;
}

/* A half-done file has as-is tasks too: their body is the learner's, begun once it differs from the
 * starter's. */
static void add_unchanged(struct unit *u)
{
	struct mc_err err;
	struct source *reference = NULL, *mine = NULL;
	if (source_read(u->lab->file[u->file].source, &reference, &err) == 0 &&
		source_read(u->source, &mine, &err) == 0)
		for (int i = 0; i < u->lab->tasks; i++) {
			const struct lab_task *t = &u->lab->task[i];
			_cleanup_free_ char *a = function_text(reference, t->function),
					    *b = function_text(mine, t->function);
			if (t->as_is && t->file == u->file && str_eq(a, b))
				strv_push(&u->todo, t->function);
		}
	source_free(reference);
	source_free(mine);
}

static int prepare_unit(struct build *b, struct unit *u, struct complaint *c, struct mc_err *err)
{
	int rc = make_wrapper(b, u, err);
	if (rc != 0)
		return rc;
	if (!u->source) {
		for (int i = 0; i < u->lab->tasks; i++)
			if (u->lab->task[i].file == u->file)
				strv_push(&u->todo, u->lab->task[i].function);
		return 0;
	}
	rc = compile_mine(b, u, c, err);
	if (rc == 0)
		rc = link_check(
			u, strstr(ini_get(b->conf, "compile", "flags"), "-fsanitize") != NULL, c, err);
	if (rc == 0) {
		u->todo = link_todo(u);
		add_unchanged(u);
		read_warnings(u);
	}
	return rc;
}

int build_run(
	struct build *b, const struct lab *l, char *const programs[], struct complaint *c, struct mc_err *err)
{
	int rc = person_mkdir(built("mine/wrap"), err);
	for (int i = 0; rc == 0 && i < b->units; i++)
		rc = prepare_unit(b, &b->unit[i], c, err);
	if (rc == 0)
		rc = make_label(b, err);
	if (rc == 0)
		rc = fill_directory(b, programs, err);
	for (char *const *p = programs; rc == 0 && *p; p++)
		rc = link_one(b, l, *p, c, err);
	if (c->text.data)
		text_plain(
			c->text.data); /* the compiler quotes the learner's lines, whatever bytes are in them */
	return rc;
}

int build_reference(struct lab *l, char **ret_dir, struct mc_err *err)
{
	static char *const drive[] = { "drive", NULL }, *const none[] = { NULL };
	struct build ref;
	struct complaint c = { 0 };
	*ret_dir = xasprintf("%s/mine/ref/%s", build_folder(), l->number);
	int rc = build_open(&ref, *ret_dir, err);
	for (int i = 0; rc == 0 && i < l->files; i++)
		build_add(&ref, l, i, NULL);
	if (rc == 0)
		rc = build_run(&ref, l, strv_has(l->programs, "drive") ? drive : none, &c, err);
	return rc > 0 ? err_set(err, EINVAL, "the reference does not build: %s", c.text.data) : rc;
}

/* Executables of the engine whose reference contains a file that the learner has begun. Caller
 * strv_free()s. */
char **build_engine_programs(const struct build *b)
{
	char **programs = xcalloc(1, sizeof(char *));
	const char *name;
	for (size_t i = 0; (name = ini_section(b->conf, i)); i++)
		for (int k = 0; k < b->units; k++)
			if (b->unit[k].source && !str_eq(name, "minictr-lab") && !strv_has(programs, name) &&
				contains(name, &b->unit[k]))
				strv_push(&programs, name);
	return programs;
}
