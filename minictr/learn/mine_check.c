/*
 * mine_check.c - a step of its own between compiling and linking: a learner's object may define the owned
 * functions and nothing else that others see, and nothing of it may run before main.
 *
 * A function of one's own named write() would link without a word and serve the whole engine; a constructor
 * would run in it. nm(1) and readelf(1) see both, assembler tricks included. Evidence, not linking, is the
 * wall: this step is for clear messages.
 */
#include "base/util.h"
#include "learn/mine.h"
#include "learn/starter.h"

static int look(const char *tool, const char *flag1, const char *flag2, const char *object, struct buf *out,
	struct mc_err *err)
{
	char *argv[] = { (char *)tool, (char *)flag1, (char *)flag2, (char *)object, NULL };
	int rc = person_run(argv, out, err);
	return rc > 0 ? err_set(err, EIO, "%s %s: %.200s", tool, object, out->data) : rc;
}

static int check_symbols(const struct unit *u, const char *symbols, char ***ret_defined, struct complaint *c)
{
	const char *file = u->source;
	for (const char *line = symbols; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		char type, name[128];
		if (sscanf(line, "%*s %c %127s", &type, name) != 2)
			continue;
		const struct lab_task *t = task_of_function(u->lab, name);
		if (type == 'i') {
			buf_addf(&c->text,
				"%s: %s is chosen while the program loads (ifunc); write a plain function\n",
				file, name);
			return 1;
		}
		if (!t || t->file != u->file) {
			buf_addf(&c->text, "%s defines %s, which is not a task of this file.\n", file, name);
			buf_adds(&c->text, "  meaning   everything in the engine that calls this name would "
					   "get yours\n");
			buf_addf(&c->text, "  next      write `static` in front of %s\n", name);
			return 1;
		}
		strv_push(ret_defined, name);
	}
	return 0;
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
static int check_generation(const struct unit *u, const char *undefined, struct complaint *c)
{
	_cleanup_free_ char *own =
		xasprintf("lab_interface_%s_%d", u->lab->file[u->file].stem, u->lab->interface);
	const char *named = undefined ? strstr(undefined, "lab_interface_") : NULL;
	if (!named || (strncmp(named, own, strlen(own)) == 0 && strchr(" \n", named[strlen(own)])))
		return 0;
	buf_adds(&c->text,
		"your starter was made for an earlier version of this lab.\n  next      lab rebase   (merges "
		"your work into the new one; a backup is kept)\n");
	return 1;
}

int link_check(const struct unit *u, bool sanitized, struct complaint *c, struct mc_err *err)
{
	_cleanup_buf_ struct buf symbols = { 0 }, sections = { 0 }, undefined = { 0 };
	_cleanup_strv_ char **defined = NULL;
	int rc = look("nm", "--defined-only", "--extern-only", u->object, &symbols, err);
	if (rc == 0)
		rc = look("readelf", "-S", "-W", u->object, &sections, err);
	if (rc == 0)
		rc = look("nm", "-u", "-P", u->object, &undefined, err);
	if (rc == 0)
		rc = check_generation(u, undefined.data, c);
	if (rc == 0)
		rc = check_symbols(u, symbols.data, &defined, c);
	if (rc == 0 && !sanitized)
		rc = check_sections(u, sections.data, c);
	return rc == 0 ? check_missing(u, defined, c) : rc;
}

char **link_todo(const struct unit *u)
{
	struct mc_err err;
	_cleanup_buf_ struct buf out = { 0 };
	char **todo = xcalloc(1, sizeof(char *));
	if (look("nm", "-u", "-P", u->object, &out, &err) < 0)
		return todo;
	for (const char *line = out.data; line && *line; line = strchr(line, '\n'), line += line != NULL)
		if (str_starts(line, "ref_"))
			strv_pushf(&todo, "%.*s", (int)strcspn(line + 4, " \n"), line + 4);
	return todo;
}
