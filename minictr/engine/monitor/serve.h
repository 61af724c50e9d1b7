/*
 * monitor/serve.h - what the monitor does for its container's networks: published ports, DNS.
 */
#ifndef MC_ENGINE_MONITOR_SERVE_H
#define MC_ENGINE_MONITOR_SERVE_H

#include "engine/monitor/pump.h"

/* The container's namespaces are there (m->init). Without networks of ours: nothing, 0. m->serving is one
 * more descriptor for the pump then; serve_ready() is called when it can be read. */
int serve_start(struct monitor *m, struct mc_err *err);
/* First of all: programs that we run must not inherit the sockets of the ports. */
void serve_hide_ports(const struct monitor_options *o);
void serve_ready(struct monitor *m);
void serve_reaped(struct monitor *m, pid_t pid);
/* Lets go of everything: a socket inside would keep the container's network alive. */
void serve_stop(struct monitor *m);

#endif
