/*
 * tail/config_shape.h - the table of config.json's fields, and the comparison with it.
 */
#ifndef MC_RUNTIME_CONFIG_SHAPE_H
#define MC_RUNTIME_CONFIG_SHAPE_H

#include "base/json.h"

/*
 * NUMBER: an integer from min to max. CPUS: "0-3,7", may be empty. WORD: one of words.
 */
enum config_shape_kind {
	SHAPE_OBJECT,
	SHAPE_LIST,
	SHAPE_BOOL,
	SHAPE_NUMBER,
	SHAPE_U64,
	SHAPE_TEXT,
	SHAPE_CPUS,
	SHAPE_WORD,
};

struct config_field {
	const char *path;
	enum config_shape_kind kind;
	bool needed;       /* an error when it is absent and the object or list around it is there */
	int64_t min, max;  /* of a SHAPE_NUMBER */
	const char *words; /* of a SHAPE_WORD, separated by blanks */
};

enum config_part { CONFIG_DOCUMENT, CONFIG_PROCESS, CONFIG_RESOURCES };

/* The tables, by enum config_part; where is the path of the part in a whole document. Tests walk them. */
struct config_table {
	const char *where;
	const struct config_field *fields;
	size_t n;
};
extern const struct config_table config_tables[];

/*
 * Compares a part of doc with its table. in is the path to it with a dot at the end ("process."), or "" when
 * doc is the part itself. -EINVAL with one sentence that names the field.
 */
int config_shape(const struct json *doc, const char *in, enum config_part part, struct mc_err *err);

#endif
