/* mutant 01.2 M-PRIVATE-NS: a new mount namespace is taken to be enough */
int rootfs_make_private(struct mc_err *err) { return sys_unshare(CLONE_NEWNS, err); }
