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
		int done = act(&e, argv[i], values, &one);
		if (done < 0) {
			fflush(stdout);
			err_print(&one, "minictr");
			status = one.exit_status ? one.exit_status : 1;
			continue;
		}
		if (done != EACH_UNSAID)
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
			/* The parent says the names, in the order in which they were given, as docker does. */
			if (!freopen("/dev/null", "w", stdout))
				_exit(1);
			int rc = each_name(cli, 1, argv + i, act, values, err);
			if (rc < 0)
				err_print(err, "minictr");
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
		else if (pids[i] > 0)
			printf("%s\n", argv[i]);
		fflush(stdout);
	}
	return status;
}

bool container_runs(const struct container *c) { return container_is_active(c); }

bool container_frozen(const struct container *c) { return c->status == CONTAINER_PAUSED; }

bool container_any(const struct container *c) { return true; }

int names_or_all(struct cli *cli, bool all, int argc, char **argv, bool (*want)(const struct container *c),
	char ***ret, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_list_ struct container_list list = { 0 };
	if (all && argc) {
		err_set(err, EINVAL, "--all and names exclude each other");
		return err_exit(err, 125);
	}
	if (!all && !argc) {
		err_set(err, EINVAL, "'minictr %s' requires at least 1 argument", cli->called);
		err_hint(err, "a name, or --all");
		return err_exit(err, 1);
	}
	for (int i = 0; i < argc; i++)
		strv_push(ret, argv[i]);
	int rc = all ? use_engine(cli, &e, err) : 0;
	if (rc == 0 && all)
		rc = container_list(&e, &list, err);
	for (size_t i = 0; rc >= 0 && i < list.count; i++)
		if (want(&list.items[i]))
			strv_push(ret, list.items[i].name);
	return rc < 0 ? rc : 0;
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
