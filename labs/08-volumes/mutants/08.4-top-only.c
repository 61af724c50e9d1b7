/* mutant 08.4 M-PROP-REC: MS_REC is dropped */
int bind_propagation(int tree, unsigned long mode, struct mc_err *err)
{
	struct mount_attr share = { .propagation = mode & ~(unsigned long)MS_REC };
	return sys_mount_setattr(tree, "", AT_EMPTY_PATH, &share, err);
}
