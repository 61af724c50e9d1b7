/*
 * checking.h - the record of one check and the running check behind check.h. For the grader's own files.
 *
 * A record is a fixed struct in memory shared by the runner and its forked test (mmap(2) MAP_SHARED): it
 * survives a failed assertion, a crash and a timeout. Its verdict is the last thing a test writes; NONE
 * means the grader went wrong.
 */
#ifndef MC_LEARN_CHECKING_H
#define MC_LEARN_CHECKING_H

#include "learn/box/box.h"
#include "learn/check.h"

enum verdict {
	VERDICT_NONE,
	VERDICT_OK,
	VERDICT_FAIL,
	VERDICT_TODO,
	VERDICT_WAIT,
	VERDICT_ENV,
	VERDICT_TROUBLE
};

enum { EVIDENCE_MAX = 64 << 10, RECORD_BOXES = 16 };

struct record {
	char task[8]; /* "01.4" */
	enum verdict verdict;
	char ran[512]; /* what can be pasted */
	char expected[512];
	char got[1024];
	char misread[32];    /* "M-PIVOT-1"; empty: none shown */
	char note[256];      /* behind ok */
	char reason[512];    /* of todo, wait, env and trouble */
	char look_file[256]; /* `look at`; empty: the head of the function */
	int look_line;
	char crash[600]; /* what a crashed program told: "11 5a0 -20 ..." (crash.h); empty: none */
	char crash_program[64];
	bool crashed; /* look_file and look_line are where */
	uid_t base
		[RECORD_BOXES]; /* first ids of the boxes made: whatever still has such an id is a leftover */
	unsigned boxes;
	unsigned unremoved; /* boxes of which something is still on the host */
	double ms;          /* the whole check */
	size_t evidence_len;
	char evidence[EVIDENCE_MAX];
};

struct check {
	const char *task;
	struct record *record;
	const struct box_paths *paths;
	uint64_t random; /* state of the generator of planted values */
	uint32_t seed;
	char predicted;
	const char *lab_word;
	pid_t runner; /* named in the cgroups of this run */
	const char *
		fds_misread; /* what a descriptor left open means in this check; NULL: M-ANY-FDS and M-ANY-CLOEXEC */
	unsigned boxes_made;
	struct box *boxes;   /* open ones */
	const char *busybox; /* host file, NULL when there is none */
};

/* Maps n records; they live until the process ends. */
struct record *records_new(size_t n);
const char *verdict_name(enum verdict v); /* "ok", "FAIL" ... */
/* Takes over a heap string until the check's process ends. Returns it. */
char *check_keep(struct check *c, char *s);
/* The last act of a check that came through: closes boxes, writes ok. */
void check_finish(struct check *c);
/* Takes control characters and bytes that are not UTF-8 out, in place: what a program printed must not drive
 * a terminal or spoil a report. Newlines and tabs stay. */
char *text_plain(char *text);
/* What box_run and box_start know better than the author: fills ran unless it is set. */
void check_ran_default(struct check *c, const char *const argv[]);

#endif
