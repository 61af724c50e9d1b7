/*
 * explain_lines.c - collects steps and calls and prints them: number, the call that stands for the step,
 * why, chapter.
 *
 * A step is opened by one process (who); calls of the same process belong to it until its next step. The
 * call shown in the step's line is the one that tells most (telling[]), else the first that succeeded.
 */
#include "cli/explain_lines.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/wrap.h"

enum { CALL_WIDTH = 40, CALL_INDENT = 19 };

struct explain_step_line *explain_add(struct explain_lines *l)
{
	l->steps = xrealloc(l->steps, (l->n_steps + 1) * sizeof(*l->steps));
	struct explain_step_line *s = &l->steps[l->n_steps++];
	memset(s, 0, sizeof(*s));
	return s;
}

static struct explain_step_line *step_of(struct explain_lines *l, const char *who)
{
	for (size_t i = l->n_steps; i-- > 0;)
		if (str_eq(l->steps[i].who, who))
			return &l->steps[i];
	struct explain_step_line *s = explain_add(l);
	s->who = xstrdup(who);
	return s;
}

static void take_call(struct explain_lines *l, const char *who, const char *call, int64_t rc)
{
	struct explain_step_line *s = step_of(l, who);
	s->calls = xrealloc(s->calls, (s->n_calls + 1) * sizeof(*s->calls));
	struct explain_call_line *c = &s->calls[s->n_calls++];
	c->who = xstrdup(who);
	c->failed = rc < 0;
	c->text = rc < 0 ? xasprintf("%s = -1 %s", call, errno_name((int)-rc))
			 : xasprintf("%s = %lld", call, (long long)rc);
	l->n_calls++;
	if (l->live && str_starts(call, "execve("))
		explain_flush(l); /* from here on the terminal is the program's */
}

static void take_mine(struct explain_lines *l, const char *who, const char *task)
{
	struct explain_step_line *s = step_of(l, who);
	if (s->mine && strstr(s->mine, task))
		return;
	char *all = s->mine ? xasprintf("%s %s", s->mine, task) : xstrdup(task);
	free(s->mine);
	s->mine = all;
}

static void take_line(struct explain_lines *l, const char *line, size_t len, int pid)
{
	struct mc_err err = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	const char *who = "?", *step = NULL, *why = "", *call = NULL, *mine = NULL;
	int64_t rc = 0, tutorial = 0;
	if (json_parse(line, len, "explain", &doc, &err) < 0)
		return;
	json_get_string(doc, &who, &err, "who");
	json_get_string(doc, &step, &err, "step");
	json_get_string(doc, &why, &err, "why");
	json_get_string(doc, &call, &err, "call");
	json_get_string(doc, &mine, &err, "mine");
	json_get_i64(doc, &rc, &err, "rc");
	json_get_i64(doc, &tutorial, &err, "tutorial");
	if (call) {
		take_call(l, who, call, rc);
		return;
	}
	if (mine)
		take_mine(l, who, mine);
	if (!step)
		return;
	if (l->live)
		explain_flush(l);
	struct explain_step_line *s = explain_add(l);
	s->who = xstrdup(who);
	s->id = xstrdup(step);
	s->why = xstrdup(why);
	s->tutorial = (int)tutorial;
	s->pid = pid;
	if (l->stopped)
		l->stopped(l, l->n_steps - 1);
}

/* One message of a socket is one line, and the kernel says which process sent it (unix(7), SO_PASSCRED). */
static bool read_message(struct explain_lines *l, int fd)
{
	char room[4096], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec io = { room, sizeof(room) };
	struct msghdr m = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct ucred from = { 0 };
	ssize_t n = recvmsg(fd, &m, 0);
	if (n <= 0)
		return false;
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_CREDENTIALS)
		memcpy(&from, CMSG_DATA(c), sizeof(from));
	size_t steps = l->n_steps;
	take_line(l, room, (size_t)n, from.pid);
	if (l->n_steps > steps && l->steps[l->n_steps - 1].id && send(fd, "g", 1, MSG_NOSIGNAL) < 0)
		return false;
	return true;
}

