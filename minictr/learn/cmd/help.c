/*
 * cmd/help.c - `lab hint`, `why`, `show`, `tutorial`, `reveal`: what a learner may ask. Everything is
 * recorded, nothing is barred.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/source.h"
#include "learn/starter.h"
#include "learn/work_state.h"

enum { RUNGS = 3 };

int cmd_hint(int argc, char **argv)
{
	int status;
	if (exercise_takes(argc, argv, &status))
		return status;
	struct lab *l = NULL;
	struct mc_err err = { 0 };
	struct lab_task *t = task_argument(argc > 1 ? argv[1] : NULL, &l);
	if (!t)
		return 2;
	long used = state_number(t->id, "hints", 0), rung = used < RUNGS ? used + 1 : RUNGS;
	if (argc > 2 && argv[2][0] >= '1' && argv[2][0] <= '0' + used)
		rung = argv[2][0] - '0'; /* an earlier one again */
	_cleanup_free_ char *path = xasprintf("%s/hints/%s.%ld", l->dir, t->id, rung);
	printf("%s %s: hint %ld of %d\n", t->id, t->title, rung, RUNGS);
	if (!show_file(path, false, false)) {
		fprintf(stderr, "lab: %s is not there\n", path);
		return 3;
	}
	if (rung > used) {
		state_set(t->id, "hints", "%ld", rung);
		state_log("hint %s rung %ld", t->id, rung);
	}
	if (rung == RUNGS)
		tell("That was the last one. `lab reveal %s` shows the reference.\n", t->id);
	return state_save(&err) < 0 ? fail(&err, 1) : 0;
}

/* The task whose evidence is the newest; caller frees. NULL: nothing was checked yet. */
static char *checked_last(void)
{
	struct mc_err err;
	struct stat st;
	struct timespec newest = { 0 };
	char **names = NULL, *found = NULL;
	if (dir_list(AT_FDCWD, ".lab/evidence", &names, &err) < 0)
		return NULL;
	for (char **n = names; *n; n++) {
		_cleanup_free_ char *path = xasprintf(".lab/evidence/%s", *n);
		if (!str_ends(*n, ".txt") || stat(path, &st) < 0 || st.st_mtim.tv_sec < newest.tv_sec ||
			(st.st_mtim.tv_sec == newest.tv_sec && st.st_mtim.tv_nsec <= newest.tv_nsec))
			continue;
		newest = st.st_mtim;
		free(found);
		found = xstrndup(*n, strlen(*n) - 4);
	}
	strv_free(names);
	return found;
}

int cmd_why(int argc, char **argv)
{
	int status;
	if (exercise_takes(argc, argv, &status))
		return status;
	struct lab *l = NULL;
	_cleanup_free_ char *last = argc > 1 ? NULL : checked_last();
	/* Right after a pass it tells what was just seen, not of the task that comes next. */
	struct lab_task *t = task_argument(argc > 1 ? argv[1] : last && state_passed(last) ? last : NULL, &l);
	if (!t)
		return 2;
	_cleanup_free_ char *path = xasprintf("%s/why/%s", l->dir, t->id);
	printf("%s %s\n", t->id, t->title);
	if (!show_file(path, false, true)) {
		fprintf(stderr, "lab: %s is not there\n", path);
		return 3;
	}
	printf("Chapter: `lab tutorial %s`\n", l->tutorial);
	return 0;
}

static int show_starter(const char *number)
{
	struct lab *l = lab_argument(number);
	struct mc_err err = { 0 };
	for (int i = 0; l && i < l->files; i++) {
		_cleanup_free_ char *text = NULL;
		if (starter_text(l, i, &text, &err) < 0)
			return fail(&err, 1);
		fputs(text, stdout);
	}
	return l ? 0 : 2;
}

int cmd_show(int argc, char **argv)
{
	struct lab *l = NULL;
	if (argc > 1 && str_eq(argv[1], "starter"))
		return show_starter(argc > 2 ? argv[2] : NULL);
	_cleanup_free_ char *last = argc > 1 ? NULL : checked_last();
	struct lab_task *t = task_argument(argc > 1 ? argv[1] : last, &l);
	if (!t)
		return 2;
	_cleanup_free_ char *path = xasprintf(".lab/evidence/%s.txt", t->id);
	if (show_file(path, true, false))
		return 0;
	printf("%s has not been checked yet. Type: check %s\n", t->id, t->id);
	return 1;
}

static char *tutorial_path(const char *number)
{
	struct mc_err err;
	char **names = NULL, two[16] = "", *found = NULL;
	if (!*number || strspn(number, "0123456789") != strlen(number))
		return NULL;
	snprintf(two, sizeof(two), "%02d", atoi(number));
	if (dir_list(AT_FDCWD, "tutorial", &names, &err) < 0)
		return NULL;
	for (char **n = names; *n && !found; n++)
		if (str_starts(*n, two) && str_ends(*n, ".md"))
			found = xasprintf("tutorial/%s", *n);
	strv_free(names);
	return found;
}

int cmd_tutorial(int argc, char **argv)
{
	const char *number = argc > 1 ? argv[1] : state_current_lab();
	_cleanup_free_ char *path = tutorial_path(number ? number : "0");
	if (path && show_chapter(path))
		return 0;
	fprintf(stderr, "lab: there is no chapter %s; chapters are\n     numbers, as in `tutorial 1`\n",
		number ? number : "0");
	return 2;
}

int cmd_reveal(int argc, char **argv)
{
	struct lab *l = NULL;
	struct mc_err err = { 0 };
	struct source *s = NULL;
	struct lab_task *t = task_argument(argc > 1 ? argv[1] : NULL, &l);
	if (!t || t->file < 0)
		return 2;
	if (source_read(l->file[t->file].source, &s, &err) < 0)
		return fail(&err, 3);
	const struct function *f = source_function(s, t->function);
	if (!state_passed(t->id) &&
		(state_number(t->id, "attempts", 0) < 3 || state_number(t->id, "hints", 0) < 2))
		tell("(Before you read on: %ld attempts and %ld of 3 hints so far. `lab hint %s` is the "
		     "shorter way to learn.)\n\n",
			state_number(t->id, "attempts", 0), state_number(t->id, "hints", 0), t->id);
	_cleanup_free_ char *code = xstrndup(s->text + f->comment, (size_t)(f->end - f->comment));
	printf("%s:%d\n", l->file[t->file].source, f->line);
	show_code(code);
	source_free(s);
	state_set(t->id, "revealed", "yes");
	state_log("reveal %s", t->id);
	return state_save(&err) < 0 ? fail(&err, 1) : 0;
}
