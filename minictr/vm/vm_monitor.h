/*
 * vm_monitor.h - what the two halves of the monitor share: vm_monitor.c runs the machine, vm_serve.c
 * carries frames between the guest and the clients.
 */
#ifndef MC_VM_MONITOR_H
#define MC_VM_MONITOR_H

#include "engine/monitor/log.h"
#include "vm/channel.h"
#include "vm/vm.h"

enum { VM_CLIENTS = 32, VM_FILE_SERVERS = 16 };

struct vm_client {
	int fd;      /* -1: free */
	int session; /* whose bytes it gets; -1: none yet */
	struct buf in, out;
};

struct vm_monitor {
	struct vm *vm;
	pid_t qemu;
	pid_t file_servers[VM_FILE_SERVERS];
	size_t n_file_servers;
	int channel, listener, pidfd, qemu_log;
	struct buf in, out; /* from and for the guest */
	struct buf early;   /* frames for the image's program, from before its start */
	struct vm_client clients[VM_CLIENTS];
	struct log_file log;
	bool started_by_client; /* the program waits for the command that will show its output */
	bool ready, started;    /* the guest has booted; its program was asked for */
	bool goodbye, ended;    /* its program has ended; the machine was told to power off */
	bool stopped;           /* `vm stop` has asked for the end */
	int code;
	char *failed;      /* owned */
	uint64_t deadline; /* of booting, of powering off; 0: none */
};

void vm_channel_serve(struct vm_monitor *m);
void vm_clients_serve(struct vm_monitor *m);
/* Does a client read so slowly that the guest has to wait? */
bool vm_clients_slow(const struct vm_monitor *m);
/* The machine cannot go on: why, with the last words of qemu and of the guest's kernel. */
void vm_monitor_fail(struct vm_monitor *m, const char *what);

#endif
