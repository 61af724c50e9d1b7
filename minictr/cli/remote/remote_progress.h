/*
 * remote_progress.h - the stream of JSON messages by which a daemon tells how a pull, push, load or
 * build goes.
 */
#ifndef MC_CLI_REMOTE_PROGRESS_H
#define MC_CLI_REMOTE_PROGRESS_H

#include "cli/remote/client_stream.h"
#include "registry/progress.h"

struct remote_progress {
	struct progress *progress; /* NULL: quiet */
	FILE *text;                /* where "stream" texts go (build, load); NULL: dropped */
	struct digest seen[256];   /* layers that have been told of */
	size_t n_seen;
	char **words;       /* states, kept because the drawing borrows them */
	char image_id[136]; /* of aux.ID: what a build made; "" */
	struct buf last;    /* the last text of a stream: `build -q` prints nothing but that */
};

/* A client_sink: ctx is a struct json_cutter whose ctx is a struct remote_progress and whose take is this: */
int remote_progress_take(void *ctx, const struct json *message, const char *text, struct mc_err *err);
void remote_progress_release(struct remote_progress *p);

#endif
