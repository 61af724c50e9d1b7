/*
 * progress.c - a line per layer. Terminal: console_codes(4), cursor up and erase line. Pipe: plain lines.
 */
#include <pthread.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "registry/progress.h"

enum { REDRAW_NS = 100000000, BAR = 30 };

struct item {
	struct digest digest;
	uint64_t size, done;
	const char *state; /* borrowed: literals */
};
struct progress {
	pthread_mutex_t lock;
	int fd;
	bool terminal;
	struct item *items;
	size_t count, drawn;                                    /* drawn: item lines above the cursor */
	uint64_t last;                                          /* CLOCK_MONOTONIC ns of the last drawing */
	void (*note)(const struct progress_note *n, void *arg); /* a listener; NULL: it is drawn */
	void *arg;
};

struct progress *progress_new(int fd)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	const char *term = getenv("TERM");
	pthread_mutex_init(&p->lock, NULL);
	p->fd = fd;
	p->terminal = isatty(fd) && !str_eq(term, "dumb");
	return p;
}

struct progress *progress_new_listener(void (*note)(const struct progress_note *n, void *arg), void *arg)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	p->fd = -1;
	p->note = note;
	p->arg = arg;
	return p;
}

static void put(struct progress *p, const struct buf *b)
{
	struct mc_err ignored; /* a closed pipe must not end the pull */
	file_write_all(p->fd, b->data, b->len, &ignored);
}

static unsigned columns(int fd)
{
	struct winsize w;
	return ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

static void add_size(struct buf *b, uint64_t bytes)
{
	static const char unit[] = "BkMGT";
	double v = (double)bytes;
	int i = 0;
	while (v >= 1000 && i < 4)
		v /= 1000, i++;
	buf_addf(b, i ? "%.4g%c%s" : "%.0f%c%s", v, unit[i], i ? "B" : "");
}

static bool is_moving(const struct item *i)
{
	return str_eq(i->state, "Downloading") || str_eq(i->state, "Pushing") ||
	       str_eq(i->state, "Extracting");
}

static void add_item(struct buf *out, const struct item *i, unsigned width)
{
	_cleanup_buf_ struct buf b = { 0 };
	bool moving = is_moving(i);
	unsigned filled = i->size ? (unsigned)(i->done * BAR / i->size) : 0, k;
	buf_addf(&b, "%.12s: %s ", digest_hex(&i->digest), i->state);
	if (moving && i->size && width > BAR + 40) {
		buf_addc(&b, '[');
		for (k = 0; k < BAR; k++)
			buf_addc(&b, k < filled ? '=' : k == filled ? '>' : ' ');
		buf_adds(&b, "] ");
	}
	if (moving) {
		add_size(&b, i->done);
		buf_addc(&b, '/');
		add_size(&b, i->size);
	}
	buf_add(out, b.data, b.len < width ? b.len : width - 1);
}

/* The block of lines, drawn over the one before. Called with the lock held. */
static void draw(struct progress *p, bool now)
{
	_cleanup_buf_ struct buf b = { 0 };
	uint64_t t = now_ns(CLOCK_MONOTONIC);
	unsigned width = columns(p->fd);
	if (!p->terminal || (!now && t - p->last < REDRAW_NS))
		return;
	p->last = t;
	if (p->drawn)
		buf_addf(&b, "\033[%zuA", p->drawn);
	for (size_t i = 0; i < p->count; i++) {
		buf_adds(&b, "\r\033[K");
		add_item(&b, &p->items[i], width);
		buf_addc(&b, '\n');
	}
	p->drawn = p->count;
	put(p, &b);
}

static struct item *find(struct progress *p, const struct digest *d)
{
	for (size_t i = 0; i < p->count; i++)
		if (digest_eq(&p->items[i].digest, d))
			return &p->items[i];
	return NULL;
}

/* The lock is held. */
static void tell(struct progress *p, const struct item *i)
{
	char id[13];
	snprintf(id, sizeof(id), "%.12s", digest_hex(&i->digest));
	struct progress_note n = { id, i->state, i->done, is_moving(i) ? i->size : 0 };
	p->note(&n, p->arg);
}

static void say(struct progress *p, const struct item *i)
{
	_cleanup_buf_ struct buf b = { 0 };
	if (p->note) {
		tell(p, i);
		return;
	}
	if (p->terminal) {
		draw(p, true);
		return;
	}
	buf_addf(&b, "%.12s: %s\n", digest_hex(&i->digest), i->state);
	put(p, &b);
}

void progress_line(struct progress *p, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = { 0 };
	char text[1024];
	va_list ap;
	if (!p)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_addf(&b, "%s\n", text);
	struct progress_note n = { .state = text };
	pthread_mutex_lock(&p->lock);
	if (p->note)
		p->note(&n, p->arg);
	else
		put(p, &b);
	p->count = p->drawn = 0; /* a block that scrolled away is not drawn again */
	pthread_mutex_unlock(&p->lock);
}

void progress_add(struct progress *p, const struct digest *d, uint64_t size, const char *state)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	if (!find(p, d)) {
		p->items = xrealloc(p->items, (p->count + 1) * sizeof(*p->items));
		p->items[p->count++] = (struct item){ .digest = *d, .size = size, .state = state };
		say(p, &p->items[p->count - 1]);
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_state(struct progress *p, const struct digest *d, const char *state)
{
	struct item *i;
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	i = find(p, d);
	if (i && !str_eq(i->state, state)) {
		/* A bar that was quicker than REDRAW_NS would have shown 0 B only: its last line is always drawn. */
		if (is_moving(i))
			draw(p, true);
		i->state = state;
		/* A pipe hears of ends, not of beginnings. */
		if (p->terminal || p->note || (!str_eq(state, "Downloading") && !str_eq(state, "Extracting")))
			say(p, i);
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_total(struct progress *p, const struct digest *d, uint64_t size)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	struct item *i = find(p, d);
	if (i)
		i->size = size;
	pthread_mutex_unlock(&p->lock);
}

void progress_bytes(struct progress *p, const struct digest *d, uint64_t done)
{
	struct item *i;
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	i = find(p, d);
	if (i) {
		i->done = done;
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		if (p->note && now - p->last > REDRAW_NS) {
			p->last = now;
			tell(p, i);
		}
		draw(p, false);
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p->items);
	free(p);
}
