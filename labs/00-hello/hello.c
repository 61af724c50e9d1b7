/*
 * hello.c - the word that the program of image `hello` greets with.
 *
 * The first thing of yours that runs in a container. The rest of the program is hello_main.c: it prints the word and
 * its own process number. Both are linked statically, so that one file is all the image needs.
 */
const char *hello_word(void);

/*
 * The word. It lives as long as the program.
 * Lab 00.1: the word that `lab start 0` gives you comes out of a container.
 */
const char *hello_word(void) { return "nobody"; }
