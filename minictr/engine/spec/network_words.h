/*
 * spec/network_words.h - --network, --ip, --network-alias, -p and -P: from words to what the record keeps.
 */
#ifndef MC_ENGINE_NETWORK_WORDS_H
#define MC_ENGINE_NETWORK_WORDS_H

#include "engine/run.h"

enum { NETWORK_MODE_MAX = 256 };

/*
 * The network mode: the name in the first --network ("web" of "name=web,alias=db"), else o->network, else
 * "default".
 */
const char *network_words_mode(const struct run_options *o, char out[NETWORK_MODE_MAX]);
/* -EINVAL for a --network that cannot be understood, or several that exclude each other. */
int network_words_check(const struct run_options *o, struct mc_err *err);
/* Fills doc's "Networks" (engine/endpoints.h), HostConfig's PortBindings and Config's ExposedPorts. */
int network_words_merge(const struct run_options *o, struct json *doc, struct mc_err *err);
/* One entry of "Networks": name alone, or name=web,alias=db,driver-opt=K=V,ip=...,ip6=... */
int network_words_wish(const char *text, struct json **ret, struct mc_err *err);

/* The same of `network connect`. All borrowed; NULL: not said. */
struct endpoint_words {
	const char *network, *ip, *ip6, *mac;
	char *const *aliases, *const *driver_opts;
	int64_t priority;
	char *const *links, *const *link_local_ips;
};
int endpoint_words_wish(const struct endpoint_words *w, struct json **ret, struct mc_err *err);

#endif
