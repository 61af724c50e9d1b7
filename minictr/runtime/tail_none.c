/*
 * tail_none.c - the runtime without its tail: every entry of tail.h does nothing. Linked by `make core` in
 * place of the tail.
 */
#include "runtime/seccomp.h"
#include "runtime/tail.h"

int tail_config(const struct json *doc, struct config *c, struct mc_err *err) { return 0; }
void tail_config_free(struct config_tail *t) {}
int tail_process(const struct json *doc, const char *in, struct config_process *p, struct mc_err *err)
{
	return 0;
}
void tail_process_free(struct process_tail *t) {}
int tail_check(const struct config *c, struct mc_err *err) { return 0; }
int tail_systemd_begin(const struct config *c, const char *id, char **ret_path, struct mc_err *err)
{
	return err_set(err, EOPNOTSUPP, "--systemd-cgroup: this build has no tail");
}
void tail_systemd_end(void) {}
int tail_systemd_join(const char *cgroup, struct mc_err *err) { return 0; }
int tail_state_mounts(struct config *c, int dir, bool notify, struct mc_err *err) { return 0; }
int tail_cgroup(const struct config *c, const struct cgroup *cg, struct mc_err *err) { return 0; }
int tail_before_clone(const struct config *c, struct mc_err *err) { return 0; }
int tail_after_clone(const struct config *c, pid_t pid, struct mc_err *err) { return 0; }
bool tail_has_hooks(const struct config *c, enum hook_point point) { return false; }
int tail_hooks(const struct config *c, enum hook_point point, const char *state, struct mc_err *err)
{
	return 0;
}
int tail_mount(const struct config *c, const struct config_mount *m, int root, int source, struct mc_err *err)
{
	return 0;
}
int tail_in_init_before_pivot(const struct config *c, int root, const char *state, struct mc_err *err)
{
	return 0;
}
int tail_after_pivot(const struct config *c, struct mc_err *err) { return 0; }
int tail_before_exec(const struct config *c, const struct config_process *p, struct mc_err *err) { return 0; }
char **tail_env(const struct config_process *p) { return p->env; }
int tail_root(const struct config *c, int *ret_fd, struct mc_err *err) { return 0; }
int tail_sources(const struct config *c, const int *sources, struct mc_err *err) { return 0; }
int tail_seccomp(const struct seccomp_plan *p, struct mc_err *err) { return seccomp_apply(p, err); }
int tail_exec(const struct config *c, const struct config_process *p, const char *state, int *ret_keep,
	struct mc_err *err)
{
	return 0;
}
int tail_labels(const char *apparmor, const char *selinux, struct mc_err *err)
{
	return apparmor || selinux ? err_set(err, EOPNOTSUPP, "labels: this build has no tail") : 0;
}
int tail_update(const struct json *resources, const struct cgroup *cg, struct mc_err *err) { return 0; }

/* No filter without the tail: a config.json that asks for one is an error, or it would run unfiltered. */
int seccomp_plan_load(const struct json *profile, const char *cache, struct seccomp_plan *plan,
	struct seccomp_program *owner, struct mc_err *err)
{
	return profile ? err_set(err, EOPNOTSUPP, "linux.seccomp: this build has no tail, so no filters") : 0;
}
void seccomp_program_release(struct seccomp_program *owner) {}
int seccomp_profile(const char *name, uint64_t caps, struct json **ret, struct mc_err *err)
{
	*ret = NULL; /* containers of this build run without a filter */
	return 0;
}
