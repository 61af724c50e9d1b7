/*
 * load_members.h - private to load.c: the files of an image archive, put into the store as blobs and found
 * by their path.
 */
#ifndef MC_IMAGE_LOAD_MEMBERS_H
#define MC_IMAGE_LOAD_MEMBERS_H

#include "image/store.h"

struct member { /* one file of the archive */
	char *path;
	char *link; /* path of the member it stands for, or NULL */
	struct digest blob;
	size_t position; /* in the archive: of two with one path the later counts, as when unpacking */
};

struct members {
	struct member *list; /* sorted by path and position once they are read */
	size_t n, room;
};

/*
 * Stores every regular file of the archive in fd as a blob; a file blobs/sha256/X must have digest X. name
 * serves messages. Bounded: entries, bytes read, and bytes written (a sparse file may stand for terabytes
 * in 200 bytes).
 */
int members_read(int store, int fd, const char *name, struct members *ret, struct mc_err *err);
/* The member at path, links followed; NULL when there is none. Borrowed. */
const struct member *members_find(const struct members *m, const char *path);
void members_free(struct members *m);

#endif
