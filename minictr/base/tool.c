/*
 * tool.c - `minictr network create ...`, `minictr build ...`, `minictr logs -f ...` from compose and
 * pipelines.
 *
 * The heavy libraries that these need stay in their own executables, and what is done can be repeated by
 * hand: `compose --dry-run` prints the very words.
 */
#include "base/tool.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/program.h"
#include "base/spawn.h"
#include "base/sys.h"

static int tool_words(char *const words[], char ***ret, struct mc_err *err)
{
	_cleanup_free_ char *minictr = NULL;
	int rc = program_path("minictr", &minictr, err);
	if (rc < 0)
		return rc;
	*ret = NULL;
	strv_push(ret, minictr);
	for (size_t i = 0; words[i]; i++)
		strv_push(ret, words[i]);
	return 0;
}

int tool_run(char *const words[], struct buf *out, bool quiet, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	int rc = tool_words(words, &argv, err);
	if (rc < 0)
		return rc;
	struct spawn s = { .argv = argv, .in = SPAWN_NULL, .err = quiet ? SPAWN_NULL : SPAWN_INHERIT };
	if (!out && quiet)
		s.out = SPAWN_NULL;
	return out ? spawn_read(&s, 1 << 20, out, err) : spawn_run(&s, err);
}

pid_t tool_start(char *const words[], int *ret_out, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	int ends[2];
	int rc = tool_words(words, &argv, err);
	if (rc >= 0)
		rc = sys_pipe(ends, err);
	if (rc < 0)
		return rc;
	struct spawn s = {
		.argv = argv, .in = SPAWN_NULL, .out = ends[1], .err = ends[1], .new_session = true
	};
	pid_t pid = spawn_start(&s, err);
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*ret_out = ends[0];
	return pid;
}
