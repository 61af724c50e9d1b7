/* mutant 01.1 M-CHROOT-CWD: chroot without chdir */
int rootfs_chroot(const char *dir, struct mc_err *err) { return sys_chroot(dir, err); }
