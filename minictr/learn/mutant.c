/*
 * mutant.c - reads the hand-made mutants of a lab and makes the four stock ones.
 *
 * A mutant is C text that takes the place of one owned function in the starter; all else is the reference,
 * so a failing check can only mean this function.
 */
#include "learn/mutant.h"

#include <fcntl.h>
#include "base/file.h"
#include "learn/source.h"

const char *const stock_names[STOCK_COUNT] = { "nothing", "prints", "leaks", "errors" };

int mutant_read(const char *path, struct mutant *ret, struct mc_err *err)
{
	struct buf text = { 0 };
	*ret = (struct mutant){ .path = xstrdup(path) };
	int rc = file_read(AT_FDCWD, path, 1 << 20, &text, err);
	if (rc < 0)
		return rc;
	ret->text = buf_take(&text);
	if (sscanf(ret->text, "/* mutant %7[0-9.] %31[A-Z0-9-] [%15[a-z0-9]]:", ret->task, ret->misread,
		    ret->needs) >= 2)
		return 0;
	ret->misread[0] = '\0';
	if (sscanf(ret->text, "/* right %7[0-9.]:", ret->task) == 1)
		return 0;
	return err_set(err, EINVAL,
		"%s: its first line is neither `/* mutant TASK ID: ... */` nor `/* right TASK: ... */`",
		path);
}

void mutant_release(struct mutant *m)
{
	free(m->path);
	free(m->text);
}

/* A process that no polite signal ends, and a descriptor. */
static const char leaving[] =
	"#include <fcntl.h>\n#include <signal.h>\n#include <unistd.h>\n"
	"static void leave_something(void)\n{\n"
	"\tif (fork() == 0) {\n\t\tfor (int s = 1; s < 32; s++)\n\t\t\tsignal(s, SIG_IGN);\n"
	"\t\tfor (;;)\n\t\t\tpause();\n\t}\n\topen(\"/\", O_RDONLY);\n}\n";

/* "errors: cannot fail; leaks: makes nothing" */
static bool is_exempt(const struct lab_task *t, const char *name)
{
	for (const char *p = t->exempt; p && *p; p = strchr(p, ';'), p += p != NULL) {
		p += strspn(p, " ;");
		if (str_starts(p, name) && p[strlen(name)] == ':')
			return true;
	}
	return false;
}

static void add_call(struct buf *out, const struct function *f, const char *task)
{
	buf_addf(out, "TODO(%s, %s", task, f->name);
	for (char **p = f->parameters; *p; p++)
		buf_addf(out, ", %s", *p);
	buf_adds(out, ")");
}

static void add_string(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	for (; *s; s++)
		buf_addf(out, *s == '"' || *s == '\\' ? "\\%c" : *s == '\n' ? "\\n" : "%c", *s);
	buf_addc(out, '"');
}

static void add_body(
	struct buf *out, const struct function *f, const char *task, enum stock kind, const char *words)
{
	if (kind == STOCK_PRINTS) {
		buf_adds(out, "\t__builtin_puts(");
		add_string(out, words);
		buf_adds(out, ");\n");
	}
	if (kind == STOCK_NOTHING || kind == STOCK_PRINTS) {
		buf_adds(out, "\treturn 0;\n");
		return;
	}
	buf_adds(out, "\t__auto_type result = ");
	add_call(out, f, task);
	buf_adds(out, ";\n");
	if (kind == STOCK_ERRORS) {
		buf_adds(out, "\treturn result < 0 ? 0 : result;\n");
		return;
	}
	buf_adds(out, "\tleave_something();\n\treturn result;\n");
}

char *mutant_stock(const struct lab *l, const struct lab_task *t, enum stock kind, const char *words)
{
	struct source *s = NULL;
	struct mc_err err;
	struct buf out = { 0 };
	if (t->file < 0 || is_exempt(t, stock_names[kind]) ||
		source_read(l->file[t->file].source, &s, &err) < 0)
		return NULL;
	const struct function *f = source_function(s, t->function);
	if (kind == STOCK_ERRORS && !strv_has(f->parameters, "err")) {
		source_free(s);
		return NULL;
	}
	buf_adds(&out, kind == STOCK_LEAKS ? leaving : "");
	buf_add(&out, s->text + f->start, f->body - f->start);
	buf_adds(&out, "{\n");
	add_body(&out, f, t->id, kind, words);
	buf_adds(&out, "}\n");
	source_free(s);
	return buf_take(&out);
}
