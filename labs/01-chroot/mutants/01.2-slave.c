/* mutant 01.2 M-PRIVATE-SLAVE: slave instead of private */
int rootfs_make_private(struct mc_err *err) { return sys_mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL, err); }
