/* mutant 00.3 M-CODE-CORE: the flag for a core file is taken along */
int process_exit_code(int wstatus)
{
	if (WIFEXITED(wstatus))
		return WEXITSTATUS(wstatus);
	if (WIFSIGNALED(wstatus))
		return 128 + (wstatus & 0xff);
	return 255; /* stopped or continued: the process has not ended; callers do not ask for that */
}
