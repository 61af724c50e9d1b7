/*
 * oci_main.c - minictr-oci, the OCI runtime: command line in, one verb out.
 *
 * Callers are people at a shell and, more often, programs: podman's conmon, containerd's shim, the monitor of this
 * engine. What these read is fixed by runc: options in front of the verb, exit status, the pid file, and the
 * text of an error as last JSON line of --log.
 */
#include "runtime/oci_cmd.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "runtime/state.h"
#include "runtime/warn.h"

static const struct oci_command commands[] = {
	{ "create", "[options] ID", "make a container; its program waits for start", oci_cmd_create },
	{ "start", "ID", "run the program of a created container", oci_cmd_start },
	{ "run", "[options] ID", "create and start, and wait for the end", oci_cmd_run },
	{ "exec", "[options] ID COMMAND [ARG...]", "run one more program in a running container",
		oci_cmd_exec },
	{ "state", "ID", "print the state of a container as JSON", oci_cmd_state },
	{ "list", "[-q] [-f table|json]", "list the containers below --root", oci_cmd_list },
	{ "ps", "[-f table|json] ID", "list the processes of a container", oci_cmd_ps },
	{ "kill", "[--all] ID [SIGNAL]", "send a signal (TERM) to a container", oci_cmd_kill },
	{ "delete", "[--force] ID", "remove a stopped container", oci_cmd_delete },
	{ "pause", "ID", "stop time for all processes of a container", oci_cmd_pause },
	{ "resume", "ID", "let time go on", oci_cmd_resume },
	{ "update", "[--resources FILE|-] [--memory N ...] ID", "change limits of a container",
		oci_cmd_update },
	{ "events", "[--stats] ID", "print what the kernel counted", oci_cmd_events },
	{ "spec", "[--bundle DIR]", "write a config.json to start from", oci_cmd_spec },
	{ "features", "", "print what this runtime can do, as JSON", oci_cmd_features },
};

const char *oci_id(int argc, char **argv, struct mc_err *err)
{
	if (optind < argc)
		return argv[optind];
	err_set(err, EINVAL, "%s: which container? An id is missing", argv[0]);
	return NULL;
}

int oci_bad_option(char **argv, struct mc_err *err)
{
	const char *option = argv[optind - 1];
	err_set(err, EINVAL, "%s: unknown option or missing value: %s", argv[0], option);
	return err_hint(err, "minictr-oci --help");
}

int oci_number(const char *text, const char *option, int *ret, struct mc_err *err)
{
	uint64_t n;
	if (parse_u64(text, &n) < 0 || n > 1 << 20)
		return err_set(err, EINVAL, "%s: expected a small number, got \"%s\"", option, text);
	*ret = (int)n;
	return 0;
}

int oci_print(struct json *v)
{
	_cleanup_free_ char *text = json_dump(v, true);
	json_free(v);
	return puts(text) < 0 ? 1 : 0;
}

void oci_log(const struct oci_global *g, const char *level, const char *message)
{
	char now[40];
	_cleanup_buf_ struct buf line = { 0 };
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	if (g->log_json) {
		struct json *o = json_new_object();
		json_set_string(o, "level", level);
		json_set_string(o, "msg", message);
		json_set_string(o, "time", now);
		_cleanup_free_ char *text = json_dump(o, false);
		buf_adds(&line, text);
		json_free(o);
	} else {
		buf_addf(&line, "time=\"%s\" level=%s msg=\"%s\"", now, level, message);
	}
	buf_addc(&line, '\n');
	(void)!write(g->log >= 0 ? g->log : 2, line.data, line.len);
}

static int help(FILE *to)
{
	fprintf(to, "minictr-oci: one container from one config.json (OCI runtime-spec 1.2)\n\n"
		    "usage: minictr-oci [--root DIR] [--log FILE] [--log-format text|json] [--debug] VERB "
		    "...\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-9s %-40s %s\n", commands[i].name, commands[i].usage, commands[i].summary);
	return 0;
}

