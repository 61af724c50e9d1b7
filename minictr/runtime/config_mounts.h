/*
 * config_mounts.h - the "mounts" array of config.json and the words of mount(8) in it.
 */
#ifndef MC_RUNTIME_CONFIG_MOUNTS_H
#define MC_RUNTIME_CONFIG_MOUNTS_H

#include "runtime/config.h"

/* Fills c->mounts. Part of config_parse(). */
int config_parse_mounts(struct config *c, struct mc_err *err);
void config_release_mounts(struct config *c);
/* Options of one entry (m->options) to m->flags, clear, propagation and data. */
void config_mount_options(struct config_mount *m);

#endif
