/*
 * complete_labs.c - Tab behind `lab` and `exercise`: verbs, numbers of labs, tasks, names of exercises.
 *
 * Read from the directories the labs lie in, above this program (MINICTR_TOP overrides): labs/NN-name/lab.ini
 * has a section [NN.M] a task; exercises/NN-chapter/NAME is one exercise. An installation without them
 * offers the verbs only.
 */
#include "cli/prompt/lab_words.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/util.h"

static void say(const char *word, const char *partial)
{
	if (str_starts(word, partial))
		puts(word);
}

/* The directory that holds labs/ and exercises/; NULL when there is none. Caller frees. */
static char *find_top(void)
{
	char self[4096];
	const char *given = getenv("MINICTR_TOP");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (given)
		return xstrdup(given);
	self[n > 0 ? n : 0] = '\0';
	for (char *slash; (slash = strrchr(self, '/'));) {
		*slash = '\0';
		_cleanup_free_ char *labs = xasprintf("%s/labs", self);
		_cleanup_free_ char *exercises = xasprintf("%s/exercises", self);
		if (path_exists(AT_FDCWD, labs) && path_exists(AT_FDCWD, exercises))
			return xstrdup(self);
	}
	return NULL;
}

static bool is_chapter(const char *name) { return strspn(name, "0123456789") == 2 && name[2] == '-'; }

/* The section names of tasks: "[01.4]" on a line of its own. */
static void say_tasks(const char *top, const char *lab, const char *partial)
{
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *ini = xasprintf("%s/labs/%s/lab.ini", top, lab);
	if (file_read(AT_FDCWD, ini, 1 << 20, &b, &ignored) < 0 || !b.data)
		return;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
		if (line[0] != '[' || !strchr("0123456789", line[1]))
			continue;
		line[strcspn(line, "]")] = '\0';
		say(line + 1, partial);
	}
}

static void say_labs(const char *top, bool tasks, const char *partial)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	_cleanup_free_ char *folder = xasprintf("%s/labs", top);
	dir_list(AT_FDCWD, folder, &names, &ignored);
	for (char **name = names; name && *name; name++) {
		if (!is_chapter(*name))
			continue;
		if (tasks) {
			say_tasks(top, *name, partial);
			continue;
		}
		(*name)[2] = '\0';
		say(*name + (**name == '0'), partial); /* people type `lab start 0` */
	}
}

/* "02-namespaces/alone", and "alone" for who began with the name. */
static void say_exercises(const char *top, const char *partial)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **chapters = NULL;
	_cleanup_free_ char *folder = xasprintf("%s/exercises", top);
	dir_list(AT_FDCWD, folder, &chapters, &ignored);
	for (char **chapter = chapters; chapter && *chapter; chapter++) {
		_cleanup_strv_ char **names = NULL;
		_cleanup_free_ char *path = xasprintf("%s/%s", folder, *chapter);
		if (is_chapter(*chapter))
			dir_list(AT_FDCWD, path, &names, &ignored);
		for (char **name = names; name && *name; name++) {
			if (strchr(*name, '.'))
				continue; /* lib.sh: what a chapter's exercises share */
			_cleanup_free_ char *full = xasprintf("%s/%s", *chapter, *name);
			say(*partial && !strchr("0123456789", *partial) ? *name : full, partial);
		}
	}
}

static void say_exercise_words(const char *top, int argc, char **argv, const char *partial)
{
	static const char *const verbs[] = { "check", "hint", "answer", "reset" };
	for (size_t i = 0; argc == 2 && i < ARRAY_LEN(verbs); i++)
		say(verbs[i], partial);
	if (top && (argc == 2 || (argc == 3 && !str_eq(argv[1], "answer"))))
		say_exercises(top, partial);
}

void complete_labs(int argc, char **argv)
{
	const char *partial = argv[argc - 1];
	_cleanup_free_ char *top = find_top();
	if (str_eq(argv[0], "lab")) {
		for (const struct lab_word *w = lab_words; argc == 2 && w->name; w++)
			say(w->name, partial);
		argc--;
		argv++;
	}
	const struct lab_word *word = argc > 1 ? lab_word_find(argv[0]) : NULL;
	if (!word)
		return;
	if (word->takes == LAB_EXERCISE)
		say_exercise_words(top, argc, argv, partial);
	else if (top && argc == 2 && word->takes != LAB_NOTHING)
		say_labs(top, word->takes == LAB_TASK, partial);
}
