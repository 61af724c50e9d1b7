/* mutant 01.2 M-PRIVATE-REC: MS_PRIVATE without MS_REC */
int rootfs_make_private(struct mc_err *err) { return sys_mount(NULL, "/", NULL, MS_PRIVATE, NULL, err); }
