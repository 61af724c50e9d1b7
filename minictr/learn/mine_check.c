/*
 * mine_check.c - a step of its own between compiling and linking: a learner's object may define the owned
 * functions and nothing else that others see, and nothing of it may run before main.
 *
 * A learner's function named write() would link without an error and serve the whole engine; a constructor
 * would run in it. readelf(1) sees both, assembler tricks included. Grades rest on evidence, not on this
 * step: it gives clear messages.
 */
#include "base/util.h"
#include "learn/mine.h"
#include "learn/starter.h"

static int look(const char *tool, const char *flags, const char *file, struct buf *out, struct mc_err *err)
{
	char *argv[] = { (char *)tool, (char *)flags, "-W", (char *)file, NULL };
	int rc = person_run(argv, out, err);
	return rc > 0 ? err_set(err, EIO, "%s %s: %.200s", tool, file, out->data ? out->data : "") : rc;
}

/*
 * One line of `readelf -sW`: "  8: 00000000 12 FUNC GLOBAL DEFAULT 1 name". The name is the rest of the
 * line, blanks included: "process_stop x" is not process_stop. readelf writes a newline in a name as ^J;
 * nm(1) would begin a new line.
 */
struct symbol {
	char type[16], bind[16], section[16];
	char *name; /* caller frees */
};

/* The next symbol that other files see, or that the loader runs before main (ifunc); false at the end. */
static bool next_symbol(const char **at, struct symbol *ret)
{
	while (*at && **at) {
		const char *line = *at;
		size_t len = strcspn(line, "\n");
		int name = 0;
		*at = line + len + (line[len] == '\n');
		_cleanup_free_ char *one = xstrndup(line, len);
		if (sscanf(one, " %*u: %*s %*s %15s %15s %*s %15s %n", ret->type, ret->bind, ret->section,
			    &name) != 3 ||
			!name || (str_eq(ret->bind, "LOCAL") && !str_eq(ret->type, "IFUNC")))
			continue;
		ret->name = xstrdup(one + name);
		return true;
	}
	return false;
}

static bool is_undefined(const struct symbol *s) { return str_eq(s->section, "UND"); }

static int refuse_name(const struct unit *u, const char *name, struct complaint *c)
{
	buf_addf(&c->text, "%s defines %s, which is not a task of this file.\n", u->source, name);
	buf_adds(&c->text, "  meaning   everything in the engine that calls this name would get yours\n");
	buf_addf(&c->text, "  next      write `static` in front of %s\n", name);
	return 1;
}

static int check_defined(const struct unit *u, const struct symbol *s, struct complaint *c)
{
	const struct lab_task *t = task_of_function(u->lab, s->name);
	if (str_eq(s->type, "IFUNC")) {
		buf_addf(&c->text,
			"%s: %s is chosen while the program loads (ifunc); write a plain function\n",
			u->source, s->name);
		return 1;
	}
	if (!t || t->file != u->file)
		return refuse_name(u, s->name, c);
	/* The reference's symbol is weak, so a weak one of the learner might lose against it. */
	if (str_eq(s->type, "FUNC") && str_eq(s->bind, "GLOBAL"))
		return 0;
	buf_addf(&c->text, "%s does not link: %s is no plain function (%s, %s); take its attributes away\n",
		u->source, s->name, s->type, s->bind);
	return 1;
}

/* Names of the drive program and of the watch over a learner's code: the engine has none of them. */
static int check_used(const struct unit *u, const struct symbol *s, struct complaint *c)
{
	static const char *const graders[] = { "drive_", "crash_", "mine_" };
	for (size_t i = 0; i < ARRAY_LEN(graders); i++)
		if (str_starts(s->name, graders[i])) {
			buf_addf(&c->text,
				"%s does not link: %s is the grader's, and the engine has no such name\n",
				u->source, s->name);
			return 1;
		}
	return 0;
}

static int check_symbols(const struct unit *u, const char *symbols, char ***ret_defined, struct complaint *c)
{
	struct symbol s;
	int rc = 0;
	for (const char *at = symbols; rc == 0 && next_symbol(&at, &s); free(s.name)) {
		rc = is_undefined(&s) ? check_used(u, &s, c) : check_defined(u, &s, c);
		if (!is_undefined(&s))
			strv_push(ret_defined, s.name);
	}
	return rc;
}

