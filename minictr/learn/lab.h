/*
 * lab.h - what a lab is: labs/NN-word/lab.ini, its owned files and tasks; and where everything of a learner
 * lies.
 */
#ifndef MC_LEARN_LAB_H
#define MC_LEARN_LAB_H

#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
#include "learn/check.h"
#include "learn/ini.h"

enum { LAB_TASKS = 12, LAB_FILES = 4 };

struct lab_file {
	char *name;   /* as in lab.ini: "runtime/rootfs.c", "labs/00-hello/hello.c" */
	char *source; /* the reference, below the top directory: "minictr/runtime/rootfs.c" */
	char *work;   /* the learner's, below it: "work/01-chroot/rootfs.c" */
	char *stem;   /* "rootfs": names the interface symbol */
};

struct lab_task {
	char id[8];         /* "01.4" */
	char *function;     /* owned */
	char *title, *todo; /* todo NULL: not begun */
	bool as_is;         /* the starter keeps the body; todo while it is unchanged */
	int points, seconds;
	char **needs;          /* ids of earlier tasks */
	char **features;       /* of the machine, the lab's included */
	const char *exempt;    /* text of the stock mutants that cannot apply, or NULL */
	int file;              /* index of the owned file that holds the function; -1 not found */
	int line;              /* of the function in the learner's file or, not started, in the reference */
	check_function *check; /* NULL: none written */
};

struct lab {
	char number[4]; /* "01" */
	char *name;     /* "01-chroot" */
	char *dir;      /* "labs/01-chroot" */
	char *title, *tutorial;
	char *predict; /* question or NULL */
	char predict_answer;
	int minutes, interface;
	char **programs; /* "drive", "minictr-oci" */
	struct lab_file file[LAB_FILES];
	int files;
	struct lab_task task[LAB_TASKS];
	int tasks;
	struct ini *ini, *misread, *misread_common;
};

/* Something of the learner's stands in the function's place. */
bool lab_task_begun(const struct lab *l, const struct lab_task *t);
/* --- top.c --- */
/* Every path of the structs above is below the top directory (the checkout); the tool changes its directory
 * to it. */
int top_enter(struct mc_err *err); /* finds it from the executable, or MINICTR_TOP */
/* The build directory below it that this tool was built into: "build", "build/asan". The learner's is its
 * "mine". */
const char *build_folder(void);

/* --- lab.c --- */
/* number: "1", "01" or "01-chroot". Caller keeps *ret. -ENOENT lists what there is. */
int lab_load(const char *number, struct lab **ret, struct mc_err *err);
/* Names of all labs ("00-hello" ...), in order; caller strv_free()s. */
char **lab_names(void);
/* The sentence of a misconception: the lab's own misread.ini, then labs/misread.ini. NULL: none. */
const char *lab_misread(const struct lab *l, const char *id);
struct lab_task *lab_task(struct lab *l, const char *id); /* NULL when the lab has none of this id */
int lab_points(const struct lab *l);
/* The checks compiled into this tool (generated table); NULL when the lab has none. */
const struct check_entry *lab_checks(const char *number);

/* --- people: work and progress belong to the calling user, also under sudo --- */
struct person {
	uid_t uid;
	gid_t gid;
	char *name, *home;
};
const struct person *person(void);
/* Drops to the person for good (a child that will exec); no-op for an unprivileged user. 0 or -errno. */
int person_become(struct mc_err *err);
/* Does deed(arg) in a child that is the person; its error comes back over a pipe. */
int person_do(int (*deed)(void *arg, struct mc_err *err), void *arg, struct mc_err *err);
/* mkdir -p and write, as owner; path below the top directory. */
int person_mkdir(const char *path, struct mc_err *err);
int person_write(const char *path, const char *text, struct mc_err *err);
/* Runs argv as the person; its stdout+stderr in *ret_out when not NULL. Exit status, or -errno. */
int person_run(char *const argv[], struct buf *ret_out, struct mc_err *err);

#endif
