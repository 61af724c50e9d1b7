/*
 * drive.c - calls one function of lab 06, on a stage that was made ready here.
 *
 * drive expand WORD ESCAPE TEXT [NAME=VALUE..]  expand(), hold with the result; ESCAPE "\q": keep_quotes, "\e": keep_escapes
 * drive needed WORD TARGET                      stages_needed() of /work/Dockerfile, hold with "0101"; TARGET "-": the last stage
 * drive steps WORD                              each RUN and COPY of /work/Dockerfile by step_run(), step_copy(), until one fails; hold
 *                                               with its errno, the number of layers that were there, and the layers, bottom first
 * drive key                                     cache_key() of the first RUN or COPY of /work/Dockerfile; ends with its errno
 * drive build WORD [NAME=VALUE..]               every RUN, COPY and WORKDIR of /work/Dockerfile as a build does it: by its key from /work/cache,
 *                                               else by its step; hold with errno, layers before, layers
 * The stage lies on the layer /work/root/layers/BASE/fs where that is there, on nothing elsewhere. The context is /work/ctx. A RUN's
 * program is a process whose root is the merged tree (chroot(2)). /work/started: a line for each step and each program.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "build/expand.h"
#include "build/resolve.h"
#include "build/steps.h"
#include "image/store.h"
#include "learn/drive.h"

#define BASE "b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b06b"

static struct mc_err err;
static struct engine engine = { .root = "/work/root", .run_dir = "/work/run" };
static const struct build_options options = { .context = "/work/ctx" };
static struct build_result result;
static struct builder all;
static struct build stage;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s %s", what, err.what, strerror(errno));
}

/* --- what the engine does with a container, here with a process --- */

int __wrap_run_program(struct build *b, const struct instruction *i, const struct upper *u, int *ret_exit, struct mc_err *e);
void __wrap_failed_state_keep(struct build *b, const struct instruction *i, struct upper *u);

void __wrap_failed_state_keep(struct build *b, const struct instruction *i, struct upper *u) { (void)b, (void)i, (void)u; }

static void note(const char *text)
{
	int fd = open("/work/started", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd >= 0 && write(fd, text, strlen(text)) >= 0)
		close(fd);
}

