/*
 * inspect.h - queries: documents in docker's shape, made from the record and from /proc and cgroupfs.
 */
#ifndef MC_ENGINE_INSPECT_H
#define MC_ENGINE_INSPECT_H

#include "engine/container.h"

/* `docker inspect` of one container; size adds SizeRw and SizeRootFs. The caller frees *ret. */
int container_inspect(
	struct engine *e, const struct container *c, bool size, struct json **ret, struct mc_err *err);
/* One entry of `docker ps --format json` / GET /containers/json. */
int container_summary(
	struct engine *e, const struct container *c, bool size, struct json **ret, struct mc_err *err);

/* Bytes of the files in its writable layer. Walks a tree: not for queries that must be quick. */
uint64_t container_size(struct engine *e, const char *id);

/*
 * `top`: ps(1) with the given arguments (NULL: -ef), only the container's processes. {"Titles": [],
 * "Processes": [[]]}
 */
int container_top(
	struct engine *e, const char *name, char *const ps_args[], struct json **ret, struct mc_err *err);

/* One sample for `stats`. Rates are made by the caller from two of them. */
struct container_stats {
	uint64_t time;      /* CLOCK_MONOTONIC, ns */
	uint64_t cpu_ns;    /* used by the container */
	uint64_t system_ns; /* used by the whole machine */
	unsigned online_cpus;
	uint64_t memory;       /* bytes, page cache that can go at once not counted */
	uint64_t memory_limit; /* the machine's memory when unlimited */
	uint64_t pids, pids_limit;
	uint64_t net_rx, net_tx; /* bytes over all links but lo */
	uint64_t block_read, block_write;
};
int container_stats(
	struct engine *e, const struct container *c, struct container_stats *ret, struct mc_err *err);

/*
 * docker's NetworkSettings.Networks: what a running container has, or what another one asks for. Caller
 * frees.
 */
struct json *container_networks(const struct container *c);

/* Adds the keys that docker always shows, with its values for "not asked for" (inspect_keys.c). */
/* All that docker has in the "Config" of an image, which keeps only what is set. */
void inspect_fill_image(struct json *config);
void inspect_fill_config(struct json *config);
void inspect_fill_host(struct json *host);

#endif
