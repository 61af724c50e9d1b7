/*
 * client_terminal.h - this side's terminal: raw mode, size, signals, and the keys that detach.
 */
#ifndef MC_ENGINE_TERMINAL_H
#define MC_ENGINE_TERMINAL_H

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include "base/err.h"

struct terminal {
	int fd; /* -1: not raw */
	struct termios saved;
};
/* Puts fd into raw mode (cfmakeraw(3)) when it is a terminal; else nothing happens and fd is -1. */
void terminal_raw(struct terminal *t, int fd);
void terminal_restore(struct terminal *t);
/* Ends this process by sig, which it holds back (signalfd(2)), with the terminal as it was before. */
void terminal_die(struct terminal *t, int sig);
/* The window's size, of stdin or else of stdout. False when neither is a terminal with a size. */
bool terminal_size(struct winsize *ret);
/*
 * A signalfd(2) for the loop that carries a program's bytes: SIGWINCH, and what would end us. With a raw
 * terminal that is SIGTERM and SIGHUP, for terminal_die(). Without one it is every signal that is passed on
 * to the program, if pass_on says so. *ret_old is the mask to set again afterwards (sigprocmask(2)).
 */
int terminal_signals(const struct terminal *t, bool pass_on, sigset_t *ret_old);

enum { DETACH_KEYS_MAX = 16 };
struct detach_keys {
	char keys[DETACH_KEYS_MAX];
	size_t n, matched;
};
/* "ctrl-p,ctrl-q" (NULL), "a,b", "ctrl-]". -EINVAL with docker's words. */
int detach_parse(struct detach_keys *d, const char *text, struct mc_err *err);
/* Feeds input: copies to out what is to be sent on (keys that began like the sequence are held back) and sets
 * *ret_out. out holds len + DETACH_KEYS_MAX bytes. True when the sequence is complete. */
bool detach_feed(struct detach_keys *d, const char *in, size_t len, char *out, size_t *ret_out);

#endif
