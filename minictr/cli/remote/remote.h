/*
 * remote.h - the verbs of minictr-remote: what a daemon is asked for when a command has -H.
 *
 * Each has the flags, the help and the printer of its local namesake (verbs.h); only run differs. To add one:
 * a function here, a row in remote_main.c.
 */
#ifndef MC_CLI_REMOTE_H
#define MC_CLI_REMOTE_H

#include "cli/remote/client.h"
#include "cli/verbs.h"

typedef int remote_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err);

/* remote_life.c */
remote_run remote_start, remote_stop, remote_restart, remote_kill, remote_pause, remote_unpause, remote_rm;
remote_run remote_rename, remote_update, remote_wait;
/* remote_run.c, remote_exec.c */
remote_run remote_run_verb, remote_create, remote_attach, remote_exec;
/* remote_look.c, remote_stats.c */
remote_run remote_ps, remote_logs, remote_inspect, remote_top, remote_port, remote_diff, remote_events;
remote_run remote_stats;
/* remote_images.c, remote_transfer.c, remote_cp.c, remote_build.c */
remote_run remote_images, remote_history, remote_rmi, remote_tag, remote_search;
remote_run remote_pull, remote_push, remote_save, remote_load, remote_import, remote_export, remote_commit;
remote_run remote_login, remote_cp, remote_build;
/* remote_parts.c */
remote_run remote_network_create, remote_network_ls, remote_network_inspect, remote_network_rm;
remote_run remote_network_connect, remote_network_disconnect;
remote_run remote_volume_create, remote_volume_ls, remote_volume_inspect, remote_volume_rm;
/* remote_system.c */
remote_run remote_info, remote_version, remote_df;
remote_run remote_container_prune, remote_image_prune, remote_network_prune, remote_volume_prune;
remote_run remote_builder_prune, remote_system_prune;

/* All commands, NULL-terminated: those above, those about contexts, and those that work here only. */
const struct command *const *remote_table(void);

/* --- what they share --- */

/*
 * Does one thing to each name, as docker: says the name on stdout when it worked, the error on stderr when
 * not, and goes on. Returns the exit status.
 */
int remote_each(struct cli *cli, int argc, char **argv,
	int (*act)(struct client *c, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err);

/* Fetches an image with progress on fd 1 or 2 (quiet: without). name as it was typed; platform NULL: any. */
int remote_fetch(struct client *c, const char *name, const char *platform, int fd, bool quiet, bool all_tags,
	struct mc_err *err);
/* "X-Registry-Auth: ..." for the registry of an image; caller frees. */
char *remote_auth_header(const char *image);
/* Like attach, to the end: start runs in between, the exit code comes from the daemon. remote_run.c */
struct remote_follow {
	const char *id;
	bool tty, input, start, removed; /* removed: it is removed at its end (--rm) */
	bool no_stdin, no_stdout, no_stderr, sig_proxy;
	const char *detach_keys;
};
int remote_follow(struct client *c, const struct remote_follow *f, int *ret_exit, struct mc_err *err);
/* From a container's document: id, tty, and input when its stdin is open. *ret_doc (owned) holds the id. */
int remote_follow_look(struct client *c, const char *name, struct remote_follow *f, struct json **ret_doc,
	struct mc_err *err);

/* Documents of GET /NOUN/NAME[/json] for each name, printed by --format; what is missing is said. */
int remote_inspect_all(struct cli *cli, const char *noun, const char *tail, const char *format, int argc,
	char **argv, struct mc_err *err);

#endif
