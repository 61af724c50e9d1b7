/*
 * oci/exec.c - the verb exec.
 */
#include "runtime/oci/cmd.h"

#include <unistd.h>

#include "runtime/exec.h"
#include "runtime/seal.h"

enum {
	PROCESS = 'p',
	DETACH = 'd',
	TTY = 't',
	ENV = 'e',
	USER = 'u',
	CAP = 'c',
	CWD = 256,
	PID_FILE,
	CONSOLE,
	PRESERVE,
	NO_NEW_PRIVS,
	APPARMOR,
	LABEL,
	CGROUP,
	PIDFD_SOCKET,
	GIDS = 'g',
	IGNORED = 512
};

static const struct option options[] = {
	{ "process", required_argument, NULL, PROCESS },
	{ "detach", no_argument, NULL, DETACH },
	{ "tty", no_argument, NULL, TTY },
	{ "env", required_argument, NULL, ENV },
	{ "user", required_argument, NULL, USER },
	{ "cap", required_argument, NULL, CAP },
	{ "cwd", required_argument, NULL, CWD },
	{ "pid-file", required_argument, NULL, PID_FILE },
	{ "console-socket", required_argument, NULL, CONSOLE },
	{ "preserve-fds", required_argument, NULL, PRESERVE },
	{ "no-new-privs", no_argument, NULL, NO_NEW_PRIVS },
	{ "no-subreaper", no_argument, NULL, IGNORED },
	{ "ignore-paused", no_argument, NULL, IGNORED },
	{ "apparmor", required_argument, NULL, APPARMOR },
	{ "process-label", required_argument, NULL, LABEL },
	{ "pidfd-socket", required_argument, NULL, PIDFD_SOCKET },
	{ "cgroup", required_argument, NULL, CGROUP },
	{ "additional-gids", required_argument, NULL, GIDS },
	{ 0 },
};

static int parse(struct exec *o, int argc, char **argv, struct mc_err *err)
{
	int rc = 0;
	for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+p:dte:u:c:g:", options, NULL)) != -1;) {
		switch (c) {
		case PROCESS: o->process_file = optarg; break;
		case DETACH: o->detach = true; break;
		case TTY: o->tty = true; break;
		case ENV: strv_push(&o->env, optarg); break;
		case USER: o->user = optarg; break;
		case CAP: strv_push(&o->caps, optarg); break;
		case CWD: o->cwd = optarg; break;
		case PID_FILE: o->pid_file = optarg; break;
		case CONSOLE: o->console_socket = optarg; break;
		case PRESERVE: rc = oci_number(optarg, "--preserve-fds", &o->preserve, err); break;
		case NO_NEW_PRIVS: o->no_new_privs = true; break;
		case APPARMOR: o->apparmor = optarg; break;
		case LABEL: o->label = optarg; break;
		case PIDFD_SOCKET: o->pidfd_socket = optarg; break;
		case CGROUP: strv_push(&o->cgroups, optarg); break;
		case GIDS: strv_push(&o->gids, optarg); break;
		case IGNORED: break; /* of runc; there is nothing here they could mean */
		default: return oci_bad_option(argv, err);
		}
	}
	if (rc < 0)
		return rc;
	o->id = oci_id(argc, argv, err);
	if (!o->id)
		return -err->code;
	for (int i = optind + 1; i < argc; i++)
		strv_push(&o->args, argv[i]);
	if (!o->process_file && !o->args)
		return err_set(err, EINVAL,
			"exec: a command is missing: write it after the id, or use --process FILE");
	return 0;
}

int oci_cmd_exec(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	struct exec o = { .root = g->root };
	int rc = parse(&o, argc, argv, err);
	if (rc >= 0 && (rc = seal_self(g->argv, err)) >= 0)
		rc = exec_container(&o, err);
	strv_free(o.args);
	strv_free(o.env);
	strv_free(o.caps);
	strv_free(o.gids);
	strv_free(o.cgroups);
	if (rc < 0 && !err->exit_status)
		err_exit(err, 255); /* runc's: 255 says that exec itself failed, not the program */
	return rc;
}
