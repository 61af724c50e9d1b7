/*
 * run.h - create, start and run: from what a person typed to a process in a container.
 *
 * The command line fills struct run_options; container_create() merges it with the image's config into
 * docker's "Config" and "HostConfig" (engine/spec/options.c) and keeps them; container_start() makes
 * config.json of them (engine/spec/spec.c) and walks the start path (engine/start.c).
 * Typical:
 *     struct run_options o; run_options_init(&o); ... container_run(&e, &o, id, &exit_code, &err);
 *     run_options_release(&o);
 * Pointers in the struct are owned by it (xstrdup, strv_push) unless said otherwise.
 */
#ifndef MC_ENGINE_RUN_H
#define MC_ENGINE_RUN_H

#include "engine/container.h"
#include "engine/ensure_image.h"

struct run_health {
	char *cmd;              /* --health-cmd, run by a shell; NULL: the image's own */
	bool disable;           /* --no-healthcheck */
	int64_t interval;       /* ns; 0: default 30 s; as all times here */
	int64_t timeout;        /* default 30 s */
	int64_t start_period;   /* default 0 */
	int64_t start_interval; /* default 5 s */
	int retries;            /* 0: default 3 */
};

struct run_options {
	/* what to run */
	char *name;       /* NULL: one is made up */
	char *image;      /* name or id */
	char **command;   /* words after the image; NULL: the image's Cmd */
	char *entrypoint; /* NULL: the image's; "" clears it */
	char **env;       /* "NAME=value" or "NAME" (value of the client's environment), files before flags */
	char *workdir, *user, *hostname, *domainname;
	char **labels;                          /* "key=value" or "key" */
	char **annotations;                     /* likewise, into config.json */
	char *stop_signal;                      /* NULL: the image's, else SIGTERM */
	int stop_timeout;                       /* seconds; -1: default 10 */
	int timeout;                            /* seconds until it is killed, whatever it does; 0: never */
	char *platform;                         /* of the image; NULL: this machine's */
	enum image_pull pull;                   /* when the image is fetched */
	bool quiet_pull;                        /* without progress */
	void (*image_absent)(const char *name); /* told before a missing image is fetched; NULL: not told */

	/* how it hangs on the terminal */
	bool tty, interactive, detach;
	char **attach;     /* -a stdin|stdout|stderr; NULL: docker's default */
	bool sig_proxy;    /* default true */
	char *detach_keys; /* NULL: ctrl-p,ctrl-q */
	char *cidfile;     /* must not exist yet */

	/* life */
	bool rm;
	int init;      /* 1: yes, -1: no, 0: not said */
	char *restart; /* "no", "always", "unless-stopped", "on-failure[:N]"; NULL is "no" */
	char *runtime; /* name or path of another OCI runtime: crun, runc */
	struct run_health health;
	char *log_driver; /* "json-file" (default), "local", "none" */
	char **log_opts;  /* "max-size=10m", "max-file=3" */

	/* limits; 0 means none unless said otherwise */
	uint64_t memory, memory_reservation;
	int64_t memory_swap;       /* bytes of memory+swap; 0: twice the memory (docker); -1: no limit */
	int64_t memory_swappiness; /* 0..100; -1: not set */
	uint64_t nano_cpus;        /* --cpus 1.5 is 1500000000 */
	uint64_t cpu_shares, cpu_period;
	int64_t cpu_quota;
	char *cpuset_cpus, *cpuset_mems;
	int64_t pids_limit; /* 0: not set; -1: no limit */
	uint64_t blkio_weight;
	char **blkio_weight_device;                   /* "/dev/sda:500" */
	char **device_read_bps, **device_write_bps;   /* "/dev/sda:10mb" */
	char **device_read_iops, **device_write_iops; /* "/dev/sda:100" */
	uint64_t cpu_rt_period;                       /* microseconds; v1 only, as the kernel has it */
	int64_t cpu_rt_runtime;
	bool oom_kill_disable;
	int oom_score_adj;
	char *cgroup_parent;
	char **ulimits;    /* "nofile=1024:2048" */
	uint64_t shm_size; /* 0: 64 MiB */

	/* privileges */
	bool privileged, read_only;
	char **cap_add, **cap_drop; /* with or without CAP_; "ALL" */
	char **security_opt; /* "seccomp=unconfined", "seccomp=FILE", "no-new-privileges", "systempaths=unconfined" */
	char **devices;             /* "/dev/x[:/dev/y[:rwm]]" or VENDOR/CLASS=NAME */
	const char *gpus;           /* "all", a number, "device=0,1" */
	char **device_cgroup_rules; /* "c 1:3 rwm" */
	char **sysctls;             /* "key=value" */
	char **group_add;
	char **masked_paths, **read_only_paths; /* instead of the usual ones; NULL: those */

	/* files */
	char **volumes; /* -v: "/src:/dst[:ro,z..]" (bind mounts for now) or "/dst" (anonymous) */
	char **mounts;  /* --mount: "type=bind,src=..,dst=..,readonly" */
	char **tmpfs;   /* "/path[:options]" */
	char **volumes_from;

	/* namespaces: NULL is docker's default */
	char *network; /* "none", "host", "private" (loopback only), "container:X", "bridge" or a network's name */
	char **networks; /* --network, as often as it was given; wins over network (spec/network_words.h) */
	char *pid, *ipc, *uts, *userns,
		*cgroupns; /* "host", "private", "container:X", ipc: "shareable", "none" */
	char **publish;    /* -p: "[IP:][HOST:]CONTAINER[/udp]" */
	char **expose;
	bool publish_all;
	char **add_host; /* "name:ip"; "host-gateway" is understood */
	char **dns, **dns_search, **dns_option;
	char *mac_address, *ip, *ip6;
	char **network_alias;
	char **links; /* "CONTAINER:ALIAS": a name that only this container's resolver knows */
	char **link_local_ips;

	/*
	 * Members of "Config" and "HostConfig" that are kept exactly so, over what the fields above say: a client
	 * of the API has sent the objects themselves. NULL: none. Borrowed.
	 */
	const struct json *exact;
	char **env_removed; /* names: the image's variables that the container does not get */
};

/* What is not zero by default. */
#define RUN_OPTIONS_DEFAULT                                                                                  \
	{                                                                                                    \
		.sig_proxy = true, .stop_timeout = -1, .memory_swappiness = -1                               \
	}
void run_options_init(struct run_options *o);
void run_options_release(struct run_options *o);

/*
 * `minictr run`: create, start, then (unless detached) attach until the end. With o->detach the id is
 * printed by the caller: ret_id. *ret_exit is the exit code for the shell; an OOM kill is said on stderr.
 * A container made with o->rm whose start fails is removed again.
 */
int container_run(struct engine *e, const struct run_options *o, char ret_id[CONTAINER_ID_LEN + 1],
	int *ret_exit, struct mc_err *err);

/* Stops (container_stop(): signal, seconds) and starts again; one that does not run is started. */
int container_restart(
	struct engine *e, const char *name, const char *signal, int seconds, struct mc_err *err);

#endif
