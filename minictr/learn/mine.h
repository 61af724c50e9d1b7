/*
 * mine.h - from a learner's source to executables: compile as the learner, check the object, link "mine or
 * reference".
 */
#ifndef MC_LEARN_LINK_H
#define MC_LEARN_LINK_H

#include "learn/lab.h"

/* One owned file on its way into an executable. */
struct unit {
	const struct lab *lab;
	int file;
	char *source;   /* the learner's (or a mutant's) file; NULL: not begun, all reference */
	char *object;   /* of it */
	char *wrapper;  /* object of the reference under weak names */
	char *warnings; /* what the compiler warned of in it; NULL: nothing */
	char **todo;    /* owned functions not begun; all of them when source is NULL */
};

struct build {
	char *dir; /* executables: "build/mine/01" */
	struct unit unit[64];
	int units;
	struct ini *conf; /* build/gen/lab-link.ini: compiler, flags, libraries of each executable */
};

/* What the learner must read when something of theirs does not build. Filled with a plain text of several
 * lines. */
struct complaint {
	struct buf text;
};

int build_open(struct build *b, const char *dir, struct mc_err *err);
/* Adds an owned file. source NULL takes the reference alone. */
void build_add(struct build *b, const struct lab *l, int file, const char *source);
/* All owned files of a lab: the learner's where there is one in work/. */
void build_add_lab(struct build *b, const struct lab *l);
/* Compiles, checks and links programs (drive: labs/NN/drive.c of `l`). 0; 1 with *c when the learner's file
 * is at fault; -errno for everything else. */
int build_run(struct build *b, const struct lab *l, char *const programs[], struct complaint *c,
	struct mc_err *err);
bool build_is_todo(const struct build *b, const struct lab *l, const struct lab_task *t);
void build_close(struct build *b);
char **build_engine_programs(const struct build *b);
/* The executables of /lab/ref: build/bin and this lab's drive program, all reference. Caller frees
 * *ret_dir. */
int build_reference(struct lab *l, char **ret_dir, struct mc_err *err);

/* mine_check.c: the object defines exactly the owned functions, and nothing runs before main. 0, 1 or
 * -errno as above. */
int link_check(const struct unit *u, bool sanitized, struct complaint *c,
	struct mc_err *err); /* a sanitizer has constructors of its own */
/* Which owned functions still call the reference. Caller strv_free()s. */
char **link_todo(const struct unit *u);
/* After the link: each begun function in this executable is the learner's. 0, 1 or -errno as above. */
int link_is_mine(const struct build *b, const char *program, struct complaint *c, struct mc_err *err);

#endif
