/* mutant 02.5 M-JOIN-ZERO: the same through setns(pidfd, 0) for flags 0: EINVAL instead of nothing to do */
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err) { return sys_setns(pidfd, (int)flags, err); }
