/*
 * commands.h - the commands that the light executable serves; each lives in cmd_NAME.c.
 */
#ifndef MC_CLI_COMMANDS_H
#define MC_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command cmd_version;
extern const struct command cmd_help;

/* Light commands, then the heavy rows: what `minictr help` lists. NULL-terminated. */
const struct command *const *light_table(void);

#endif
