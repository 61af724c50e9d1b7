/* mutant 00.3 M-CODE-ONE: every failure is 1 */
int process_exit_code(int wstatus) { return wstatus ? 1 : 0; }
