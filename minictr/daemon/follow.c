/*
 * follow.c - see follow.h.
 *
 * inotify(7) says that something in the directory has changed; what it was stands in the file. The file is
 * rotated by rename (engine/events.c): the old one is read to its end, then the new one from its start.
 */
#include "daemon/follow.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/gates.h"
#include "daemon/waits.h"

static void one_event(struct daemon *d, const char *line, size_t len)
{
	_cleanup_json_ struct json *event = NULL;
	struct mc_err ignored = { 0 };
	if (json_parse(line, len, "events.log", &event, &ignored) < 0)
		return;
	const char *id = json_text_of(json_at(event, "Actor.ID"));
	const char *action = json_text_of(json_member(event, "Action"));
	const char *code = json_text_of(json_at(event, "Actor.Attributes.exitCode"));
	if (!id || !action || !str_eq(json_text_of(json_member(event, "Type")), "container"))
		return;
	waits_event(d, id, action, code ? atoi(code) : 0);
	if (str_eq(action, "start"))
		gates_started(d, id);
}

static void read_on(struct daemon *d)
{
	char text[16384];
	ssize_t n;
	while (d->events_fd >= 0 && (n = read(d->events_fd, text, sizeof(text))) > 0) {
		char *newline;
		buf_add(&d->events_rest, text, (size_t)n);
		while (d->events_rest.len &&
			(newline = memchr(d->events_rest.data, '\n', d->events_rest.len))) {
			size_t len = (size_t)(newline - d->events_rest.data);
			_cleanup_free_ char *line = xstrndup(d->events_rest.data, len);
			buf_trim_front(&d->events_rest, len + 1);
			one_event(d, line, len);
		}
	}
}

static void open_log(struct daemon *d)
{
	close_fd(d->events_fd);
	d->events_fd = openat(d->engine.dir, "events.log", O_RDONLY | O_CLOEXEC);
}

void follow_catch_up(struct daemon *d)
{
	struct stat mine, now;
	read_on(d);
	if (d->events_fd >= 0 && fstat(d->events_fd, &mine) == 0 &&
		fstatat(d->engine.dir, "events.log", &now, 0) == 0 && mine.st_ino == now.st_ino)
		return;
	read_on(d);
	open_log(d);
	read_on(d);
}

static void on_change(struct source *s, uint32_t events)
{
	struct daemon *d = s->owner;
	char text[4096];
	while (read(s->fd, text, sizeof(text)) > 0)
		;
	follow_catch_up(d);
}

int follow_open(struct daemon *d, struct mc_err *err)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0 || inotify_add_watch(fd, d->engine.root, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return err_sys(err, "inotify on %s", d->engine.root);
	open_log(d);
	if (d->events_fd >= 0)
		lseek(d->events_fd, 0, SEEK_END);
	d->events = (struct source){ .ready = on_change, .owner = d };
	return loop_watch(&d->loop, &d->events, fd, EPOLLIN, err);
}
