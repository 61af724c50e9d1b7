/* mutant 01.2 M-PRIVATE-UNBINDABLE: MS_UNBINDABLE: private, but no mount can be bound any more, so 01.3 fails in the engine */
int rootfs_make_private(struct mc_err *err)
{
	return sys_mount(NULL, "/", NULL, MS_UNBINDABLE | MS_REC, NULL, err);
}
