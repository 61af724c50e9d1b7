/*
 * dotenv.h - .env and env_file: NAME=value lines with the quoting that compose gives them.
 */
#ifndef MC_COMPOSE_DOTENV_H
#define MC_COMPOSE_DOTENV_H

#include "compose/interpolate.h"

/*
 * Reads path into *ret ("NAME=value", later lines replace earlier ones; strv_free()). vars: what ${X} in
 * bare and double quoted values means, besides earlier lines of the file itself. raw: neither quotes nor
 * variables mean anything. A line with a name only takes the value of vars, and is left out without one.
 * -ENOENT when there is no such file.
 */
int dotenv_read(int dir, const char *path, struct variables *vars, bool raw, char ***ret, struct mc_err *err);

#endif
