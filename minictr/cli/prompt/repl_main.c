/*
 * repl_main.c - the prompt: reads lines with readline(3) and runs them. The same words as on the shell.
 *
 * Three ways in: a person at a terminal; lines from a pipe (run one by one, exit with the last status);
 * nothing to read and no terminal: greet, run `run --rm hello` to show that all is well, leave with 0.
 * History lies in the calling user's ~/.local/state/minictr/history, owned by that user also under sudo.
 * readline is GPL: this executable alone links it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <stdio.h>
#include <readline/history.h>
#include <readline/readline.h>

#include "base/file.h"
#include "base/program.h"
#include "cli/global_flags.h"
#include "cli/prompt/repl.h"

enum { HISTORY_LINES = 2000, FIRST_LINE_MS = 3000 };

/* --- history --- */

static char *history_path(const struct caller *c)
{
	struct mc_err err = { 0 };
	_cleanup_free_ char *dir = xasprintf("%s/.local/state/minictr", c->home);
	caller_enter(c);
	dir_make(AT_FDCWD, dir, 0700, &err);
	caller_leave();
	return xasprintf("%s/history", dir);
}

static void history_load(const struct caller *c, const char *path)
{
	using_history();
	stifle_history(HISTORY_LINES);
	caller_enter(c);
	read_history(path);
	caller_leave();
}

static void history_keep(const struct caller *c, const char *path, const char *line)
{
	const HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
	if (last && str_eq(last->line, line))
		return;
	add_history(line);
	caller_enter(c);
	if (append_history(1, path) == ENOENT)
		write_history(path);
	caller_leave();
}

/* --- completion: asked for at each Tab; `minictr` knows --- */

static char **candidates; /* of the present Tab: readline's generator has no other place to keep them */

static char *next_candidate(const char *text, int state)
{
	static size_t at;
	if (!state)
		at = 0;
	while (candidates && candidates[at]) {
		const char *c = candidates[at++];
		if (str_starts(c, text))
			return xstrdup(c);
	}
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	_cleanup_strv_ char **args = NULL, **words = NULL;
	_cleanup_free_ char *before = xstrndup(rl_line_buffer, (size_t)start);
	struct mc_err err = { 0 };
	if (before[0] == '!')
		return NULL; /* file names, readline's default */
	strv_push(&args, "minictr");
	strv_push(&args, "internal");
	strv_push(&args, "complete");
	if (repl_split(before, &words, &err) == 0)
		for (size_t i = 0; words && words[i]; i++)
			strv_push(&args, words[i]);
	strv_push(&args, text);
	_cleanup_free_ char *answer = repl_ask("minictr", args);
	strv_free(candidates);
	candidates = NULL;
	for (char *p = answer ? strtok(answer, "\n") : NULL; p; p = strtok(NULL, "\n"))
		strv_push(&candidates, p);
	const char *only = strv_len(candidates) == 1 ? candidates[0] : "";
	rl_completion_suppress_append = *only && strchr("=/:", only[strlen(only) - 1]); /* the word goes on */
	rl_attempted_completion_over = candidates || !strpbrk(text, "./"); /* else: names of files */
	return rl_completion_matches(text, next_candidate);
}

/* --- reading lines --- */

static volatile sig_atomic_t interrupted; /* a handler has no other way to say it */

static void on_interrupt(int signal) { interrupted = 1; }

/* Ctrl-C at the prompt drops the line, as a shell does. readline calls this outside of the handler: when a
 * signal breaks its read, and ten times a second (a signal between two reads breaks none). Ending
 * readline's loop from here would swallow the next key, so it starts over on a new line instead. */
static int drop_line(void)
{
	static bool searching;
	if (interrupted && RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH)) {
		/* the search has a loop of its own, which only its abort key leaves (the line found would run at Enter) */
		rl_stuff_char('\007');
		interrupted = 0;
		searching = true;
		return 0;
	}
	if (searching && !RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH)) {
		searching = false;
		interrupted = 1;
	}
	if (!interrupted)
		return 0;
	interrupted = 0;
	rl_free_line_state();
	rl_replace_line("", 0);
	rl_crlf();
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

static void setup_readline(void)
{
	rl_readline_name = "minictr";
	rl_attempted_completion_function = complete;
	rl_completer_word_break_characters = " \t\n";
	rl_basic_word_break_characters = " \t\n";
	rl_signal_event_hook = drop_line;
	rl_event_hook = drop_line;
	struct sigaction a = { .sa_handler = on_interrupt };
	sigaction(SIGINT, &a, NULL);
	signal(SIGQUIT, SIG_IGN);
}

/* A terminal without a screen, or a person who asked for no colour: no escape sequences. */
static bool is_plain(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return (no_color && *no_color) || !term || !*term || str_eq(term, "dumb");
}

/* "minictr[00.1] (125)> ": the task that is under way, and the status of a line that failed. Ctrl-C is no
 * failure. */
static char *prompt_text(int status)
{
	char *const args[] = { "minictr-lab", "prompt", NULL };
	_cleanup_free_ char *text = repl_ask("minictr-lab", args);
	_cleanup_free_ char *task = text ? xasprintf("[%.*s]", (int)strcspn(text, "\n"), text) : xstrdup("");
	_cleanup_free_ char *failed =
		status && status != 128 + SIGINT ? xasprintf(" (%d)", status) : xstrdup("");
	if (is_plain())
		return xasprintf("minictr%s%s> ", task, failed);
	return xasprintf("\001\033[1m\002minictr%s%s>\001\033[0m\002 ", task, failed);
}

/* Under `make run` we share the terminal's foreground group with make, which would take each Ctrl-C for its
 * own end. As a shell does, we take a group of our own and the foreground (credentials(7), tcsetpgrp(3)).
 * No process above us would wake a group that Ctrl-Z has stopped, so that key does nothing here. Returns the
 * group to give the terminal back to; -1: we lead one already. */
