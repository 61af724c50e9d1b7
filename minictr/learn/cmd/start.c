/*
 * cmd/start.c - `lab`, `lab list`, `lab start N`, `lab progress`, `lab prompt`: where am I, and what do I
 * type next.
 */
#include <ctype.h>
#include <termios.h>
#include <unistd.h>
#include "base/file.h"
#include "base/wrap.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/work_state.h"

/* One key without Enter, echoed; from a pipe the first letter of a line. '\0' when no person can be asked. */
static char one_key(void)
{
	struct termios old, raw;
	char key = '\0';
	if (tcgetattr(0, &old) < 0)
		return read(0, &key, 1) == 1 ? key : '\0';
	raw = old;
	raw.c_lflag &= ~(tcflag_t)ICANON;
	tcsetattr(0, TCSANOW, &raw);
	if (read(0, &key, 1) != 1)
		key = '\0';
	tcsetattr(0, TCSANOW, &old);
	return key;
}

static void predict(const struct lab *l)
{
	if (!l->predict || state_get(l->number, "predicted"))
		return;
	char out[1024];
	_cleanup_free_ char *question = xasprintf("Predict first, one key: %s", l->predict);
	wrap_text(out, sizeof(out), question, wrap_width(STDOUT_FILENO), 8);
	printf("%s  ", out);
	for (;;) {
		fflush(stdout);
		char key = (char)tolower(one_key());
		char letter[4] = { '[', key, ']', '\0' };
		tell("\n");
		if (key > ' ' && strstr(l->predict, letter)) {
			state_set(l->number, "predicted", "%c", key);
			printf("Noted. The check will show it.\n");
			return;
		}
		if (key <= ' ' ||
			!isatty(0)) { /* Enter, Ctrl-D, no terminal: a question must not hold the command up */
			printf("Skipped: nothing is noted.\n");
			return;
		}
		printf("`%c` is none of the answers. One of the keys in brackets, or Enter to skip:  ", key);
	}
}

static void print_task_line(const struct lab *l, const struct lab_task *t, int of)
{
	tell("next: %s %s (task %s of %d), %s:%d, about %s.\n", t->id, t->title, t->id + 3, of,
		t->file >= 0 ? l->file[t->file].work : "?", t->line, state_reference_size(l, t));
}

int cmd_lab_start(int argc, char **argv)
{
	exercise_leave();
	struct mc_err err = { 0 };
	struct lab *l = lab_argument(argc > 1 ? argv[1] : NULL);
	if (!l)
		return 2;
	for (int i = 0; i < l->files; i++) {
		int rc = start_file(l, i, &err);
		if (rc < 0)
			return fail(&err, 1);
		if (rc)
			state_begin_anew(l, i);
		if (rc)
			tell("%-34s yours to change (%s%s%sany editor, or `open`)\n", l->file[i].work,
				person()->uid ? "belongs to " : "", person()->uid ? person()->name : "",
				person()->uid ? "; " : "");
		else
			tell("%-34s was there already and is left as it is\n", l->file[i].work);
	}
	state_set("learner", "current", "%s", l->number);
	state_set(l->number, "started", "yes");
	state_log("start %s", l->number);
	predict(l);
	state_word(); /* drawn now, and saved: the check asks for the same */
	if (state_save(&err) < 0)
		return fail(&err, 1);
	struct lab *fresh = lab_argument(l->number); /* line numbers of the files just made */
	struct lab_task *t = fresh ? next_task(fresh) : NULL;
	if (t)
		print_task_line(fresh, t, fresh->tasks);
	else
		tell("All tasks of lab %s are passed. `reset %d` begins it anew; your files are kept.\n",
			l->number, atoi(l->number));
	_cleanup_free_ char *todo = t && t->todo ? todo_text(fresh, t, state_word()) : NULL;
	if (todo)
		tell("%s: %s\n", t->id, todo);
	for (char **f = t ? fresh->task[0].features : NULL; f && *f; f++)
		if (feature_missing(*f))
			tell("Here this lab can be read and written, but not checked: %s.\n",
				feature_missing(*f));
	tell("Read %s/README.md (`tutorial %s` has the chapter), then: open, check\n", l->dir, l->tutorial);
	return 0;
}

static int passed_tasks(const struct lab *l)
{
	int n = 0;
	for (int i = 0; i < l->tasks; i++)
		n += state_passed(l->task[i].id);
	return n;
}

/* The lab to go on with: the current one until it is done, then the first that is not. */
static struct lab *lab_to_go_on(void)
{
	struct lab *l = NULL;
	struct mc_err err;
	const char *current = state_current_lab();
	if (current && lab_load(current, &l, &err) == 0 && next_task(l))
		return l;
	char **names = lab_names();
	struct lab *found = NULL;
	for (char **n = names; *n && !found; n++)
		if (lab_load(*n, &l, &err) == 0 && next_task(l))
			found = l;
	strv_free(names);
	return found;
}

int cmd_next(int argc, char **argv)
{
	struct lab *l = lab_to_go_on();
	if (!l) {
		tell("All labs are done. `lab progress` shows them.\n");
		return 0;
	}
	struct lab_task *t = next_task(l);
	if (!lab_started(l))
		tell("next: lab %s %s, %d min, task %s of %d.   Type: start\t%d\n", l->number, l->title,
			l->minutes, t->id, l->tasks, atoi(l->number));
	else
		print_task_line(l, t, l->tasks);
	if (lab_started(l))
		tell("Type: open, then check %s\n", t->id);
	return 0;
}

int cmd_list(int argc, char **argv)
{
	char **names = lab_names();
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		struct mc_err err = { 0 };
		if (lab_load(*n, &l, &err) < 0) {
			fail(&err, 1);
			continue;
		}
		tell("%s  %-44s %3d min   %d of %d tasks\n", l->number, l->title, l->minutes, passed_tasks(l),
			l->tasks);
	}
	strv_free(names);
	return 0;
}

static void print_progress(const struct lab *l, int *points, int *all)
{
	int got = 0;
	for (int i = 0; i < l->tasks; i++)
		got += state_passed(l->task[i].id) ? l->task[i].points : 0;
	*points += got;
	*all += lab_points(l);
	tell("%s  %-44s %2d of %2d points  ", l->number, l->title, got, lab_points(l));
	for (int i = 0; i < l->tasks; i++) {
		const char *last = state_get(l->task[i].id, "last");
		tell(" %s:%s", l->task[i].id + 3,
			state_passed(l->task[i].id) ? "ok"
			: last                      ? last
			: lab_started(l)            ? "todo"
						    : "-");
	}
	tell("\n");
}

int cmd_progress(int argc, char **argv)
{
	int points = 0, all = 0;
	char **names = lab_names();
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		struct mc_err err;
		if (lab_load(*n, &l, &err) == 0)
			print_progress(l, &points, &all);
	}
	strv_free(names);
	printf("%s: %d of %d points\n", person()->name, points, all);
	return 0;
}

/* For the REPL: "00.1" while a lab is under way, nothing otherwise. */
int cmd_prompt(int argc, char **argv)
{
	struct lab *l = NULL;
	struct mc_err err;
	const char *current = state_current_lab();
	if (exercise_prompt())
		return 0;
	if (!current || lab_load(current, &l, &err) < 0 || !lab_started(l))
		return 0;
	struct lab_task *t = next_task(l);
	if (t)
		printf("%s\n", t->id);
	return 0;
}
