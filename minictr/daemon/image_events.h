/*
 * image_events.h - what operations on images have in common.
 */
#ifndef MC_DAEMON_IMAGE_EVENTS_H
#define MC_DAEMON_IMAGE_EVENTS_H

#include "engine/engine.h"
#include "image/verbs.h"

/* Notes for /events: "pull", "tag", "untag", "delete", "load", "import", "push", "save". */
void job_image_event(struct engine *e, const char *action, const char *name);
/* Rows of GET /images/json; uses NULL: how many containers use one is not counted. (image_rows.c) */
int job_images(int store, const struct image_uses *uses, char *const filters[], int api, struct json *rows,
	struct mc_err *err);

#endif
