/*
 * global_flags.h - the flags before the command: --root, --debug, --log-level, --config, --host, --context,
 * --tls..., --version, --help.
 */
#ifndef MC_CLI_GLOBAL_FLAGS_H
#define MC_CLI_GLOBAL_FLAGS_H

#include "cli/command.h"

/*
 * Obeys the flags in front of the command: fills cli->debug and cli->host, sets MINICTR_ROOT and
 * DOCKER_CONFIG, chooses which warnings are shown. Returns the index of the first other word (argc when
 * there is none; it stops at --help and --version too, which global_request() answers), or -1 - EXIT_STATUS
 * when a flag was wrong (said on stderr).
 */
int global_flags(struct cli *cli, int argc, char **argv);

/* Is word --help or --version? Answers it and sets *ret_status. NULL is neither. */
bool global_request(const struct command *const table[], const char *word, int *ret_status);

/* Does argv[*at] have a value that belongs to it ("--root DIR")? For programs that only hand the flags on:
 * moves *at behind. */
bool global_flag_skip(int argc, char *const argv[], int *at);

#endif