static pid_t take_foreground(void)
{
	pid_t before = getpgrp();
	if (before == getpid() || tcgetpgrp(STDIN_FILENO) != before || setpgid(0, 0) != 0)
		return -1;
	signal(SIGTTOU, SIG_IGN); /* or the call would stop us: we are not in the foreground yet */
	signal(SIGTSTP, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpgrp());
	return before;
}

/* A line, and the next ones as long as they end with a backslash. NULL at the end of the input. */
static char *read_whole(const char *prompt)
{
	char *line = readline(prompt);
	while (line && repl_continues(line)) {
		_cleanup_free_ char *first = line;
		_cleanup_free_ char *more = readline("> ");
		first[strlen(first) - 1] = '\0';
		line = xasprintf("%s%s", first, more ? more : "");
	}
	return line;
}

static void read_terminal(struct repl *r)
{
	pid_t before = take_foreground();
	_cleanup_free_ char *path = history_path(&r->caller);
	history_load(&r->caller, path);
	setup_readline();
	repl_greet(r);
	while (!r->done) {
		_cleanup_free_ char *prompt = prompt_text(r->status);
		_cleanup_free_ char *line = read_whole(prompt);
		if (!line) {
			printf("exit\n");
			break;
		}
		for (char *end = line + strlen(line); end > line && end[-1] == ' ';)
			*--end = '\0'; /* completion leaves one */
		if (line[strspn(line, " \t")])
			history_keep(&r->caller, path, line);
		repl_line(r, line);
	}
	r->status = r->done ? r->status : 0; /* Ctrl-D is no failure */
	if (before > 0)
		tcsetpgrp(STDIN_FILENO, before);
}

/* Is there anything to read? An idle pipe without a writer that writes counts as nothing after a while. */
static bool something_to_read(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int c = poll(&p, 1, FIRST_LINE_MS) > 0 ? getchar() : EOF;
	if (c == EOF)
		return false;
	ungetc(c, stdin);
	return true;
}

static void read_pipe(struct repl *r)
{
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	ssize_t n;
	_cleanup_buf_ struct buf whole = { 0 };
	while (!r->done && (n = getline(&line, &room, stdin)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		bool more = repl_continues(line);
		buf_add(&whole, line, strlen(line) - more);
		if (more)
			continue;
		repl_line(r, whole.data ? whole.data : "");
		buf_clear(&whole);
	}
	if (whole.len && !r->done)
		repl_line(r, whole.data);
}

static void show_that_all_is_well(struct repl *r)
{
	char *const hello[] = { "run", "--rm", "hello", NULL };
	repl_greet(r);
	printf("\nNo terminal and nothing to read, so this is a demonstration of `run --rm hello`:\n");
	r->status = repl_minictr(r, hello);
}

static int usage(FILE *out, int status)
{
	fprintf(out,
		"Usage:  minictr-repl [GLOBAL FLAGS]\n\n"
		"The prompt of minictr: `minictr` without a command starts it. Lines are minictr's commands, "
		"without the\n"
		"word minictr in front; from a pipe they run one by one, and the last one's status is the "
		"exit status.\n\n"
		"  !CMD        a command of your own shell        ?, help     all commands\n"
		"  Tab         completes a word                   Ctrl-R      finds an older line\n"
		"  \\ at the end of a line goes on with the next  exit, Ctrl-D  leaves; containers go on\n\n"
		"Global flags: --root DIR, --config DIR, --host ADDRESS, --log-level LEVEL, --debug (see "
		"minictr "
		"--help)\n\n"
		"Example:\n  minictr\n  echo 'ps -a' | minictr\n");
	return status;
}

/* --root becomes MINICTR_ROOT, absolute: what we ask for completion wants it too, and `cd` moves us. The
 * rest is handed on. */
static void take_flags(struct repl *r, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h"))
			exit(usage(stdout, 0));
		bool two_words = str_eq(argv[i], "--root") && i + 1 < argc;
		if (argv[i][0] != '-') {
			fprintf(stderr,
				"minictr-repl: %s: the prompt takes flags only; a command runs by: minictr "
				"%s\n",
				argv[i], argv[i]);
			exit(125);
		}
		if (!two_words && !str_starts(argv[i], "--root=")) {
			int behind = i;
			strv_push(&r->root_args, argv[i]);
			if (!global_flag_skip(argc, argv, &behind)) {
				fprintf(stderr,
					"minictr-repl: unknown flag: %s\nSee 'minictr-repl --help'.\n",
					argv[i]);
				exit(125);
			}
			if (behind == i + 2)
				strv_push(&r->root_args, argv[++i]);
			continue;
		}
		const char *root = two_words ? argv[++i] : argv[i] + strlen("--root=");
		char here[4096];
		_cleanup_free_ char *path = root[0] == '/' || !getcwd(here, sizeof(here))
						    ? xstrdup(root)
						    : xasprintf("%s/%s", here, root);
		setenv("MINICTR_ROOT", path, 1);
	}
}

int main(int argc, char **argv)
{
	struct repl r = { 0 };
	setenv("MINICTR_REPL", "1", 1); /* for the commands that we start */
	take_flags(&r, argc, argv);
	caller_find(&r.caller);
	r.terminal = isatty(STDIN_FILENO);
	if (r.terminal)
		signal(SIGINT, SIG_IGN); /* until the prompt stands */
	repl_learn_commands(&r);
	if (r.terminal)
		read_terminal(&r);
	else if (something_to_read())
		read_pipe(&r);
	else
		show_that_all_is_well(&r);
	strv_free(r.commands);
	strv_free(r.root_args);
	caller_release(&r.caller);
	return r.status;
}
