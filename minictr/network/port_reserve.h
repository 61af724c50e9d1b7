/*
 * port_reserve.h - host ports that belong to a container: one socket for each.
 *
 * The socket has three uses. It reserves the port: no other program, and no second container, can have it. It
 * serves ::1, which the kernel cannot rewrite. And it goes on working, slowly, when all rules are flushed
 * (engine/monitor/splice.c).
 */
#ifndef MC_NETWORK_PORT_RESERVE_H
#define MC_NETWORK_PORT_RESERVE_H

#include "base/json.h"
#include "network/bridge.h"

struct reserved_port {
	char protocol[5];
	struct address host; /* 0.0.0.0 and :: are two entries with one number */
	uint16_t host_port, container_port;
	int fd; /* bound, and listening for tcp; owned, -1 once given away */
};
struct reserved_ports {
	struct reserved_port *items; /* owned */
	size_t count;
};

/*
 * Reserves what bindings ask for (docker's "PortBindings"). default_host: where a binding without an address
 * is published; family 0: all addresses. Without a number, or with a range, the first free one is taken, the
 * same for IPv4 and IPv6. On failure nothing stays reserved: -EADDRINUSE names the program that has the port.
 */
int ports_reserve(const struct json *bindings, const struct address *default_host, struct reserved_ports *ret,
	struct mc_err *err);
void ports_release(struct reserved_ports *p);

/* Docker's "Ports" of the given sockets: {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}. */
struct json *ports_json(const struct reserved_ports *p);

#endif
