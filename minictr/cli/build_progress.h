/*
 * build_progress.h - what a build tells while it works: a live table on a terminal, numbered lines in a pipe.
 */
#ifndef MC_CLI_BUILD_PROGRESS_H
#define MC_CLI_BUILD_PROGRESS_H

#include "build/build.h"

enum build_progress_style { PROGRESS_PLAIN, PROGRESS_TTY, PROGRESS_QUIET };

struct build_progress;
/* log: every line also goes there, numbered, for `build log`; NULL none. */
struct build_progress *build_progress_new(enum build_progress_style style, FILE *log);
/* What build_image() reports to. Valid until build_progress_end(). */
struct build_report build_progress_report(struct build_progress *p);
/* The last state of the table stays on the screen. Frees. */
void build_progress_end(struct build_progress *p, bool failed);

#endif
