/*
 * spec/options.h - what was asked for, in docker's own shape: run options and an image's config become "Config" and "HostConfig".
 */
#ifndef MC_ENGINE_OPTIONS_H
#define MC_ENGINE_OPTIONS_H

#include "engine/run.h"

/*
 * Fills doc's "Config", "HostConfig", "Path" and "Args". image is the whole image configuration document.
 * Refuses what cannot work, with docker's words; no system call that changes anything.
 */
int options_merge(
	const struct run_options *o, const struct json *image, struct json *doc, struct mc_err *err);
/* spec/options_check.c: ranges and contradictions, before anything is made. */
int options_check(const struct run_options *o, struct mc_err *err);
/* --platform against the image's configuration document: -EINVAL when that is for another machine. */
int options_check_platform(const struct run_options *o, const struct json *image, struct mc_err *err);
/* "on-failure:3" -> {"Name": "on-failure", "MaximumRetryCount": 3}; the caller owns *ret. */
int options_parse_restart(const char *text, struct json **ret, struct mc_err *err);
/* "cap_net_admin", "NET_ADMIN" -> "CAP_NET_ADMIN"; "ALL" stays. Caller frees; NULL when there is none. */
char *options_capability(const char *text);

#endif
