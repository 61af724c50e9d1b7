/* mutant 00.1 M-HELLO-3: something was changed, but not the word */
static const char *const word = "violet";
const char *hello_word(void) { return word ? "nobody" : word; }
