/*
 * parse.h - what parse.c and the shapes of arguments (parse_words.c, parse_flags.c) share.
 */
#ifndef MC_BUILD_PARSE_H
#define MC_BUILD_PARSE_H

#include "build/lexer.h"

struct parse {
	struct lexer lx;
	struct dockerfile *d;
	struct problems *problems;
	struct instruction *i; /* the instruction being read */
	size_t args_at;        /* offset of i->args in i->line */
};

/* The kinds of values a flag takes. */
enum flag_type { FLAG_NONE, FLAG_TEXT, FLAG_MANY, FLAG_BOOL, FLAG_TIME, FLAG_COUNT };
struct flag_rule {
	const char *name;
	enum flag_type type;
};

/* One row for each instruction: the whole grammar at a glance. */
struct instruction_rule {
	const char *name;
	enum instruction_kind kind;
	void (*words)(struct parse *p); /* shape of its arguments */
	bool heredoc;                   /* may have bodies below it */
	bool trigger;                   /* may stand behind ONBUILD */
	struct flag_rule flags[8];      /* ends at a NULL name */
};
const struct instruction_rule *instruction_rule(enum instruction_kind kind);

/* A problem (problems.c) at an offset of the instruction's line; length: bytes to underline. */
void parse_problem(struct parse *p, size_t offset, size_t length, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Takes the flags in front of the arguments; returns the offset behind them. (parse_flags.c) */
size_t parse_flags(struct parse *p, const struct instruction_rule *rule, size_t offset);

/* Shapes (parse_words.c): fill words, exec_form ... of p->i from the text behind keyword and flags. */
void words_list(struct parse *p);    /* COPY ADD VOLUME: JSON, or split at blanks */
void words_command(struct parse *p); /* RUN CMD ENTRYPOINT: JSON, or the text as one word */
void words_shell(struct parse *p);   /* SHELL: JSON only */
void words_pairs(struct parse *p);   /* ENV LABEL */
void words_names(struct parse *p);   /* ARG */
void words_split(struct parse *p);   /* EXPOSE */
void words_from(struct parse *p);    /* FROM image [AS name] */
void words_one(struct parse *p);     /* USER WORKDIR STOPSIGNAL MAINTAINER */
void words_health(struct parse *p);  /* HEALTHCHECK NONE | CMD ... */
void word_push(struct parse *p, const char *text, size_t len, size_t offset);

/*
 * Are the words of a RUN --mount as they should be? Those with variables are passed over.
 * (run_mount_words.c)
 */
int run_mount_check(const char *words, struct mc_err *err);

#endif
