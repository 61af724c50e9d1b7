/* mutant 08.4 M-PROP-ATTR: mount(2)'s flags are handed to mount_setattr(2) as they are */
int bind_propagation(int tree, unsigned long mode, struct mc_err *err)
{
	struct mount_attr share = { .propagation = mode ? mode : MS_PRIVATE | MS_REC };
	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &share, err);
}
