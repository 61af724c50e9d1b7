/*
 * starter_images.h - the images that are made here, without any network: busybox and hello.
 */
#ifndef MC_CLI_STARTER_H
#define MC_CLI_STARTER_H

#include "cli/command.h"

/*
 * `minictr internal starter [-f] [busybox] [hello [PROGRAM]]`: makes the named ones (all, when none is
 * named) unless they are there; -f makes them anew. PROGRAM: another static executable for `hello` (lab
 * 00.1). Returns the exit status.
 */
int starter_main(struct cli *cli, int argc, char **argv);

#endif
