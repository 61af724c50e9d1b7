/*
 * names.h - container names: claimed by symlink(2), made up when none was given.
 */
#ifndef MC_ENGINE_NAMES_H
#define MC_ENGINE_NAMES_H

#include "engine/container.h"

/* Fills ret_id; 1 found, 0 no such name. */
int name_lookup(struct engine *e, const char *name, char ret_id[CONTAINER_ID_LEN + 1]);
/* The name that means id, found among all names; the id itself when there is none. Caller frees. */
char *name_of_id(struct engine *e, const char *id);
/*
 * Makes name mean id from now on. -EEXIST with docker's message when it is taken; -EINVAL when it is no
 * name.
 */
int name_claim(struct engine *e, const char *name, const char *id, struct mc_err *err);
/* Claims a made-up name; caller frees *ret. */
int name_claim_new(struct engine *e, const char *id, char **ret, struct mc_err *err);
/* Gives name back if it still means id. */
void name_free(struct engine *e, const char *name, const char *id);
/*
 * What a create that was killed has left: a directory without a record, that no process holds. create.c
 * holds a lock on the directory until the record is there.
 */
bool container_is_left_over(struct engine *e, const char *id);

#endif
