/*
 * elsewhere.c - the one place where a command turns to a daemon.
 *
 * The light executable knows no HTTP. It only asks client_endpoint() whether there is a daemon to talk to,
 * and hands all words over, global flags included: minictr-remote asks the same function again and so comes
 * to the same answer. What concerns the client itself (help, labs, contexts) stays here in any case.
 */
#include "cli/elsewhere.h"

#include <unistd.h>

#include "base/program.h"
#include "cli/context_store.h"

extern char **environ;

/* First words (or two) of commands that no daemon has a part in. What login keeps is a file of the client. */
static const char *const mine[] = { "help", "completion", "internal", "context", "lab", "progress",
	"tutorial", "exercise", "doctor", "registry", "logout", "system dial-stdio" };

/*
 * Commands that talk to an address themselves. All others of mine[] may start commands of ours, which must
 * stay on this machine: a lab would otherwise grade a daemon.
 */
static const char *const talkers[] = { "context", "system dial-stdio" };

static bool is_one(const char *const list[], size_t n, int argc, char *const words[])
{
	_cleanup_free_ char *two = argc > 1 ? xasprintf("%s %s", words[0], words[1]) : NULL;
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], words[0]) || str_eq(list[i], two))
			return true;
	return false;
}

int elsewhere(const struct cli *cli, int argc, char *const words[], struct mc_err *err)
{
	static const char *const variables[] = { "MINICTR_HOST", "DOCKER_HOST", "MINICTR_CONTEXT" };
	struct endpoint e;
	if (is_one(mine, ARRAY_LEN(mine), argc, words)) {
		for (size_t i = 0; i < ARRAY_LEN(variables); i++)
			if (!is_one(talkers, ARRAY_LEN(talkers), argc, words))
				unsetenv(variables[i]);
		return 0;
	}
	if (!cli->host)
		context_current_to_env();
	int rc = client_endpoint(cli->host, environ, &e, err);
	if (rc < 0 || e.kind == ENDPOINT_LOCAL)
		return rc;
	rc = program_exec("minictr-remote", cli->argv, err);
	return err_exit(err, 125), rc;
}
