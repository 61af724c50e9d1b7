/*
 * endpoints.h - a container in its networks: planned, plugged in, recorded, taken out.
 *
 *     endpoints_plan()    before anything runs: addresses are taken, host ports reserved
 *     endpoints_plug()    the namespace is there, the program waits: cables, rules
 *     endpoints_record()  all of it into the record, names become known
 *     endpoints_clear()   the end, or what a crash left
 * In container.json, "Networks" is a list of what was asked for: [{"Name": "web", "Aliases": ["db"],
 * "IPv4Address": ...}]. In state.json, "Network" is what the container has: docker's "Networks" and "Ports".
 */
#ifndef MC_ENGINE_ENDPOINTS_H
#define MC_ENGINE_ENDPOINTS_H

#include "engine/networks.h"
#include "network/port_reserve.h"

struct endpoint {
	struct network network;
	char *dir; /* of the network; owned */
	struct lease lease;
	char link[IFNAMSIZ];     /* the host's end of the cable */
	const struct json *wish; /* its entry in "Networks"; borrowed from the record */
	bool plugged;
};

struct endpoints {
	struct endpoint *items;
	size_t count;
	struct reserved_ports ports;
	const struct endpoint *way4, *way6; /* who has the default route; NULL none */
	uint64_t table;                     /* the table's number when the ports were published */
};

/* Has c networks of its own (root's engine; not none, host, container:X)? */
bool endpoints_wanted(const struct engine *e, const struct container *c);

/* Both: where the default network cannot be made, *p is empty afterwards, and a warning says why. */
int endpoints_plan(struct engine *e, struct container *c, struct endpoints *ret, struct mc_err *err);
int endpoints_plug(struct engine *e, struct container *c, struct endpoints *p, struct mc_err *err);
/* Fills c->net and tells the names. c->init is known. */
int endpoints_record(struct engine *e, struct container *c, struct endpoints *p, struct mc_err *err);
/*
 * After the record is on disk: a `network repair` that ran between the rules and the record has written the
 * table anew, without these ports. They are published again then.
 */
int endpoints_confirm(struct engine *e, struct endpoints *p, struct mc_err *err);
/* Takes back what was planned or plugged and not recorded. */
void endpoints_undo(struct engine *e, struct container *c, struct endpoints *p);
void endpoints_release(struct endpoints *p);

/* Rules, addresses, names of a container that has ended, or whose start failed. Idempotent. */
void endpoints_clear(struct engine *e, const struct container *c);
/* The record goes, too: addresses that were held for it are free. */
void endpoints_forget(struct engine *e, const struct container *c);

/* It is in this network now ("connect"), or not any more ("disconnect"). */
void endpoint_event(
	struct engine *e, const struct container *c, const char *network, const char *id, const char *action);
/* The same for all networks in c->net. */
void endpoints_events(struct engine *e, const struct container *c, const char *action);

/* A command that died half-way in n: what it began is finished, or not begun. */
void endpoints_mend(struct engine *e, const struct network *n);

/* --- for endpoints_live.c: the steps of one network --- */
int endpoint_plan(struct engine *e, const struct container *c, const struct json *wish, const char *ifname,
	struct endpoint *ep, struct mc_err *err);
int endpoint_connect(struct engine *e, struct endpoint *ep, int netns, struct mc_err *err);
/* docker's PortBindings, with what -P adds. Caller frees. */
struct json *endpoints_bindings(const struct container *c);
/* Who has the default routes; the others lose them. */
void endpoints_choose_way(struct endpoints *p);
/* /proc/PID/ns/net, opened. */
int endpoints_namespace(pid_t pid, struct mc_err *err);

/* The rules of its published ports, from its record. */
void endpoints_port_rules(const struct container *c, const char *table, struct text *t);
/* Names by which neighbours find it: its name, short id, aliases. Caller strv_free()s. */
char **endpoints_names(const struct container *c, const struct json *wish);
/* The text of lines for /etc/hosts: "10.0.0.2\tname". */
void endpoints_hosts(const struct endpoints *p, const struct container *c, struct buf *out);

#endif
