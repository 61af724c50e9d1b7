/*
 * template.h - the interpreter behind format.h: Go's text/template over JSON, the part people type.
 * template.c walks the text and its blocks (if, range, with); template_value.c holds values and functions.
 */
#ifndef MC_CLI_TEMPLATE_H
#define MC_CLI_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { TEMPLATE_VARIABLES = 32, TEMPLATE_DEPTH = 64, TEMPLATE_ARGS = 8 };

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
};

/* Keeps a new value until template_release(); returns it. */
const struct json *template_keep(struct template *t, struct json *v);
void template_release(struct template *t);

/* Calls function `name` on args; -ENOENT when there is none of that name. */
int template_call(struct template *t, const char *name, const struct json *const args[], size_t n,
	const struct json **ret, struct mc_err *err);
/* Go's truth: non-zero, non-empty. */
bool template_true(const struct json *v);
/* Prints as Go's fmt does: [a b], map[k:v]. */
void template_print(const struct json *v, struct buf *out);
/* Keys of an object, sorted as Go's range does; caller strv_free()s. */
char **template_keys(const struct json *object);

#endif
