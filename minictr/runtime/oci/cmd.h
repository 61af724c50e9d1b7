/*
 * oci/cmd.h - the command line of minictr-oci: one row per verb, as runc and crun have them.
 */
#ifndef MC_RUNTIME_OCI_CMD_H
#define MC_RUNTIME_OCI_CMD_H

#include <getopt.h>
#include "base/err.h"
#include "base/json.h"

/* Options in front of the verb. */
struct oci_global {
	char *root;          /* --root; owned */
	int log;             /* --log FILE, open for appending; -1 */
	bool log_json;       /* --log-format json */
	bool debug;          /* --debug */
	bool systemd_cgroup; /* --systemd-cgroup, --cgroup-manager systemd */
	bool no_cgroup;      /* --cgroup-manager disabled */
	char **argv;         /* the whole command line, for seal_self() */
};

struct oci_command {
	const char *name;
	const char *usage;   /* what stands behind the name: "[options] ID" */
	const char *summary; /* one line of --help */
	/* argv[0] is the verb. Returns the exit status >= 0, or -errno with *err filled. */
	int (*run)(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
};

int oci_cmd_create(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_run(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_start(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_state(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_list(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_kill(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_delete(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_exec(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_ps(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_pause(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_resume(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_update(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_spec(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_features(const struct oci_global *g, int argc, char **argv, struct mc_err *err);
int oci_cmd_events(const struct oci_global *g, int argc, char **argv, struct mc_err *err);

/* The one id that must stand behind the options (argv[optind]). NULL with *err when it is missing. */
const char *oci_id(int argc, char **argv, struct mc_err *err);
/* The same for verbs that take nothing else: a word behind the id is an error. */
const char *oci_only_id(int argc, char **argv, struct mc_err *err);
/* -EINVAL when more than `words` words stand behind the options. */
int oci_end(int argc, char **argv, int words, struct mc_err *err);
/* "table" or "json" of --format. */
int oci_format(const char *text, bool *ret_json, struct mc_err *err);
/* An option that getopt_long(3) did not know, or without its value: -EINVAL says which. */
int oci_bad_option(char **argv, struct mc_err *err);
/* The same for a verb's name, "" for options in front of it. */
int oci_bad_flag(const char *verb, char **argv, struct mc_err *err);
struct cgroup;
/* The cgroup of a container that has processes. oci/stats.c */
int oci_open_cgroup(const struct oci_global *g, const char *id, struct cgroup *ret, struct mc_err *err);
/* A small number option; -EINVAL names it. */
int oci_number(const char *text, const char *option, int *ret, struct mc_err *err);
/* Prints an object and frees it. */
int oci_print(struct json *v);

/* The texts of --help: oci/help.c */
void oci_help(FILE *to, const struct oci_command *commands, size_t n);
void oci_help_verb(FILE *to, const struct oci_command *c);

#endif
