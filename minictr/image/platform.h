/*
 * platform.h - what machine an image is made for: "linux/arm64/v8" (image-spec, image-index.md, "platform").
 */
#ifndef MC_IMAGE_PLATFORM_H
#define MC_IMAGE_PLATFORM_H

#include "base/json.h"
#include "image/digest.h"

/* Empty strings are "not said". */
struct platform {
	char os[32];
	char architecture[32];
	char variant[16];
};

/* "linux/arm64/v8", "arm64"; -EINVAL otherwise. NULL is this machine. */
int platform_parse(const char *text, struct platform *ret, struct mc_err *err);
/* This machine, by uname(2). */
void platform_host(struct platform *ret);
/* How well an image for `have` runs on `want`: 0 not at all, more is better. Arm variants run older ones:
 * v7 runs v6. */
int platform_match(const struct platform *have, const struct platform *want);
/* "linux/arm64/v8"; out holds 96 bytes. */
const char *platform_text(const struct platform *p, char *out);
/* Does a program for `have` need an emulator on this host? A 386 one runs on amd64; the words of uname(1)
 * and capitals mean the same as the right ones. */
bool platform_is_foreign(const struct platform *have, const struct platform *host);
/* The members os, architecture and variant of a descriptor's platform or of an image configuration. */
void platform_read(const struct json *object, struct platform *ret);

/*
 * The manifest for `want` in a stored index, also in an index that it names: the best rated, the earlier of
 * equals. An entry without a platform is judged by the configuration of its image, as docker does; one
 * whose configuration says nothing fits, but worst. Entries whose blobs are not here are passed over.
 * -ENOENT names what is offered. (platform_choose.c)
 */
int platform_choose(int store, const struct digest *index, const struct platform *want, struct digest *ret,
	struct mc_err *err);

#endif
