/*
 * elsewhere.h - a command that is for a daemon leaves this executable for minictr-remote.
 */
#ifndef MC_CLI_ELSEWHERE_H
#define MC_CLI_ELSEWHERE_H

#include "cli/command.h"

/*
 * Replaces this process by minictr-remote when flags, environment or the context in use name a daemon and the
 * command (words[0], words[1]) is one that a daemon can serve. Returns 0 when the command is for this
 * machine; -errno when the address is wrong or minictr-remote cannot be run.
 */
int elsewhere(const struct cli *cli, int argc, char *const words[], struct mc_err *err);

#endif
