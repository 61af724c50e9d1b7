/*
 * compose/follow.c - the output of many containers in one stream, each line behind the name it came from.
 *
 * Kernel objects and man pages: poll(2), signalfd(2), pipe(7).
 * `minictr logs -f` of each container writes into a pipe of its own; lines are joined here, so that two
 * containers never share one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/compose/compose.h"
#include "base/tool.h"

struct follower {
	const char *name; /* of the container; borrowed */
	char *label;      /* without the project's name in front */
	pid_t pid;
	int fd;          /* -1: it has ended */
	struct buf rest; /* a line that is not whole yet */
};

static void follow_line(const struct follower *f, size_t index, int width, bool color,
	const struct follow_options *o, const char *line, size_t len)
{
	static const int colors[] = { 36, 33, 32, 35, 34, 96, 93, 92, 95, 94 };
	if (!o->no_prefix && color)
		printf("\033[%dm%-*s |\033[0m ", colors[index % ARRAY_LEN(colors)], width, f->label);
	else if (!o->no_prefix)
		printf("%-*s | ", width, f->label);
	fwrite(line, 1, len, stdout);
	putchar('\n');
}

static void follow_take(
	struct follower *f, size_t index, int width, bool color, const struct follow_options *o)
{
	char text[16384];
	ssize_t n = read(f->fd, text, sizeof(text));
	if (n > 0)
		buf_add(&f->rest, text, (size_t)n);
	size_t start = 0;
	for (size_t i = 0; i < f->rest.len; i++)
		if (f->rest.data[i] == '\n') {
			follow_line(f, index, width, color, o, f->rest.data + start, i - start);
			start = i + 1;
		}
	if (n <= 0 && start < f->rest.len) {
		follow_line(f, index, width, color, o, f->rest.data + start, f->rest.len - start);
		start = f->rest.len;
	}
	struct buf left = { 0 };
	buf_add(&left, f->rest.data ? f->rest.data + start : "", f->rest.len - start);
	buf_release(&f->rest);
	f->rest = left;
	if (n == 0 || (n < 0 && errno != EINTR)) {
		f->fd = close_fd(f->fd);
		waitpid(f->pid, NULL, 0);
	}
	fflush(stdout);
}

static int follow_start(
	struct follower *f, const char *name, const struct follow_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **words = NULL;
	strv_push(&words, "logs");
	if (o->follow)
		strv_push(&words, "-f");
	if (o->timestamps)
		strv_push(&words, "-t");
	const char *const flags[][2] = { { "--tail", o->tail }, { "--since", o->since },
		{ "--until", o->until } };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flags[i][1]) {
			strv_push(&words, flags[i][0]);
			strv_push(&words, flags[i][1]);
		}
	strv_push(&words, name);
	f->name = name;
	f->pid = tool_start(words, &f->fd, err);
	return f->pid < 0 ? f->pid : 0;
}

static int follow_label(const struct project *p, struct follower *f, int width)
{
	size_t n = strlen(p->name);
	bool ours = !strncmp(f->name, p->name, n) && f->name[n] == '-';
	f->label = xstrdup(ours ? f->name + n + 1 : f->name);
	return (int)strlen(f->label) > width ? (int)strlen(f->label) : width;
}

static int follow_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* "a-1 exited with code 3", as compose says it. */
static void follow_say_end(const struct follower *f)
{
	char *const words[] = { (char *)"inspect", (char *)"-f", (char *)"{{.State.ExitCode}}",
		(char *)f->name, NULL };
	_cleanup_buf_ struct buf code = { 0 };
	struct mc_err ignored = { 0 };
	if (tool_run(words, &code, true, &ignored) == 0 && code.data)
		printf("%s exited with code %d\n", f->label, atoi(code.data));
	fflush(stdout);
}

/* Has one not ended whose end is waited for? */
static bool follow_goes_on(const struct follower *all, size_t n, const struct follow_options *o)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].fd >= 0 && (!o->until_end || strv_has((char **)o->until_end, all[i].name)))
			return true;
	return false;
}

int follow_containers(const struct project *p, char *const names[], const struct follow_options *o,
	const char **ret_first, struct mc_err *err)
{
	size_t n = strv_len(names);
	_cleanup_free_ struct follower *all = xcalloc(n + 1, sizeof(*all));
	_cleanup_free_ struct pollfd *polls = xcalloc(n + 2, sizeof(*polls));
	for (size_t i = 0; i < n; i++)
		all[i].fd = -1;
	const char *no_color = getenv("NO_COLOR");
	bool stop = false, color = isatty(1) && !o->no_color && (!no_color || !*no_color);
	int width = 0, signals = follow_signals(), rc = 0, got = 0;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		rc = follow_start(&all[i], names[i], o, err);
		if (rc >= 0)
			width = follow_label(p, &all[i], width);
	}
	while (rc >= 0 && follow_goes_on(all, n, o) && !stop && !got) {
		for (size_t i = 0; i < n; i++)
			polls[i] = (struct pollfd){ all[i].fd, POLLIN, 0 };
		polls[n] = (struct pollfd){ signals, POLLIN, 0 };
		poll(polls, n + 1, -1);
		for (size_t i = 0; i < n; i++) {
			if (all[i].fd < 0 || !polls[i].revents)
				continue;
			follow_take(&all[i], i, width, color, o);
			if (all[i].fd >= 0)
				continue;
			if (o->follow)
				follow_say_end(&all[i]);
			if (o->stop_when_one_ends && ret_first && !*ret_first) {
				*ret_first = all[i].name;
				stop = true;
			}
		}
		struct signalfd_siginfo info;
		if (polls[n].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			got = (int)info.ssi_signo;
	}
	for (size_t i = 0; i < n; i++) {
		if (all[i].fd >= 0 && all[i].pid > 0) {
			kill(all[i].pid, SIGTERM);
			close_fd(all[i].fd);
			waitpid(all[i].pid, NULL, 0);
		}
		free(all[i].label);
		buf_release(&all[i].rest);
	}
	close_fd(signals);
	return rc < 0 ? rc : got;
}
