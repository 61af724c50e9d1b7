/*
 * overlay_links.h - private to overlay.c: mounting many layers on kernels that take all their names in one
 * string.
 */
#ifndef MC_IMAGE_OVERLAY_LINKS_H
#define MC_IMAGE_OVERLAY_LINKS_H

#include "image/overlay.h"

/* True when fsconfig(2) knows "lowerdir+" (Linux 6.5), asked from the kernel once. MINICTR_OVERLAY=links
 * says no. */
bool overlay_kernel_adds_layers(void);
/* The settings of l that are no directories: volatile, userxattr, and what must be off. */
int overlay_set_options(int fs, const struct layers *l, struct mc_err *err);
/* The same mount as overlay_mount(l, NULL), through short names. Changes the current directory for its
 * duration. */
int overlay_mount_links(const struct layers *l, struct mc_err *err);

#endif
