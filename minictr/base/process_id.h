/*
 * process_id.h - identifies a process by number and start time, because the kernel reuses numbers.
 */
#ifndef MC_BASE_PROCESS_ID_H
#define MC_BASE_PROCESS_ID_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One process; a later one with the same number has another start time (proc_pid_stat(5), field 22). */
struct process_id {
	pid_t pid;      /* 0: none */
	uint64_t start; /* clock ticks since boot */
};

/* Fills in the start time of p->pid from /proc; false when there is no such process. */
bool process_id_fill(struct process_id *p);
/* Is it still the same process (not a zombie, not a reused number)? */
bool process_id_alive(const struct process_id *p);

#endif
