/*
 * engine_use.c - opening the engine and doing one thing to many names.
 */
#include "cli/engine_use.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/rootless.h"

int use_engine(struct cli *cli, struct engine *e, struct mc_err *err)
{
	int rc = rootless_enter(cli->argv, err);
	return rc < 0 ? rc : engine_open(e, NULL, err);
}

int each_name(struct cli *cli, int argc, char **argv,
	int (*act)(struct engine *e, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	int status = 0, rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < argc; i++) {
		struct mc_err one = { 0 };
		if (act(&e, argv[i], values, &one) < 0) {
			fflush(stdout);
			err_print(&one, "minictr");
			status = one.exit_status ? one.exit_status : 1;
			continue;
		}
		printf("%s\n", argv[i]);
		fflush(stdout);
	}
	return status;
}

int each_name_at_once(struct cli *cli, int argc, char **argv,
	int (*act)(struct engine *e, const char *name, const void *values, struct mc_err *err),
	const void *values, struct mc_err *err)
{
	_cleanup_free_ pid_t *pids = xcalloc((size_t)argc, sizeof(*pids));
	int status = 0, wstatus;
	if (argc == 1)
		return each_name(cli, argc, argv, act, values, err);
	fflush(NULL);
	for (int i = 0; i < argc; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			int rc = each_name(cli, 1, argv + i, act, values, err);
			if (rc < 0)
				err_print(err, "minictr");
			fflush(stdout);
			_exit(rc < 0 ? 1 : rc);
		}
		if (pids[i] < 0)
			status = 1;
	}
	for (int i = 0; i < argc; i++) {
		while (pids[i] > 0 && waitpid(pids[i], &wstatus, 0) < 0 && errno == EINTR)
			;
		if (pids[i] > 0 && wstatus != 0)
			status = WIFEXITED(wstatus) ? WEXITSTATUS(wstatus) : 1;
	}
	return status;
}

bool ask_yes(const char *text)
{
	char answer[16];
	printf("%s [y/N] ", text);
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}
