/*
 * endpoint_text.h - what a container has in its networks, as docker's documents, as rules, as lines of
 * /etc/hosts.
 */
#ifndef MC_ENGINE_ENDPOINT_TEXT_H
#define MC_ENGINE_ENDPOINT_TEXT_H

#include "engine/endpoints.h"

/* {"Networks": {...}, "Ports": {...}, "Way4": "10.0.0.2", "Way6": ""}: c->net. */
struct json *endpoints_json(const struct container *c, const struct endpoints *p);
/* Writes containers/ID/net, which the monitor reads (monitor/net_file.h). */
int endpoints_write_net(
	struct engine *e, const struct container *c, const struct endpoints *p, struct mc_err *err);
/* Docker's EndpointSettings of one network. */
struct json *endpoint_json(const struct container *c, const struct endpoint *ep);
/* The rule for a reserved port. False when no address of that family is there: the monitor carries it. */
bool endpoint_port(const struct endpoints *p, const struct reserved_port *r, struct port *ret);

#endif
