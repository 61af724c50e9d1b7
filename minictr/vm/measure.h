/*
 * measure.h - `compare`: all measurements of one comparison, as one JSON document.
 *
 *     { "version": 1, "image": ..., "accelerator": "kvm"|"tcg", "accelerator_why": ..., "runs": N,
 *       "host_release": ..., "vm_kernel": ..., "machine": ..., "time": ..., "budget": BYTES,
 *       "rows": [ { "key": "first", "container": 3.1, "vm": 1500.2, "container_samples": [...], ... } ] }
 * A row has numbers ("container", "vm") or texts ("container_text", "vm_text"), or both; "note" says why one
 * could not be measured. What a row means is in compare_rows.c: a recorded document is shown by it, too.
 */
#ifndef MC_VM_MEASURE_H
#define MC_VM_MEASURE_H

#include "vm/compare.h"
#include "vm/vm.h"

struct compare_options {
	const char *image;
	char *const *command; /* NULL: none */
	const char *kernel, *accel;
	int runs;
	uint64_t memory;                /* of the machine, bytes */
	uint64_t budget;                /* of memory for "how many fit", bytes */
	int seconds;                    /* at most, for "how many fit" of one side */
	bool quick;                     /* no neighbours, no "how many fit", no ten disks */
	void (*tell)(const char *what); /* hears what is being measured; may be NULL */
};
/* Takes half a minute and more. The caller frees *ret. -EINTR: a signal ended it; all it started is gone. */
int compare_measure(
	struct vm_host *h, const struct compare_options *o, struct json **ret, struct mc_err *err);

/* --- what the files of the measurement share --- */
struct measuring {
	struct vm_host *h;
	const struct compare_options *o;
	struct json *rows;
	char *minictr, *probe_file; /* executables; owned */
	char tag[24];               /* begins the names of all that is started */
	char *held[2];              /* names of the container and the machine that hold; owned */
	struct probe side[2];       /* of the held ones, with the prefix of their exec */
	char **exec[2];             /* owned */
	bool warned;                /* what the engine warns of was said at the first start: not at each */
};
enum { SIDE_CONTAINER, SIDE_VM, SIDES };
enum { HELD_MIB = 64, HELD_PIDS = 200 }; /* limits of the held container (chapter 3), for the attacks */
extern const char *const side_names[SIDES];

/* --- measure_tools.c --- */
/* Runs `minictr WORDS...`, output into *ret (may be NULL). Returns its exit status; -EINTR after a signal. */
int measure_run(struct measuring *m, char *const words[], struct buf *ret, struct mc_err *err);
/* "minictr run ..." of one side: options, image, and the probe as program. Caller strv_free()s. */
char **measure_words(struct measuring *m, int side, char *const options[]);
/* A number for one side of row `key`. */
void measure_number(struct measuring *m, const char *key, int side, double value);
void measure_text(struct measuring *m, const char *key, int side, const char *text);
/* All measured times, in ns, beside the number of the row. */
void measure_samples(struct measuring *m, const char *key, int side, const uint64_t ns[], int n);
void measure_note(struct measuring *m, const char *key, const char *why);
/* One word of the probe in the held container or machine, its answer as a number. */
int measure_exec(struct measuring *m, int side, const char *word, double *ret, struct mc_err *err);
/* Starts a holding probe with `children`; its name must begin with m->tag. Returns when it holds. */
int measure_hold(struct measuring *m, int side, const char *name, char *const limits[], const char *children,
	struct probe *ret, struct mc_err *err);
/* Waits until the log of a container or machine has the word. */
int measure_wait_log(struct measuring *m, int side, const char *name, const char *word, struct mc_err *err);
void measure_interrupt(int signal); /* a handler of sigaction(2) */
bool measure_interrupted(void);

/* measure_neighbours.c, measure_crowd.c */
int measure_neighbours(struct measuring *m, struct mc_err *err);
int measure_crowd(struct measuring *m, struct mc_err *err);
int measure_disks(struct measuring *m, struct mc_err *err);

/* --- compare_rows.c --- */
struct compare_row {
	const char *key, *title, *unit;
	bool emulation_unfair; /* emulation, not the idea of a virtual machine, makes this number */
	bool guess;            /* --predict asks for the ratio */
	const char *sentence;  /* what the row shows, in plain words */
	const char *published; /* a figure of real hardware, with its source; NULL */
};
extern const struct compare_row compare_rows[];
extern const size_t compare_rows_count;
extern const char compare_source[]; /* the source of the published figures */
/* The row of the document with this key, NULL when it was not measured. */
const struct json *compare_find(const struct json *doc, const char *key);
/* A number of a row. False when it has none. */
bool compare_number(const struct json *row, const char *side, double *ret);
/* The document is a comparison and its rows have the right kinds; -EINVAL for a file that is none. */
int compare_check(const struct json *doc, struct mc_err *err);

#endif
