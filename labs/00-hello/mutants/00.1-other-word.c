/* mutant 00.1 M-HELLO-2: a word, but not the one that was asked for */
const char *hello_word(void) { return "somebody"; }
