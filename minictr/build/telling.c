/*
 * telling.c - what a build says while it runs: begun, done, cached, failed, a note.
 *
 * Stages run side by side in threads and share one receiver (build.h, struct build_report): the lock keeps
 * two events from being told at once.
 */
#include "build/stage_road.h"

#include <stdarg.h>
#include <time.h>

void build_say(struct build *b, enum build_event_kind kind, const char *name, const char *text)
{
	struct build_event e = { .kind = kind,
		.step = b->step,
		.name = name,
		.text = text,
		.ns = b->step_begin ? now_ns(CLOCK_MONOTONIC) - b->step_begin : 0 };
	pthread_mutex_lock(&b->all->say_lock);
	b->all->report->event(b->all->report->arg, &e);
	pthread_mutex_unlock(&b->all->say_lock);
}

void build_note(struct build *b, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	build_say(b, BUILD_NOTE, NULL, text);
}
