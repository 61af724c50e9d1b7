/*
 * board.h - what is being made, started and removed right now: a live table on a terminal, plain lines in a
 * pipe.
 */
#ifndef MC_BASE_BOARD_H
#define MC_BASE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct board_row {
	char *what, *state; /* "Container shop-web-1", "Started" */
};

struct board {
	FILE *screen;       /* where it is drawn: the command line gives it */
	bool quiet;         /* nothing is drawn */
	bool live;          /* screen is a terminal that can move its cursor */
	int width, height;  /* of it */
	const char *prefix; /* in front of every row; borrowed, NULL: nothing */
	struct board_row *rows;
	size_t n, drawn; /* rows; lines on the screen */
	int in, out;     /* a pipe: child processes report through it */
};

void board_open(struct board *b, FILE *screen);
/* A row gets a state; a new row comes last. The same state again is not told. */
void board_set(struct board *b, const char *what, const char *state);
/* In a child process: the same, for the parent to draw. what and state together at most 500 bytes. */
void board_report(const struct board *b, const char *what, const char *state);
/* In the parent: draws what children have reported. Does not wait. */
void board_drain(struct board *b);
/* Other lines have been printed since: the next row begins a new table below them. */
void board_leave(struct board *b);
void board_close(struct board *b);

#endif
