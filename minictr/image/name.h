/*
 * name.h - image names as docker reads them: [HOST[:PORT]/]PATH[:TAG][@DIGEST].
 * Grammar: github.com/distribution/reference; what is left out is filled in: docker.io, library/, latest.
 */
#ifndef MC_IMAGE_NAME_H
#define MC_IMAGE_NAME_H

#include "image/digest.h"

struct image_name {
	char host[256];       /* "docker.io", "localhost:5000" */
	char path[256];       /* "library/busybox": what stands behind /v2/ */
	char tag[129];        /* "latest"; "" when only a digest was given */
	struct digest digest; /* "" when none was given */
};

/* Lab 05.1. Fills *ret completely. -EINVAL with docker's wording ("invalid reference format"). */
int image_name_parse(const char *text, struct image_name *ret, struct mc_err *err);

/* The full name: "docker.io/library/busybox:latest" or "...@sha256:..."; caller frees. */
char *image_name_full(const struct image_name *n);
/* As people write it: "busybox:latest"; docker.io/ and library/ left out; caller frees. */
char *image_name_short(const struct image_name *n);
/* The same without tag and digest: what `images` shows in its REPOSITORY column; caller frees. */
char *image_name_repository(const struct image_name *n);

#endif
