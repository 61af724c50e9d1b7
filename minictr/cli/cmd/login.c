/*
 * cmd/login.c - `login`: asks the registry whether it knows us, then stores the credentials as docker does.
 *
 * The password is read without echo (termios(3)) or from stdin; on the command line every user of the
 * machine could read it in /proc/PID/cmdline.
 */
#include "cli/command.h"

#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/registry_flags.h"
#include "cli/verbs.h"
#include "registry/login.h"
#include "registry/push.h"

static const struct login_values defaults = { .registry = REGISTRY_FLAGS_DEFAULT };

static const struct option_def options[] = {
	{ 'p', "password", OPT_STRING, offsetof(struct login_values, password), "string",
		"Password (visible to others: rather --password-stdin)" },
	{ 0, "password-stdin", OPT_FLAG, offsetof(struct login_values, password_stdin), NULL,
		"Take the password from stdin" },
	{ 'u', "username", OPT_STRING, offsetof(struct login_values, user), "string", "User name" },
	REGISTRY_OPTIONS(struct login_values),
	{ 0 },
};

/* One line of stdin; caller frees. */
static char *ask(const char *prompt, bool secret)
{
	struct termios old, quiet;
	bool hide = secret && tcgetattr(0, &old) == 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	fprintf(stderr, "%s", prompt);
	if (hide) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(0, TCSAFLUSH, &quiet);
	}
	n = getline(&line, &cap, stdin);
	if (hide) {
		tcsetattr(0, TCSAFLUSH, &old);
		fprintf(stderr, "\n");
	}
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = 0;
	return n > 0 ? line : (free(line), xstrdup(""));
}

static int read_stdin(char **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int rc = file_read_fd(0, "stdin", 64 << 10, &b, err);
	if (rc < 0)
		return rc;
	while (b.len && (b.data[b.len - 1] == '\n' || b.data[b.len - 1] == '\r'))
		b.data[--b.len] = 0;
	*ret = buf_take(&b);
	return 0;
}

/* Who wants in: from flags, stdin or questions. */
int login_gather(const struct login_values *v, struct login *who, struct mc_err *err)
{
	if (v->password && v->password_stdin)
		return err_set(err, EINVAL, "--password and --password-stdin are mutually exclusive");
	if (v->password_stdin && !v->user)
		return err_set(err, EINVAL, "Must provide --username with --password-stdin");
	if (v->password)
		fprintf(stderr, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
	if ((!v->user || (!v->password && !v->password_stdin)) && !isatty(0))
		return err_set(err, EINVAL, "Cannot perform an interactive login from a non TTY device");
	who->user = v->user ? xstrdup(v->user) : ask("Username: ", false);
	if (v->password_stdin)
		return read_stdin(&who->password, err);
	who->password = v->password ? xstrdup(v->password) : ask("Password: ", true);
	return 0;
}

int login_keep(const char *host, const struct login *who, struct mc_err *err)
{
	_cleanup_free_ char *place = NULL;
	int rc = login_store(host, who, &place, err);
	if (rc < 0)
		return rc;
	if (place[0] == '/')
		fprintf(stderr, "WARNING! Your password will be stored unencrypted in %s.\n", place);
	printf("Login Succeeded\n");
	return 0;
}

static int login_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct login_values *v = values;
	_cleanup_free_ char *host = login_host(argc ? argv[0] : "docker.io");
	_cleanup_login_ struct login who = { 0 };
	int rc = registry_begin(&v->registry, true, err);
	if (rc >= 0 && !v->user && !v->password_stdin) {
		rc = login_find(host, &who, err);
		if (rc >= 0 && who.user && who.password) {
			fprintf(stderr, "Authenticating with existing credentials...\n");
			rc = registry_login(host, &who, err);
			if (rc >= 0)
				printf("Login Succeeded\n");
			if (rc >= 0 || !isatty(0))
				return rc < 0 ? rc : 0;
		}
		login_release(&who);
	}
	if (rc >= 0 || rc == -EACCES)
		rc = login_gather(v, &who, err);
	if (rc >= 0)
		rc = registry_login(host, &who, err);
	return rc < 0 ? rc : login_keep(host, &who, err);
}

const struct command cmd_login = {
	.name = "login",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVER]",
	.summary = "Log in to a registry",
	.example = "minictr login -u ana --password-stdin localhost:5000 < secret.txt",
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct login_values),
	.defaults = &defaults,
	.run = login_run,
};

static int run_logout(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_free_ char *host = login_host(argc ? argv[0] : "docker.io");
	int rc;
	printf("Removing login credentials for %s\n", login_key(host));
	rc = login_erase(host, err);
	if (rc == 0)
		printf("Not logged in to %s\n", login_key(host));
	return rc < 0 ? rc : 0;
}

const struct command cmd_logout = {
	.name = "logout",
	.group = GROUP_IMAGES,
	.usage = "[SERVER]",
	.summary = "Log out from a registry",
	.example = "minictr logout localhost:5000",
	.max_args = 1,
	.run = run_logout,
};
