/*
 * image_common.h - what the verbs on images share: the store, who uses what, lines on stdout.
 */
#ifndef MC_CLI_IMAGE_COMMON_H
#define MC_CLI_IMAGE_COMMON_H

#include "image/verbs.h"

/* The image store of this engine (--root, MINICTR_ROOT or the default). Returns its descriptor. */
int image_cli_store(struct mc_err *err);
/* Which containers use which images; free(ret->use). */
int image_cli_uses(struct image_uses *ret, struct mc_err *err);
/* Prints each line on stdout as it comes. */
extern const struct image_report image_cli_report;
/* The file to read: path, or stdin for NULL and "-". Returns a descriptor to close. */
int image_cli_input(const char *path, struct mc_err *err);

/* images --tree */
void image_tree_print(int store, const struct image *list, size_t n);

#endif
