/*
 * cmd/work.c - `lab open`, `diff`, `reset`, `rebase`: the learner's files. None is ever overwritten without
 * a dated backup.
 */
#include <fcntl.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"
#include "learn/starter.h"
#include "learn/work_state.h"

int cmd_open(int argc, char **argv)
{
	struct lab *l = NULL;
	struct lab_task *t = task_argument(argc > 1 ? argv[1] : NULL, &l);
	if (!t || t->file < 0)
		return 2;
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR"), *work = l->file[t->file].work;
	if (!path_exists(AT_FDCWD, work)) {
		fprintf(stderr, "lab: %s is not there. Type: start %d\n", work, atoi(l->number));
		return 1;
	}
	const char *use = visual && *visual ? visual : editor && *editor ? editor : NULL;
	if (!use)
		use = access("/usr/bin/sensible-editor", X_OK) == 0 ? "sensible-editor"
		      : access("/usr/bin/nano", X_OK) == 0          ? "nano"
								    : "vi";
	bool line =
		strstr(use, "vi") || strstr(use, "nano") || strstr(use, "emacs") || strstr(use, "sensible");
	_cleanup_free_ char *command =
		line ? xasprintf("%s +%d '%s'", use, t->line, work) : xasprintf("%s '%s'", use, work);
	char *const shell[] = { "sh", "-c", command, NULL };
	printf("%s:%d\n", work, t->line);
	return run_command(shell);
}

static char *base_of(const struct lab *l, int i)
{
	return xasprintf(".lab/base/%s", l->file[i].work + strlen("work/"));
}

int cmd_lab_diff(int argc, char **argv)
{
	struct lab *l = lab_argument(argc > 1 ? argv[1] : NULL);
	int status = 0;
	for (int i = 0; l && i < l->files; i++) {
		_cleanup_free_ char *base = base_of(l, i);
		char *const diff[] = { "diff", "-u", "--label", "starter", "--label", l->file[i].work, base,
			l->file[i].work, NULL };
		if (path_exists(AT_FDCWD, l->file[i].work))
			status |= run_command(diff) > 1;
	}
	return l ? status : 2;
}

/* Copies (or moves) the learner's files of a lab into a dated directory. Caller frees *ret_dir. */
static int back_up(const struct lab *l, bool move, char **ret_dir, struct mc_err *err)
{
	*ret_dir = backup_directory(l);
	int rc = person_mkdir(*ret_dir, err);
	for (int i = 0; rc == 0 && i < l->files; i++) {
		char *const argv[] = { move ? "mv" : "cp", "-p", l->file[i].work, *ret_dir, NULL };
		char *const mv[] = { "mv", l->file[i].work, *ret_dir, NULL };
		if (path_exists(AT_FDCWD, l->file[i].work) && person_run(move ? mv : argv, NULL, err) != 0)
			rc = err_set(err, EIO, "%s is not copied to %s", l->file[i].work, *ret_dir);
	}
	return rc;
}

int cmd_reset(int argc, char **argv)
{
	struct mc_err err = { 0 };
	struct lab *l = lab_argument(argc > 1 ? argv[1] : NULL);
	if (!l)
		return 2;
	_cleanup_free_ char *dir = NULL;
	int rc = lab_started(l) ? back_up(l, true, &dir, &err) : 0;
	for (int i = 0; rc >= 0 && i < l->files; i++) {
		rc = start_file(l, i, &err);
		if (rc > 0)
			state_begin_anew(l, i);
	}
	if (rc < 0)
		return fail(&err, 1);
	state_set("learner", "current", "%s", l->number);
	if (state_save(&err) < 0)
		return fail(&err, 1);
	state_log("reset %s backup=%s", l->number, dir ? dir : "-");
	if (dir)
		printf("Your files are in %s. ", dir);
	printf("Lab %s begins anew; the points you have stay yours.\n", l->number);
	return cmd_next(1, argv);
}

static int rebase_file(const struct lab *l, int i, struct mc_err *err)
{
	_cleanup_free_ char *base = base_of(l, i), *fresh = NULL, *next = xasprintf("%s.new", base);
	_cleanup_buf_ struct buf merged = { 0 };
	int rc = starter_text(l, i, &fresh, err);
	if (rc == 0)
		rc = person_write(next, fresh, err);
	if (rc < 0)
		return rc;
	char *const merge[] = { "git", "merge-file", "-p", "-L", "yours", "-L", "starter before", "-L",
		"starter now", l->file[i].work, base, next, NULL };
	char *const diff3[] = { "diff3", "-m", l->file[i].work, base, next, NULL };
	bool git = access("/usr/bin/git", X_OK) == 0;
	int conflicts = person_run(git ? merge : diff3, &merged, err);
	if (conflicts < 0 || conflicts > 127)
		return err_set(err, EIO, "%s: %.200s", git ? "git merge-file" : "diff3",
			merged.data ? merged.data : "failed");
	rc = person_write(l->file[i].work, merged.data ? merged.data : "", err);
	if (rc == 0)
		rc = person_write(base, fresh, err);
	struct mc_err none;
	char *const rm[] = { "rm", "-f", next, NULL };
	person_run(rm, NULL, &none);
	printf("%s: %s\n", l->file[i].work,
		conflicts ? "merged, but some lines need you: look for <<<<<<<"
			  : "merged into the new starter");
	return rc < 0 ? rc : conflicts > 0;
}

int cmd_rebase(int argc, char **argv)
{
	struct mc_err err = { 0 };
	struct lab *l = lab_argument(argc > 1 ? argv[1] : NULL);
	if (!l)
		return 2;
	if (!lab_started(l)) {
		printf("Lab %s is not started; there is nothing to merge.\n", l->number);
		return 0;
	}
	_cleanup_free_ char *dir = NULL;
	int rc = back_up(l, false, &dir, &err), conflicts = 0;
	for (int i = 0; rc >= 0 && i < l->files; i++)
		if (path_exists(AT_FDCWD, l->file[i].work)) {
			rc = rebase_file(l, i, &err);
			conflicts += rc > 0;
		}
	if (rc < 0)
		return fail(&err, 1);
	state_log("rebase %s backup=%s conflicts=%d", l->number, dir, conflicts);
	printf("The files as they were: %s\n", dir);
	return conflicts > 0;
}
