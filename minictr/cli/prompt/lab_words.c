/*
 * lab_words.c - the verbs of `lab`: which the prompt takes bare, and which is near a mistyped one.
 *
 * minictr-lab knows the verbs themselves (learn/lab_main.c). They are listed here a second time because the
 * light executable must say "did you mean `lab check`?" without starting another one;
 * tests/run/50-cli-help.sh compares the two lists.
 */
#include "cli/prompt/lab_words.h"

#include <stdlib.h>

#include "base/util.h"

const struct lab_word lab_words[] = {
	{ "list", false, LAB_NOTHING },
	{ "start", false, LAB_NUMBER },
	{ "check", true, LAB_TASK },
	{ "engine", false, LAB_NOTHING },
	{ "attacks", false, LAB_NOTHING },
	{ "hint", true, LAB_TASK },
	{ "why", true, LAB_TASK },
	{ "show", true, LAB_TASK },
	{ "open", true, LAB_TASK },
	{ "diff", false, LAB_NUMBER },
	{ "reset", true, LAB_NUMBER },
	{ "reveal", true, LAB_TASK },
	{ "rebase", true, LAB_NUMBER },
	{ "doctor", false, LAB_NOTHING },
	{ "progress", false, LAB_NOTHING },
	{ "tutorial", false, LAB_NOTHING },
	{ "try", true, LAB_NUMBER },
	{ "grade", false, LAB_NOTHING },
	{ "exercise", false, LAB_EXERCISE },
	{ 0 },
};

const struct lab_word *lab_word_find(const char *name)
{
	for (const struct lab_word *w = lab_words; w->name; w++)
		if (str_eq(w->name, name))
			return w;
	return NULL;
}

char *lab_word_near(const char *word)
{
	const char *names[ARRAY_LEN(lab_words)];
	size_t n = 0;
	for (const struct lab_word *w = lab_words; w->name; w++)
		names[n++] = w->name;
	const char *near = nearest_word(word, names, n);
	if (!near)
		return NULL;
	bool prompt = getenv("MINICTR_REPL") && lab_word_find(near)->bare;
	return xasprintf("%s%s", prompt ? "" : "lab ", near);
}
