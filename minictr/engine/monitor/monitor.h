/*
 * monitor/monitor.h - what the engine and the monitor say to each other. Three places:
 *
 *   report socket   a socketpair(2) of SOCK_SEQPACKET, one end inherited by the monitor (MONITOR_REPORT):
 *                   monitor -> engine   struct monitor_report after `create`, and again after `start`
 *                   engine -> monitor   one byte 'S': start now. Closing it before means: forget it
 *   attach socket   run/attach, SOCK_SEQPACKET, a connection per client. A message's first byte is its kind
 *   files           monitor -> engine   containers/ID/exit "CODE OOM FINISHED_NS\n", containers/ID/log
 *                   engine -> monitor   containers/ID/pause: milliseconds until it is started again
 *
 * The monitor's arguments are NAME=VALUE words in any order (struct monitor_options): no library, no quoting.
 */
#ifndef MC_ENGINE_MONITOR_H
#define MC_ENGINE_MONITOR_H

#include <sys/types.h>
#include "base/err.h"

enum {
	/* Descriptor of the report socket in the monitor. */
	MONITOR_REPORT = 3,
	/* Descriptor of the detached root file system. */
	MONITOR_ROOTFS = 4,
	/* The first of the sockets of published ports, options.ports names them. */
	MONITOR_PORTS = 5,
	/* Largest message on the attach socket, kind included. */
	ATTACH_MESSAGE = 32768,
};

enum attach_kind {
	/* monitor -> client */
	/* Bytes of the program. */
	ATTACH_STDOUT = 'o',
	ATTACH_STDERR = 'e',
	/* Bytes of a program that has a terminal: both streams are one there. */
	ATTACH_TERMINAL = 't',
	/* struct attach_exit; the last message. */
	ATTACH_EXIT = 'x',
	/* client -> monitor */
	/* struct attach_hello; the first message. */
	ATTACH_HELLO = 'h',
	/* Bytes for the program. */
	ATTACH_STDIN = 'i',
	/* No more of them. */
	ATTACH_EOF = 'q',
	/* struct attach_window. */
	ATTACH_WINDOW = 'w',
};

struct attach_hello {
	char no_output; /* only sends: resize, stdin */
	char no_stdout, no_stderr;
	char primary; /* the command that started it: when it reads slowly the program waits, as in a pipe; others
			    who lag more than a megabyte behind are let go */
	char wants_stdin; /* without it what the client sends is not for the program */
};
struct attach_window {
	unsigned short rows, cols;
};
struct attach_exit {
	int code;
	int oom_killed;
};

struct monitor_report {
	pid_t pid;         /* the container's process 1; 0 on failure */
	struct mc_err err; /* why it failed; code 0: all is well */
	struct mc_err
		network; /* why there is a loopback only, against options.network; code 0: there is more */
};

struct monitor_options {
	const char *id;
	const char *dir;      /* containers/ID, the bundle */
	const char *run;      /* run directory: attach socket, console socket, pid file */
	const char *root;     /* --root of the engine, for internal commands */
	const char *runtime;  /* path of the OCI runtime */
	const char *oci_root; /* its --root */
	const char *minictr;  /* path of minictr, for internal commands */
	const char *ports;    /* "tcp/80,udp/53": what the sockets lead to (serve.c); "" none */
	const char *forward;  /* ports that `network` publishes (network/usernet.h); "" none */
	bool dns;             /* it has networks of ours: answer names, read dir/net */
	bool dns_moved;       /* it is a name server itself: port 53 is for its program (dns.c) */
	const char *network;  /* the program that speaks for it (network/usernet.h); "" none */
	const char *oom_file; /* counts OOM kills: v2 memory.events, v1 memory.oom_control; "" none */
	bool foreign;         /* another OCI runtime: mount the root file system by path */
	bool hide_unified;    /* and hide the empty cgroup2 mount of a hybrid host from it (crun 1.8) */
	bool systemd;         /* cgroupsPath is for systemd: tell the runtime */
	bool tty, open_stdin, stdin_once;
	bool no_log;
	uint64_t log_max_size;
	uint64_t log_max_files;
	uint64_t timeout; /* seconds until the program is killed; 0: never */
	uint64_t health_interval, health_start_period,
		health_start_interval; /* ms; interval 0: no health check */
};

#endif
