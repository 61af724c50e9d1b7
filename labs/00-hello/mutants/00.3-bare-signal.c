/* mutant 00.3 M-CODE-BARE: the signal's number without 128 */
int process_exit_code(int wstatus)
{
	if (WIFSIGNALED(wstatus))
		return WTERMSIG(wstatus);
	return WEXITSTATUS(wstatus);
}
