/*
 * lab_words.h - the verbs of `lab`, as the prompt, Tab and suggestions know them.
 */
#ifndef MC_CLI_LAB_WORDS_H
#define MC_CLI_LAB_WORDS_H

#include <stdbool.h>

enum lab_argument { LAB_NOTHING, LAB_NUMBER, LAB_TASK, LAB_EXERCISE };

struct lab_word {
	const char *name;
	bool bare; /* the prompt takes it without `lab` in front */
	enum lab_argument takes;
};

extern const struct lab_word lab_words[]; /* ended by an empty entry */

/* The row of a verb, or NULL. */
const struct lab_word *lab_word_find(const char *name);

/* What a person may have meant by a word that is no command: "check" at the prompt, "lab check" on the
 * shell. NULL when nothing is near. Caller frees. */
char *lab_word_near(const char *word);

/* Prints what could stand behind the words argv[0 ... argc - 2] ("lab", "hint"): complete.c's candidates
 * for a lab. */
void complete_labs(int argc, char **argv);

#endif
