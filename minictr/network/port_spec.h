/*
 * port_spec.h - published ports as they are typed (-p), and as docker keeps them ("PortBindings").
 */
#ifndef MC_NETWORK_PORT_SPEC_H
#define MC_NETWORK_PORT_SPEC_H

#include "base/json.h"

/*
 * Adds one -p to bindings: [IP:][HOST]:CONTAINER[/PROTOCOL], where HOST and CONTAINER are numbers or ranges
 * of equal length, or HOST a range for one CONTAINER port. bindings gets docker's shape:
 * {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}. -EINVAL with docker's words.
 */
int port_spec_add(const char *text, struct json *bindings, struct mc_err *err);

/* "80", "80-82/udp": the keys "80/udp" ... into keys, an object. -EINVAL. For --expose. */
int port_spec_expose(const char *text, struct json *keys, struct mc_err *err);

#endif
