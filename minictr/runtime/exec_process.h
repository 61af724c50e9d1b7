/*
 * exec_process.h - which process `exec` runs: --process FILE, or config.json's changed by options.
 */
#ifndef MC_RUNTIME_EXEC_PROCESS_H
#define MC_RUNTIME_EXEC_PROCESS_H

#include "runtime/config.h"
#include "runtime/exec.h"

/* *ret_doc is what *ret points into (NULL: c's document); both are the caller's to release. */
int exec_choose_process(const struct exec *o, const struct config *c, struct json **ret_doc,
	struct config_process *ret, struct mc_err *err);

#endif
