/*
 * complete.h - completion of a command line, for the prompt and for shells.
 */
#ifndef MC_CLI_COMPLETE_H
#define MC_CLI_COMPLETE_H

#include "cli/command.h"

/* argv: the words so far, the last one (perhaps empty) to be completed. Prints candidates. Returns the exit
 * status. */
int complete_words(struct cli *cli, int argc, char **argv);

#endif
