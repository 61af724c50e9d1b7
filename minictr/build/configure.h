/*
 * configure.h - what an instruction does to an image's configuration and history. Pure: JSON to JSON.
 * image-spec config.md; keys that docker adds to it (Healthcheck, Shell, OnBuild, ArgsEscaped) are
 * written as BuildKit writes them. Instructions given here are resolved ones (resolve.h).
 */
#ifndef MC_BUILD_CONFIGURE_H
#define MC_BUILD_CONFIGURE_H

#include "base/json.h"
#include "build/args.h"

/* The configuration a stage has so far. */
struct stage_config {
	struct json *image; /* the whole document: architecture, os, config, rootfs.diff_ids, history ... */
	struct stage_args args; /* ARGs in scope */
	bool cmd_set;           /* this stage has its own CMD: ENTRYPOINT does not clear it */
	char **onbuild;         /* triggers taken out of the base's config: to be run now; strv */
};
/*
 * base: configuration document of the image or the stage before (copied, not kept), NULL for scratch.
 * OnBuild is taken out of it into c->onbuild; PATH is set when the base has none (not for scratch:
 * BuildKit sets it there, too). from_stage: that stage's args, NULL when the base is an image.
 */
int stage_config_begin(struct stage_config *c, const struct json *base, const struct build_platform *target,
	const struct stage_args *from_stage, struct mc_err *err);
void stage_config_free(struct stage_config *c);

/*
 * Applies what the instruction means for the configuration: ENV, CMD, USER ... RUN, COPY, ADD and FROM
 * change nothing here (WORKDIR sets WorkingDir; the directory is steps.c's). ARG declares. -EINVAL with a
 * sentence.
 */
int stage_config_apply(struct stage_config *c, struct args *args, const struct instruction *i, char escape,
	struct mc_err *err);

/* Variables that instructions of this stage see here; caller strv_free()s. */
char **stage_config_vars(const struct stage_config *c);
/* RUN's environment: Env of the image, ARGs, undeclared proxies. Caller strv_free()s. */
char **stage_config_run_env(const struct stage_config *c, const struct args *args);
/* The same without proxies, sorted: what belongs into RUN's cache key. Caller strv_free()s. */
char **stage_config_key_env(const struct stage_config *c);
/*
 * argv of a RUN, exec form or wrapped by SHELL; caller strv_free()s. Not for a RUN that is one heredoc
 * alone.
 */
char **stage_config_argv(const struct stage_config *c, const struct instruction *i);
/* A path relative to WorkingDir, cleaned, absolute; caller frees. */
char *stage_config_path(const struct stage_config *c, const char *path);
const char *stage_config_user(const struct stage_config *c);    /* "" when none; borrowed */
const char *stage_config_workdir(const struct stage_config *c); /* "/" when none; borrowed */

/*
 * Adds the history entry of one instruction: created_by as BuildKit writes it ("RUN /bin/sh -c make #
 * buildkit", "|1 A=b" in front for ARGs, heredoc bodies behind), comment "buildkit.dockerfile.v0",
 * created (nanoseconds since the epoch), empty_layer. FROM has none. ARGs before FROM have none.
 */
void stage_config_history(
	struct stage_config *c, const struct instruction *i, int64_t created, bool empty_layer);
/* created_by alone; caller frees. */
char *history_text(const struct stage_config *c, const struct instruction *i);
/* Adds a layer to rootfs.diff_ids. */
void stage_config_layer(struct stage_config *c, const char *diff_id);
/* --label, after the last instruction; no history. "NAME=VALUE". */
void stage_config_label(struct stage_config *c, const char *label);

#endif
