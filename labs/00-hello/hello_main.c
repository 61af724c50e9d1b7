/*
 * hello_main.c - the whole program of image `hello`: says a word and which process it is.
 *
 * getpid(2) answers as the process's own pid namespace numbers it (pid_namespaces(7)): 1 for the first one of a
 * container, although the host knows the same process by another number.
 */
#include <stdio.h>
#include <unistd.h>

const char *hello_word(void);

int main(void)
{
	printf("Hello, %s. I am process %d of my own little world.\n", hello_word(), (int)getpid());
	return 0;
}
