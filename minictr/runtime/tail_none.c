/*
 * tail_none.c - the runtime without its tail: every entry of tail.h does nothing. Linked by `make core`.
 *
 * All are weak, so that the real tail, when it is in the same archive, takes their place one by one.
 */
#include "runtime/tail.h"

#define NONE __attribute__((weak))

NONE int tail_config(const struct json *doc, struct config *c, struct mc_err *err) { return 0; }
NONE void tail_config_free(struct config_tail *t) {}
NONE int tail_process(const struct json *obj, struct config_process *p, struct mc_err *err) { return 0; }
NONE void tail_process_free(struct process_tail *t) {}
NONE int tail_check(const struct config *c, struct mc_err *err) { return 0; }
NONE int tail_cgroup(const struct config *c, const struct cgroup *cg, struct mc_err *err) { return 0; }
NONE int tail_before_clone(const struct config *c, struct mc_err *err) { return 0; }
NONE int tail_after_clone(const struct config *c, pid_t pid, struct mc_err *err) { return 0; }
NONE int tail_hooks(const struct config *c, enum hook_point point, const char *state, struct mc_err *err)
{
	return 0;
}
NONE int tail_mount(
	const struct config *c, const struct config_mount *m, int root, int source, struct mc_err *err)
{
	return 0;
}
NONE int tail_in_init_before_pivot(const struct config *c, int root, struct mc_err *err) { return 0; }
NONE int tail_after_pivot(const struct config *c, struct mc_err *err) { return 0; }
NONE int tail_before_exec(const struct config *c, const struct config_process *p, struct mc_err *err)
{
	return 0;
}
NONE int tail_update(const struct json *resources, const struct cgroup *cg, struct mc_err *err) { return 0; }
