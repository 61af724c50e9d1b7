/*
 * complete_values.h - completion behind a flag, and of paths inside a container. Candidates go to stdout,
 * one a line.
 */
#ifndef MC_CLI_COMPLETE_VALUES_H
#define MC_CLI_COMPLETE_VALUES_H

#include "cli/command.h"
#include "engine/container.h"

/* before: the word in front of partial. True when it is a flag of cmd that waits for a value: nothing else
 * can stand here. */
bool complete_value(const struct command *cmd, const char *before, const char *partial);
/* The long name of the flag of cmd that the word before waits for a value of; NULL when it waits for none. */
const char *complete_waiting(const struct command *cmd, const char *before);
/* "web:/et": names in that directory of the container. False when partial names no container in front of a
 * colon. */
bool complete_inside(struct engine *e, const char *partial);

#endif
