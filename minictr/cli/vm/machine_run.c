/*
 * vm/machine_run.c - `vm run`: docker's words for a virtual machine.
 *
 * The flags that mean something for a machine are those of `run`; the rest of them speaks of the host's
 * kernel (capabilities, namespaces, filters) and does not exist here.
 */
#include "cli/vm/machine.h"

#include <unistd.h>

#include "base/wrap.h"
#include "cli/env_file.h"
#include "engine/spec/options.h"

struct vm_run_values {
	struct vm_options v;
	char **env_files;
	int64_t cpus;
	bool dry_run, quiet;
	const char *network, *pull;
};

#define AT(field) offsetof(struct vm_run_values, v.run.field)

/* clang-format off */
static const struct option_def options[] = {
	{ 0, "accel", OPT_STRING, offsetof(struct vm_run_values, v.accel), "string", "kvm, tcg (emulation) or auto: what works here" },
	{ 0, "cpus", OPT_CPUS, offsetof(struct vm_run_values, cpus), "int", "Processors of the machine (1)" },
	{ 'd', "detach", OPT_FLAG, AT(detach), NULL, "Leave it running, print its id" },
	{ 0, "dry-run", OPT_FLAG, offsetof(struct vm_run_values, dry_run), NULL, "Print qemu's command line, start nothing" },
	{ 0, "entrypoint", OPT_STRING, AT(entrypoint), "string", "Program to run instead of the image's" },
	{ 'e', "env", OPT_LIST, AT(env), "list", "Set a variable: NAME=value, or NAME for your own value" },
	{ 0, "env-file", OPT_LIST, offsetof(struct vm_run_values, env_files), "list", "Read variables from a file" },
	{ 0, "file", OPT_LIST, offsetof(struct vm_run_values, v.files), "list", NULL },
	{ 'h', "hostname", OPT_STRING, AT(hostname), "string", "Its host name" },
	{ 'i', "interactive", OPT_FLAG, AT(interactive), NULL, "Keep stdin open" },
	{ 0, "kernel", OPT_STRING, offsetof(struct vm_run_values, v.kernel), "path", "Its kernel: a vmlinuz, or the directory of an unpacked package" },
	{ 'l', "label", OPT_LIST, AT(labels), "list", "Note key=value on it" },
	{ 'm', "memory", OPT_BYTES, AT(memory), "bytes", "Memory of the machine (256m)" },
	{ 0, "name", OPT_STRING, AT(name), "string", "A name of your own" },
	{ 0, "network", OPT_STRING, offsetof(struct vm_run_values, network), "string", "none (default) or user: out through qemu" },
	{ 'p', "publish", OPT_LIST, AT(publish), "list", "Reach its port from the host: [IP:]HOST:GUEST" },
	{ 0, "pull", OPT_STRING, offsetof(struct vm_run_values, pull), "string", "Fetch the image: missing (default), always, never" },
	{ 'q', "quiet", OPT_FLAG, AT(quiet_pull), NULL, "No pull output, no word about the accelerator" },
	{ 0, "rm", OPT_FLAG, AT(rm), NULL, "Remove it when it ends" },
	{ 't', "tty", OPT_FLAG, AT(tty), NULL, "Give it a terminal" },
	{ 'u', "user", OPT_STRING, AT(user), "string", "User: name or id[:group]" },
	{ 'v', "volume", OPT_LIST, AT(volumes), "list", "Let it see a directory: /host:/inside[:ro]" },
	{ 'w', "workdir", OPT_STRING, AT(workdir), "string", "Directory the program starts in" },
	{ 0 },
};
/* clang-format on */

static const struct vm_run_values defaults = { .v.run = RUN_OPTIONS_DEFAULT };

int machine_open(struct cli *cli, struct machine_use *u, struct mc_err *err)
{
	int rc = use_engine(cli, &u->engine, err);
	return rc < 0 ? rc : vm_host_open(&u->host, &u->engine, err);
}

void machine_close(struct machine_use *u)
{
	vm_host_close(&u->host);
	engine_close(&u->engine);
}

static int bad_word(const char *flag, const char *word, const char *known, struct mc_err *err)
{
	err_set(err, EINVAL, "invalid argument \"%s\" for \"--%s\" flag: %s", word, flag, known);
	return err_exit(err, 125);
}

static void say_absent(const char *image) { fprintf(stderr, "Unable to find image '%s' locally\n", image); }

