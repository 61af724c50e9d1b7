/*
 * oci/oci_main.c - minictr-oci, the OCI runtime: command line in, one verb out.
 *
 * Callers are people at a shell and, more often, programs: podman's conmon, containerd's shim, the monitor of
 * this engine. Programs expect runc's interface: options before the verb, exit status, the pid file, and the
 * text of an error as the last JSON line of --log.
 */
#include "runtime/oci/cmd.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "runtime/inherit.h"
#include "runtime/state.h"
#include "base/warn.h"

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

/* One line into --log (level "warning", "error" ...), or standard error. */
static void oci_log(const struct oci_global *g, const char *level, const char *message)
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
		/* Quoted as JSON: a message may hold quotes, and programs read this as one line. */
		struct json *quoted = json_new_string(message);
		_cleanup_free_ char *text = json_dump(quoted, false);
		json_free(quoted);
		buf_addf(&line, "time=\"%s\" level=%s msg=%s", now, level, text);
	}
	buf_addc(&line, '\n');
	(void)!write(g->log >= 0 ? g->log : 2, line.data, line.len);
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

static bool one_of(const char *text, const char *const *words)
{
	while (*words && !str_eq(text, *words))
		words++;
	return *words != NULL;
}

/* Open it now: exec writes messages from another mount namespace. */
static int open_log(struct oci_global *g, const char *file, struct mc_err *err)
{
	close_fd(g->log);
	g->log = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	return g->log < 0 ? err_sys(err, "--log %s", file) : 0;
}

static int set_global(struct oci_global *g, int flag, const char *value, struct mc_err *err)
{
	static const char *const formats[] = { "text", "json", NULL };
	static const char *const managers[] = { "cgroupfs", "systemd", "disabled", NULL };
	static const char *const truths[] = { "auto", "true", "false", "1", "0", NULL };
	switch (flag) {
	case ROOT:
		free(g->root);
		g->root = xstrdup(value);
		return *value ? 0 : err_set(err, EINVAL, "--root: expected a directory, got nothing");
	case LOG: return open_log(g, value, err);
	case LOG_FORMAT:
		g->log_json = str_eq(value, "json");
		return one_of(value, formats)
			       ? 0
			       : err_set(err, EINVAL, "--log-format %s: expected text or json", value);
	case DEBUG: g->debug = true; return 0;
	case SYSTEMD:
		g->systemd_cgroup = true;
		g->no_cgroup = false;
		return 0;
	case MANAGER:
		g->systemd_cgroup = str_eq(value, "systemd");
		g->no_cgroup = str_eq(value, "disabled");
		return one_of(value, managers)
			       ? 0
			       : err_set(err, EINVAL,
					 "--cgroup-manager %s: expected cgroupfs, systemd or disabled",
					 value);
	case ROOTLESS:
		return one_of(value, truths)
			       ? 0
			       : err_set(err, EINVAL, "--rootless %s: expected true, false or auto", value);
	default: return 0; /* CRIU: runc's; nothing to choose here */
	}
}

/* Options before the verb. 0: go on; 1: done (help, version); -errno. */
static int parse_globals(struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	int rc = 0;
	opterr = 0; /* what is wrong is said by us, once, and in the log too */
	for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+hv", globals, NULL)) != -1;) {
		if (c == 'h')
			return oci_help(stdout, commands, ARRAY_LEN(commands)), 1;
		if (c == 'v')
			return version(), 1;
		rc = c == '?' ? oci_bad_flag("", argv, err) : set_global(g, c, optarg, err);
	}
	return rc;
}

static const struct oci_command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_eq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/*
 * Warnings of the floor go to the log. Without one our standard error may be the container's own output, as
 * under podman: then warnings are for people only, who sit at a terminal.
 */
static const struct oci_global *warn_global;
static void log_warning(const char *text)
{
	if (warn_global->log >= 0) {
		oci_log(warn_global, "warning", text);
	} else if (isatty(2)) {
		warn_to(NULL);
		warn_user("%s", text);
	}
}

static int unknown_verb(const char *word, struct mc_err *err)
{
	const char *names[ARRAY_LEN(commands)];
	if (str_eq(word, "checkpoint") ||
		str_eq(word, "restore")) /* callers have these, and pass our words on */
		return err_set(err, EOPNOTSUPP,
			"%s is not supported: this runtime does not save running processes (CRIU)", word);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		names[i] = commands[i].name;
	const char *near = word ? nearest_word(word, names, ARRAY_LEN(names)) : NULL;
	err_set(err, EINVAL, word ? "unknown verb: %s" : "a verb is missing", word);
	return near ? err_hint(err, "did you mean %s?", near)
		    : err_hint(err, "minictr-oci --help lists the verbs");
}

static int run_command(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	const struct oci_command *c = argc > 0 ? find_command(argv[0]) : NULL;
	if (!c)
		return unknown_verb(argc > 0 ? argv[0] : NULL, err);
	if (argc > 1 && (str_eq(argv[1], "--help") || str_eq(argv[1], "-h")))
		return oci_help_verb(stdout, c), 0;
	optind = 0; /* getopt(3) starts anew, GNU's way */
	return c->run(g, argc, argv, err);
}

/* --debug: logs the command line and its result, for the log of the engine that called us. */
static void log_debug(const struct oci_global *g, const char *what, char *const *words)
{
	_cleanup_buf_ struct buf line = { 0 };
	buf_adds(&line, what);
	for (; g->debug && words && *words; words++)
		buf_addf(&line, " %s", *words);
	if (g->debug)
		oci_log(g, "debug", line.data);
}

static int report(const struct oci_global *g, const struct mc_err *err)
{
	if (g->log >= 0)
		oci_log(g, "error", err->what);
	err_print(err, "minictr-oci");
	return err->exit_status ? err->exit_status : 1;
}

int main(int argc, char **argv)
{
	struct oci_global g = { .argv = argv, .log = -1 };
	struct mc_err err = { 0 };
	inherit_prepare();
	explain_init("oci");
	warn_global = &g;
	warn_to(log_warning);
	int rc = parse_globals(&g, argc, argv, &err);
	if (!g.root)
		g.root = state_default_root();
	if (rc == 0) {
		char text[40];
		log_debug(&g, "command:", argv);
		rc = run_command(&g, argc - optind, argv + optind, &err);
		snprintf(text, sizeof(text), "ends with %d", rc);
		log_debug(&g, text, NULL);
	} else if (rc > 0) {
		rc = 0;
	}
	if (rc < 0)
		rc = report(&g, &err);
	free(g.root);
	return rc;
}
