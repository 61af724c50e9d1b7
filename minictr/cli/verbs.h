/*
 * verbs.h - what a verb's two ways have in common: the values that its flags fill, and how its answer is
 * printed.
 *
 * A verb works on this machine's engine (cmd/NAME.c) or, under -H, on a daemon's (remote/). Flags, help and
 * output stand in cmd/NAME.c alone; remote/ brings only another run function. So a flag that is added to the
 * local verb is known under -H too, and both print through one function.
 */
#ifndef MC_CLI_VERBS_H
#define MC_CLI_VERBS_H

#include "base/json.h"
#include "cli/registry_flags.h"
#include "engine/inspect.h"

/* cmd/ps.c */
struct ps_values {
	bool all, latest, no_trunc, quiet, size;
	int last;
	char **filters;
	const char *format, *sort;
};

/* cmd/logs.c */
struct logs_values {
	bool details, follow, timestamps, names;
	const char *tail, *since, *until;
};

/* cmd/inspect.c */
struct inspect_values {
	const char *format, *type, *platform;
	bool size, tree;
};

/* cmd/stats.c */
struct stats_values {
	bool all, no_stream, no_trunc;
	const char *format;
};

/* cmd/events.c */
struct events_values {
	const char *since, *until, *format;
	char **filters;
};

/* cmd/exec.c */
struct exec_values {
	bool detach, interactive, tty, privileged;
	char **env, **env_files;
	const char *user, *workdir, *detach_keys;
};

/* cmd/attach.c */
struct attach_values {
	bool no_stdin, sig_proxy;
	const char *detach_keys;
};

/* cmd/start.c */
struct start_values {
	bool attach, interactive;
	const char *detach_keys;
};

/* cmd/stop.c */
struct stop_values {
	bool all;
	const char *signal;
	int seconds;
};

/* cmd/kill.c */
struct kill_values {
	bool all;
	const char *signal;
};

/* cmd/pause.c */
struct pause_values {
	bool all;
};

/* cmd/wait.c */
struct wait_values {
	char **conditions;
	int64_t interval;
};

/* cmd/rm.c */
struct rm_values {
	bool all, force, volumes;
};

/* cmd/df.c */
struct df_values {
	const char *format;
	bool verbose;
};

/* cmd/prune.c */
struct prune_values {
	bool force, all, volumes;
	char **filters;
};

/* cmd/info.c */
struct info_values {
	const char *format;
};

/* cmd/version.c */
struct version_values {
	const char *format;
};

/* cmd/images.c */
struct images_values {
	bool all, digests, no_trunc, quiet, tree;
	char **filters;
	const char *format;
};

/* cmd/history.c */
struct history_values {
	bool human, no_trunc, quiet;
	const char *format, *platform;
};

/* cmd/search.c */
struct search_values {
	struct registry_flags registry;
	const char *format;
	char **filters;
	int limit;
	bool no_trunc;
};

/* cmd/pull.c */
struct pull_values {
	struct registry_flags registry;
	bool all_tags;
	bool quiet;
	bool trust;
};

/* cmd/push.c */
struct push_values {
	struct registry_flags registry;
	bool all_tags;
	bool quiet;
	bool trust;
	const char *platform;
};

/* cmd/login.c */
struct login_values {
	struct registry_flags registry;
	const char *user;
	const char *password;
	bool password_stdin;
};

/* cmd/rmi.c */
struct rmi_values {
	bool force, no_prune;
	const char *platform;
};

/* cmd/rmi.c */
struct image_prune_values {
	bool all, force;
	char **filters;
};

/* cmd/save.c */
struct save_values {
	const char *output, *platform;
};

/* cmd/load.c */
struct load_values {
	const char *input, *platform;
	bool quiet;
};

/* cmd/import.c */
struct import_values {
	char **changes;
	const char *message, *platform;
};

/* cmd/commit.c */
struct commit_values {
	const char *author, *message;
	char **changes;
	bool pause;
};

/* cmd/export.c */
struct export_values {
	const char *output;
};

/* cmd/cp.c */
struct cp_values {
	bool archive, follow, quiet;
};

/* cmd/build.c */
struct build_values {
	char **tags, **args, **labels, **secrets, **contexts, **outputs, **hosts, **no_cache_stages;
	char **cache_from, **cache_to, **ssh, **ulimits, **attest, **allow, **annotations;
	const char *file, *target, *platform, *network, *progress, *iidfile, *metadata;
	const char *provenance, *sbom, *builder, *memory, *cgroup_parent, *shm_size;
	bool no_cache, pull, check, quiet, explain_cache, debug_on_failure, load, push, rm, force_rm, squash,
		compress;
};

/* cmd/builder_prune.c */
struct builder_prune_values {
	bool all, force;
	char **filters;
	const char *keep;
};

