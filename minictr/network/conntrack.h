/*
 * conntrack.h - connections that the kernel remembers.
 */
#ifndef MC_NETWORK_CONNTRACK_H
#define MC_NETWORK_CONNTRACK_H

#include <stdint.h>

/*
 * Forgets all flows to this port of the host ("udp"). A sender that goes on without a pause keeps its flow
 * alive, and with it the address of a container that is gone: it would never reach the new one.
 */
void conntrack_forget(const char *protocol, uint16_t host_port);

#endif
