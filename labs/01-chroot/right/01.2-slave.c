/* right 01.2: slave instead of private: news comes in, none goes out */
int rootfs_make_private(struct mc_err *err)
{
	return sys_mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL, err);
}
