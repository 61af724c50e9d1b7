/*
 * repl_run.c - what a line does: a minictr command in a child, one of our own words, or a command of the
 * user's shell as the user.
 *
 * Signals: while a child runs we ignore SIGINT and SIGQUIT, the child has the defaults (signal(7): ignored
 * ones would be inherited over execve). Both are in the terminal's foreground group, so Ctrl-C reaches the
 * child alone. The terminal's settings are put back after each child: one that was killed in raw mode would
 * leave it unusable.
 */
#include "cli/prompt/repl.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/program.h"
#include "base/spawn.h"
#include "cli/format/table.h"
#include "cli/prompt/lab_words.h"
#include "cli/prompt/pager.h"

static int exit_status_of(int wstatus)
{
	if (WIFSIGNALED(wstatus))
		return 128 + WTERMSIG(wstatus);
	return WEXITSTATUS(wstatus);
}

static void set_signals(void (*handler)(int))
{
	signal(SIGINT, handler);
	signal(SIGQUIT, handler);
}

/* Waits for pid while it has the terminal. */
static int wait_foreground(pid_t pid)
{
	struct termios before;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	int wstatus = 0;
	struct sigaction interrupt, quit, ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	while (waitpid(pid, &wstatus, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	if (terminal && exit_status_of(wstatus) == 128 + SIGINT)
		printf("\n"); /* the line that says ^C has not ended */
	return exit_status_of(wstatus);
}

static pid_t fork_child(const struct repl *r)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	set_signals(SIG_DFL);
	if (!r->terminal) { /* the lines to come are not the command's input */
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(null, STDIN_FILENO);
	}
	return 0;
}

/* While the child has the terminal, Ctrl-C is the child's. */
static void collect_from(int fd, struct buf *text)
{
	struct sigaction interrupt, ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGINT, &ignore, &interrupt);
	pager_collect(fd, text);
	sigaction(SIGINT, &interrupt, NULL);
}

int repl_minictr(struct repl *r, char *const args[])
{
	struct mc_err err = { 0 };
	int held[2] = { -1, -1 };
	/* a list is held back until it ends, and paged when it is long (pager.c) */
	if (r->terminal && pager_wants(args) && pipe2(held, O_CLOEXEC) < 0)
		held[0] = held[1] = -1;
	pid_t pid = fork_child(r);
	if (pid == 0) {
		if (held[1] >= 0 && text_is_plain())
			setenv("MINICTR_PLAIN", "1", 1);
		if (held[1] >= 0)
			dup2(held[1], STDOUT_FILENO);
		char **argv = NULL;
		strv_push(&argv, "minictr");
		for (size_t i = 0; r->root_args && r->root_args[i]; i++)
			strv_push(&argv, r->root_args[i]);
		for (size_t i = 0; args[i]; i++)
			strv_push(&argv, args[i]);
		program_exec("minictr", argv, &err);
		err_print(&err, "minictr");
		_exit(125);
	}
	if (pid < 0) {
		err_sys(&err, "fork");
		err_print(&err, "minictr");
	}
	close_fd(held[1]);
	_cleanup_close_ int out = held[0];
	_cleanup_buf_ struct buf text = { 0 };
	if (out >= 0)
		collect_from(out, &text);
	int status = pid < 0 ? 125 : wait_foreground(pid);
	pager_show(&text);
	return status;
}

/* "!vim x": the user's own shell, as the user, with `minictr` in reach. "!" alone opens one. */
static int run_shell(struct repl *r, const char *text)
{
	struct mc_err err = { 0 };
	pid_t pid = fork_child(r);
	if (pid == 0) {
		_cleanup_free_ char *self = NULL;
		if (program_path("minictr", &self, &err) == 0) {
			*strrchr(self, '/') = '\0';
			const char *old = getenv("PATH");
			_cleanup_free_ char *path = xasprintf("%s:%s", old ? old : "/usr/bin:/bin", self);
			setenv("PATH", path, 1);
		}
		if (caller_become(&r->caller, &err) < 0) {
			err_print(&err, "minictr");
			_exit(126);
		}
		if (*text)
			execl(r->caller.shell, r->caller.shell, "-c", text, (char *)NULL);
		else
			execl(r->caller.shell, r->caller.shell, (char *)NULL);
		fprintf(stderr, "minictr: %s: %s\n", r->caller.shell, strerror(errno));
		_exit(127);
	}
	return pid < 0 ? 125 : wait_foreground(pid);
}

char *repl_ask(const char *program, char *const args[])
{
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_strv_ char **argv = NULL;
	_cleanup_free_ char *path = NULL;
	if (program_path(program, &path, &ignored) < 0)
		return NULL;
	strv_push(&argv, path);
	for (size_t i = 1; args[i]; i++)
		strv_push(&argv, args[i]);
	/* In a session of its own: a question is not worth an interrupt. */
	struct spawn s = { .argv = argv, .in = SPAWN_NULL, .err = SPAWN_NULL, .new_session = true };
	return spawn_read(&s, 64 << 20, &b, &ignored) >= 0 && b.len ? buf_take(&b) : NULL;
}

/* --- our own words --- */

static bool is_number(const char *s) { return *s && strspn(s, "0123456789.") == strlen(s) && strlen(s) <= 4; }

/* Bare words of a lab. `start` and `diff` are commands for containers too: a lab is a number or nothing. */
static bool is_lab_word(char **words)
{
	const struct lab_word *w = lab_word_find(words[0]);
	if (w && w->bare)
		return true;
	if (str_eq(words[0], "start") || str_eq(words[0], "diff"))
		return !words[1] || (is_number(words[1]) && !words[2]);
	return false;
}

