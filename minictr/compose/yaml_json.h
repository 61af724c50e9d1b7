/*
 * yaml_json.h - a canonical tree as JSON, and as YAML text again.
 */
#ifndef MC_COMPOSE_YAML_JSON_H
#define MC_COMPOSE_YAML_JSON_H

#include <stdio.h>

#include "base/json.h"
#include "base/yaml.h"

/*
 * Plain scalars become numbers and booleans, quoted ones strings; keys sorted by bytes. Caller
 * json_free()s.
 */
struct json *ynode_to_json(const struct yaml *y);
/* Doubles every "$" in the values, so that what is printed can be read as a compose file again. */
void ynode_escape(struct yaml *y);
/* As YAML: keys sorted, strings quoted where they would mean something else. */
void ynode_print(const struct yaml *y, FILE *out);

#endif
