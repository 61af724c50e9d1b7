/*
 * configure.h - what an instruction does to an image's configuration and history. Pure: JSON to JSON.
 *
 *     struct stage_config c = {0};
 *     stage_config_begin(&c, base_document, &target, parent, err);
 *     for each instruction i of the stage:
 *         vars = { .values = c.vars, .escape = d->escape };
 *         instruction_resolve(i, &vars, d->name, NULL, &ready, err);
 *         ... RUN, COPY, ADD, WORKDIR act on the file system (steps.c) ...
 *         stage_config_apply(&c, &args, &ready, d, err);
 *         stage_config_history(&c, &ready, created, !made_a_layer);
 *         if it made a layer: stage_config_layer(&c, diff_id);
 *
 * image-spec config.md; keys that docker adds to it (Healthcheck, Shell, OnBuild, ArgsEscaped) are
 * written as BuildKit writes them, without them ONBUILD between images would be lost.
 */
#ifndef MC_BUILD_CONFIGURE_H
#define MC_BUILD_CONFIGURE_H

#include "base/json.h"
#include "build/args.h"

/* The configuration a stage has so far. */
struct stage_config {
	struct json *image; /* the whole document: architecture, os, config, rootfs.diff_ids, history ... */
	/*
	 * "NAME=VALUE" that instructions and RUN see: the image's Env and the ARGs of this stage, the
	 * later word wins. All of it belongs into the cache key of a RUN, declared ARGs even if unused.
	 */
	char **vars;
	char **arg_names; /* ARGs declared so far, each once: history shows them with RUN */
	bool cmd_set;     /* this stage has its own CMD: ENTRYPOINT does not clear it */
	/* triggers of a base image, taken out of its config: stage_add_triggers() wants them */
	char **onbuild;
};
/*
 * base: configuration document of the base image or of the stage it builds on (copied), NULL for scratch.
 * parent: that stage, NULL when the base is an image: its ARGs are inherited. PATH is set when the base
 * has none, for scratch, too.
 */
int stage_config_begin(struct stage_config *c, const struct json *base, const struct build_platform *target,
	const struct stage_config *parent, struct mc_err *err);
void stage_config_free(struct stage_config *c);

/*
 * Applies what a resolved instruction means for the configuration. RUN, COPY, ADD and FROM change nothing
 * here; WORKDIR sets WorkingDir (making the directory is steps.c's). d: escape character. Errors are about
 * the whole instruction: the place is i->at.
 */
int stage_config_apply(struct stage_config *c, const struct args *args, const struct instruction *i,
	const struct dockerfile *d, struct mc_err *err);

/* Copies of c->vars: in order for struct vars, sorted for a cache key. Caller strv_free()s. */
char **stage_config_vars(const struct stage_config *c);
char **stage_config_key_env(const struct stage_config *c);
/* RUN's environment: c->vars and the proxies of --build-arg that no ARG declared. Caller strv_free()s. */
char **stage_config_run_env(const struct stage_config *c, const struct args *args);
/*
 * argv of a RUN: exec form as it is, else wrapped by SHELL; heredocs in place. Caller strv_free()s.
 * A RUN that is one heredoc alone gives its body as the script; when the body begins with #!, it is to be
 * an executable file: then argv runs RUN_SCRIPT_DIR/NAME, and run_script() says so.
 */
#define RUN_SCRIPT_DIR "/dev/pipes"
char **stage_config_argv(const struct stage_config *c, const struct instruction *i);
/* The heredoc that must be mounted as RUN_SCRIPT_DIR/name, mode 0755; NULL for all other RUNs. */
const struct heredoc *run_script(const struct instruction *i);
/* SHELL's words, ["/bin/sh", "-c"] without; caller strv_free()s. */
char **stage_config_shell(const struct stage_config *c);
/*
 * A path relative to WorkingDir, cleaned (no . or .. left), absolute; a slash at the end is lost. Caller
 * frees.
 */
char *stage_config_path(const struct stage_config *c, const char *path);
const char *stage_config_user(const struct stage_config *c);    /* "" when none; borrowed */
const char *stage_config_workdir(const struct stage_config *c); /* "/" when none; borrowed */

/*
 * Adds the history entry of one resolved instruction: created_by as BuildKit writes it ("RUN /bin/sh -c
 * make # buildkit", "|1 A=b" in front for ARGs, heredoc bodies in it), comment "buildkit.dockerfile.v0",
 * created (nanoseconds since the epoch), empty_layer. FROM and ONBUILD have none. To be called after
 * stage_config_apply().
 */
void stage_config_history(
	struct stage_config *c, const struct instruction *i, int64_t created, bool empty_layer);
/* Adds a layer to rootfs.diff_ids. */
void stage_config_layer(struct stage_config *c, const char *diff_id);
/* --label NAME=VALUE, after the last instruction; without history. */
void stage_config_label(struct stage_config *c, const char *label);

/* EXPOSE's word as single ports: "8000-8001" gives "8000/tcp", "8001/tcp". (expose.c) */
int expose_ports(const char *word, char ***ret, struct mc_err *err);
/* What of the word is not as it should be: a host part, an upper-case protocol. For lints. */
void expose_style(const char *word, bool *host_part, bool *upper_case);

#endif
