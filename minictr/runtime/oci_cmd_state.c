/*
 * oci_cmd_state.c - the verbs state, list, kill, delete, pause, resume: small ones on existing containers.
 */
#include "runtime/oci_cmd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/container.h"
#include "runtime/state.h"

/* The id of a verb without options. */
static const char *only_id(int argc, char **argv, struct mc_err *err)
{
	static const struct option none[] = { { 0 } };
	if (getopt_long(argc, argv, "+", none, NULL) == -1)
		return oci_id(argc, argv, err);
	oci_bad_option(argv, err);
	return NULL;
}

int oci_cmd_state(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	const char *id = only_id(argc, argv, err);
	_cleanup_close_ int dir = id ? state_load(g->root, id, &s, err) : -err->code;
	return dir < 0 ? dir : oci_print(state_oci(&s));
}

static void list_row(const struct state *s)
{
	printf("%-38s %-10d %-10s %-40s %s\n", s->id, s->status == STATUS_STOPPED ? 0 : s->pid,
		state_status_name(s->status), s->bundle, s->created);
}

int oci_cmd_list(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "quiet", no_argument, NULL, 'q' },
		{ "format", required_argument, NULL, 'f' }, { 0 } };
	bool quiet = false, json = false;
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	for (int c; (c = getopt_long(argc, argv, "+qf:", options, NULL)) != -1;) {
		if (c == '?')
			return oci_bad_option(argv, err);
		quiet |= c == 'q';
		json |= c == 'f' && str_eq(optarg, "json");
	}
	dir_list(AT_FDCWD, g->root, &names, &ignored); /* no folder: no containers */
	struct json *all = json_new_array();
	if (!quiet && !json)
		printf("%-38s %-10s %-10s %-40s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED");
	for (size_t i = 0; i < strv_len(names); i++) {
		_cleanup_state_ struct state s = { 0 };
		if (state_id_check(names[i], &ignored) < 0)
			continue;
		_cleanup_close_ int dir = state_load(g->root, names[i], &s, &ignored);
		if (dir < 0) /* vanished meanwhile, or not ours */
			continue;
		if (quiet)
			puts(s.id);
		else if (json)
			json_add(all, state_oci(&s));
		else
			list_row(&s);
	}
	if (json && !quiet)
		return oci_print(all);
	json_free(all);
	return 0;
}

int oci_cmd_kill(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "all", no_argument, NULL, 'a' }, { 0 } };
	bool all = false;
	for (int c; (c = getopt_long(argc, argv, "+a", options, NULL)) != -1;) {
		if (c != 'a')
			return oci_bad_option(argv, err);
		all = true;
	}
	const char *id = oci_id(argc, argv, err);
	if (!id)
		return -err->code;
	const char *text = optind + 1 < argc ? argv[optind + 1] : "TERM";
	if (str_eq(text, "--all") || str_eq(text, "-a")) { /* crun's callers put it there */
		all = true;
		text = optind + 2 < argc ? argv[optind + 2] : "TERM";
	}
	int signal = signal_number(text);
	if (signal < 0)
		return err_set(err, EINVAL, "kill: there is no signal \"%s\"", text);
	return kill_container(g->root, id, signal, all, err);
}

int oci_cmd_delete(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "force", no_argument, NULL, 'f' }, { 0 } };
	bool force = false;
	for (int c; (c = getopt_long(argc, argv, "+f", options, NULL)) != -1;) {
		if (c != 'f')
			return oci_bad_option(argv, err);
		force = true;
	}
	const char *id = oci_id(argc, argv, err);
	return id ? delete_container(g->root, id, force, err) : -err->code;
}

int oci_cmd_pause(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	const char *id = only_id(argc, argv, err);
	return id ? pause_container(g->root, id, true, err) : -err->code;
}

int oci_cmd_resume(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	const char *id = only_id(argc, argv, err);
	return id ? pause_container(g->root, id, false, err) : -err->code;
}
