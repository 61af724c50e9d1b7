/*
 * fill.h - a new volume begins with what the image has at its place.
 */
#ifndef MC_VOLUME_FILL_H
#define MC_VOLUME_FILL_H

#include "base/err.h"

/* Lab 08.3; the contract stands in fill.c. */
int volume_fill(int volume, int image_dir, struct mc_err *err);

/* --- given to it --- */

/* Is the directory dir/name empty? 1, 0, or -errno. */
int volume_is_empty(int dir, const char *name, struct mc_err *err);
/*
 * Copies image_dir to volume/filled. The directory appears under that name only when the copy is complete:
 * a copy that was interrupted never has it.
 */
int volume_copy_image(int volume, int image_dir, struct mc_err *err);
/* Moves everything from volume/filled into volume/data, gives data the owner, mode and times of filled,
 * removes filled. Can be done again after any interruption. Nothing there: 0. */
int volume_move_in(int volume, struct mc_err *err);

#endif
