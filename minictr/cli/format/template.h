/*
 * template.h - the interpreter behind format.h: Go's text/template over JSON, the part people type.
 * template.c walks the text and its blocks (if, range, with); template_operand.c reads values: fields,
 * texts, numbers; template_typed.c knows docker's types; template_value.c judges and prints values;
 * template_functions.c has the functions.
 */
#ifndef MC_CLI_TEMPLATE_H
#define MC_CLI_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

struct format_title; /* format.h */

enum { TEMPLATE_VARIABLES = 32, TEMPLATE_DEPTH = 64, TEMPLATE_ARGS = 16 };

struct template
{
	const char *p;           /* where we are in the text */
	const struct json *root; /* what $ means */
	struct buf *out;
	struct {
		char name[32];
		const struct json *value;
	} variables[TEMPLATE_VARIABLES];
	size_t n_variables;
	struct json **temps; /* values made on the way, freed at the end */
	size_t n_temps;
	int depth; /* of blocks and parentheses: a bound on recursion */
	enum template_leave {
		LEAVE_NOT,
		LEAVE_BREAK,
		LEAVE_CONTINUE
	} leave;          /* {{break}}, {{continue}} on its way out */
	int ranges;       /* how many {{range}} we are in */
	const char *null; /* how docker prints the field just read, if it is null */
	bool heading; /* the head of a table: each field is its title, functions give their first argument back */
	const struct format_title *titles;
};

/* -EINVAL: "template: WHAT near ..."; the place is t->p. */
int template_bad(struct template *t, struct mc_err *err, const char *what);
/* Reading at t->p: blanks, whole words, the end of an action. */
void template_blanks(struct template *t);
size_t template_word(const char *p);
bool template_keyword(struct template *t, const char *word);
bool template_at_close(const struct template *t);
/* One value: .A.B, $x.C, "text", 'c', 12, 1.5, true, (pipeline). skip: read, not evaluated. */
int template_operand(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err);
/* `.A | upper | len`; template.c. */
int template_pipeline(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err);
/* Is there a function of that name? For a template that is only checked. */
bool template_known(const char *name);

/* Keeps a new value until template_release(); returns it. */
const struct json *template_keep(struct template *t, struct json *v);
void template_release(struct template *t);

/* Calls function `name` on args; -ENOENT when there is none of that name. */
int template_call(struct template *t, const char *name, const struct json *const args[], size_t n,
	const struct json **ret, struct mc_err *err);
/* How docker prints a field that the object v lacks: "[]", "map[]", "<nil>", "false", "". NULL: an error. */
const char *template_absent(const struct json *v, const char *above, const char *name);
/* How docker prints a field that is null. */
const char *template_null(const char *name);
/* Go's truth: non-zero, non-empty. */
bool template_true(const struct json *v);
/* Prints as Go's fmt does: [a b], map[k:v]. */
void template_print(const struct json *v, struct buf *out);
/* Keys of an object, sorted as Go's range does; caller strv_free()s. */
char **template_keys(const struct json *object);

#endif
