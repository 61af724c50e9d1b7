/*
 * cmd/exercise.c - `lab exercise ...`: hands-on tasks without C. The scripts of exercises/ do the work
 * (run.sh says what they get); this only hands over the learner's seed, a directory below .lab/ and our own
 * executables in PATH. Left out: a crash box. An exercise is about the learner's real engine, with commands
 * the learner types there.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/file.h"
#include "base/program.h"
#include "learn/cmd/cmd.h"
#include "learn/checking.h"
#include "learn/work_state.h"

/* PATH with the directory of our executables in front: `minictr` in a script is this one. */
static int set_path(struct mc_err *err)
{
	_cleanup_free_ char *program = NULL;
	const char *path = getenv("PATH");
	int rc = program_path("minictr", &program, err);
	if (rc < 0)
		return rc;
	*strrchr(program, '/') = '\0';
	_cleanup_free_ char *longer = xasprintf("%s:%s", program, path && *path ? path : "/usr/bin:/bin");
	setenv("PATH", longer, 1);
	return 0;
}

/* The exercise under way, by its short name; caller frees. NULL: none. */
static char *exercise_present(void)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	if (file_read(AT_FDCWD, ".lab/exercise/present", 256, &text, &err) < 0 || !text.len)
		return NULL;
	text_plain(text.data);
	return xstrndup(text.data, strcspn(text.data, "\n"));
}

bool exercise_prompt(void)
{
	_cleanup_free_ char *name = exercise_present();
	if (name)
		printf("%s\n", name);
	return name != NULL;
}

/* At the prompt a bare `check`, `hint` or `why` belongs to what is under way. */
bool exercise_takes(int argc, char **argv, int *ret_status)
{
	_cleanup_free_ char *name = argc == 1 && getenv("LAB_BARE") ? exercise_present() : NULL;
	char *words[] = { "exercise", argv[0], NULL };
	if (!name)
		return false;
	*ret_status = cmd_exercise(2, words);
	return true;
}

void exercise_leave(void) { unlink(".lab/exercise/present"); }

int cmd_exercise(int argc, char **argv)
{
	struct mc_err err = { 0 };
	_cleanup_strv_ char **line = NULL;
	if (set_path(&err) < 0)
		return fail(&err, 3);
	setenv("LAB_SEED", state_word(), 1);
	strv_push(&line, "sh");
	strv_push(&line, "exercises/run.sh");
	for (int i = 1; i < argc; i++)
		strv_push(&line, argv[i]);
	int status = run_command(line);
	state_log("exercise %s %s status=%d", argc > 1 ? argv[1] : "-", argc > 2 ? argv[2] : "-", status);
	state_save(&err);
	return status;
}
