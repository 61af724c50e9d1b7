/*
 * vm/vm_main.c - minictr-vm: virtual machines, and the comparison of a container with one.
 */
#include "cli/command.h"

extern const struct command cmd_vm_run, cmd_vm_ps, cmd_vm_stop, cmd_vm_rm, cmd_vm_exec, cmd_vm_logs,
	cmd_vm_info, cmd_compare;

static const struct command *const table[] = { &cmd_vm_run, &cmd_vm_ps, &cmd_vm_stop, &cmd_vm_rm,
	&cmd_vm_exec, &cmd_vm_logs, &cmd_vm_info, &cmd_compare, NULL };

int main(int argc, char **argv) { return cli_main(argc, argv, table, "minictr-vm"); }
