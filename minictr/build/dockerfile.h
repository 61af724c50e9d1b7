/*
 * dockerfile.h - a Dockerfile as typed data. Pure text to structs: nothing here makes a system call.
 *
 *     _cleanup_dockerfile_ struct dockerfile *d = NULL;
 *     _cleanup_problems_ struct problems p = {0};
 *     rc = dockerfile_parse(text, len, "Dockerfile", &d, &p, err);   every syntax error at once
 *     problems_render(d, &p, &out);                                 "Dockerfile:12:8: unknown flag ..."
 *     stages_needed(d, target, need, err);
 *     for each needed stage, for each instruction i:
 *         instruction_resolve(i, &vars, d->name, NULL, &ready, err); variables replaced by values
 *
 * Roads: lexer.c (bytes to logical lines), parse.c (lines to instructions), parse_words.c (argument
 * shapes), stages.c (who needs whom), resolve.c (variables, by expand.c), args.c (ARG), configure.c
 * (image configuration and history), base/ignore.c (.dockerignore), lints.c (`build --check`), problems.c
 * (messages). Specification: the Dockerfile reference of moby/buildkit; where builders differ, BuildKit's
 * way.
 */
#ifndef MC_BUILD_DOCKERFILE_H
#define MC_BUILD_DOCKERFILE_H

#include "base/buf.h"
#include "base/err.h"

/* Limits against hostile input; a file beyond one of them is refused with a sentence. */
/* The file with all its heredocs; stages; problems kept (further ones are counted). */
enum { DOCKERFILE_MAX_BYTES = 1 << 20, DOCKERFILE_MAX_STAGES = 256, DOCKERFILE_MAX_PROBLEMS = 50 };
/* Nesting of ${a:-${b}}; what one expansion may grow to; patterns of an ignore file. */
enum { EXPAND_MAX_DEPTH = 32, EXPAND_MAX_BYTES = 1 << 20 };

struct place {
	unsigned line, column; /* from 1, as editors count; column in bytes */
};

/* --- what is wrong --- */

/* A syntax error (rule NULL) or a lint warning (rule is BuildKit's name of it). */
struct problem {
	struct place at;
	unsigned length;    /* columns to underline; 0: the caret alone */
	unsigned last_line; /* last line of the instruction concerned */
	char *text;         /* one sentence, owned */
	const char *rule;   /* "JSONArgsRecommended"; static */
};
struct problems {
	struct problem *list;
	size_t n;
	size_t more; /* beyond DOCKERFILE_MAX_PROBLEMS */
};
void problems_free(struct problems *p);
void problems_sort(struct problems *p); /* in order of the file */
#define _cleanup_problems_ __attribute__((cleanup(problems_free)))

/* --- the file --- */

enum instruction_kind {
	DO_ADD,
	DO_ARG,
	DO_CMD,
	DO_COPY,
	DO_ENTRYPOINT,
	DO_ENV,
	DO_EXPOSE,
	DO_FROM,
	DO_HEALTHCHECK,
	DO_LABEL,
	DO_MAINTAINER,
	DO_ONBUILD,
	DO_RUN,
	DO_SHELL,
	DO_STOPSIGNAL,
	DO_USER,
	DO_VOLUME,
	DO_WORKDIR,
};

struct flag {
	char *name;  /* "chown", without dashes */
	char *value; /* quotes removed; "" for a boolean flag alone */
	struct place at;
};

struct heredoc {
	char *name; /* the delimiter without quotes: also the name of a COPY heredoc's file */
	/* as it goes on: CR stripped, for <<- leading tabs too; every line ends in a newline */
	char *body;
	bool expand;        /* delimiter was not quoted: COPY and ADD replace variables in the body */
	bool strip_tabs;    /* written <<- */
	struct place at;    /* of the << */
	unsigned body_line; /* line of the body's first line */
};

/*
 * One instruction. words[] by kind, in order:
 *   FROM image | ARG "NAME" or "NAME=value" ... | ENV, LABEL "key", "value", "key", "value" ...
 *   COPY, ADD source ... destination (a heredoc source is its "<<EOF" word; heredocs[] in that order)
 *   RUN, CMD, ENTRYPOINT, SHELL: exec_form: the JSON strings; else one word, the text for the shell
 *   HEALTHCHECK: none for NONE (`none` is set), else as CMD | EXPOSE, VOLUME each | USER WORKDIR STOPSIGNAL
 *   MAINTAINER the text | ONBUILD one word, the instruction's text (trigger holds it parsed)
 */
struct instruction {
	enum instruction_kind kind;
	const char *name; /* "COPY"; static */
	char *keyword;    /* as written: "copy" */
	char *line;       /* the logical line: continuations joined, comments dropped, ends trimmed */
	char *args;       /* what stands behind keyword and flags, untouched */
	struct flag *flags;
	size_t n_flags;
	char **words;
	struct place *at_words; /* one for each word */
	size_t n_words;
	bool exec_form;  /* written as a JSON array of strings */
	bool looks_json; /* begins with [ but is no such array: taken as shell form */
	bool old_form;   /* ENV or LABEL "key rest of line" */
	bool onbuild;    /* came from an ONBUILD of the base */
	bool none;       /* HEALTHCHECK NONE */
	struct heredoc *heredocs;
	size_t n_heredocs;
	struct instruction *trigger; /* ONBUILD only */
	struct place at;             /* of the keyword */
	unsigned last_line;          /* the last line that belongs to it, heredocs included */
	char *doc;                   /* comment lines directly above, joined by newlines; NULL without */
	int step;                    /* place in its stage: FROM is 1; ARGs before the first FROM have 0 */
	struct span *spans;          /* where in the file each part of `line` stands (lexer.h) */
	size_t n_spans;
};
/* Value of a flag, NULL when it is not there. Repeatable flags (mount, exclude): walk flags[]. */
const char *instruction_flag(const struct instruction *i, const char *name);
/*
 * Is a boolean flag (--link, --parents, --keep-git-dir, --unpack) set? missing says what its absence
 * means.
 */