static int check_missing(const struct unit *u, char *const defined[], struct complaint *c)
{
	for (int i = 0; i < u->lab->tasks; i++) {
		const struct lab_task *t = &u->lab->task[i];
		if (t->file != u->file || strv_has(defined, t->function))
			continue;
		buf_addf(&c->text, "%s: the function %s (task %s) is gone.\n", u->source, t->function, t->id);
		buf_addf(&c->text, "  next      put it back: `lab show starter %s` prints the starter\n",
			u->lab->number);
		return 1;
	}
	return 0;
}

static int check_sections(const struct unit *u, const char *sections, struct complaint *c)
{
	static const char *const early[] = { ".init_array", ".preinit_array", ".ctors", ".fini_array",
		".dtors", " .init ", " .fini " };
	for (size_t i = 0; i < ARRAY_LEN(early); i++) {
		if (!sections || !strstr(sections, early[i]))
			continue;
		buf_addf(&c->text, "%s holds code that runs before or after main (section%s%s).\n", u->source,
			early[i][0] == ' ' ? "" : " ", early[i]);
		buf_adds(&c->text, "  next      take the constructor or destructor out: no task needs one\n");
		return 1;
	}
	return 0;
}

/* An older starter names another generation. The linker does not see it: nothing uses the pointer, so it is
 * left out. */
static int check_generation(const struct unit *u, const char *symbols, struct complaint *c)
{
	_cleanup_free_ char *own =
		xasprintf("lab_interface_%s_%d", u->lab->file[u->file].stem, u->lab->interface);
	struct symbol s;
	bool other = false;
	for (const char *at = symbols; next_symbol(&at, &s); free(s.name))
		other |= is_undefined(&s) && str_starts(s.name, "lab_interface_") && !str_eq(s.name, own);
	if (!other)
		return 0;
	buf_adds(&c->text,
		"your starter was made for an earlier version of this lab.\n  next      lab rebase   (merges "
		"your work into the new one; a backup is kept)\n");
	return 1;
}

int link_check(const struct unit *u, bool sanitized, struct complaint *c, struct mc_err *err)
{
	_cleanup_buf_ struct buf symbols = { 0 }, sections = { 0 };
	_cleanup_strv_ char **defined = xcalloc(1, sizeof(char *));
	int rc = look("readelf", "-s", u->object, &symbols, err);
	if (rc == 0)
		rc = look("readelf", "-S", u->object, &sections, err);
	if (rc == 0)
		rc = check_generation(u, symbols.data, c);
	if (rc == 0)
		rc = check_symbols(u, symbols.data, &defined, c);
	if (rc == 0 && !sanitized)
		rc = check_sections(u, sections.data, c);
	return rc == 0 ? check_missing(u, defined, c) : rc;
}

char **link_todo(const struct unit *u)
{
	struct mc_err err;
	struct symbol s;
	_cleanup_buf_ struct buf out = { 0 };
	char **todo = xcalloc(1, sizeof(char *));
	if (look("readelf", "-s", u->object, &out, &err) < 0)
		return todo;
	for (const char *at = out.data; next_symbol(&at, &s); free(s.name))
		if (is_undefined(&s) && str_starts(s.name, "ref_"))
			strv_push(&todo, s.name + 4);
	return todo;
}

/* A definition that the linker leaves out (a section group it has seen already, an excluded section) makes
 * room for the reference's, which is weak: then the executable shows a weak one. */
int link_is_mine(const struct build *b, const char *program, struct complaint *c, struct mc_err *err)
{
	struct symbol s;
	_cleanup_buf_ struct buf symbols = { 0 };
	int rc = look("readelf", "-s", program, &symbols, err);
	for (const char *at = symbols.data; rc == 0 && next_symbol(&at, &s); free(s.name))
		for (int i = 0; i < b->units && str_eq(s.bind, "WEAK"); i++) {
			const struct unit *u = &b->unit[i];
			const struct lab_task *t = task_of_function(u->lab, s.name);
			if (!u->source || !t || t->file != u->file || strv_has(u->todo, t->function))
				continue;
			buf_addf(&c->text,
				"%s does not link: the linker leaves %s out; take its section attribute "
				"away\n",
				u->source, s.name);
			rc = 1;
		}
	return rc;
}
