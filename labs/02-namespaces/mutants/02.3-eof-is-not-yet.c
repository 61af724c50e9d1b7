/* mutant 02.3 M-GO-HANG: end of file taken for "not yet" */
int namespace_wait_go(int sync, struct mc_err *err)
{
	char byte;

	while (read(sync, &byte, 1) != 1)
		usleep(10000);
	return 0;
}
