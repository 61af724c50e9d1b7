/* mutant 08.4 M-PROP-SLAVE: everything is private */
int bind_propagation(int tree, unsigned long mode, struct mc_err *err)
{
	struct mount_attr share = { .propagation = MS_PRIVATE };
	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &share, err);
}
