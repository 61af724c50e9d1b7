/*
 * contexts.h - `minictr context ...`: names for daemons.
 */
#ifndef MC_CLI_CONTEXTS_H
#define MC_CLI_CONTEXTS_H

#include "cli/command.h"

/* create, use, ls, show, inspect, update, rm, export, import. NULL-terminated. */
extern const struct command *const context_commands[];

#endif
