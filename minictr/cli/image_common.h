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
/* --platform of a verb on images that are here: each of names[] (NULL-terminated) is for that machine. NULL
 * platform: any.
 * -EINVAL, exit status 125, with docker's words. */
int image_cli_platform(int store, const char *platform, char *const names[], struct mc_err *err);
/* Notes for `events` what happened to an image: "pull", "tag", ... A log that cannot be written stops
 * nothing. */
void image_cli_event(const char *action, const char *name);
void image_cli_prune_event(uint64_t freed);
/* The same for a line of struct image_report: "Untagged: NAME", "Deleted: ID", "Loaded image: NAME". */
void image_cli_line_event(const char *line);
/*
 * After a load, import or pull that failed: on a full disk, what it brought would keep the disk full, and
 * blobs of a damaged archive are of no use. rc: how it ended; resumable: what came may be gone on with,
 * unless the disk is full. Returns rc.
 */
int image_cli_failed(int store, int rc, bool resumable);
/* Prints each line on stdout as it comes, and notes it for `events`. */
extern const struct image_report image_cli_report;
/* The file to read: path, or stdin for NULL and "-". Returns a descriptor to close. */
int image_cli_input(const char *path, struct mc_err *err);

/* images --tree */
void image_tree_print(int store, const struct image *list, size_t n, const char *pattern);

#endif