static int fill(struct vm_run_values *v, int argc, char **argv, struct mc_err *err)
{
	struct run_options *o = &v->v.run;
	_cleanup_strv_ char **env = NULL;
	if (v->cpus % 1000000000 || v->cpus < 0 || v->cpus > 64000000000)
		return bad_word("cpus", "that number", "a machine has whole processors, 1 to 64", err);
	if (v->network && !str_eq(v->network, "none") && !str_eq(v->network, "user"))
		return bad_word("network", v->network, "none or user", err);
	if (v->pull && !str_eq(v->pull, "missing") && !str_eq(v->pull, "always") && !str_eq(v->pull, "never"))
		return bad_word("pull", v->pull, "missing, always or never", err);
	if (o->tty && o->interactive && !o->detach && !v->dry_run && !isatty(STDIN_FILENO)) {
		err_set(err, ENOTTY, "the input device is not a TTY");
		return err_hint(err, "leave -t out in scripts and pipes: vm run -i ..."), err_exit(err, 125);
	}
	int rc = read_env_files(v->env_files, &env, err);
	for (size_t i = 0; rc >= 0 && o->env && o->env[i]; i++)
		strv_push(&env, o->env[i]);
	if (rc < 0)
		return rc;
	strv_free(o->env);
	o->env = take_ptr(&env);
	v->v.cpus = (int)(v->cpus / 1000000000);
	v->v.network = str_eq(v->network, "user");
	o->pull = str_eq(v->pull, "always")  ? PULL_ALWAYS
		  : str_eq(v->pull, "never") ? PULL_NEVER
					     : PULL_MISSING;
	o->image_absent = say_absent;
	o->image = argv[0];
	o->command = argc > 1 ? argv + 1 : NULL;
	return 0;
}

/* One word a line: what holds blanks is quoted, so that the text can be pasted into a shell. */
static void print_plan(char *const argv[])
{
	for (size_t i = 0; argv[i]; i++) {
		bool plain = argv[i][0] &&
			     !argv[i][strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
						      "0123456789-_./=,:+")];
		bool value = i && argv[i][0] != '-' && argv[i - 1][0] == '-';
		printf(plain ? "%s%s" : "%s'%s'", i == 0 ? "" : value ? " " : " \\\n  ", argv[i]);
	}
	printf("\n");
}

static int dry_run(struct machine_use *u, const struct vm_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	int rc = vm_plan(&u->host, o, &argv, err);
	if (rc >= 0)
		print_plan(argv);
	return rc;
}

static void say_accelerator(const struct vm_options *o)
{
	struct mc_err ignored = { 0 };
	enum accelerator a;
	const char *why;
	char text[512];
	if (o->run.quiet_pull || o->run.detach || accelerator_parse(o->accel, &a, &why, &ignored) < 0)
		return;
	_cleanup_free_ char *line = xasprintf("vm: %s (%s)%s", accelerator_name(a), why,
		a == ACCELERATOR_TCG ? "; slow, and no measure of a real machine" : "");
	wrap_text(text, sizeof(text), line, wrap_width(STDERR_FILENO), 4);
	fprintf(stderr, "%s\n", text);
}

static int vm_run_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct vm_run_values *v =
		(struct vm_run_values *)values; /* ours to complete: the caller frees its lists */
	_cleanup_machine_ struct machine_use u = { .engine.dir = -1, .host.machines.dir = -1 };
	char id[CONTAINER_ID_LEN + 1];
	int exit_code = 0;
	int rc = fill(v, argc, argv, err);
	if (rc >= 0)
		rc = machine_open(cli, &u, err);
	if (rc >= 0 && v->dry_run)
		return dry_run(&u, &v->v, err);
	if (rc >= 0)
		rc = vm_start(&u.host, &v->v, id, err);
	if (rc < 0)
		return rc;
	if (v->v.run.detach) {
		printf("%s\n", id);
		return 0;
	}
	say_accelerator(&v->v);
	rc = vm_attach(&u.host, id, v->v.run.interactive, v->v.run.tty, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}

const struct command cmd_vm_run = {
	.name = "vm run",
	.group = GROUP_MANY,
	.usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = "Boot an image as a virtual machine and run a program in it",
	.example = "minictr vm run --rm busybox uname -r\n"
		   "minictr vm run -it --rm --memory 512m busybox sh\n"
		   "minictr vm run -d --name web -p 8080:80 busybox httpd -f -h /",
	.takes = TAKES_IMAGES,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.error_status = 125,
	.options = options,
	.values_size = sizeof(struct vm_run_values),
	.defaults = &defaults,
	.run = vm_run_run,
};
