/*
 * checks.c - lab 09: in which order processes start, what is alive before and after, who was told to end first, what lies in the store.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";

/* What the function answered: the arguments of the probe that the drive has become. */
struct said {
	bool success;
	int error;
	const char *text;
};

/* Does the drive hold by now? */
static bool holds(struct check *c, struct run *r, struct said *ret)
{
	char **line = ev_cmdline(c, r->pid);
	if (strv_len(line) < 6 || !str_eq(line[0], "probe") || !str_eq(line[1], "hold"))
		return false;
	*ret = (struct said){ str_eq(line[3], "success"), atoi(line[4]), line[5] };
	return true;
}

/* Waits for its answer; the check ends here when none comes. */
static struct said said(struct check *c, struct run *r, unsigned ms, const char *endless)
{
	struct said s = { 0 };
	for (unsigned waited = 0; waited < ms; waited += 10) {
		if (holds(c, r, &s))
			return s;
		if (box_wait(r, 10))
			check_fail(c, NULL, "the function returns", "%s", run_failure(r));
	}
	check_fail(c, endless, check_text(c, "the function returns within %u ms", ms), "it did not");
}

static void succeeds(struct check *c, const struct said *s, const char *misread)
{
	check_that(c, s->success && s->error == 0, misread, "the function returns 0",
		s->success ? "it returned %d" : "it failed with error %d: %s", s->error, s->text);
}

static void box_end(struct box *b)
{
	box_clear(b);
	usleep(20000);
}