static int version(void)
{
	printf("minictr-oci version 0.1\ncommit: 0.1\nspec: 1.2.0\n"); /* "commit": what docker info shows */
	return 0;
}

enum { ROOT = 256, LOG, LOG_FORMAT, DEBUG, SYSTEMD, MANAGER, ROOTLESS, CRIU };

static const struct option globals[] = {
	{ "root", required_argument, NULL, ROOT },
	{ "log", required_argument, NULL, LOG },
	{ "log-format", required_argument, NULL, LOG_FORMAT },
	{ "debug", no_argument, NULL, DEBUG },
	{ "systemd-cgroup", no_argument, NULL, SYSTEMD },
	{ "cgroup-manager", required_argument, NULL, MANAGER },
	{ "rootless", required_argument, NULL, ROOTLESS },
	{ "criu", required_argument, NULL, CRIU },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ 0 },
};

/* Options in front of the verb. 0: go on; 1: all is said; -EINVAL. */
static int parse_globals(struct oci_global *g, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "+hv", globals, NULL)) != -1;) {
		switch (c) {
		case ROOT:
			free(g->root);
			g->root = xstrdup(optarg);
			break;
		case LOG:
			close_fd(
				g->log); /* opened now: exec will say things from within another mount namespace */
			g->log = open(optarg, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
			break;
		case LOG_FORMAT: g->log_json = str_eq(optarg, "json"); break;
		case DEBUG: g->debug = true; break;
		case SYSTEMD: g->systemd_cgroup = true; break;
		case MANAGER:
			g->systemd_cgroup = str_eq(optarg, "systemd");
			g->no_cgroup = str_eq(optarg, "disabled");
			break;
		case ROOTLESS:
		case CRIU: break; /* runc's; nothing to choose here */
		case 'h': help(stdout); return 1;
		case 'v': version(); return 1;
		default: return -EINVAL;
		}
	}
	return 0;
}

static const struct oci_command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_eq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Warnings of the floor go where errors go. */
static const struct oci_global *warn_global;
static void log_warning(const char *text) { oci_log(warn_global, "warning", text); }

/* Callers have these verbs and pass our words on; a page of help would bury them. */
static int refuse_snapshot(const char *verb, struct mc_err *err)
{
	return err_set(err, EOPNOTSUPP,
		"%s is not supported: this runtime does not save running processes (CRIU)", verb);
}

static int run_command(const struct oci_global *g, int argc, char **argv)
{
	struct mc_err err = { 0 };
	const struct oci_command *c = argc ? find_command(argv[0]) : NULL;
	bool snapshot = argc && (str_eq(argv[0], "checkpoint") || str_eq(argv[0], "restore"));
	if (!c && !snapshot) {
		const char *names[ARRAY_LEN(commands)];
		for (size_t i = 0; i < ARRAY_LEN(commands); i++)
			names[i] = commands[i].name;
		const char *near = argc ? nearest_word(argv[0], names, ARRAY_LEN(names)) : NULL;
		fprintf(stderr, "minictr-oci: %s%s%s%s\n", argc ? "unknown verb: " : "a verb is missing",
			argc ? argv[0] : "", near ? ". Did you mean " : "", near ? near : "");
		return help(stderr), 1;
	}
	optind = 0; /* getopt(3) starts anew, GNU's way */
	int rc = c ? c->run(g, argc, argv, &err) : refuse_snapshot(argv[0], &err);
	if (rc >= 0)
		return rc;
	if (g->log >= 0)
		oci_log(g, "error", err.what);
	err_print(&err, "minictr-oci");
	return err.exit_status ? err.exit_status : 1;
}

int main(int argc, char **argv)
{
	struct oci_global g = { .root = state_default_root(), .argv = argv, .log = -1 };
	explain_init("oci");
	warn_global = &g;
	int rc = parse_globals(&g, argc, argv);
	warn_to(g.log >= 0 ? log_warning : NULL);
	rc = rc < 0 ? (help(stderr), 1) : rc > 0 ? 0 : run_command(&g, argc - optind, argv + optind);
	free(g.root);
	return rc;
}
