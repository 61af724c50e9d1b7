/*
 * client_stream.h - two ways in which a daemon's endless answers are cut: frames of output, JSON values.
 *
 * Both take pieces as they arrive, cut anywhere, and call back for each whole thing.
 */
#ifndef MC_CLI_CLIENT_STREAM_H
#define MC_CLI_CLIENT_STREAM_H

#include <stdint.h>
#include "base/json.h"

/*
 * Output of a program without a terminal: 8 bytes (1 for stdout, 2 for stderr, three zeros, the length in big
 * endian), then so many bytes. With raw the bytes are stdout's, without frames (a terminal).
 */
struct frames {
	bool raw;
	unsigned char head[8];
	size_t n_head;
	uint32_t left; /* of the frame that is being read */
};
/*
 * Tells out() what the piece holds: stream is 1 or 2. -EPROTO for what is no frame, or what out()
 * returned.
 */
int frames_cut(struct frames *f, const void *data, size_t len,
	int (*out)(void *ctx, int stream, const void *data, size_t len, struct mc_err *err), void *ctx,
	struct mc_err *err);
/* A client_sink (client.h) that writes to descriptors 1 and 2: ctx is the struct frames. */
int frames_print(void *ctx, const void *data, size_t len, struct mc_err *err);

/* JSON values one after the other: events, progress, stats. */
struct json_cutter {
	struct buf text; /* of the value that has begun */
	int depth;
	bool in_string, escaped;
	/* One whole value. Negative ends the stream (with *err filled), as anything else but 0 does. */
	int (*take)(void *ctx, const struct json *value, const char *text, struct mc_err *err);
	void *ctx;
};
/* A client_sink (client.h): ctx is the struct json_cutter. */
int json_cut(void *ctx, const void *data, size_t len, struct mc_err *err);
void json_cutter_release(struct json_cutter *c);

#endif
