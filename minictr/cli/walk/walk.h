/*
 * walk.h - a recorded run of a command: its steps, their calls, and the kernel's facts before and after each.
 *
 * `explain --step` stops at each step, --record keeps the walk in a file, --replay goes through it on any
 * machine, --html and --svg draw it.
 */
#ifndef MC_CLI_WALK_WALK_H
#define MC_CLI_WALK_WALK_H

#include "cli/explain_lines.h"

#include "base/err.h"

struct walk {
	struct explain_lines lines;
	char **command; /* what was run, without "minictr" */
	char *kernel;   /* release of the kernel it ran on */
	/* --step */
	bool asks;    /* stop and wait for a key; false: take the facts and go on */
	bool opened;  /* the keys' descriptor is ours to close */
	int keys;     /* where keys come from: the terminal, else standard input; -1: nowhere any more */
	size_t width; /* of the terminal; 0: no lines are broken */
};

/* --- walk_record.c --- */
/* Makes w->lines stop at each step and keep the kernel's facts. With asks a person says when to go on. */
void walk_record(struct walk *w, bool asks);
void walk_release(struct walk *w);

/* --- walk_file.c: one JSON document --- */
int walk_save(const struct walk *w, const char *path, struct mc_err *err);
/* The file may come from anywhere: sizes are limited, texts are made printable. */
int walk_load(struct walk *w, const char *path, struct mc_err *err);
int walk_parse(struct walk *w, const char *text, size_t len, const char *name, struct mc_err *err);

/* --- walk_view.c --- */
/* Number of the step (from 1), and how many there are: those with a name. */
size_t walk_number(const struct walk *w, size_t step, size_t *ret_total);
/* What the step changed; what a new process has that its parent has not. Caller strv_free()s. */
char **walk_changes(const struct walk *w, size_t step, size_t most);
char **walk_birth(const struct walk *w, size_t step, size_t most);
/* One key: n (also Enter, blank, arrow right), b (arrow left), g, q ...; 'c' at the end of the input. */
int walk_key(int fd);
/* Forwards and backwards by keys; everything at once when standard input is no terminal and empty. */
void walk_replay(struct walk *w);

/* --- walk_page.c, walk_picture.c --- */
int walk_write_page(const struct walk *w, const char *path, struct mc_err *err);
int walk_write_picture(const struct walk *w, const char *path, struct mc_err *err);
/* Adds text with &, <, > and quotes escaped, as HTML and SVG want it. */
void walk_add_escaped(struct buf *out, const char *text);

#endif
