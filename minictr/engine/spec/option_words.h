/*
 * spec/option_words.h - what a single word of a flag may look like: names, addresses, ports, pairs.
 */
#ifndef MC_ENGINE_OPTION_WORDS_H
#define MC_ENGINE_OPTION_WORDS_H

#include "engine/run.h"

/*
 * Every word of every list of o, one table row a flag. -EINVAL: `invalid argument "W" for "--flag" flag:
 * why`.
 */
int option_words_check(const struct run_options *o, struct mc_err *err);

/* Labels of something else than a container (a volume, a network), by the same rule. */
int option_labels_check(char *const labels[], struct mc_err *err);

/* "NAME:IP" and "NAME=IP" -> docker's "NAME:IP"; brackets around an IPv6 address go. Caller frees. */
char *option_host_pair(const char *text);

/*
 * "0-2,4" against what this machine has: NULL when right, else why not. file:
 * /sys/devices/system/cpu/online.
 */
const char *option_set_wrong(const char *text, const char *file);

#endif
