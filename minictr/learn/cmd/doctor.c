/*
 * cmd/doctor.c - `lab doctor`: per lab, what this machine can run, and the fix for each gap. Under two
 * seconds, changes nothing.
 */
#include <unistd.h>
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/work_state.h"

static void say_gap(char ***said, const char *what)
{
	if (strv_has(*said, what))
		return;
	strv_push(said, what);
	printf("      %s\n", what);
}

static bool examine(const struct lab *l)
{
	int can = 0;
	for (int i = 0; i < l->tasks; i++) {
		bool missing = false;
		for (char **f = l->task[i].features; *f; f++)
			missing |= feature_missing(*f) != NULL;
		can += !missing;
	}
	printf("%s  %-44s %s\n", l->number, l->title, can == l->tasks ? "ok" : can ? "in part" : "not here");
	_cleanup_strv_ char **said = xcalloc(1, sizeof(char *));
	for (int i = 0; i < l->tasks; i++)
		for (char **f = l->task[i].features; *f; f++)
			if (feature_missing(*f)) {
				_cleanup_free_ char *line =
					xasprintf("%s: %s", l->task[i].id, feature_missing(*f));
				say_gap(&said, line);
			}
	return can == l->tasks;
}

static int check_tool(const char *name, const char *fix)
{
	char *const argv[] = { "sh", "-c", xasprintf("command -v %s >/dev/null", name), NULL };
	struct mc_err err;
	if (person_run(argv, NULL, &err) == 0)
		return 0;
	printf("%s is missing: %s\n", name, fix);
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
	printf("This machine can do %d of %d labs wholly%s.\n", whole, labs,
		geteuid() ? " (more with sudo)" : "");
	return gaps ? 1 : 0;
}
