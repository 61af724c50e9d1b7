/* mutant 00.3 M-CODE-RAW: the wait status itself is the exit code */
int process_exit_code(int wstatus)
{
	if (WIFSIGNALED(wstatus))
		return 128 + WTERMSIG(wstatus);
	return wstatus;
}
