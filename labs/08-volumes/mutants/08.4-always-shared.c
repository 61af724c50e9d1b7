/* mutant 08.4 M-PROP-SHARED: everything is shared */
int bind_propagation(int tree, unsigned long mode, struct mc_err *err)
{
	struct mount_attr share = { .propagation = MS_SHARED };
	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &share, err);
}
