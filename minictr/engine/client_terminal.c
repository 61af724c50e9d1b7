/*
 * client_terminal.c - raw mode, size, signals and detach keys.
 *
 * Man pages: termios(3), tty_ioctl(4) TIOCGWINSZ, signalfd(2). In raw mode Ctrl-C is a byte like others: it
 * travels to the container's terminal, and the signal is made there.
 */
#include "engine/client_terminal.h"

#include <ctype.h>
#include <sys/signalfd.h>
#include <unistd.h>

void terminal_raw(struct terminal *t, int fd)
{
	t->fd = -1;
	if (!isatty(fd) || tcgetattr(fd, &t->saved) < 0)
		return;
	struct termios raw = t->saved;
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSADRAIN, &raw) == 0)
		t->fd = fd;
}

void terminal_restore(struct terminal *t)
{
	if (t->fd >= 0)
		tcsetattr(t->fd, TCSADRAIN, &t->saved);
	t->fd = -1;
}

void terminal_die(struct terminal *t, int sig)
{
	sigset_t one;
	terminal_restore(t);
	signal(sig, SIG_DFL);
	raise(sig);
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
}

bool terminal_size(struct winsize *ret)
{
	return (ioctl(0, TIOCGWINSZ, ret) == 0 || ioctl(1, TIOCGWINSZ, ret) == 0) && ret->ws_row &&
	       ret->ws_col;
}

int terminal_signals(const struct terminal *t, bool pass_on, sigset_t *ret_old)
{
	static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
		SIGCONT };
	sigset_t set, all;
	sigemptyset(&all);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		sigaddset(&all, passed_on[i]);
	sigemptyset(&set);
	if (t->fd < 0 && pass_on)
		set = all;
	sigaddset(&set, SIGWINCH);
	if (t->fd >= 0) { /* the terminal is restored before we die of them */
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGHUP);
	}
	sigprocmask(SIG_BLOCK, &set, ret_old);
	/* A start holds signals back until the program runs: without pass_on they may end us from here on. */
	if (t->fd < 0 && !pass_on)
		sigprocmask(SIG_UNBLOCK, &all, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int one_key(const char *word)
{
	if (word[0] && !word[1])
		return (unsigned char)word[0];
	if (!str_starts(word, "ctrl-") || !word[5] || word[6])
		return -1;
	char c = (char)toupper((unsigned char)word[5]);
	return (c >= '@' && c <= '_') ? c - '@' : -1;
}

int detach_parse(struct detach_keys *d, const char *text, struct mc_err *err)
{
	*d = (struct detach_keys){ 0 };
	_cleanup_free_ char *copy = xstrdup(text && *text ? text : "ctrl-p,ctrl-q");
	char *save = NULL;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		int key = one_key(w);
		if (key < 0 || d->n == DETACH_KEYS_MAX) {
			err_set(err, EINVAL, "invalid detach keys (%s): unknown character: '%s'", text, w);
			return err_hint(err, "a letter, or ctrl- and a letter or one of @ [ \\ ] ^ _, "
					     "separated by commas");
		}
		d->keys[d->n++] = (char)key;
	}
	return 0;
}

bool detach_feed(struct detach_keys *d, const char *in, size_t len, char *out, size_t *ret_out)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (in[i] == d->keys[d->matched]) {
			if (++d->matched == d->n) {
				*ret_out = n;
				return true;
			}
			continue;
		}
		for (size_t k = 0; k < d->matched; k++) /* it was not the sequence after all */
			out[n++] = d->keys[k];
		d->matched = in[i] == d->keys[0] ? 1 : 0;
		if (!d->matched)
			out[n++] = in[i];
	}
	*ret_out = n;
	return false;
}
