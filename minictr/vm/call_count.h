/*
 * call_count.h - which system calls does the host's kernel serve for a set of processes?
 */
#ifndef MC_VM_CALL_COUNT_H
#define MC_VM_CALL_COUNT_H

#include "vm/compare.h"

enum { CALL_NUMBERS = 512 };
struct call_count {
	uint64_t calls;          /* all of them */
	int kinds;               /* different numbers among them */
	bool seen[CALL_NUMBERS]; /* by number */
};
/*
 * Traces p->root's whole tree (ptrace(2)), and what it starts, while `meanwhile` runs to its end in another
 * process. Fills *ret. -EPERM where tracing is forbidden.
 */
int call_count(const struct probe *p, int (*meanwhile)(void *data), void *data, struct call_count *ret,
	struct mc_err *err);

#endif
