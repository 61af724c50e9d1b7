/*
 * volume.h - a volume: a directory with a name that belongs to no container.
 *
 * On disk, below the engine's volumes/ (0700, so that no other user of the host walks into it):
 *     NAME/data/         what containers see
 *     NAME/volume.json   driver, options, labels, when it was made; missing after a crash: then it is an
 *                        ordinary one
 *     NAME/filled/       only while content of an image moves in (fill.h)
 *     .lock              one change of the store at a time
 * A volume's users are never counted. They are read from the containers' records (engine/volumes.h), so no
 * crash can leave a wrong count behind.
 * docker's rules for names and options: https://docs.docker.com/reference/cli/docker/volume/create/
 */
#ifndef MC_VOLUME_VOLUME_H
#define MC_VOLUME_VOLUME_H

#include "base/json.h"

struct volume {
	char *name; /* owned */
	struct json
		*record; /* volume.json: Driver, Options, Labels, CreatedAt; owned, never NULL once loaded */
	int64_t created; /* ns since the epoch */
};

/* Opens volumes/ in the engine's root, made when missing. Returns the descriptor; its owner closes it. */
int volume_store_open(int engine_dir, struct mc_err *err);
/*
 * Exclusive: held while a volume is made, filled or removed, and while a container that names it is
 * recorded, so that rm and prune never take away what a container is about to use. The innermost lock:
 * nothing else is taken under it. Returns a descriptor; closing it lets go.
 */
int volume_store_lock(int store, struct mc_err *err);

/* 0 when `name` may be a volume's name, else -EINVAL with docker's sentence. */
int volume_check_name(const char *name, struct mc_err *err);

/* Lab 08.1; the contract stands in volume.c. */
int volume_create(int store, const char *name, struct mc_err *err);

/* Writes NAME/volume.json. record is borrowed. */
int volume_save(int store, const char *name, const struct json *record, struct mc_err *err);
/* -ENOENT "no such volume". The caller releases *ret. */
int volume_load(int store, const char *name, struct volume *ret, struct mc_err *err);
void volume_release(struct volume *v);
#define _cleanup_volume_ __attribute__((cleanup(volume_release)))
/* Names of all volumes, sorted; the caller strv_free()s *ret. */
int volume_list(int store, char ***ret, struct mc_err *err);
/* Takes the volume and all its data away. The lock is held, and the caller has looked for users. */
int volume_remove(int store, const char *name, struct mc_err *err);
/* Takes away what a killed removal or import has left. The lock is held. */
void volume_sweep(int store);

/*
 * Anonymous: made for a container, without a name given by a person (docker's label
 * com.docker.volume.anonymous).
 */
bool volume_is_anonymous(const struct volume *v);
/* A label's value, NULL without it; borrowed. */
const char *volume_label(const struct volume *v, const char *key);
/*
 * Bytes on disk: allocated blocks of data/, a file with several names once, other file systems not
 * entered.
 */
uint64_t volume_size(int store, const char *name);

extern const char volume_anonymous_label[]; /* "com.docker.volume.anonymous" */

#endif
