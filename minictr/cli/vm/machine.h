/*
 * vm/machine.h - what the commands of minictr-vm share: opening the engine and, in it, the machines.
 */
#ifndef MC_CLI_VM_MACHINE_H
#define MC_CLI_VM_MACHINE_H

#include "cli/command.h"
#include "cli/engine_use.h"
#include "vm/vm.h"

struct machine_use {
	struct engine engine;
	struct vm_host host;
};
int machine_open(struct cli *cli, struct machine_use *u, struct mc_err *err);
void machine_close(struct machine_use *u);
#define _cleanup_machine_ __attribute__((cleanup(machine_close)))

#endif
