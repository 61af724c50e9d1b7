/*
 * lab_main.c - minictr-lab: `minictr lab ...`, the labs' one entrance. Exit status: 0 fine, 1 something
 * failed or is to do, 2 usage, 3 the grader's own trouble, 77 nothing could run here.
 */
#include <unistd.h>
#include "base/wrap.h"
#include "learn/box/box.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/workshop.h"

const struct verb verbs[] = {
	{ "list", "", "all labs", cmd_list },
	{ "start", "[LAB]", "begin a lab: your files in work/, one question first", cmd_lab_start },
	{ "check", "[LAB[.TASK]]",
		"grade; --mine: with all your passed labs; --watch: at each save; --tap --junit --json",
		cmd_check },
	{ "engine", "", "your own engine, build/mine/minictr, with every task you have begun", cmd_engine },
	{ "attacks", "", "real attacks against your engine: which walls stand, which task raises each",
		cmd_attacks },
	{ "hint", "[TASK]", "the next of three hints", cmd_hint },
	{ "why", "[TASK]", "what the check looks at, and why the kernel does so", cmd_why },
	{ "show", "[TASK]", "the raw evidence of the last check; `show starter LAB`", cmd_show },
	{ "open", "[TASK]", "your file in your editor, at the task", cmd_open },
	{ "diff", "[LAB]", "what you changed since the starter", cmd_lab_diff },
	{ "reset", "[LAB]", "begin anew; your files move to a dated backup", cmd_reset },
	{ "reveal", "[TASK]", "the reference", cmd_reveal },
	{ "rebase", "[LAB]", "merge your work into a changed starter", cmd_rebase },
	{ "doctor", "", "what this machine can run, and the fix for each gap", cmd_doctor },
	{ "progress", "", "points and verdicts so far", cmd_progress },
	{ "tutorial", "[N]", "a chapter of the book", cmd_tutorial },
	{ "try", "[N] [ARG...]", "the chapter's program, compiled and run as root of a crash box", cmd_try },
	{ "exercise", "[NAME]", "hands-on, without C: NAME, check, hint, answer TEXT, reset", cmd_exercise },
	{ "grade", "DIR...",
		"for teachers: what learners handed in, from a fresh build; --csv FILE --seed HEX --lab N",
		cmd_grade },
	{ "prompt", "", "the task under way, for prompts", cmd_prompt },
	{ "dev", "check LAB", "prove a lab: reference, starter, mutants, unusual solutions", cmd_dev },
	{ "box", "PROGRAM [ARG...]", "run one program in a crash box", cmd_box },
};
const size_t verbs_count = ARRAY_LEN(verbs);

/* Verbs that write below work/ or .lab/. */
static bool writes(const char *verb)
{
	static char *const list[] = { "start", "check", "engine", "attacks", "hint", "open", "reset",
		"reveal", "rebase", "try", "grade", "exercise", NULL };
	return strv_has(list, verb);
}

static int usage(FILE *to, int status)
{
	char out[1024];
	fputs("lab alone names the one next thing to type. Else:\n", to);
	for (size_t i = 0; i < verbs_count; i++) {
		_cleanup_free_ char *line =
			xasprintf("  lab %-9s %-16s %s", verbs[i].name, verbs[i].usage, verbs[i].summary);
		wrap_text(out, sizeof(out), line, wrap_width(fileno(to)), 33);
		fprintf(to, "%s\n", out);
	}
	return status;
}

/* `lab help check`, `lab check --help`. */
static int verb_help(const struct verb *v)
{
	tell("Usage:  minictr lab %s %s\n\n%s\n\nAt the prompt: %s. All verbs: lab help\n", v->name, v->usage,
		v->summary, v->name);
	return 0;
}

static bool asks_help(const struct verb *v, int argc, char **argv)
{
	bool program = str_eq(v->name, "box") || str_eq(v->name, "try") || str_eq(v->name, "exercise");
	return argc > 2 && !program && (str_eq(argv[2], "--help") || str_eq(argv[2], "-h"));
}

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };
	caller_directory = get_current_dir_name();
	if (top_enter(&err) < 0)
		return fail(&err, 3);
	/* Whatever killed the last run: its boxes are dead by PR_SET_PDEATHSIG, but for what was frozen. */
	box_cgroup_sweep(getpid(), true);
	if (argc < 2)
		return cmd_next(argc, argv);
	bool help = str_eq(argv[1], "help") || str_eq(argv[1], "--help") || str_eq(argv[1], "-h");
	for (size_t i = 0; i < verbs_count; i++)
		if ((help && argc > 2 && str_eq(argv[2], verbs[i].name)) ||
			(str_eq(argv[1], verbs[i].name) && asks_help(&verbs[i], argc, argv)))
			return verb_help(&verbs[i]);
	if (help)
		return usage(stdout, 0);
	const char *names[ARRAY_LEN(verbs)];
	for (size_t i = 0; i < verbs_count; i++) {
		names[i] = verbs[i].name;
		if (!str_eq(argv[1], verbs[i].name))
			continue;
		if (writes(argv[1]) && work_owned(&err) < 0)
			return fail(&err, 2);
		return verbs[i].run(argc - 1, argv + 1);
	}
	const char *near = nearest_word(argv[1], names, verbs_count);
	fprintf(stderr, "lab: there is no `lab %s`%s%s%s\n", argv[1], near ? ", did you mean `lab " : "",
		near ? near : "", near ? "`?" : "");
	return near ? 2 : usage(stderr, 2); /* thirty lines of help would hide the one that helps */
}
