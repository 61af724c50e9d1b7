/*
 * global_flags.c - the flags before the command, by one table. What they set travels to other executables
 * of ours in the environment: --root as MINICTR_ROOT, --config as DOCKER_CONFIG, --debug as MINICTR_EXPLAIN
 * (base/explain.h), --log-level as MINICTR_LOG_LEVEL (base/warn.h), --context as MINICTR_CONTEXT, --tls...
 * as MINICTR_TLS...; -H travels as it was typed.
 */
#include "cli/global_flags.h"

#include <unistd.h>

/* A relative path counts from here, and the process that reads it may stand elsewhere. */
static int set_directory(const char *flag, const char *variable, const char *dir)
{
	if (!*dir) {
		fprintf(stderr, "minictr: %s needs a directory\n", flag);
		return 125;
	}
	_cleanup_free_ char *here = *dir == '/' ? NULL : getcwd(NULL, 0);
	if (*dir != '/' && !here) {
		fprintf(stderr, "minictr: %s %s: the working directory is gone: %s\n", flag, dir,
			strerror(errno));
		return 125;
	}
	_cleanup_free_ char *path = here ? xasprintf("%s/%s", here, dir) : xstrdup(dir);
	setenv(variable, path, 1);
	return 0;
}

static int set_root(struct cli *cli, const char *value)
{
	return set_directory("--root", "MINICTR_ROOT", value);
}

static int set_config(struct cli *cli, const char *value)
{
	return set_directory("--config", "DOCKER_CONFIG", value);
}

static int set_debug(struct cli *cli, const char *value)
{
	cli->debug = true;
	return 0;
}

/* debug tells every call, error and fatal drop warnings; what a command fails with is always said. */
static int set_level(struct cli *cli, const char *value)
{
	static const char *const levels[] = { "debug", "info", "warn", "error", "fatal" };
	size_t i = 0;
	while (i < ARRAY_LEN(levels) && !str_eq(value, levels[i]))
		i++;
	if (i == ARRAY_LEN(levels)) {
		fprintf(stderr,
			"minictr: Unable to parse logging level: %s\n  it is debug, info, warn, error or "
			"fatal\n",
			value);
		return 1;
	}
	cli->debug |= i == 0;
	setenv("MINICTR_LOG_LEVEL", value, 1);
	return 0;
}

static int set_host(struct cli *cli, const char *value)
{
	cli->host = value;
	return 0;
}

/*
 * A context that is asked for by name beats addresses which the environment holds; -H beside it is a
 * mistake.
 */
static int set_context(struct cli *cli, const char *value)
{
	setenv("MINICTR_CONTEXT", value, 1);
	unsetenv("MINICTR_HOST");
	unsetenv("DOCKER_HOST");
	cli->context = value;
	return 0;
}

static int set_tls(struct cli *cli, const char *value) { return setenv("MINICTR_TLS", "1", 1); }
static int set_tls_verify(struct cli *cli, const char *value) { return setenv("MINICTR_TLS_VERIFY", "1", 1); }
static int set_tls_ca(struct cli *cli, const char *value) { return setenv("MINICTR_TLS_CA", value, 1); }
static int set_tls_cert(struct cli *cli, const char *value) { return setenv("MINICTR_TLS_CERT", value, 1); }
static int set_tls_key(struct cli *cli, const char *value) { return setenv("MINICTR_TLS_KEY", value, 1); }

static const struct {
	const char *name;
	const char *letter;
	bool value;
	int (*set)(struct cli *cli, const char *value);
} flags[] = {
	{ "--root", NULL, true, set_root },
	{ "--config", NULL, true, set_config },
	{ "--log-level", "-l", true, set_level },
	{ "--debug", "-D", false, set_debug },
	{ "--host", "-H", true, set_host },
	{ "--context", "-c", true, set_context },
	{ "--tls", NULL, false, set_tls },
	{ "--tlsverify", NULL, false, set_tls_verify },
	{ "--tlscacert", NULL, true, set_tls_ca },
	{ "--tlscert", NULL, true, set_tls_cert },
	{ "--tlskey", NULL, true, set_tls_key },
};

/* The row of word, and its value when that stands in the same word ("--root=DIR"). -1: no global flag. */
static int find_flag(const char *word, const char **ret_value)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		size_t n = strlen(flags[i].name);
		bool whole = str_eq(word, flags[i].name) || str_eq(word, flags[i].letter);
		bool joined = flags[i].value && !strncmp(word, flags[i].name, n) && word[n] == '=';
		*ret_value = joined ? word + n + 1 : NULL;
		if (whole || joined)
			return (int)i;
	}
	return -1;
}

bool global_flag_skip(int argc, char *const argv[], int *at)
{
	const char *joined;
	int i = find_flag(argv[*at], &joined);
	bool two = i >= 0 && flags[i].value && !joined;
	if (i < 0 || (two && *at + 1 >= argc))
		return false;
	*at += two ? 2 : 1;
	return true;
}

static bool is_request(const char *word)
{
	return str_eq(word, "--help") || str_eq(word, "-h") || str_eq(word, "--version") ||
	       str_eq(word, "-v");
}

int global_flags(struct cli *cli, int argc, char **argv)
{
	int at = 1;
	while (at < argc && argv[at][0] == '-' && !is_request(argv[at])) {
		const char *value;
		int i = find_flag(argv[at], &value);
		if (i < 0) {
			fprintf(stderr, "minictr: unknown flag: %s\nSee 'minictr --help'.\n", argv[at]);
			return -1 - 125;
		}
		if (flags[i].value && !value && at + 1 >= argc) {
			fprintf(stderr, "minictr: flag needs an argument: %s\n", argv[at]);
			return -1 - 125;
		}
		if (flags[i].value && !value)
			value = argv[at + 1];
		int status = flags[i].set(cli, value);
		if (status != 0)
			return -1 - status;
		global_flag_skip(argc, argv, &at);
	}
	if (cli->host && cli->context) {
		fprintf(stderr, "minictr: conflicting options: cannot specify both --host and --context\n");
		return -1 - 1;
	}
	return at;
}

bool global_request(const struct command *const table[], const char *word, int *ret_status)
{
	if (!word || !is_request(word))
		return false;
	*ret_status = 0;
	if (word[1] == 'v' || str_eq(word, "--version"))
		printf("minictr version %s\n", MINICTR_VERSION);
	else
		help_all(stdout, table);
	return true;
}
