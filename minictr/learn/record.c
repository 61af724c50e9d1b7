/*
 * record.c - what checks.c calls to say what was expected and seen (check.h, first part).
 *
 * The verdict is written last, then the forked test ends: by return for ok, by abort of libcheck's test
 * otherwise. A test that ends in any other way leaves the verdict NONE, which the runner reports as its own
 * trouble.
 */
#include "learn/checking.h"

#include <check.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/utf8.h"

struct record *records_new(size_t n)
{
	void *p = mmap(
		NULL, n * sizeof(struct record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die(3, "mmap of the records failed");
	return p;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "none", "ok", "FAIL", "todo", "wait", "env", "BUG" };
	return names[v];
}

char *check_keep(struct check *c, char *s) { return s; } /* the forked test ends soon and frees everything */

static void close_boxes(struct check *c)
{
	while (c->boxes)
		box_close(c->boxes);
}

static void __attribute__((noreturn)) end(struct check *c, enum verdict v)
{
	close_boxes(c);
	c->record->verdict = v;
	ck_abort_msg("%s", c->task);
	_exit(1); /* not reached: ck_abort_msg() does not return in a forked test */
}

void check_finish(struct check *c)
{
	close_boxes(c);
	c->record->verdict = VERDICT_OK;
}

void check_descriptors(struct check *c, const char *misread) { c->fds_misread = misread; }

/* Control characters of both sets, and those that turn the direction of a line (Unicode, UAX #9): what
 * follows them would be read backwards. */
static bool drives_terminal(uint32_t c)
{
	return (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e ||
	       c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

char *text_plain(char *text)
{
	size_t left = strlen(text);
	for (char *p = text; *p;) {
		uint32_t c = 0;
		size_t n = utf8_decode(p, left, &c); /* 0: no UTF-8, which neither JSON nor XML may hold */
		if (n == 0 || drives_terminal(c))
			memset(p, '?', n ? n : 1);
		p += n ? n : 1;
		left -= n ? n : 1;
	}
	return text;
}

void check_ran(struct check *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(c->record->ran, sizeof(c->record->ran), fmt, ap);
	va_end(ap);
}

/* An argument as a shell wants it. */
static void add_word(struct buf *b, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
	if (b->len)
		buf_addc(b, ' ');
	if (*word && strspn(word, plain) == strlen(word))
		buf_adds(b, word);
	else
		buf_addf(b, "'%s'", word);
}

void check_ran_default(struct check *c, const char *const argv[])
{
	_cleanup_buf_ struct buf line = { 0 };
	for (size_t i = 0; argv[i]; i++)
		add_word(&line, argv[i]);
	check_evidence(c, "$ %s", line.data);
	snprintf(c->record->ran, sizeof(c->record->ran), "lab box %s", line.data);
}

static void say_got(struct check *c, const char *misread, const char *expected, const char *got, va_list ap)
{
	struct record *r = c->record;
	snprintf(r->misread, sizeof(r->misread), "%s", misread ? misread : "");
	snprintf(r->expected, sizeof(r->expected), "%s", expected);
	vsnprintf(r->got, sizeof(r->got), got, ap);
	text_plain(r->got);
	text_plain(r->expected);
}

void check_that(struct check *c, bool ok, const char *misread, const char *expected, const char *got, ...)
{
	va_list ap;
	va_start(ap, got);
	say_got(c, misread, expected, got, ap);
	va_end(ap);
	if (ok) /* `got` words what a failure would have been */
		check_evidence(c, "as wanted: %s", expected);
	else
		check_evidence(c, "FAIL: expected %s; got %s", expected, c->record->got);
	if (!ok)
		end(c, VERDICT_FAIL);
}

void check_fail(struct check *c, const char *misread, const char *expected, const char *got, ...)
{
	va_list ap;
	va_start(ap, got);
	say_got(c, misread, expected, got, ap);
	va_end(ap);
	end(c, VERDICT_FAIL);
}

/* 139 -> " (SIGSEGV: Segmentation fault)": what a shell's number means. */
static const char *signal_words(struct check *c, int64_t code)
{
	if (code <= 128 || code > 128 + 64)
		return "";
	return check_text(c, " (128 + %d: %s)", (int)code - 128, strsignal((int)code - 128));
}

void check_int(struct check *c, const char *misread, const char *what, int64_t expected, int64_t got)
{
	char *want = check_text(c, "%s is %lld", what, (long long)expected);
	if (got == RUN_TIMED_OUT)
		check_fail(c, misread, want,
			"it did not end in time and was killed (an endless loop? a wait for something that "
			"never comes?)");
	check_that(c, expected == got, misread, want, "%lld%s", (long long)got, signal_words(c, got));
}

void check_str(struct check *c, const char *misread, const char *what, const char *expected, const char *got)
{
	char *want = check_text(c, "%s is \"%s\"", what, expected);
	check_that(c, str_eq(expected, got), misread, want, got ? "\"%s\"" : "nothing (%s)",
		got ? got : "absent");
}

static void reason(struct check *c, const char *fmt, va_list ap)
{
	vsnprintf(c->record->reason, sizeof(c->record->reason), fmt, ap);
	text_plain(c->record->reason);
}

void check_env(struct check *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	reason(c, fmt, ap);
	va_end(ap);
	end(c, VERDICT_ENV);
}

/* Has code of a learner run in a box of this check before the present run? */
static bool disturbed(const struct check *c)
{
	for (const struct box *b = c->boxes; b; b = b->next)
		if (b->disturbed)
			return true;
	return false;
}

/* Code that breaks the box gets the verdict of code that is wrong. */
static void __attribute__((noreturn)) fail_broken(struct check *c, const char *fmt, va_list ap)
{
	char *what = NULL;
	if (vasprintf(&what, fmt, ap) < 0)
		abort();
	check_fail(c, "M-ANY-BROKEN", "the box is as the check left it, so that it can go on", "%s", what);
}

void check_trouble(struct check *c, const char *fmt, ...)
{
	va_list ap;
	if (disturbed(c)) {
		va_start(ap, fmt);
		fail_broken(c, fmt, ap);
	}
	va_start(ap, fmt);
	reason(c, fmt, ap);
	va_end(ap);
	end(c, VERDICT_TROUBLE);
}

void check_note(struct check *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(c->record->note, sizeof(c->record->note), fmt, ap);
	text_plain(c->record->note);
	va_end(ap);
}

void check_note_predicted(struct check *c, char right, const char *fact)
{
	char said = check_predicted(c);
	check_note(c, "%s%s", fact,
		!said           ? ""
		: said == right ? ": you predicted that"
				: ": you predicted something else");
}

void check_evidence(struct check *c, const char *fmt, ...)
{
	struct record *r = c->record;
	size_t room = sizeof(r->evidence) - r->evidence_len;
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(r->evidence + r->evidence_len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 2 > room)
		return; /* full: what came first explains most */
	text_plain(r->evidence + r->evidence_len);
	/* What is looked at again and again, until it changes, is told once. */
	size_t line = (size_t)n + 1;
	if (r->evidence_len >= line && r->evidence[r->evidence_len - 1] == '\n' &&
		memcmp(r->evidence + r->evidence_len - line, r->evidence + r->evidence_len, line - 1) == 0 &&
		(r->evidence_len == line || r->evidence[r->evidence_len - line - 1] == '\n')) {
		r->evidence[r->evidence_len] = '\0';
		return;
	}
	r->evidence_len += (size_t)n;
	r->evidence[r->evidence_len++] = '\n';
	r->evidence[r->evidence_len] = '\0';
}

char *check_text(struct check *c, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	return check_keep(c, s);
}

/* splitmix64: the same seed gives the same values on every machine */
static uint64_t next_random(struct check *c)
{
	uint64_t z = c->random += 0x9e3779b97f4a7c15ULL;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

char *check_word(struct check *c)
{
	char word[9] = { 0 };
	uint64_t r = next_random(c);
	for (int i = 0; i < 8; i++, r /= 26)
		word[i] = (char)('a' + r % 26);
	return check_keep(c, xstrdup(word));
}

uint64_t check_number(struct check *c, uint64_t low, uint64_t high)
{
	return low + next_random(c) % (high - low + 1);
}

const char *check_lab_word(struct check *c) { return c->lab_word; }
char check_predicted(struct check *c) { return c->predicted; }
