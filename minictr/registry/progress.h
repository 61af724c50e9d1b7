/*
 * progress.h - tells a person how a pull or push goes: on a terminal a line per layer, rewritten in place;
 * in a pipe one plain line per change, in docker's words. All functions accept NULL (nothing is said) and
 * any thread.
 */
#ifndef MC_REGISTRY_PROGRESS_H
#define MC_REGISTRY_PROGRESS_H

#include "base/util.h"
#include "image/digest.h"

struct progress;

/* fd 1 or 2. Lines are rewritten in place when it is a terminal (isatty(3)). */
struct progress *progress_new(int fd);
/* What a listener is told: a state of a layer (id: 12 digits), or a sentence (id NULL). */
struct progress_note {
	const char *id, *state;
	uint64_t done, total; /* bytes; total 0: not known, or no bytes move */
};
/* Draws nothing: note() is told instead, by one thread at a time. */
struct progress *progress_new_listener(void (*note)(const struct progress_note *n, void *arg), void *arg);
/* Ends the drawing and frees. */
void progress_free(struct progress *p);

/* A finished sentence: "latest: Pulling from library/busybox". */
void progress_line(struct progress *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A layer of that many bytes takes part. Its first state is said at once. */
void progress_add(struct progress *p, const struct digest *d, uint64_t size, const char *state);
/* The layer enters a state: "Downloading", "Verifying Checksum", "Pull complete" ... ; final ones stay as
 * they are. */
void progress_state(struct progress *p, const struct digest *d, const char *state);
/* Its size became known later than the layer itself. */
void progress_total(struct progress *p, const struct digest *d, uint64_t size);
/* So many bytes of it are there. Drawn at most ten times a second, on terminals only. */
void progress_bytes(struct progress *p, const struct digest *d, uint64_t done);

#endif