bool instruction_flag_on(const struct instruction *i, const char *name, bool missing);
/* RUN, COPY, ADD, WORKDIR: the instructions that are steps, and may have a layer. */
bool instruction_changes_files(const struct instruction *i);
/* Line and column of a byte of i->line. */
struct place instruction_place(const struct instruction *i, size_t offset);

struct stage {
	char *name;               /* lower case; NULL without AS */
	char *written_name;       /* as written */
	struct instruction *list; /* FROM first */
	size_t n;
	/* Filled by dockerfile_resolve(): */
	char *image;    /* the FROM word, variables replaced: "debian:12", "scratch", "builder" */
	char *platform; /* of --platform, variables replaced; NULL without */
	int base;       /* the stage it builds on; -1: an image */
};

struct dockerfile {
	char *name; /* for messages: "Dockerfile" */
	char *text; /* the file, CRLF and all */
	size_t len;
	char escape;              /* '\\' or '`' */
	char *syntax;             /* of "# syntax=...", NULL without: noted, not obeyed */
	char *check;              /* of "# check=...", NULL without */
	struct instruction *args; /* ARGs before the first FROM */
	size_t n_args;
	struct stage *stages;
	size_t n_stages;
	struct lex_note *notes; /* what lints want to know of the text (lexer.h) */
	size_t n_notes;
};

/*
 * Parses a whole file. name is used in messages. All syntax errors are collected in *problems in order of
 * the file; with any of them the answer is -EINVAL, *err holds the first one ("Dockerfile:12:8: ...") and
 * *ret is what could be read, so that problems_render() can show lines. *ret is owned by the caller, also
 * then.
 */
int dockerfile_parse(const char *text, size_t len, const char *name, struct dockerfile **ret,
	struct problems *problems, struct mc_err *err);
void dockerfile_free(struct dockerfile **d);
#define _cleanup_dockerfile_ __attribute__((cleanup(dockerfile_free)))

/*
 * Parses the text of one ONBUILD trigger as an image's config holds it ("COPY . /app"), escape '\\'. *ret
 * is filled and owned by the caller (instruction_free). FROM, ONBUILD and MAINTAINER are refused.
 */
int instruction_parse(const char *text, struct instruction *ret, struct mc_err *err);
void instruction_free(struct instruction *i);

/*
 * Messages, all of them: "Dockerfile:12:8: unknown flag --chwon for COPY; did you mean --chown?", the
 * line, a caret.
 */
void problems_render(const struct dockerfile *d, const struct problems *p, struct buf *out);
/*
 * "Dockerfile:12\n--------\n  10 | ...\n  12 | >>> RUN false\n--------\n": where a step failed, as
 * BuildKit shows it.
 */
void dockerfile_show_at(
	const struct dockerfile *d, struct place at, unsigned length, unsigned last_line, struct buf *out);
void dockerfile_show(const struct dockerfile *d, unsigned first_line, unsigned last_line, struct buf *out);
/* 0 without problems; else -EINVAL, they are sorted and *err holds the first one: "Dockerfile:12:8: ..." */
int problems_verdict(const struct dockerfile *d, struct problems *p, struct mc_err *err);
/*
 * *ret becomes the place of an error, for a caller that shows the line; NULL: the message gets
 * "FILE:LINE:COLUMN: " in front. Returns -err->code.
 */
int err_place(struct mc_err *err, const char *file, struct place at, struct place *ret);

/* --- stages (stages.c) --- */

struct args; /* args.h */

/*
 * Replaces the variables of every FROM line by the ARGs before FROM and --build-arg, and finds the stages
 * that FROM words mean: fills image, platform, base of each stage. An empty name is an error. *at: its
 * place, see err_place().
 */
int dockerfile_resolve(struct dockerfile *d, const struct args *args, struct place *at, struct mc_err *err);
/*
 * Puts the ONBUILD triggers of a stage's base image (config.OnBuild) behind its FROM. To be called once a
 * stage, before its instructions are run. Triggers of a base that is a stage of this file stand there
 * already: dockerfile_resolve() did it.
 */
int stage_add_triggers(struct dockerfile *d, size_t stage, char *const triggers[], struct mc_err *err);
/*
 * The stage that a --target or --from word means, among the first `before` ones; -1 when none does
 * (--from: it is an image, then). Names are compared without case, the last of a name wins; "0" is the
 * first stage.
 */
int stage_find(const struct dockerfile *d, const char *word, size_t before);
/*
 * Which stages must be built for target (NULL or "": the last one); need[] has d->n_stages places. A
 * stage needs its base, and the stages named by COPY --from, ADD --from and RUN --mount=from=. After
 * dockerfile_resolve(). -ENOENT with a suggestion for an unknown target.
 */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err);
/*
 * -EINVAL when a needed stage takes files from itself, from a later one, or from a number that no stage
 * has. The others are not looked at, as BuildKit does: they never run. *at: its place, see err_place().
 */
int stages_check_sources(const struct dockerfile *d, const bool need[], struct place *at, struct mc_err *err);

#endif
