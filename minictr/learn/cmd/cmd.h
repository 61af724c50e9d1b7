/*
 * cmd/cmd.h - the verbs of the lab tool. Each: argc/argv from its own name on; returns the exit status
 * (0 fine, 1 something failed, 2 usage, 3 grader trouble, 77 nothing could run).
 */
#ifndef MC_LEARN_CMD_H
#define MC_LEARN_CMD_H

#include "learn/lab.h"

struct verb {
	const char *name, *usage, *summary;
	int (*run)(int argc, char **argv);
};
extern const struct verb verbs[];
extern const size_t verbs_count;

extern char *caller_directory; /* where the tool was called: it works from the top directory */

int cmd_next(int argc, char **argv); /* `lab` alone: the one next thing to type */
int cmd_list(int argc, char **argv);
int cmd_lab_start(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_engine(int argc, char **argv);
int cmd_attacks(int argc, char **argv); /* the scoreboard of attacks against the learner's engine */
int cmd_hint(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_open(int argc, char **argv);
int cmd_lab_diff(int argc, char **argv);
int cmd_reset(int argc, char **argv);
int cmd_reveal(int argc, char **argv);
int cmd_rebase(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_progress(int argc, char **argv);
int cmd_tutorial(int argc, char **argv);
int cmd_try(int argc, char **argv);   /* the program of a chapter, in a crash box */
int cmd_grade(int argc, char **argv); /* a teacher grades directories of learners */
int cmd_prompt(int argc, char **argv);
int cmd_exercise(int argc, char **argv);
/* An exercise is under way: its name for the prompt; a bare check, hint or why, which is its; a lab begins
 * instead. */
bool exercise_prompt(void);
bool exercise_takes(int argc, char **argv, int *ret_status);
void exercise_leave(void);
int cmd_dev(int argc, char **argv);
int cmd_box(int argc, char **argv); /* one program in a crash box: tests and the curious */

/* Links the learner's engine, runs one container with it in a crash box, and says so (cmd/attacks.c). */
void engine_tell(void);
/* Returns when one of the lab's work files was saved (cmd/watch.c). */
void watch_wait(const struct lab *l);

/* --- shared by the verbs (cmd/common.c) --- */
int fail(const struct mc_err *err, int status); /* prints it, returns status */
/* argv[i] or, when absent, the current lab. NULL after a message. */
struct lab *lab_argument(const char *text);
/* "01.4", "4" of the current lab, or the first task that is not passed. Loads *ret_lab too. NULL after a
 * message. */
struct lab_task *task_argument(const char *text, struct lab **ret_lab);
struct lab_task *next_task(struct lab *l); /* first not passed, or begun anew; NULL when there is none */
/* Prints a file, in $PAGER when stdout is a terminal and it is long. prose: the lines of a
 * paragraph are one, broken anew at the terminal's width. False when it cannot be read. */
bool show_file(const char *path, bool page, bool prose);
/* A chapter's Markdown, made for the terminal and paged. False when it cannot be read. */
bool show_chapter(const char *path);
/* C text on a terminal: lines that are too long go on set in. In a pipe as it is. */
void show_code(const char *code);
/* Runs a command of the learner's with the terminal. */
int run_command(char *const argv[]);
/* What a grading of the learner's files needs: paths, seed, word, prediction. */
struct grading;
void grading_init(struct grading *g, struct lab *l);
/* Writes the starter of owned file i into work/ unless there is one. 1 written, 0 was there. */
int start_file(const struct lab *l, int i, struct mc_err *err);
char *backup_directory(const struct lab *l); /* "work/01-chroot/backup-20261123-221500" */

#endif