bool explain_read(struct explain_lines *l, int fd)
{
	char room[16384];
	if (l->stopped)
		return read_message(l, fd);
	ssize_t n = read(fd, room, sizeof(room));
	if (n <= 0)
		return false;
	buf_add(&l->rest, room, (size_t)n);
	char *end;
	while ((end = memchr(l->rest.data, '\n', l->rest.len))) {
		size_t len = (size_t)(end - l->rest.data);
		take_line(l, l->rest.data, len, 0);
		buf_trim_front(&l->rest, len + 1);
	}
	return true;
}

void explain_drain(struct explain_lines *l, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (fd >= 0 && poll(&p, 1, 0) > 0 && explain_read(l, fd))
		;
}

/* --- printing --- */

/* Calls that say what a step is about, wherever among its calls they stand. */
static const char *const telling[] = { "clone3(", "pivot_root(", "chroot(", "unshare(", "nft ",
	"netlink(RTM_NEWROUTE", "netlink(RTM_NEWADDR", "setns(", "execve(", "fsmount(", "mount(",
	"move_mount(", "mknod(", "seccomp(", "capset(", "setresuid(", "setuid(", "sethostname(", "write(",
	"pidfd_send_signal(" };

const char *explain_telling(const struct explain_step_line *s)
{
	for (size_t k = 0; k < ARRAY_LEN(telling); k++)
		for (size_t i = 0; i < s->n_calls; i++)
			if (!s->calls[i].failed && str_starts(s->calls[i].text, telling[k]))
				return s->calls[i].text;
	for (size_t i = 0; i < s->n_calls; i++)
		if (!s->calls[i].failed)
			return s->calls[i].text;
	return s->id;
}

/* Steps that found nothing to do for the kernel (no user namespace, no hooks ...) are shown by -v only. */
bool explain_worth(const struct explain_lines *l, const struct explain_step_line *s)
{
	if (!s->id)
		return false;
	for (size_t i = 0; i < s->n_calls; i++)
		if (!s->calls[i].failed)
			return true;
	return l->verbose;
}

/* What a container is made of, in eight steps. All steps of a start are four screens at a terminal. */
static const char *const main_steps[] = { "cgroup.create", "namespace.clone", "rootfs.bind", "rootfs.mounts",
	"rootfs.pivot", "caps.set", "network.cable", "seccomp.apply" };

static bool is_shown(const struct explain_lines *l, const struct explain_step_line *s)
{
	if (!explain_worth(l, s))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(main_steps); i++)
		if (str_eq(s->id, main_steps[i]))
			return true;
	return !l->brief || l->verbose || s->mine;
}

/* Long calls lose their middle: the name and the result stay. "-v" shows all of it. */
static void shorten(const char *call, char *out, size_t size)
{
	size_t len = strlen(call);
	if (len < size) {
		snprintf(out, size, "%s", call);
		return;
	}
	const char *tail = strstr(call, ") = ");
	for (const char *t = tail; t; t = strstr(t + 1, ") = "))
		tail = t;
	size_t keep = tail ? strlen(tail) : 0;
	if (keep > size / 2)
		keep = 0;
	snprintf(out, size, "%.*s..%s", (int)(size - keep - 4), call, keep ? tail : "");
}

/* One line, broken at the terminal's width with the rest under `indent`. A terminal in raw mode wants \r,
 * too. */
static void put_line(const struct explain_lines *l, size_t indent, const char *line)
{
	size_t size = 2 * strlen(line) + 4096;
	_cleanup_free_ char *text = xcalloc(1, size);
	wrap_text(text, size, line, l->width, indent);
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		fprintf(l->out, "%.*s%s\n", (int)strcspn(p, "\n"), p, l->live ? "\r" : "");
}