static bool in_path(const char *name)
{
	const char *p = getenv("PATH");
	if (strchr(name, '/'))
		return access(name, X_OK) == 0;
	for (p = p ? p : "/usr/bin:/bin"; *p; p += strcspn(p, ":"), p += *p == ':') {
		_cleanup_free_ char *path = xasprintf("%.*s/%s", (int)strcspn(p, ":"), p, name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* `ls`, `echo $HOME`: is this line's first word a program of the host and no command of ours? */
static bool is_shells(const struct repl *r, const char *line)
{
	_cleanup_free_ char *name = xstrndup(line, strcspn(line, " \t"));
	if (name[0] == '-' || strv_has(r->commands, name) || !in_path(name))
		return false;
	fprintf(stderr, "'%s' is a command of your own shell. Type:  !%s\n", name, line);
	return true;
}

/* For `!cmd`, and for the files that commands name. The prompt does not show where one is, so this does. */
static int change_directory(const struct repl *r, const char *to)
{
	if (chdir(to) != 0) {
		fprintf(stderr, "minictr: cd %s: %s\n", to, strerror(errno));
		return 1;
	}
	_cleanup_free_ char *here = r->terminal ? getcwd(NULL, 0) : NULL;
	if (here)
		printf("in %s\n", here);
	return 0;
}

static int run_words(struct repl *r, char **words, const char *line)
{
	if (str_eq(words[0], "cd"))
		return change_directory(r, words[1] ? words[1] : r->caller.home);
	if (str_eq(words[0], "clear") && !words[1]) {
		printf(r->terminal ? "\033[H\033[2J\033[3J" : ""); /* console_codes(4) */
		return 0;
	}
	if (is_lab_word(words)) {
		_cleanup_strv_ char **args = NULL;
		strv_push(&args, "lab");
		for (size_t i = 0; words[i]; i++)
			strv_push(&args, words[i]);
		setenv("LAB_BARE", "1", 1); /* an exercise that is under way takes the word */
		int status = repl_minictr(r, args);
		unsetenv("LAB_BARE");
		return status;
	}
	if (is_shells(r, line))
		return 127;
	int status = repl_minictr(r, words);
	if (str_eq(words[0], "help") && !words[1])
		printf("\nHere at the prompt:\n  !CMD             any command of your own shell\n"
		       "  check hint why   and open diff show reset reveal: the lab you are at\n"
		       "  cd DIR  clear    for the files you name; for the screen\n"
		       "  ?                this list; Tab completes words, Ctrl-R finds older lines, \\ at "
		       "the end goes on\n"
		       "  exit             or Ctrl-D leaves; containers go on\n");
	return status;
}

/* `minictr ps` is ps: we are it already. `docker ps` and `podman ps` mean the same; their own are reached
 * by `!docker`. */
static const char *without_program(const char *line)
{
	static const char *const programs[] = { "minictr", "docker", "podman" };
	if (str_eq(line, "?"))
		return "help";
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		size_t n = strlen(programs[i]);
		if (strncmp(line, programs[i], n) || (line[n] && line[n] != ' ' && line[n] != '\t'))
			continue;
		const char *rest = line + n + strspn(line + n, " \t");
		return *rest ? rest : "help";
	}
	return line;
}

void repl_line(struct repl *r, const char *line)
{
	struct mc_err err = { 0 };
	_cleanup_strv_ char **words = NULL;
	line += strspn(line, " \t");
	if (*line == '!') {
		r->status = run_shell(r, line + 1 + strspn(line + 1, " \t"));
		return;
	}
	line = without_program(line);
	if (repl_split(line, &words, &err) < 0) {
		r->status = is_shells(r, line) ? 127 : 2;
		if (r->status == 2)
			err_print(&err, "minictr");
		return;
	}
	if (!words)
		return;
	if (str_eq(words[0], "exit") || str_eq(words[0], "quit")) {
		uint64_t n;
		if (words[1] && parse_u64(words[1], &n) == 0)
			r->status = (int)(n & 255);
		else if (r->terminal)
			r->status =
				0; /* a person leaves: what failed before has been seen (`make run` would report it) */
		r->done = true;
		return;
	}
	r->status = run_words(r, words, line);
}

void repl_learn_commands(struct repl *r)
{
	char *const args[] = { "minictr", "internal", "complete", "", NULL };
	_cleanup_free_ char *text = repl_ask("minictr", args);
	for (char *p = text ? strtok(text, "\n") : NULL; p; p = strtok(NULL, "\n"))
		strv_push(&r->commands, p);
}

/* "This machine can do 13 of 14 labs ...": the last line of what `lab doctor` says. Caller frees; "" when
 * it says none. */
static char *labs_here(void)
{
	char *const args[] = { "minictr-lab", "doctor", NULL };
	_cleanup_free_ char *text = repl_ask("minictr-lab", args);
	const char *line = text ? strstr(text, "This machine can do ") : NULL;
	return line ? xasprintf(" %.*s", (int)strcspn(line, "\n"), line) : xstrdup("");
}

void repl_greet(const struct repl *r)
{
	_cleanup_free_ char *labs = labs_here();
	printf("minictr: containers by building one.%s\n", labs);
	printf("  run -it busybox sh       a shell in a container\n"
	       "  explain run --rm hello   the same, its kernel steps told\n"
	       "  lab                      build it yourself, step by step\n"
	       "  !ls  any command of your own shell      help  all commands\n"
	       "  exit or Ctrl-D leaves, nothing is lost\n");
	fflush(stdout);
}
