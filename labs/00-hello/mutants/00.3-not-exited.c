/* mutant 00.3 M-CODE-NOTEXITED: WEXITSTATUS without WIFEXITED */
int process_exit_code(int wstatus) { return WEXITSTATUS(wstatus); }