static void print_calls(const struct explain_lines *l, const struct explain_step_line *s)
{
	for (size_t i = 0; i < s->n_calls; i++) {
		_cleanup_free_ char *line = xasprintf("        %-8s %s", s->calls[i].who, s->calls[i].text);
		put_line(l, CALL_INDENT, line);
	}
}

/* A narrow terminal takes from the call, too: the reason is what a learner reads. */
static size_t call_width(const struct explain_lines *l)
{
	size_t third = l->width * 35 / 100;
	return l->width && third < CALL_WIDTH ? third : CALL_WIDTH;
}

static void print_step(struct explain_lines *l, const struct explain_step_line *s)
{
	char call[CALL_WIDTH + 1], number[32];
	if (!s->id) { /* calls in front of the first step */
		if (l->verbose)
			print_calls(l, s);
		return;
	}
	if (!is_shown(l, s))
		return;
	l->numbered++;
	if (l->live || l->numbered > l->total)
		snprintf(number, sizeof(number), "[%2zu]", l->numbered);
	else
		snprintf(number, sizeof(number), "[%2zu/%zu]", l->numbered, l->total);
	if (l->verbose) {
		_cleanup_free_ char *line = xasprintf("%s %s: %s%s%s   (%s, tutorial\t%d)", number, s->who,
			s->why, s->mine ? "   yours, " : "", s->mine ? s->mine : "", s->id, s->tutorial);
		put_line(l, strlen(number) + 1, line);
		print_calls(l, s);
		return;
	}
	size_t width = call_width(l);
	shorten(explain_telling(s), call, width + 1);
	_cleanup_free_ char *line = xasprintf("%s %-*s  %s%s%s   tutorial\t%d", number, (int)width, call,
		s->why, s->mine ? "   yours, " : "", s->mine ? s->mine : "", s->tutorial);
	put_line(l, strlen(number) + width + 3, line);
}

void explain_flush(struct explain_lines *l)
{
	if (!l->total)
		for (size_t i = 0; i < l->n_steps; i++)
			l->total += is_shown(l, &l->steps[i]);
	while (l->printed < l->n_steps)
		print_step(l, &l->steps[l->printed++]);
	fflush(l->out);
}

static void say_mine(struct explain_lines *l, size_t steps)
{
	size_t mine = 0;
	for (size_t i = 0; i < l->n_steps; i++)
		mine += explain_worth(l, &l->steps[i]) && l->steps[i].mine;
	if (!mine)
		return;
	_cleanup_free_ char *line = xasprintf("(%zu of %zu steps went through your code)", mine, steps);
	put_line(l, 1, line);
}

void explain_summary(struct explain_lines *l)
{
	size_t steps = 0;
	for (size_t i = 0; i < l->n_steps; i++)
		steps += explain_worth(l, &l->steps[i]);
	if (!l->verbose && l->numbered) {
		_cleanup_free_ char *line = l->brief && l->numbered < steps
						    ? xasprintf("(%zu of %zu steps; `explain --all` tells "
								"each, `explain -v` all %zu calls too)",
							      l->numbered, steps, l->n_calls)
						    : xasprintf("(%zu steps; `explain -v` shows all %zu "
								"calls, and the steps that had "
								"nothing to do)",
							      l->numbered, l->n_calls);
		l->live = false;
		put_line(l, 1, line);
	}
	say_mine(l, steps);
	fflush(l->out);
}

void explain_release(struct explain_lines *l)
{
	for (size_t i = 0; i < l->n_steps; i++) {
		struct explain_step_line *s = &l->steps[i];
		for (size_t k = 0; k < s->n_calls; k++) {
			free(s->calls[k].who);
			free(s->calls[k].text);
		}
		free(s->calls);
		free(s->who);
		free(s->id);
		free(s->why);
		free(s->mine);
		strv_free(s->before);
		strv_free(s->after);
	}
	free(l->steps);
	buf_release(&l->rest);
}
