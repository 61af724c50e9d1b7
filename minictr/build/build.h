/*
 * build.h - an image from a Dockerfile: what `minictr build` asks for, what it hears meanwhile, what it
 * gets.
 *
 *     struct build_options o = { .context = ".", .tags = tags };
 *     rc = build_image(&engine, &o, &report, &result, &err);
 *
 * The road is build.c; one stage is stage.c; one step is steps.c.
 */
#ifndef MC_BUILD_BUILD_H
#define MC_BUILD_BUILD_H

#include "build/dockerfile.h"
#include "engine/engine.h"
#include "image/digest.h"

/* What was asked for. Everything is borrowed. */
struct build_options {
	const char *context;          /* a directory, "-" (standard input), or the URL of a tar */
	const char *file;             /* -f; NULL: Dockerfile in the context; "-": standard input */
	char *const *tags;            /* names for the image; may be empty */
	char *const *args;            /* --build-arg NAME=VALUE or NAME (value of our environment) */
	char *const *labels;          /* --label NAME=VALUE */
	char *const *secrets;         /* --secret id=x,src=FILE | id=x,env=NAME | id=x,type=env */
	char *const *ssh;             /* --ssh ID or ID=SOCKET: agents that a RUN may ask to sign */
	char *const *contexts;        /* --build-context NAME=DIRECTORY or NAME=docker-image://IMAGE */
	char *const *outputs;         /* --output */
	char *const *hosts;           /* --add-host NAME:IP */
	const char *target;           /* NULL: the last stage */
	const char *platform;         /* NULL: this machine */
	const char *network;          /* of RUN: "default", "none", "host", a network's name; NULL default */
	bool no_cache;                /* no step is taken from the cache */
	char *const *no_cache_stages; /* --no-cache-filter */
	char *const *allow;           /* --allow: "network.host" */
	bool pull;                    /* fetch base images also when they are here */
	bool check;                   /* lints only */
	bool explain_cache;           /* say why a step missed */
};

/*
 * STARTED has a name; FAILED a text: why; OUTPUT a text: one line that the step printed, without its end;
 * NOTE a text: a line of ours about the step, as why the cache missed; SKIPPED a name: a stage that is not
 * needed.
 */
enum build_event_kind {
	BUILD_STARTED,
	BUILD_CACHED,
	BUILD_DONE,
	BUILD_FAILED,
	BUILD_CANCELED,
	BUILD_OUTPUT,
	BUILD_NOTE,
	BUILD_SKIPPED,
};
struct build_event {
	enum build_event_kind kind;
	int step;         /* number of the step in this build, from 1; 0: none */
	const char *name; /* "[builder 2/5] RUN make" */
	const char *text;
	uint64_t ns; /* since the step began */
};
/* event() is called by one thread at a time. */
struct build_report {
	void (*event)(void *arg, const struct build_event *e);
	void *arg;
};

struct build_result {
	struct digest id;       /* of the configuration: the image's id */
	struct digest manifest; /* "" with another output than an image */
	char *failed;           /* where it failed, as lines of the Dockerfile; NULL: it did not. Owned. */
	char *checked;          /* what --check or the linter has to say; NULL: nothing. Owned. */
	bool listed;            /* so was the list of the context's files */
	bool kept;              /* the state around the failed step was kept: `debug build` */
	int step_exit;          /* exit code of the RUN that failed; 0: none did */
	char *step_command;     /* and its words; owned */
	size_t warnings;        /* in `checked` */
	bool check_failed;      /* # check=error=true and a warning */
};
void build_result_release(struct build_result *r);

/* Builds. -ECANCELED after build_cancel(). Exit statuses stand in *err. */
int build_image(struct engine *e, const struct build_options *o, const struct build_report *report,
	struct build_result *ret, struct mc_err *err);
/* Ends all steps that run, from a signal handler too. */
void build_cancel(void);

/* Is text of --output one that is understood? Said before an hour's build, not behind it. (output.c) */
int output_check(const char *text, struct mc_err *err);

#endif
