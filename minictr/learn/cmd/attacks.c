/*
 * cmd/attacks.c - `lab attacks`: real attacks against the learner's own engine in the crash box, as a
 * scoreboard.
 *
 * Every begun task is linked in; what is not begun is the reference's, and so are its walls.
 */
#include "learn/attacks.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/mine.h"
#include "learn/work_state.h"

static const struct attack *present; /* the check's function takes no argument */

static void check_attack(struct check *c) { attack_run(c, present); }

/* Links the programs of one lab (NULL: the engine's, with every begun file) and says where they are. NULL
 * after a message. */
static char *link_for(const char *number, struct lab **ret, bool *ret_any)
{
	static struct build b;
	struct mc_err err = { 0 };
	struct complaint c = { 0 };
	char **names = lab_names(), *dir = number ? xasprintf("%s/mine/%s", build_folder(), number)
						  : xasprintf("%s/mine", build_folder());
	if (build_open(&b, dir, &err) < 0)
		return fail(&err, 3), NULL;
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		if (lab_load(*n, &l, &err) < 0 || (number && !str_eq(l->number, number)))
			continue;
		if (number || lab_started(l))
			build_add_lab(&b, *ret = l);
		*ret_any |= lab_started(l);
	}
	strv_free(names);
	char **programs = number ? (*ret)->programs : build_engine_programs(&b);
	int rc = build_run(&b, *ret, programs, &c, &err);
	if (rc > 0)
		printf("Your engine cannot be linked:\n%s", c.text.data);
	if (rc < 0)
		fail(&err, 3);
	return rc == 0 ? realpath(dir, NULL) : NULL;
}

/* Which task raises the wall, and whose it is now. */
static const char *whose(const char *task)
{
	struct lab *l = NULL;
	struct mc_err err;
	char number[3] = { task[0], task[1], 0 };
	if (lab_load(number, &l, &err) < 0 || !lab_started(l))
		return "reference";
	return lab_task_begun(l, lab_task(l, task)) ? "yours" : "reference";
}

static enum verdict try_one(const struct attack *a, const char *mine, char *ret_got, size_t size)
{
	struct lab lab = { .number = "--",
		.title = "attacks",
		.tasks = 1,
		.task = { { .id = "att.", .seconds = 20, .file = -1, .check = check_attack } } };
	struct grading g;
	lab.task[0].needs = lab.task[0].features = xcalloc(1, sizeof(char *));
	grading_init(&g, &lab);
	g.paths.mine = (char *)mine;
	present = a;
	grade_run(&g);
	snprintf(ret_got, size, "%s",
		g.record[0].verdict == VERDICT_FAIL ? g.record[0].got : g.record[0].reason);
	return g.record[0].verdict;
}

/* How many tasks of all labs are the learner's. */
static int count_begun(int *ret_all)
{
	char **names = lab_names();
	int begun = 0;
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		struct mc_err err;
		if (lab_load(*n, &l, &err) < 0)
			continue;
		*ret_all += l->tasks;
		for (int i = 0; i < l->tasks; i++)
			begun += lab_started(l) && lab_task_begun(l, &l->task[i]);
	}
	strv_free(names);
	return begun;
}

void engine_tell(void)
{
	static const struct attack plain = {
		.name = "a container", .known = "", .task = "", .args = { "/probe", "true" }
	};
	struct lab *l = NULL;
	bool any = false;
	int all = 0, begun = count_begun(&all);
	char got[sizeof(((struct record *)0)->got)] = "";
	char *engine = link_for(NULL, &l, &any);
	if (!engine)
		return;
	enum verdict v = try_one(&plain, engine, got, sizeof(got));
	if (v == VERDICT_OK)
		tell("Your engine was linked anew (%s/mine, %d of %d tasks are yours) and ran a container.\n"
		     "  See where: sudo %s/mine/minictr explain run --rm hello   (marks what is yours)\n",
			build_folder(), begun, all, build_folder());
	else if (v == VERDICT_FAIL)
		tell("Your engine was linked anew (%s/mine, %d of %d tasks are yours), but does not run a "
		     "container: %s\n",
			build_folder(), begun, all, got);
}

int cmd_attacks(int argc, char **argv)
{
	int stand = 0, fall = 0, other = 0;
	bool any = false;
	struct lab *l = NULL;
	if (lab_load("01", &l, &(struct mc_err){ 0 }) < 0)
		return 3;
	const char *engine = link_for(NULL, &l, &any), *drive = NULL, *of = NULL;
	if (!engine)
		return 1;
	printf("%zu attacks on %s, each in a crash box\n", attacks_count,
		any ? "your engine" : "the reference (no lab is started)");
	for (size_t i = 0; i < attacks_count; i++) {
		const struct attack *a = &attacks[i];
		char got[sizeof(((struct record *)0)->got)];
		if (a->lab && !str_eq(a->lab, of))
			drive = link_for(of = a->lab, &l, &any);
		if (a->lab && !drive)
			return 1;
		enum verdict v = try_one(a, a->lab ? drive : engine, got, sizeof(got));
		const char *word = v == VERDICT_OK     ? "stands"
				   : v == VERDICT_FAIL ? "FALLS"
				   : v == VERDICT_ENV  ? "env"
						       : "BUG";
		printf("  %-6s %-46s %-26s %s %s\n", word, a->name, a->known, a->task, whose(a->task));
		if (v != VERDICT_OK)
			printf("         %s\n", got);
		fflush(stdout);
		*(v == VERDICT_OK ? &stand : v == VERDICT_FAIL ? &fall : &other) += 1;
	}
	printf("%d walls stand, %d fall%s\n", stand, fall,
		other ? ", the others could not be tried here" : "");
	return fall ? 1 : stand ? 0 : 77;
}
