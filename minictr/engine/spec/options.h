/*
 * spec/options.h - what was asked for, in docker's own shape: run options and an image's config become
 * "Config" and "HostConfig".
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
/*
 * The same without "Path" and "Args", for an image that only a daemon has: image is an empty object then, and
 * what the daemon fills in from the image stays open. Also doc's "Networks" (engine/endpoints.h).
 */
int options_documents(
	const struct run_options *o, const struct json *image, struct json *doc, struct mc_err *err);
/* spec/options_check.c: ranges and contradictions, before anything is made. */
int options_check(const struct run_options *o, struct mc_err *err);
/* --platform against the image's configuration document: -EINVAL when that is for another machine. */
int options_check_platform(const struct run_options *o, const struct json *image, struct mc_err *err);
/* spec/option_names.c: containers and the runtime that o names are there; -ENOENT with docker's words. */
int options_check_names(struct engine *e, const struct run_options *o, struct mc_err *err);
/*
 * spec/image_words.c: every field of the image's configuration is of its kind; -EINVAL names the field. name
 * is for the message.
 */
int image_config_check(const char *name, const struct json *image, struct mc_err *err);
/* Where a program of the image starts, absolute; NULL when it does not say. Caller frees. */
char *image_workdir(const struct json *image);
/*
 * Cmd or Entrypoint of the image when it is a text instead of a list; NULL otherwise, and for other keys.
 * Borrowed.
 */
const char *image_command_text(const struct json *image, const char *key);
/*
 * The image's own stop signal; NULL when there is none. One that is no signal is warned about, and is
 * none. Borrowed.
 */
const char *image_stop_signal(const struct json *image);
/* Its health check as far as it can be used, with a warning when it cannot; {} without one. The caller owns
 * it. */
struct json *image_health(const struct json *image);
/* "on-failure:3" -> {"Name": "on-failure", "MaximumRetryCount": 3}; the caller owns *ret. */
int options_parse_restart(const char *text, struct json **ret, struct mc_err *err);
/* "cap_net_admin", "NET_ADMIN" -> "CAP_NET_ADMIN"; "ALL" stays. Caller frees; NULL when there is none. */
char *options_capability(const char *text);

#endif
