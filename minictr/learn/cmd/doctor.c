/*
 * cmd/doctor.c - `lab doctor`: per lab, what this machine can run, and the fix for each gap. Under two
 * seconds, changes nothing.
 */
#include <unistd.h>
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/work_state.h"

static bool lacks(const struct lab_task *t, const char *reason)
{
	for (char **f = t->features; *f; f++)
		if (feature_missing(*f) && str_eq(feature_missing(*f), reason))
			return true;
	return false;
}

/* One line a reason, with the tasks that it stops; no numbers when it stops them all. */
static void say_gap(const struct lab *l, char ***said, const char *reason)
{
	struct buf tasks = { 0 };
	int n = 0;
	if (strv_has(*said, reason))
		return;
	strv_push(said, reason);
	for (int i = 0; i < l->tasks; i++)
		if (lacks(&l->task[i], reason)) {
			buf_addf(&tasks, "%s%s", n ? " " : "", l->task[i].id);
			n++;
		}
	if (n == l->tasks)
		tell("      %s\n", reason);
	else
		tell("      %s: %s\n", tasks.data, reason);
	buf_release(&tasks);
}

static bool examine(const struct lab *l)
{
	int can = 0;
	_cleanup_strv_ char **said = xcalloc(1, sizeof(char *));
	for (int i = 0; i < l->tasks; i++) {
		bool missing = false;
		for (char **f = l->task[i].features; *f; f++)
			missing |= feature_missing(*f) != NULL;
		can += !missing;
	}
	tell("%s  %-44s %s\n", l->number, l->title, can == l->tasks ? "ok" : can ? "in part" : "not here");
	for (int i = 0; i < l->tasks; i++)
		for (char **f = l->task[i].features; *f; f++)
			if (feature_missing(*f))
				say_gap(l, &said, feature_missing(*f));
	return can == l->tasks;
}

static int check_tool(const char *name, const char *fix)
{
	char *const argv[] = { "sh", "-c", xasprintf("command -v %s >/dev/null", name), NULL };
	struct mc_err err;
	if (person_run(argv, NULL, &err) == 0)
		return 0;
	tell("%s is missing: %s\n", name, fix);
	return 1;
}

int cmd_doctor(int argc, char **argv)
{
	int gaps = 0, labs = 0, whole = 0;
	gaps += check_tool("cc", "apt install gcc libc6-dev");
	gaps += check_tool("nm", "apt install binutils");
	gaps += check_tool("diff", "apt install diffutils");
	if (access(build_folder(), R_OK) < 0) {
		printf("the engine is not built: make\n");
		gaps++;
	}
	char **names = lab_names();
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		struct mc_err err = { 0 };
		if (lab_load(*n, &l, &err) < 0) {
			fail(&err, 1);
			continue;
		}
		labs++;
		whole += examine(l);
	}
	strv_free(names);
	tell("This machine can do %d of %d labs wholly%s.\n", whole, labs,
		geteuid() ? " (more with sudo)" : "");
	return gaps ? 1 : 0;
}
