/*
 * checks.c - lab 10: which row a path found, bytes as they came through a pipe, what a played container and client saw, which engine
 * was chosen, and what is true of containers when their daemon starts again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";

/* The drive program holds after a success: its words behind "probe hold WORD". The check ends here when it ended instead. */
static char **held(struct check *c, struct run *r, const char *what)
{
	for (unsigned waited = 0; waited < 6000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 2 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return line + 3;
		if (box_wait(r, 10))
			break;
	}
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 6 seconds");
	check_fail(c, NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static void end_of(struct box *b, struct run *r)
{
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

static void fails_with(struct check *c, struct run *r, int error, const char *why)
{
	check_that(c, r->code == error, "M-ANY-IGNORED", check_text(c, "-%s when %s", strerrorname_np(error), why),
		r->timed_out ? "it did not end" : "the drive's exit status is %d", r->code);
}

/* --- 10.1 --- */

static void route_case(struct check *c, struct box *b, const char *method, const char *path, const char *op,
	const char *name, const char *api, const char *wrong, const char *misread)
{
	char *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "route", word, method, path));
	check_ran(c, "drive route %s %s %s", word, method, path);
	char **answer = held(c, r, "route_match");
	if (strv_len(answer) < 4)
		check_fail(c, NULL, "four words", "%zu", strv_len(answer));
	check_str(c, misread, check_text(c, "operation of %s %s", method, path), op, answer[0]);
	/* "web/json" for "web": the version is no cause of that. */
	const char *of_name = str_starts(answer[1], name) ? "M-DAE-NAME" : misread;
	if (!str_eq(op, "none"))
		check_str(c, of_name, check_text(c, "name in %s", path), name, answer[1]);
	check_str(c, misread, check_text(c, "API version of %s", path), api, answer[2]);
	check_str(c, str_eq(wrong, "405") ? "M-DAE-404" : str_eq(op, "none") ? NULL : "M-DAE-STICKS",
		check_text(c, "the path is known with another method (405, not 404)"), wrong, answer[3]);
	end_of(b, r);
}

static void check_route(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *tag = check_word(c);
	char *api = check_text(c, "%u", (unsigned)check_number(c, 25, 46));
	char *image = check_text(c, "%s.example:5000/%s/json", name, tag);
	route_case(c, b, "GET", check_text(c, "/v1.%s/containers/%s/json", api, name), "containers.inspect",
		name, api, "-", "M-DAE-VERSION");
	route_case(c, b, "GET", check_text(c, "/containers/%s/json", name), "containers.inspect", name, "47",
		"-", "M-DAE-VERSION");
	route_case(c, b, "GET", "/containers/json", "containers.list", "-", "47", "-", NULL);
	route_case(
		c, b, "GET", check_text(c, "/v1.%s/version", api), "version", "-", api, "-", "M-DAE-VERSION");
	route_case(c, b, "GET", check_text(c, "/containers/%s/jsonx", name), "none", "-", "47", "-",
		"M-DAE-PREFIX");
	route_case(c, b, "GET", check_text(c, "/containers/%s/%s/json", name, tag), "none", "-", "47", "-",
		"M-DAE-PREFIX");
	route_case(c, b, "GET", check_text(c, "/v1.%s/images/%s/json", api, image), "images.inspect", image,
		api, "-", "M-DAE-SLASH");
	route_case(c, b, "POST", check_text(c, "/containers/%s/json", name), "none", "-", "47", "405", NULL);
	route_case(c, b, "GET", check_text(c, "/%s", name), "none", "-", "47", "-", NULL);
	route_case(c, b, "GET", check_text(c, "/v1.%s/containers/%s/jsonx", api, name), "none", "-", api, "-",
		"M-DAE-VERSION");
	route_case(c, b, "GET", "/v0.9/version", "version", "-", "0", "-", "M-DAE-VERSION");
	route_case(c, b, "GET", "/v2.0/version", "version", "-", "9999", "-", "M-DAE-VERSION");
	route_case(c, b, "GET", "/containers//json", "none", "-", "47", "-", "M-DAE-PREFIX");
	route_case(c, b, "HEAD", check_text(c, "/containers/%s/json", name), "none", "-", "47", "405",
		"M-DAE-HEAD");
	/* Three methods share this path: the rows of the others come first, and say nothing about the last. */
	route_case(c, b, "PUT", check_text(c, "/containers/%s/archive", name), "archive.put", name, "47", "-",
		NULL);
	/* The longest name, and one byte more. */
	for (int len = 1023; len <= 1024; len++) {
		char *long_name = check_text(c, "%0*d", len, 7);
		bool fits = len < 1024;
		route_case(c, b, "GET", check_text(c, "/containers/%s/json", long_name),
			fits ? "containers.inspect" : "none", fits ? long_name : "-", "47", "-",
			"M-DAE-LONG");
	}
}

/* --- 10.2 --- */

static char *hex_of(struct check *c, const char *text, size_t times)
{
	size_t n = strlen(text);
	char *hex = check_text(c, "%*s", (int)(n * times * 2), "");
	for (size_t i = 0; i < n * times; i++)
		snprintf(hex + i * 2, 3, "%02x", (unsigned char)text[i % n]);
	return hex;
}

static void frame_case(struct check *c, struct box *b, int stream, const char *text, unsigned times)
{
	char *kind = check_text(c, "%d", stream), *count = check_text(c, "%u", times);
	unsigned n = (unsigned)strlen(text) * times;
	struct run *r = box_run(b, RUN(DRIVE, "frame", kind, text, count));
	check_ran(c, "drive frame %s %s %s", kind, text, count);
	check_that(c, r->code == 0, NULL, "stream_frame succeeds", "%s", run_failure(r));
	const char *got = box_read(b, "/work/out");
	got = got ? got : "";
	char *head = stream && n ? check_text(c, "%02x000000%08x", stream, n) : "";
	char *body = hex_of(c, text, times);
	size_t h = strlen(head);
	const char *misread =
		str_eq(head, "") ? "M-DAE-TERMINAL"
		: str_starts(got + 8 * (strlen(got) >= 16), check_text(c, "%02x%02x", n & 255, n >> 8 & 255))
			? "M-DAE-ENDIAN"
			: NULL;
	check_that(c, !strncmp(got, head, h), misread, check_text(c, "the header is \"%s\" (hex)", head),
		"it is \"%.16s\"", got);
	check_int(c, strlen(got) < h + n * 2 ? "M-DAE-SHORT" : misread, "bytes behind the header", n,
		strlen(got) >= h ? (int64_t)(strlen(got) - h) / 2 : 0);
	check_that(c, str_eq(got + h, body), NULL, "the bytes are those that were given", "they differ");
	box_expect_empty(b, NULL);
}

/* A length that needs all four bytes: the reader keeps the header alone. */
static void large_frame(struct check *c, struct box *b)
{
	unsigned n = (1 << 24) + (unsigned)check_number(c, 1, 65535);
	struct run *r = box_run(b, RUN(DRIVE, "frame-large", check_text(c, "%u", n)));
	check_ran(c, "drive frame-large %u", n);
	check_that(c, r->code == 0, NULL, "stream_frame succeeds", "%s", run_failure(r));
	const char *got = box_read(b, "/work/head");
	check_str(c, NULL, "the header (hex)", check_text(c, "02000000%08x", n), got ? got : "");
	box_expect_empty(b, NULL);
}

static void check_frame(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *text = check_word(c);
	frame_case(c, b, 1, text, 1);
	frame_case(c, b, 2, text, 33);
	frame_case(c, b, 0, text, 1);
	frame_case(c, b, 1, text, (unsigned)check_number(c, 8200, 9000));
	frame_case(c, b, 0, text, 4000);
	frame_case(c, b, 1, text, 0);
	large_frame(c, b);
	struct run *r = box_run(b, RUN(DRIVE, "frame-gone", "1", text));
	check_ran(c, "drive frame-gone 1 %s", text);
	fails_with(c, r, EPIPE, "the client is gone");
	box_expect_empty(b, NULL);
}

/* --- 10.3 --- */

static void check_pump(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *out = check_word(c), *error = check_word(c), *in = check_word(c), *after = check_word(c);
	char *code = check_text(c, "%u", (unsigned)check_number(c, 3, 99));
	struct run *r = box_start(b, RUN(DRIVE, "pump", code, out, error, in, after));
	bool ended = box_wait(r, 5000);
	check_ran(c, "drive pump %s %s %s %s %s", code, out, error, in, after);
	const char *typed = box_read(b, "/work/typed");
	check_str(c, NULL, "what the client sent, as the container saw it", in, typed ? typed : "");
	check_that(c, ended, "M-DAE-EOF", "the end of the client's input reaches the container",
		"it waits for it still");
	const char *awake = box_read(b, "/work/awake"), *rc = box_read(b, "/work/code");
	const char *got = box_read(b, "/work/out");
	char *first = check_text(c, "01000000%08x%s02000000%08x%s", (unsigned)strlen(out), hex_of(c, out, 1),
		(unsigned)strlen(error), hex_of(c, error, 1));
	char *all = check_text(c, "%s01000000%08x%s", first, (unsigned)strlen(after), hex_of(c, after, 1));
	/* How much came before the end of input was seen is the scheduler's choice: nothing, or any beginning. */
	bool cut = got && str_starts(all, got);
	check_that(c, got && str_eq(got, all), cut ? "M-DAE-HALF" : NULL,
		"the client has all output: before and after the end of its input",
		cut ? "what came after it is missing" : "other bytes came");
	check_str(c, NULL, "what attach_pump returns: the exit code", code, rc ? rc : "");
	check_that(c, awake && atoi(awake) < 6, "M-DAE-SPINS",
		"it sleeps while nothing happens (400 ms)", "looks at which it was awake, or times that it woke: %s",
		awake ? awake : "?");
	check_int(c, NULL, "exit status of the drive program", 0, r->code);
	box_expect_empty(b, NULL);

	b = box_open(c, NULL);
	char *count = check_text(c, "%u", (unsigned)check_number(c, 600, 900));
	r = box_start(b, RUN(DRIVE, "pump-full", code, count));
	ended = box_wait(r, 8000);
	check_ran(c, "drive pump-full %s %s", code, count);
	check_that(c, ended, "M-DAE-BLOCKS", "output flows while the container takes no input",
		"both wait for ever");
	check_int(c, NULL, "bytes of output that the client has", atoi(count) * 1000,
		box_bytes(b, "/work", "out") / 2);
	typed = box_read(b, "/work/typed");
	check_str(c, "M-DAE-DROPS", "bytes of input that the container has at last", "1048576", typed ? typed : "");
	box_expect_empty(b, NULL);

	r = box_run(b, RUN(DRIVE, "pump-detach", out));
	check_ran(c, "drive pump-detach %s   (the client types ctrl-p ctrl-q)", out);
	check_that(c, r->code == 0, "M-DAE-DETACH", "0 after the detach keys",
		r->timed_out ? "it did not end" : "%s", run_failure(r));
	box_expect_empty(b, NULL);
	r = box_run(b, RUN(DRIVE, "pump-lost", out));
	check_ran(c, "drive pump-lost %s   (the monitor dies without a last word)", out);
	check_that(c, r->code != 0 && !r->timed_out, "M-ANY-IGNORED", "an error when the monitor is gone",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);

	r = box_run(b, RUN(DRIVE, "pump-gone", out));
	check_ran(c, "drive pump-gone %s", out);
	check_that(c, r->code != 0 && !r->timed_out, "M-ANY-IGNORED", "an error when the client is gone",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 10.4 --- */

static void endpoint_case(struct check *c, struct box *b, const char *misread, const char *flag,
	const char *one, const char *two, const char *three, const char *kind, const char *text)
{
	char *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "endpoint", word, flag, one, two, three));
	check_ran(c, "drive endpoint %s '%s' %s %s %s", word, flag, one ? one : "", one && two ? two : "",
		one && two && three ? three : "");
	char **answer = held(c, r, "client_endpoint");
	if (strv_len(answer) < 2)
		check_fail(c, NULL, "two words", "%zu", strv_len(answer));
	check_str(c, misread, "the engine", kind, answer[0]);
	check_str(c, misread, "its address", text, answer[1]);
	end_of(b, r);
}

static void endpoint_wrong(struct check *c, struct box *b, const char *flag, const char *variable, const char *misread)
{
	struct run *r = box_run(b, RUN(DRIVE, "endpoint-wrong", flag, variable));
	check_ran(c, "drive endpoint-wrong %s %s", flag, variable ? variable : "");
	check_that(c, r->code == EINVAL, misread, "-EINVAL: this is no address, or no name of a context",
		"the drive's exit status is %d", r->code);
	box_expect_empty(b, NULL);
}

static void check_endpoint(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *f = check_text(c, "unix:///%s", check_word(c)),
	     *m = check_text(c, "tcp://%s:%u", check_word(c), (unsigned)check_number(c, 2000, 60000));
	char *d = check_text(c, "ssh://%s", check_word(c)), *x = check_word(c);
	char *mv = check_text(c, "MINICTR_HOST=%s", m), *dv = check_text(c, "DOCKER_HOST=%s", d),
	     *cv = check_text(c, "MINICTR_CONTEXT=%s", x);
	endpoint_case(c, b, "M-DAE-LOCAL", f, NULL, NULL, NULL, "unix", f);
	endpoint_case(c, b, "M-DAE-FLAG", f, dv, mv, cv, "unix", f);
	endpoint_case(c, b, "M-DAE-ORDER", "none", dv, mv, cv, "tcp", m);
	endpoint_case(c, b, "M-DAE-EMPTY", "none", "MINICTR_HOST=", dv, cv, "ssh", d);
	endpoint_case(c, b, "M-DAE-ORDER", "none", "MINICTR_HOST=", cv, NULL, "context", x);
	endpoint_case(c, b, "M-DAE-FLAG", "", dv, cv, NULL, "local", "this machine");
	endpoint_case(c, b, NULL, "none", "MINICTR_CONTEXT=default", NULL, NULL, "local", "this machine");
	endpoint_case(c, b, NULL, "none", check_text(c, "HOST=%s", m), NULL, NULL, "local", "this machine");
	endpoint_case(c, b, NULL, "none", "MINICTR_CONTEXT=", NULL, NULL, "local", "this machine");
	endpoint_case(c, b, NULL, "none", check_text(c, "MINICTR_HOST2=%s", m), NULL, NULL, "local", "this machine");
	char *address = check_text(c, "npipe:////%s", x);
	endpoint_wrong(c, b, address, NULL, "M-ANY-IGNORED");
	endpoint_wrong(c, b, "none", check_text(c, "DOCKER_HOST=%s", address), "M-ANY-IGNORED");
	endpoint_wrong(c, b, "none", check_text(c, "MINICTR_CONTEXT=../%s", x), "M-DAE-CONTEXT");
}

/* --- 10.5 --- */

/* 64 hex digits; the first one decides in which order a walk over sorted names meets them. */
static char *container_id(struct check *c, char first)
{
	char *id = check_text(c, "%016llx%016llx%016llx%016llx",
		(unsigned long long)check_number(c, 1, UINT64_MAX / 2),
		(unsigned long long)check_number(c, 1, UINT64_MAX / 2),
		(unsigned long long)check_number(c, 1, UINT64_MAX / 2),
		(unsigned long long)check_number(c, 1, UINT64_MAX / 2));
	*id = first;
	return id;
}

static void check_restore(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *gone = container_id(c, '4'),
	     *half = container_id(c, '2');
	struct run *r =
		box_start(b, RUN(DRIVE, "restore", word, container_id(c, '1'), container_id(c, '3'), gone,
				     container_id(c, '5'), half, container_id(c, '6')));
	char **answer = held(c, r, "daemon_restore");
	check_ran(c,
		"drive restore %s: two that run, one whose process is gone, one that ended, one half-made, "
		"one damaged",
		word);
	if (strv_len(answer) < 3)
		check_fail(c, NULL, "three words", "%zu", strv_len(answer));
	check_str(c, "M-DAE-KILLS", "the containers' programs", "alive", answer[2]);
	check_str(c, str_eq(answer[0], "0") ? "M-DAE-MEMORY" : atoi(answer[0]) < 4 ? "M-DAE-STOPS" : NULL, "containers found on disk", "4",
		answer[0]);
	check_str(c, str_eq(answer[1], "3") ? "M-DAE-BELIEVES" : NULL, "containers that run", "2", answer[1]);
	const char *repaired = box_read(b, "/work/repaired");
	check_that(c, repaired && strstr(repaired, gone), "M-DAE-BELIEVES",
		"the record whose process is gone is repaired", repaired ? "another one is" : "none is");
	check_that(c, repaired && !strchr(strchr(repaired, '\n') + 1, '\n'), NULL, "one repair, no more",
		"%s", repaired);
	check_that(c, box_exists(b, check_text(c, "/work/e/containers/%s", half)), "M-DAE-SWEEPS",
		"what is no container is passed over", "the half-made one is gone");
	check_note_predicted(c, 'n', "the program's parent is its monitor; the daemon only watches");
	end_of(b, r);
	r = box_run(b, RUN(DRIVE, "restore-none"));
	fails_with(c, r, EBADF, "the descriptor is none");
	box_expect_empty(b, NULL);
}

const struct check_entry lab_10_checks[] = {
	{ "10.1", check_route },
	{ "10.2", check_frame },
	{ "10.3", check_pump },
	{ "10.4", check_endpoint },
	{ "10.5", check_restore },
	{ 0 },
};
