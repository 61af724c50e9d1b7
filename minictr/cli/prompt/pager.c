/*
 * pager.c - what a list printed is held until it ends; when it has more lines than the terminal, a pager
 * shows it.
 *
 * Man pages: less(1), more(1), environ(7) PAGER, ioctl_tty(2) TIOCGWINSZ.
 * Order and why: held first, because only then its length is known; a pager that starts for three lines
 * would be in the way. TERM=dumb has no screen to go back on: nothing is paged there.
 */
#include "cli/prompt/pager.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "base/util.h"

enum { TEXT_MOST = 64 << 20 };

bool pager_wants(char *const words[])
{
	static const char *const lists[] = { "ps", "images", "history", "inspect", "info", "version", "help",
		"search", "diff", "top", "logs", "port", "container ls", "container list",
		"container inspect", "container diff", "container logs", "image ls", "image list",
		"image inspect", "image history", "image tree", "system df", "volume ls", "volume list",
		"volume inspect", "network ls", "network list", "network inspect", "ns diff" };
	static const char *const stays[] = { "-f", "--follow", "--tree", "-tf", "-ft" };
	const char *term = getenv("TERM");
	if (!isatty(STDOUT_FILENO) || !term || str_eq(term, "dumb"))
		return false;
	_cleanup_free_ char *two = words[1] ? xasprintf("%s %s", words[0], words[1]) : xstrdup("");
	bool list = false, help = false, logs = str_eq(words[0], "logs") || str_eq(two, "container logs");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		list |= str_eq(words[0], lists[i]) || str_eq(two, lists[i]);
	for (size_t i = 1; words[i]; i++) {
		help |= str_eq(words[i], "--help");
		for (size_t k = 0; k < ARRAY_LEN(stays); k++)
			list &= !str_eq(words[i], stays[k]) || (k == 0 && !logs);
	}
	return list || help;
}

void pager_collect(int fd, struct buf *text)
{
	char room[16384];
	ssize_t n;
	while ((n = read(fd, room, sizeof(room))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && text->len < TEXT_MOST)
			buf_add(text, room, (size_t)n);
}

static bool fits(const struct buf *text)
{
	struct winsize w = { 0 };
	size_t lines = 0, column = 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || !w.ws_row || !w.ws_col)
		return true;
	for (size_t i = 0; i < text->len; i++) {
		bool end = text->data[i] == '\n' || ++column > w.ws_col;
		lines += end;
		column = end ? 0 : column;
	}
	return lines < w.ws_row;
}

/* The first pager that is there. -X leaves the last page on the screen, as a command's output stays. */
static pid_t start_pager(int text)
{
	const char *own = getenv("PAGER");
	char *const words[][4] = { { "/bin/sh", "-c", (char *)own, NULL }, { "less", "-X", NULL },
		{ "more", NULL } };
	struct mc_err ignored = { 0 };
	pid_t pid = -1;
	for (size_t i = own && *own ? 0 : 1; pid < 0 && i < ARRAY_LEN(words); i++)
		pid = spawn_start(&(struct spawn){ .argv = words[i], .in = text }, &ignored);
	return pid;
}

static bool page(const struct buf *text)
{
	struct mc_err ignored = { 0 };
	int fds[2], status = 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	pid_t pid = start_pager(fds[0]);
	close(fds[0]);
	/* a pager that is left before the end closes its pipe; Ctrl-C is the pager's */
	struct sigaction ignore = { .sa_handler = SIG_IGN }, pipe_before, interrupt_before;
	sigaction(SIGPIPE, &ignore, &pipe_before);
	sigaction(SIGINT, &ignore, &interrupt_before);
	if (pid > 0)
		file_write_all(fds[1], text->data, text->len, &ignored);
	close(fds[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGPIPE, &pipe_before, NULL);
	sigaction(SIGINT, &interrupt_before, NULL);
	return pid > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

void pager_show(const struct buf *text)
{
	if (!text->len)
		return;
	if (!fits(text) && page(text))
		return;
	fwrite(text->data, 1, text->len, stdout);
	fflush(stdout);
}
