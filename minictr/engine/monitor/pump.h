/*
 * monitor/pump.h - the monitor's loop: the program's output to the log and the clients, their input to the
 * program.
 */
#ifndef MC_ENGINE_MONITOR_PUMP_H
#define MC_ENGINE_MONITOR_PUMP_H

#include "engine/monitor/monitor.h"
#include "engine/monitor/log.h"

struct client {
	int fd; /* -1: gone, to be taken out */
	struct attach_hello hello;
	struct buf queue; /* messages it has not taken yet, each behind its length (uint32_t) */
};

struct monitor {
	struct monitor_options options;
	int report;   /* to the engine; -1 once the program runs */
	int listen;   /* attach socket */
	int signals;  /* signalfd(2): SIGCHLD */
	int out, err; /* what the program writes; with a terminal both are in `out`, its master side */
	int in;       /* the program's stdin; -1: none, or closed. With a terminal the same as `out` */
	int memory; /* options.oom_file, open, where systemd removes the cgroup the moment it is empty; -1 */
	int mount_ns; /* keeps the container's mount namespace until the exit status is told */
	pid_t init;   /* the container's process 1 */
	bool exited;
	int status;               /* waitpid(2)'s, when exited */
	int oom_killed;           /* likewise */
	bool oom_seen;            /* memory has run out, and a process is about to be killed */
	pid_t health;             /* running health check; 0 none */
	uint64_t killed_at;       /* CLOCK_MONOTONIC ms: when `run --timeout` is over; 0: never */
	uint64_t health_due;      /* CLOCK_MONOTONIC ms; 0: no health checks */
	uint64_t started;         /* likewise */
	struct buf input;         /* for the program, not taken yet */
	int serving;              /* epoll of ports and DNS (serve.c); -1 none */
	struct serving *networks; /* likewise; NULL none */
	struct client *clients;
	size_t n_clients;
	struct log_file log;
};

/* Until the program has ended and every client has been told. */
void monitor_pump(struct monitor *m);
/* Starts `minictr internal VERB ID`; returns its pid or -1. */
pid_t monitor_internal(const struct monitor *m, const char *verb);

/* --- monitor/exit.c --- */
/* The kernel's count of processes killed for want of memory has changed, or may have. */
void monitor_look_at_memory(struct monitor *m);
/* The exit status on disk; called by the pump the moment the program has ended. */
void monitor_record_exit(struct monitor *m);

#endif