/* Runs one of the drive's helpers, which call nothing of the learner's. */
#define STAGE(c, b, ...)                                                                                     \
	do {                                                                                                 \
		struct run *stage_run = box_run(b, RUN(DRIVE, __VA_ARGS__));                                 \
		if (stage_run->code)                                                                         \
			check_trouble(c, "planting (%s): %s", #__VA_ARGS__, run_failure(stage_run));         \
	} while (0)

/* A run that outlives the function that starts it. */
static struct run *start_words(struct box *b, char **argv)
{
	struct run *r = calloc(1, sizeof(*r));
	r->argv = (const char *const *)argv;
	return box_start(b, r);
}

/* --- 09.1 --- */

static struct run *order(struct check *c, struct box *b, char *const nodes[], char *const edges[])
{
	char **argv = NULL;
	strv_push(&argv, DRIVE);
	strv_push(&argv, "order");
	strv_push(&argv, "answer");
	for (size_t i = 0; nodes[i]; i++)
		strv_push(&argv, nodes[i]);
	strv_push(&argv, "-");
	struct buf shown = { 0 };
	for (size_t i = 0; edges && edges[i]; i++) {
		strv_push(&argv, edges[i]);
		buf_addf(&shown, " %s", edges[i]);
	}
	struct run *r = start_words(b, argv);
	check_ran(c, "drive order answer NODES... - EDGES (A:B, A needs B):%.300s", buf_take(&shown));
	return r;
}

/* The process that runs as this node, by its number in the box: later ones have higher numbers there. */
static int64_t born(struct check *c, struct box *b, const char *node)
{
	int64_t numbers[4] = { 0 };
	pid_t pid = probe_find(b, node);
	if (!pid)
		check_fail(c, "M-GRAPH-ONCE", check_text(c, "a process for each node: one for %s", node),
			"there is none");
	int n = ev_numbers(ev_status(c, pid, "NSpid"), numbers, 4);
	return n > 0 ? numbers[n - 1] : 0;
}

static char *need(struct check *c, const char *a, const char *b) { return check_text(c, "%s:%s", a, b); }

/* What a wrong order looks like as a whole: the file's own, every arrow turned round, or neither. */
static const char *order_misread(struct check *c, struct box *b, char *const nodes[], char *const edges[])
{
	bool as_file = true, turned = true;
	for (size_t i = 1; nodes[i]; i++)
		as_file = as_file && born(c, b, nodes[i - 1]) < born(c, b, nodes[i]);
	for (size_t i = 0; edges[i]; i++) {
		char *from = xstrdup(edges[i]), *to = strchr(from, ':');
		*to++ = '\0';
		turned = turned && born(c, b, from) < born(c, b, to);
	}
	return as_file ? "M-GRAPH-FILE" : turned ? "M-GRAPH-ARROW" : "M-GRAPH-NEAR";
}

static void starts_after(struct check *c, struct box *b, char *const nodes[], char *const edges[])
{
	for (size_t i = 0; edges[i]; i++) {
		char *from = xstrdup(edges[i]), *to = strchr(from, ':');
		*to++ = '\0';
		check_that(c, born(c, b, from) > born(c, b, to), order_misread(c, b, nodes, edges),
			check_text(c, "%s needs %s, so it starts later", from, to), "%s was started first",
			from);
	}
}

/* In a message: a chain "x -> y -> ... -> x" all of whose arrows are planted edges, and no arrow before or behind. */
static bool names_circle(struct check *c, const char *text, char *const edges[], size_t *ret_len)
{
	for (const char *at = text; (at = strstr(at, " -> ")); at++) {
		const char *first = at;
		while (first > text && first[-1] != ' ' && first[-1] != ':' && first[-1] != '"')
			first--;
		if (first - text >= 3 && str_starts(first - 3, "-> "))
			continue;
		char *name = xstrndup(first, (size_t)(at - first)), *begin = xstrdup(name);
		const char *p = at;
		for (size_t len = 1; str_starts(p, " -> "); len++) {
			p += 4;
			size_t n = strcspn(p, " \",;");
			char *next = xstrndup(p, n);
			if (!strv_has(edges, need(c, name, next)))
				break;
			if (str_eq(next, begin)) {
				*ret_len = len;
				return !str_starts(p + n, " -> ");
			}
			name = next;
			p += n;
		}
	}
	return false;
}

static void circle(struct check *c, char *const nodes[], char *const edges[], const char *misread)
{
	size_t len = 0;
	struct box *b = box_open(c, NULL);
	struct run *r = order(c, b, nodes, edges);
	struct said s = said(c, r, 3000, "M-GRAPH-ENDLESS");
	check_that(c, !s.success && s.error == 40, "M-GRAPH-ACCEPTED", "a circle is refused with ELOOP (40)",
		s.success ? "it was accepted" : "error %d: %s", s.error, s.text);
	check_that(c, names_circle(c, s.text, edges, &len), misread,
		check_text(c,
			"the message holds a circle that is there, from its beginning back to it (%s -> ... "
			"-> %s)",
			nodes[1], nodes[1]),
		"\"%s\"", s.text);
	box_close(b);
}

static void check_order(struct check *c)
{
	char *n[9] = { 0 };
	for (int i = 0; i < 7; i++)
		n[i] = check_word(c);
	/* a diamond written upside down, and two that need nothing */
	char *edges[] = { need(c, n[0], n[2]), need(c, n[0], n[3]), need(c, n[2], n[5]), need(c, n[3], n[5]),
		need(c, n[1], n[0]), NULL };
	struct box *b = box_open(c, NULL);
	struct run *r = order(c, b, n, edges);
	struct said s = said(c, r, 3000, "M-GRAPH-ENDLESS");
	succeeds(c, &s, NULL);
	starts_after(c, b, n, edges);
	static const int whole[] = { 4, 5, 2, 3, 0, 1, 6 };
	for (int i = 1; i < 7; i++)
		check_that(c, born(c, b, n[whole[i - 1]]) < born(c, b, n[whole[i]]), "M-GRAPH-TIES",
			check_text(c,
				"among all that could come next the first of the file (%s %s %s %s %s %s %s) "
				"comes first: %s before %s",
				n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[whole[i - 1]], n[whole[i]]),
			"it does not");
	box_close(b);
	/* x and y only lead to it */
	char *round[] = { need(c, n[0], n[1]), need(c, n[1], n[2]), need(c, n[2], n[3]), need(c, n[3], n[1]),
		need(c, n[4], n[0]), NULL };
	char *five[] = { n[0], n[1], n[2], n[3], n[4], NULL };
	circle(c, five, round, "M-GRAPH-TAIL");
	char *self[] = { need(c, n[1], n[1]), NULL }, *two[] = { n[0], n[1], NULL };
	circle(c, two, self, "M-GRAPH-SELF");
	/* ten layers of ten, each needing all of the next: ten thousand million paths */
	char **many = NULL, **all = NULL;
	for (int i = 0; i < 100; i++)
		strv_push(&many, check_text(c, "n%d", i));
	for (int i = 0; i < 90; i++)
		for (int k = 0; k < 10; k++)
			strv_push(&all, need(c, many[i], many[(i / 10 + 1) * 10 + k]));
	b = box_open(c, NULL);
	r = order(c, b, many, all);
	s = said(c, r, 3000, "M-GRAPH-PATHS");
	succeeds(c, &s, NULL);
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

/* --- 09.2 --- */

struct wait_case {
	const char *condition;
	struct box *b;
	struct run *r;
	char *name;
};

/* A container of this name that runs, with a health check, and somebody who waits for it. */
static struct wait_case waiting(
	struct check *c, const char *condition, const char *status, const char *health)
{
	struct wait_case w = { .condition = condition, .b = box_open(c, NULL), .name = check_word(c) };
	box_mkdir(w.b, "/work/root", 0755);
	STAGE(c, w.b, "plant", w.name, str_eq(status, "ended") ? "running" : status);
	if (str_eq(status, "ended"))
		STAGE(c, w.b, "end", w.name, "3");
	if (health)
		STAGE(c, w.b, "health", w.name, health);
	char **argv = NULL,
	     *words[] = { (char *)DRIVE, (char *)"wait", (char *)"answer", w.name, (char *)condition };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strv_push(&argv, words[i]);
	w.r = start_words(w.b, argv);
	check_ran(c, "drive wait answer %s %s    (the container: %s%s%s)", w.name, condition, status,
		health ? ", " : "", health ? health : "");
	return w;
}

static void still_waits(struct check *c, struct wait_case *w, const char *misread, const char *why)
{
	struct said s;
	int runs = 0, looks = 70;
	for (int i = 0; i < looks; i++) {
		usleep(10000);
		runs += ev_state(c, w->r->pid) == 'R';
		if (box_wait(w->r, 0))
			check_fail(c, misread, check_text(c, "it waits: %s", why), "%s", run_failure(w->r));
		if (holds(c, w->r, &s))
			check_fail(c, misread, check_text(c, "it waits: %s", why),
				s.success ? "it returned %d" : "it failed with %d: %s", s.error, s.text);
	}
	/* Runnable, not "has run": the same on a busy machine, where it gets no CPU to show for it. */
	check_that(c, runs < looks * 9 / 10, "M-WAIT-BUSY",
		check_text(c, "it sleeps between two looks: in %d moments it is not always runnable", looks),
		"it was in %d", runs);
}

static void returns(struct check *c, struct wait_case *w, const char *misread, const char *why)
{
	struct said s = said(c, w->r, 1500, misread);
	check_that(c, s.success && !s.error, misread, check_text(c, "it returns 0: %s", why),
		s.success ? "it returned %d" : "it failed with %d: %s", s.error, s.text);
	box_close(w->b);
}

/* Late is not never: 1.5 seconds are in time; an answer within the six after them was slept through. */
static void expect_in_time(struct check *c, struct wait_case *w, const char *what)
{
	struct said s;
	int looks = 0;
	while (looks < 750 && !holds(c, w->r, &s) && !box_wait(w->r, 0)) {
		usleep(10000);
		looks++;
	}
	check_that(c, looks <= 150 || looks == 750, "M-WAIT-SLEEP", what, "it comes seconds later");
}

static void gives_up(struct check *c, struct wait_case *w, const char *why)
{
	expect_in_time(c, w, check_text(c, "an error at once: %s", why));
	struct said s = said(c, w->r, 1500, "M-WAIT-FOREVER");
	check_that(c, !s.success, "M-WAIT-HOPELESS", check_text(c, "an error: %s", why), "it returned %d",
		s.error);
	check_that(c, strstr(s.text, w->name) != NULL, NULL,
		check_text(c, "the message names the container %s", w->name), "\"%s\"", s.text);
	box_close(w->b);
}

static void check_wait(struct check *c)
{
	struct wait_case w = waiting(c, "service_healthy", "running", "starting");
	still_waits(c, &w, "M-WAIT-RUNNING", "it runs, and its health is starting");
	STAGE(c, w.b, "health", w.name, "healthy");
	returns(c, &w, "M-WAIT-SLEEP", "its health check has succeeded");
	w = waiting(c, "service_healthy", "created", NULL);
	still_waits(c, &w, "M-WAIT-CREATED", "it was not started yet");
	STAGE(c, w.b, "begin", w.name);
	gives_up(c, &w, "it was started and has no health check");
	w = waiting(c, "service_healthy", "running", "starting");
	STAGE(c, w.b, "health", w.name, "unhealthy");
	gives_up(c, &w, "it is unhealthy");
	w = waiting(c, "service_healthy", "running", "starting");
	STAGE(c, w.b, "end", w.name, "0");
	gives_up(c, &w, "it has ended");
	w = waiting(c, "service_healthy", "running", "starting");
	STAGE(c, w.b, "gone", w.name);
	gives_up(c, &w, "it was removed");
	w = waiting(c, "service_completed_successfully", "created", NULL);
	still_waits(c, &w, "M-WAIT-CREATED", "it was not started yet");
	STAGE(c, w.b, "begin", w.name);
	STAGE(c, w.b, "health", w.name, "unhealthy");
	still_waits(c, &w, "M-WAIT-COMPLETED", "it runs (unhealthy, but its end was asked for)");
	STAGE(c, w.b, "end", w.name, "0");
	returns(c, &w, "M-WAIT-COMPLETED", "it has ended with 0");
	w = waiting(c, "service_completed_successfully", "running", NULL);
	STAGE(c, w.b, "end", w.name, check_text(c, "%d", (int)check_number(c, 1, 120)));
	gives_up(c, &w, "it has ended with another code");
	w = waiting(c, "service_started", "created", NULL);
	STAGE(c, w.b, "gone", w.name);
	gives_up(c, &w, "it was removed");
	w = waiting(c, "service_started", "created", NULL);
	still_waits(c, &w, "M-WAIT-CREATED", "it was not started yet");
	STAGE(c, w.b, "begin", w.name);
	returns(c, &w, NULL, "it was started");
	w = waiting(c, "service_started", "ended", NULL);
	returns(c, &w, "M-WAIT-STARTED", "it was started, whatever became of it");
	check_note_predicted(
		c, 'n', "depends_on: [db] alone means \"after the start of db's program\", and that is all");
}

/* --- 09.3 --- */

enum { LIVING = 6 };

struct scene {
	struct box *b;
	char *names[LIVING]; /* containers that run: processes of this name */
	pid_t pids[LIVING];
	int n;
};

static void scene_open(struct check *c, struct scene *s, char *const running[])
{
	*s = (struct scene){ .b = box_open(c, NULL) };
	for (; running[s->n]; s->n++) {
		s->names[s->n] = running[s->n];
		struct run *r = box_start(s->b, RUN("/lab/probe", "hold", running[s->n]));
		s->pids[s->n] = probe_wait(s->b, r, running[s->n], 2000);
	}
}

static void plan(struct check *c, struct scene *s, const char *const words[])
{
	char **argv = NULL;
	struct buf shown = { 0 };
	strv_push(&argv, DRIVE);
	strv_push(&argv, "reconcile");
	strv_push(&argv, "answer");
	for (size_t i = 0; words[i]; i++) {
		strv_push(&argv, words[i]);
		buf_addf(&shown, " %s", words[i]);
	}
	struct run *r = start_words(s->b, argv);
	check_ran(c,
		"drive reconcile answer%s    (w:SERVICE:SCALE:HASH:IMAGE, h:SERVICE:NUMBER:HASH:IMAGE:STATE)",
		buf_take(&shown));
	struct said a = said(c, r, 4000, NULL);
	succeeds(c, &a, NULL);
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
}

static void kept(struct check *c, struct scene *s, int i, const char *misread, const char *why)
{
	pid_t now = probe_find(s->b, s->names[i]);
	check_that(c, now == s->pids[i], misread, check_text(c, "%s keeps its process: %s", s->names[i], why),
		now ? "another process runs in its place" : "it is gone");
}

static void anew(struct check *c, struct scene *s, int i, const char *misread, const char *why)
{
	pid_t now = probe_find(s->b, s->names[i]);
	check_that(c, now && now != s->pids[i], misread,
		check_text(c, "%s is made anew: %s", s->names[i], why),
		now ? "its old process runs on" : "it is gone");
}

static void there(
	struct check *c, struct scene *s, const char *name, bool wanted, const char *misread, const char *why)
{
	bool is = probe_find(s->b, name) != 0;
	check_that(c, is == wanted, misread,
		check_text(c, "%s %s: %s", name, wanted ? "runs" : "does not run", why),
		is ? "it does" : "it does not");
}

static void count(struct check *c, struct scene *s, int want)
{
	pid_t *pids;
	int n = box_processes(s->b, &pids);
	check_int(c, "M-REC-TWICE", "processes afterwards", want, n);
	box_end(s->b);
	box_close(s->b);
}

#define PLAN(c, s, ...) plan(c, s, (const char *const[]){ __VA_ARGS__, NULL })

/* Two that do not run: the one of an older model has to be made anew, not started with its old model. */
static void changed_and_ended(struct check *c, const char *web, const char *h, const char *old)
{
	struct scene s;
	scene_open(c, &s, (char *const[]){ NULL });
	PLAN(c, &s, check_text(c, "w:%s:1:%s:", web, h), check_text(c, "h:%s:1:%s::end:-", web, old));
	char *name = check_text(c, "%s-1", web);
	pid_t pid = probe_find(s.b, name);
	char **line = pid ? ev_cmdline(c, pid) : NULL;
	check_str(c, "M-REC-ENDED", check_text(c, "the model that %s runs with (it had ended, and the file has changed)", name), h,
		strv_len(line) > 3 ? line[3] : "none");
	count(c, &s, 1);
}

/* What else decides: forced, kept and renew of the wanted service; a scale of 0; the order across services. */
static void special_wishes(struct check *c, const char *h, const char *old)
{
	struct scene s;
	static const char *const wishes[] = { "forced", "kept", "renew" };
	char *name[5], *w[5], *have[5];
	for (int i = 0; i < 5; i++) {
		char *service = check_word(c);
		name[i] = check_text(c, "%s-1", service);
		w[i] = check_text(c, "w:%s:%d:%s::%s", service, i != 4, h, i < 3 ? wishes[i] : "-");
		have[i] = check_text(c, "h:%s:1:%s:%s:run:-", service, i == 1 ? old : h, h);
	}
	scene_open(c, &s, (char *const[]){ name[0], name[1], name[2], name[4], NULL });
	PLAN(c, &s, w[3], w[0], w[1], w[2], w[4], have[0], have[1], have[2], have[4]);
	anew(c, &s, 0, "M-REC-WISH", "the model says forced");
	kept(c, &s, 1, "M-REC-WISH", "it differs, and the model says kept");
	anew(c, &s, 2, "M-REC-WISH", "the model says renew");
	there(c, &s, name[3], true, NULL, "it is missing");
	check_that(c, born(c, s.b, name[3]) < born(c, s.b, name[0]), "M-REC-ORDER",
		check_text(c, "%s stands first in what is wanted, so it starts first", name[3]), "%s was started first", name[0]);
	there(c, &s, name[4], false, "M-REC-SCALE", "its scale is 0");
	count(c, &s, 4);
}

static void check_reconcile(struct check *c)
{
	struct scene s;
	char *web = check_word(c), *db = check_word(c), *h = check_word(c), *old = check_word(c),
	     *i = check_word(c), *j = check_word(c);
	char *web1 = check_text(c, "%s-1", web), *web2 = check_text(c, "%s-2", web),
	     *web3 = check_text(c, "%s-3", web), *web5 = check_text(c, "%s-5", web),
	     *db1 = check_text(c, "%s-1", db), *web9 = check_text(c, "%s-9", web);
	char *w1 = check_text(c, "w:%s:1:%s:%s", web, h, i), *w2 = check_text(c, "w:%s:2:%s:%s", web, h, i),
	     *d1 = check_text(c, "w:%s:1:%s:", db, h);
	char *hd = check_text(c, "h:%s:1:%s:%s:run:-", db, h, j),
	     *h1 = check_text(c, "h:%s:1:%s:%s:run:-", web, h, i),
	     *h2 = check_text(c, "h:%s:2:%s:%s:run:-", web, h, i),
	     *h9 = check_text(c, "h:%s:9:%s:%s:run:oneoff", web, old, i);

	scene_open(c, &s, (char *const[]){ db1, web1, web2, web9, NULL });
	PLAN(c, &s, w2, d1, hd, h1, h2, h9);
	for (int k = 0; k < 4; k++)
		kept(c, &s, k, "M-REC-ALL", k == 3 ? "it is of `compose run`" : "nothing has changed");
	count(c, &s, 4);

	scene_open(c, &s, (char *const[]){ db1, web1, web2, NULL });
	PLAN(c, &s, w2, d1, hd, h1, check_text(c, "h:%s:2:%s:%s:run:-", web, old, i));
	kept(c, &s, 0, "M-REC-ALL", "it is another service");
	kept(c, &s, 1, "M-REC-ALL", "it fits");
	anew(c, &s, 2, "M-REC-NAME", "it was made from another model");
	count(c, &s, 3);

	scene_open(c, &s, (char *const[]){ db1, web1, NULL });
	PLAN(c, &s, w1, d1, hd, check_text(c, "h:%s:1:%s:%s:run:-", web, h, j));
	kept(c, &s, 0, "M-REC-ALL", "no image is known for it, so that is no reason");
	anew(c, &s, 1, "M-REC-IMAGE", "the name of its image means another image now");
	count(c, &s, 2);

	scene_open(c, &s, (char *const[]){ web1, NULL });
	PLAN(c, &s, w2, h1, check_text(c, "h:%s:2:%s:%s:end:-", web, h, i));
	kept(c, &s, 0, "M-REC-ALL", "it fits");
	there(c, &s, web2, true, "M-REC-STOPPED", "it had ended, and is started again");
	count(c, &s, 2);
	changed_and_ended(c, web, h, old);
	special_wishes(c, h, old);

	scene_open(c, &s, (char *const[]){ web1, web3, NULL });
	PLAN(c, &s, d1, check_text(c, "w:%s:4:%s:%s", web, h, i), h1,
		check_text(c, "h:%s:3:%s:%s:run:-", web, h, i));
	kept(c, &s, 0, "M-REC-ALL", "it fits");
	kept(c, &s, 1, "M-REC-ALL", "it fits");
	there(c, &s, web2, true, "M-REC-NUMBER", "the lowest number that is free");
	there(c, &s, check_text(c, "%s-4", web), true, "M-REC-NUMBER", "the next number that is free");
	check_that(c, born(c, s.b, db1) < born(c, s.b, web2), "M-REC-ORDER",
		check_text(c, "%s stands first in what is wanted, so it starts first", db),
		"%s was started first", web2);
	count(c, &s, 5);

	scene_open(c, &s, (char *const[]){ web1, web2, web5, db1, NULL });
	PLAN(c, &s, w2, h1, h2, check_text(c, "h:%s:5:%s:%s:run:-", web, h, i), hd);
	kept(c, &s, 0, "M-REC-HIGHEST", "the highest number goes");
	kept(c, &s, 1, "M-REC-HIGHEST", "the highest number goes");
	there(c, &s, web5, false, "M-REC-SCALE", "two are wanted, and it has the highest number");
	kept(c, &s, 3, "M-REC-OTHERS", "what is wanted does not speak of its service");
	count(c, &s, 3);
}

/* --- 09.4 --- */

static const char *const down_model = "services:\n"
				      "  db: {image: x}\n"
				      "  app: {image: x, depends_on: [db]}\n"
				      "  web: {image: x, depends_on: [app]}\n";

static void plant_service(
	struct check *c, struct box *b, const char *project, const char *service, const char *oneoff)
{
	STAGE(c, b, "plant", check_text(c, "%s-%s-1", project, service), "running",
		check_text(c, "com.docker.compose.project=%s", project),
		check_text(c, "com.docker.compose.service=%s", service),
		"com.docker.compose.container-number=1",
		check_text(c, "com.docker.compose.oneoff=%s", oneoff));
}

static struct box *plant_project(struct check *c, const char *project)
{
	struct box *b = box_open(c, NULL);
	static const char *const services[] = { "db", "app", "web" };
	box_mkdir(b, "/work/root", 0755);
	box_write(b, "/work/compose.yaml", down_model, 0644);
	box_write(b, "/work/log", "", 0666);
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		plant_service(c, b, project, services[i], "False");
	STAGE(c, b, "network", check_text(c, "%s_default", project), project);
	STAGE(c, b, "volume", check_text(c, "%s_data", project), project);
	return b;
}

static struct said down(struct check *c, struct box *b, const char *project, const char *flags)
{
	struct run *r = box_start(b, RUN(DRIVE, "down", "answer", project, flags));
	check_ran(c, "drive down answer %s %s    (v: volumes, too; m: with the file)", project, flags);
	struct said s = said(c, r, 15000, NULL);
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	return s;
}

static bool container_there(struct box *b, const char *name)
{
	char path[200];
	snprintf(path, sizeof(path), "/work/root/names/%s", name);
	return box_inode(b, path, NULL) != 0;
}

static void gone(struct check *c, struct box *b, const char *name, const char *misread)
{
	check_that(c, !container_there(b, name), misread, check_text(c, "the container %s is gone", name),
		"its record is there");
}

static void stays(struct check *c, struct box *b, const char *name, const char *misread, const char *why)
{
	check_that(c, container_there(b, name), misread,
		check_text(c, "the container %s stays: %s", name, why), "it is gone");
}

static bool network_there(struct check *c, struct box *b, const char *name)
{
	char **ids = box_names(b, "/work/root/networks");
	for (size_t i = 0; ids[i]; i++) {
		char *text = box_read(b, check_text(c, "/work/root/networks/%s/network.json", ids[i]));
		if (text && strstr(text, check_text(c, "\"%s\"", name)))
			return true;
	}
	return false;
}

static bool volume_there(struct check *c, struct box *b, const char *name)
{
	return box_exists(b, check_text(c, "/work/root/volumes/%s/data", name));
}

/* Line numbers in /work/log: who was told to end, and who had ended, in this order. */
static long line_of(const char *log, const char *line)
{
	const char *at = log ? strstr(log, line) : NULL;
	return at ? at - log : -1;
}

static void dies_before(
	struct check *c, struct box *b, const char *project, const char *first, const char *second)
{
	char *log = box_read(b, "/work/log");
	long ended = line_of(log, check_text(c, "%s-%s-1 ended", project, first)),
	     told = line_of(log, check_text(c, "%s-%s-1 told", project, second));
	check_evidence(c, "%s", log ? log : "");
	check_that(c, told >= 0 && ended >= 0, "M-DOWN-KILL",
		check_text(c, "%s and %s are told to end, and have time for it", first, second),
		"they were not: %s", log ? log : "");
	check_that(c, ended < told, "M-DOWN-ORDER",
		check_text(c, "%s needs %s, so it has ended before %s is told", first, second, second),
		"%s was told before %s had ended", second, first);
}

static void check_down(struct check *c)
{
	char *p = check_word(c), *q = check_word(c), *x = check_word(c);
	struct box *b = plant_project(c, p);
	x = check_text(c, "%s_%s", p, x); /* the name of the project's, and no label */
	plant_service(c, b, q, "db", "False");
	STAGE(c, b, "volume", check_text(c, "%s_data", q), q);
	plant_service(c, b, p, "once", "True");
	plant_service(c, b, p, "former", "False");
	STAGE(c, b, "plant", check_text(c, "%s-db-9", p), "running"); /* its name only: another program's */
	STAGE(c, b, "network", check_text(c, "%s_net", q), q);
	STAGE(c, b, "network", x, "-");
	STAGE(c, b, "volume", x, "-");
	box_write(b, check_text(c, "/work/root/volumes/%s_data/data/kept", p), x, 0644);
	struct said s = down(c, b, p, "m");
	succeeds(c, &s, NULL);
	gone(c, b, check_text(c, "%s-web-1", p), NULL);
	gone(c, b, check_text(c, "%s-app-1", p), NULL);
	gone(c, b, check_text(c, "%s-db-1", p), NULL);
	dies_before(c, b, p, "web", "app");
	dies_before(c, b, p, "app", "db");
	stays(c, b, check_text(c, "%s-db-1", q), "M-DOWN-OTHERS", "it is another project's");
	stays(c, b, check_text(c, "%s-once-1", p), "M-DOWN-ONEOFF", "it is of `compose run`");
	stays(c, b, check_text(c, "%s-former-1", p), "M-DOWN-ORPHANS",
		"its service is not in the file, and orphans were not asked for");
	stays(c, b, check_text(c, "%s-db-9", p), "M-DOWN-NAME", "it has the name, not the label");
	check_that(c, !network_there(c, b, check_text(c, "%s_default", p)), "M-DOWN-NETWORK",
		"the project's network is gone", "it is there");
	check_that(c, network_there(c, b, check_text(c, "%s_net", q)) && network_there(c, b, x),
		"M-DOWN-OTHERS", "other networks stay", "one is gone");
	check_str(c, "M-DOWN-DATA", "a file in the project's volume", x,
		box_read(b, check_text(c, "/work/root/volumes/%s_data/data/kept", p)));
	s = down(c, b, p, "mo");
	gone(c, b, check_text(c, "%s-former-1", p), "M-DOWN-ORPHANS");
	stays(c, b, check_text(c, "%s-once-1", p), "M-DOWN-ONEOFF", "it is of `compose run`, no orphan");
	stays(c, b, check_text(c, "%s-db-1", q), "M-DOWN-OTHERS", "it is another project's, no orphan");
	s = down(c, b, p, "mv");
	succeeds(c, &s, "M-DOWN-NOTHING");
	check_that(c, !volume_there(c, b, check_text(c, "%s_data", p)), "M-DOWN-NOVOLUMES",
		"with volumes: the project's volume is gone", "it is there");
	check_that(c, volume_there(c, b, x), "M-DOWN-NAME", check_text(c, "the volume %s stays: no label", x), "it is gone");
	check_that(c, volume_there(c, b, check_text(c, "%s_data", q)), "M-DOWN-OTHERS", "another project's volume stays", "it is gone");
	box_end(b);
	box_close(b);

	b = plant_project(c, p); /* no file: by label alone */
	plant_service(c, b, p, "former", "False");
	plant_service(c, b, p, "once", "True");
	plant_service(c, b, q, "db", "False");
	s = down(c, b, p, "-");
	succeeds(c, &s, NULL);
	stays(c, b, check_text(c, "%s-once-1", p), "M-DOWN-ONEOFF", "it is of `compose run`");
	stays(c, b, check_text(c, "%s-db-1", q), "M-DOWN-OTHERS", "it is another project's");
	gone(c, b, check_text(c, "%s-db-1", p), "M-DOWN-LABEL");
	gone(c, b, check_text(c, "%s-former-1", p), "M-DOWN-LABEL");
	STAGE(c, b, "gone", check_text(c, "%s-once-1", p));
	s = down(c, b, p, "-");
	succeeds(c, &s, "M-DOWN-NOTHING");
	box_end(b);
	box_close(b);

	b = plant_project(c, p); /* web's files cannot be removed: a mount is in them */
	char **ids = box_names(b, "/work/root/containers");
	for (size_t i = 0; ids[i]; i++) {
		char *text = box_read(b, check_text(c, "/work/root/containers/%s/container.json", ids[i]));
		if (!text || !strstr(text, check_text(c, "%s-web-1", p)))
			continue;
		box_mkdir(b, check_text(c, "/work/root/containers/%s/held", ids[i]), 0755);
		box_mount(
			b, "held", check_text(c, "/work/root/containers/%s/held", ids[i]), "tmpfs", 0, NULL);
	}
	s = down(c, b, p, "mv");
	check_that(c, !s.success, "M-DOWN-SILENT", "an error: web's files cannot be removed",
		"it returned %d", s.error);
	gone(c, b, check_text(c, "%s-db-1", p), "M-DOWN-FIRST");
	gone(c, b, check_text(c, "%s-app-1", p), "M-DOWN-FIRST");
	check_that(c, !network_there(c, b, check_text(c, "%s_default", p)), "M-DOWN-FIRST",
		"the network goes all the same", "it is there");
	check_that(c, !volume_there(c, b, check_text(c, "%s_data", p)), "M-DOWN-FIRST",
		"the volume goes all the same", "it is there");
	box_end(b);
}

const struct check_entry lab_09_checks[] = {
	{ "09.1", check_order },
	{ "09.2", check_wait },
	{ "09.3", check_reconcile },
	{ "09.4", check_down },
	{ 0 },
};