static void program(struct build *b, const struct instruction *i, int root)
{
	char **argv = stage_config_argv(&b->config, i), **env = stage_config_run_env(&b->config, &b->all->args);
	if (fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		_exit(125);
	if (chdir(stage_config_workdir(&b->config)) < 0)
		_exit(125);
	execve(argv[0], argv, env);
	_exit(127);
}

int __wrap_run_program(struct build *b, const struct instruction *i, const struct upper *u, int *ret_exit, struct mc_err *e)
{
	int status;
	note("run\n");
	if (u->root < 0)
		return err_set(e, EBADF, "run_program: the merged tree is not there: upper_begin() makes it");
	pid_t pid = fork();
	if (pid == 0)
		program(b, i, u->root);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return err_sys(e, "run_program");
	*ret_exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

/* --- a stage, ready --- */

static void quiet(void *arg, const struct build_event *e) { (void)arg, (void)e; }
static const struct build_report report = { .event = quiet };

static int read_text(const char *path, struct buf *ret)
{
	return file_read(AT_FDCWD, path, 1 << 20, ret, &err);
}

static void open_context(void)
{
	static struct buf text;
	struct build_context *c = &all.context;
	c->path = "/work/ctx";
	c->dir = open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir >= 0 && read_text("/work/ctx/.dockerignore", &text) >= 0)
		must(ignore_parse(text.data, text.len, ".dockerignore", &c->ignore, &err), "ignore file");
	c->tree = (struct source_tree){ .root = c->dir, .what = "the build context", .ignore = c->ignore.n ? &c->ignore : NULL,
		.is_context = true };
}

static void open_file(char *const build_args[])
{
	static struct buf text;
	static struct problems problems;
	must(read_text("/work/Dockerfile", &text), "/work/Dockerfile");
	must(dockerfile_parse(text.data, text.len, "Dockerfile", &all.file, &problems, &err), "parse");
	all.host = all.target = (struct build_platform){ "linux", "amd64", "" };
	args_init(&all.args, build_args, &all.host, &all.target, NULL);
	must(args_global(&all.args, all.file, NULL, &err), "args");
	must(dockerfile_resolve(all.file, &all.args, NULL, &err), "stages");
}

static void open_builder(void)
{
	mkdir("/work/root", 0700);
	all.engine = &engine;
	all.report = &report;
	all.result = &result;
	all.o = &options;
	all.epoch = -1;
	pthread_mutex_init(&all.lock, NULL);
	pthread_mutex_init(&all.say_lock, NULL);
	must(all.store = store_open(engine.root, &err), "store");
	must(engine.dir = open(engine.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "root");
	must(all.dir = dir_make_open(engine.dir, "build", 0700, &err), "build");
	all.temp_path = "/work/root/build/tmp-lab";
	must(all.temp = dir_make_open(all.dir, "tmp-lab", 0700, &err), "temp");
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
}

static void open_stage(void)
{
	open_builder();
	open_context();
	stage.all = &all;
	stage.layers = json_new_array();
	stage.inputs = json_new_object();
	all.stages = &stage;
	must(stage_config_begin(&stage.config, NULL, &all.target, NULL, &err), "stage");
	if (access("/work/root/layers/" BASE "/fs", F_OK) == 0)
		stage_config_layer(&stage.config, "sha256:" BASE);
}

static char **layers_of(const struct build *b)
{
	char **v = NULL;
	json_get_strv(b->config.image, &v, &err, "rootfs.diff_ids");
	for (char **d = v; d && *d; d++)
		memmove(*d, *d + 7, strlen(*d + 7) + 1);
	return v;
}

/* Last argument "fails": an error is expected, and without one the exit status 0 is the evidence. */
static bool no_hold;

static int hold(const char *word, const char *a, const char *b, char *const more[])
{
	char **argv = NULL;
	if (no_hold)
		return 0;
	strv_push(&argv, "probe");
	strv_push(&argv, "hold");
	strv_push(&argv, word);
	strv_push(&argv, a);
	if (b)
		strv_push(&argv, b);
	for (size_t i = 0; more && more[i]; i++)
		strv_push(&argv, more[i]);
	execv("/lab/probe", argv);
	return DRIVE_NO_PROBE;
}

static bool is_step(const struct instruction *i) { return i->kind == DO_RUN || i->kind == DO_COPY || i->kind == DO_ADD; }

/* The instruction with its variables replaced; lives until the program ends. */
static struct instruction *ready_one(const struct instruction *i)
{
	struct instruction *ready = xcalloc(1, sizeof(*ready));
	struct vars v = { .values = stage.config.vars, .escape = all.file->escape };
	must(instruction_resolve(i, &v, "Dockerfile", NULL, ready, &err), "resolve");
	stage.now = ready;
	return ready;
}

static int do_step(const struct instruction *i)
{
	if (i->kind == DO_WORKDIR)
		return step_workdir(&stage, i, &err); /* given */
	note(i->kind == DO_RUN ? "step_run\n" : "step_copy\n");
	return i->kind == DO_RUN ? OWNED(step_run(&stage, i, &err)) : OWNED(step_copy(&stage, i, &err));
}

/* --- the verbs --- */

/* An error has words, and what it promises to leave untouched is as it was: EBADF otherwise. */
static int failed(int rc, bool untouched)
{
	return drive_result(rc < 0 && untouched && err.what[0] ? rc : -EBADF, &err);
}

static int drive_expand(int argc, char **argv)
{
	struct vars v = { .values = argv + 3, .escape = *argv[1] };
	char before[1] = "", *got = before;
	v.keep_quotes = argv[1][0] && argv[1][1] == 'q';
	v.keep_escapes = argv[1][0] && argv[1][1] == 'e';
	int rc = OWNED(expand(argv[2], &v, &got, &err));
	return rc ? failed(rc, got == before) : hold(argv[0], got ? got : "(NULL)", NULL, NULL);
}

static int drive_needed(const char *word, const char *target)
{
	/* Bytes, since a bool that is neither true nor false may be read as either. */
	volatile unsigned char need[DOCKERFILE_MAX_STAGES];
	char bits[DOCKERFILE_MAX_STAGES + 1] = "";
	open_file(NULL);
	/* Neither true nor false: a place that the function forgets is seen. */
	for (size_t i = 0; i < sizeof(need); i++)
		need[i] = 7;
	int rc = OWNED(stages_needed(all.file, str_eq(target, "-") ? NULL : target, (bool *)(uintptr_t)need, &err));
	for (size_t i = 0; i < all.file->n_stages; i++)
		bits[i] = need[i] > 1 ? '?' : need[i] ? '1' : '0';
	return rc ? failed(rc, strspn(bits, "?") == all.file->n_stages) : hold(word, bits, NULL, NULL);
}

static int drive_steps(const char *word, char *const build_args[])
{
	int rc = 0;
	open_file(build_args);
	open_stage();
	size_t before = strv_len(layers_of(&stage));
	const struct stage *s = &all.file->stages[0];
	for (size_t n = 1; n < s->n && rc == 0; n++) {
		struct instruction *i = ready_one(&s->list[n]);
		if (is_step(i))
			rc = do_step(i);
		if (rc < 0 && err.what[0])
			fprintf(stderr, "%s\n", err.what);
		if (rc < 0)
			must(file_write_atomic(AT_FDCWD, "/work/error", err.what, strlen(err.what), 0644, 0, &err), "error");
		if (rc == 0)
			must(stage_config_apply(&stage.config, &all.args, i, all.file, &err), "configure");
	}
	return hold(word, xasprintf("%d", rc < 0 ? -rc : rc), xasprintf("%zu", before), layers_of(&stage));
}

/* A key that was seen before gives the layer of then: that is all a build cache is. */
static int cached_step(const struct instruction *i)
{
	struct digest key = { "" }, got = { "" };
	int rc = OWNED(cache_key(&stage, i, &key, &err));
	if (rc)
		return rc;
	char *path = xasprintf("/work/cache/%s", digest_hex(&key));
	FILE *f = fopen(path, "re");
	if (f) {
		if (fgets(got.text, sizeof(got.text), f) && *got.text == 's')
			stage_config_layer(&stage.config, got.text);
		fclose(f);
		return 0;
	}
	size_t before = strv_len(layers_of(&stage));
	rc = do_step(i);
	char **now = layers_of(&stage);
	f = rc ? NULL : fopen(path, "we");
	if (f) {
		fprintf(f, "%s%s", strv_len(now) > before ? "sha256:" : "-", strv_len(now) > before ? now[before] : "");
		fclose(f);
	}
	return rc;
}

static int drive_build(const char *word, char *const build_args[])
{
	int rc = 0;
	mkdir("/work/cache", 0700);
	open_file(build_args);
	open_stage();
	size_t before = strv_len(layers_of(&stage));
	const struct stage *s = &all.file->stages[0];
	for (size_t n = 1; n < s->n && rc == 0; n++) {
		struct instruction *i = ready_one(&s->list[n]);
		if (is_step(i) || i->kind == DO_WORKDIR)
			rc = cached_step(i);
		if (rc == 0)
			must(stage_config_apply(&stage.config, &all.args, i, all.file, &err), "configure");
	}
	if (rc < 0 && err.what[0])
		fprintf(stderr, "%s\n", err.what);
	return hold(word, xasprintf("%d", rc < 0 ? -rc : rc), xasprintf("%zu", before), layers_of(&stage));
}

static int drive_key(void)
{
	struct digest key = { "" };
	open_file(NULL);
	open_stage();
	return drive_result(OWNED(cache_key(&stage, ready_one(&all.file->stages[0].list[1]), &key, &err)), &err);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	no_hold = argc > 2 && str_eq(argv[argc - 1], "fails");
	argc -= no_hold;
	if (str_eq(verb, "expand") && argc > 4)
		return drive_expand(argc - 2, argv + 2);
	if (str_eq(verb, "needed") && argc > 3)
		return drive_needed(argv[2], argv[3]);
	if (str_eq(verb, "steps") && argc > 2)
		return drive_steps(argv[2], argv + 3);
	if (str_eq(verb, "build") && argc > 2)
		return drive_build(argv[2], argv + 3);
	if (str_eq(verb, "key"))
		return drive_key();
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
