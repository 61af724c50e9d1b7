/* mutant 08.4 M-PROP-DEFAULT: without a mode, what the host mounts appears inside */
int bind_propagation(int tree, unsigned long mode, struct mc_err *err)
{
	unsigned long wanted = mode ? mode : MS_SLAVE | MS_REC;
	struct mount_attr share = { .propagation = wanted & ~(unsigned long)MS_REC };
	return sys_mount_setattr(tree, "", AT_EMPTY_PATH | (wanted & MS_REC ? AT_RECURSIVE : 0), &share, err);
}
