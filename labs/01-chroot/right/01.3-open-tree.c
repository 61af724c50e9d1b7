/* right 01.3: the new mount interface: a detached copy, attached over the directory */
int rootfs_bind_self(const char *dir, int *ret_root, struct mc_err *err)
{
	/* OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE; then MOVE_MOUNT_F_EMPTY_PATH */
	int rc, tree = sys_open_tree(AT_FDCWD, dir, 1 | O_CLOEXEC | 0x8000, err);

	if (tree < 0)
		return tree;
	rc = sys_move_mount(tree, "", AT_FDCWD, dir, 4, err);
	if (rc < 0) {
		close(tree);
		return rc;
	}
	*ret_root = tree;
	return 0;
}