/* cmd/network.c */
struct network_create_values {
	const char *driver;
	char **subnets, **gateways, **ranges, **kept, **labels, **opts;
	bool internal, ipv6, attachable;
};

/* cmd/network.c */
struct network_list_values {
	char **filters;
	const char *format;
	bool quiet, no_trunc;
};

/* cmd/network.c */
struct network_inspect_values {
	const char *format;
	bool verbose;
};

/* cmd/network.c */
struct network_rm_values {
	bool force;
};

/* cmd/network.c */
struct network_connect_values {
	const char *ip, *ip6, *mac;
	char **aliases, **driver_opts, **links, **link_local_ips;
	int64_t priority;
};

/* cmd/network.c */
struct network_disconnect_values {
	bool force;
};

/* cmd/network.c */
struct network_prune_values {
	bool force;
	char **filters;
};

/* cmd/volume.c */
struct volume_create_values {
	const char *driver, *name;
	char **labels, **options;
};

/* cmd/volume.c */
struct volume_list_values {
	char **filters;
	const char *format;
	bool quiet;
};

/* cmd/volume.c */
struct volume_inspect_values {
	const char *format;
};

/* cmd/volume.c */
struct volume_rm_values {
	bool force;
};

/* cmd/volume.c */
struct volume_prune_values {
	bool all, force;
	char **filters;
};

/* --- answers: rows of docker's fields, and how the verb prints them --- */

bool ps_wants_size(const struct ps_values *v);
int ps_print(const struct ps_values *v, struct json *rows, struct mc_err *err);

struct image_line { /* one name of an image */
	const char *id, *repository, *tag;
	const char *digest; /* NULL: none */
	int64_t created;    /* ns since the epoch */
	int64_t size;
};
void images_row(struct json *rows, const struct images_values *v, const struct image_line *l);
/* "sha256:..." of the entry of digests[] that belongs to this repository, borrowed; NULL: none. */
const char *image_digest_in(char *const digests[], const char *repository);
int images_print(const struct images_values *v, const struct json *rows, struct mc_err *err);

struct image_step;
struct json *history_row(const struct history_values *v, const struct image_step *s);
int history_print(const struct history_values *v, const struct json *rows, struct mc_err *err);

struct search_hit;
int search_limit_check(const struct search_values *v, struct mc_err *err);
struct json *search_row(const struct search_hit *hit, bool whole);
int search_print(const struct search_values *v, const struct json *rows, struct mc_err *err);

struct login;
/* Who wants in: from flags, stdin or questions. */
int login_gather(const struct login_values *v, struct login *who, struct mc_err *err);
/* Stores what the registry has accepted, and says so. */
int login_keep(const char *host, const struct login *who, struct mc_err *err);

struct image_name;
/* The name to pull, checked against --all-tags; the default tag is announced, as docker does. */
int pull_name(const struct pull_values *v, const char *word, struct image_name *ret, struct mc_err *err);

struct update_options;
int update_check(const struct update_options *o, struct mc_err *err);

struct df_sum { /* one kind of thing on the disk */
	int64_t total, active, size, reclaimable;
};
void df_row(struct json *rows, const char *type, const struct df_sum *s);
int df_print(const struct df_values *v, const struct json *rows, struct mc_err *err);

struct event_sink {
	const char *format;
	struct mc_err err; /* a bad template */
};
int events_filter_check(char *const filters[], struct mc_err *err);
/* One event; line is its JSON text, data the event_sink. 1: stop. */
int event_print(const struct json *event, const char *line, void *data);

void stats_row(struct json *row, const char *whole_id, const char *name, const struct container_stats *old,
	const struct container_stats *now, bool no_trunc);
/* live: the screen is cleared first. */
int stats_print(const struct stats_values *v, const struct json *rows, bool live, struct mc_err *err);

/* {"Titles": [], "Processes": [[]]} */
void top_print(const struct json *doc);
/* {"80/tcp": [{"HostIp", "HostPort"}]}; want: "80", NULL for all. Returns how many. */
int ports_print(const struct json *ports, const char *want);
/* kind: A, C or D. */
void diff_say(char kind, const char *path, void *data);
/* Takes doc over. */
int info_print(const struct info_values *v, struct json *doc, struct mc_err *err);

/* "a=1,b=2", as docker joins labels. Caller frees. */
char *labels_join(const struct json *labels);
struct json *network_row(const struct json *doc, bool no_trunc);
int networks_print(const struct network_list_values *v, const struct json *rows, struct mc_err *err);
void volume_add_row(struct json *rows, const struct json *volume, bool sizes);
int volumes_print(const struct volume_list_values *v, const struct json *rows, struct mc_err *err);

#endif
