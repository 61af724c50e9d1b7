/*
 * oci/state.c - the verbs state, list, kill, delete, pause, resume: small ones on existing containers.
 */
#include "runtime/oci/cmd.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/signals.h"
#include "runtime/delete.h"
#include "runtime/kill.h"
#include "runtime/state.h"

/* The id of a verb without options. */
static const char *only_id(int argc, char **argv, struct mc_err *err)
{
	static const struct option none[] = { { 0 } };
	if (getopt_long(argc, argv, "+", none, NULL) == -1)
		return oci_only_id(argc, argv, err);
	oci_bad_option(argv, err);
	return NULL;
}

/* Reads the file itself: a static program has no NSS, and this is for display only. */
static void owner_of(int dir, char *out, size_t size)
{
	struct stat st;
	_cleanup_fclose_ FILE *f = fopen("/etc/passwd", "re");
	*out = '\0';
	if (fstat(dir, &st) < 0 || !f)
		return;
	for (const struct passwd *p; (p = fgetpwent(f));)
		if (p->pw_uid == st.st_uid) {
			snprintf(out, size, "%s", p->pw_name);
			break;
		}
}

/* What state and list print: the spec's keys, and runc's "owner", who made it. */
static struct json *state_json(const struct state *s, int dir)
{
	char owner[64];
	struct json *o = state_oci(s);
	owner_of(dir, owner, sizeof(owner));
	json_set_string(o, "owner", owner);
	return o;
}

int oci_cmd_state(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	const char *id = only_id(argc, argv, err);
	_cleanup_close_ int dir = id ? state_load(g->root, id, &s, err) : -err->code;
	return dir < 0 ? dir : oci_print(state_json(&s, dir));
}

static const char list_form[] = "%-38s %-10s %-10s %-40s %-30s %s\n";

static void list_row(const struct json *o)
{
	char pid[16];
	snprintf(pid, sizeof(pid), "%d", (int)json_int_of(json_member(o, "pid")));
	printf(list_form, json_text_of(json_member(o, "id")), pid, json_text_of(json_member(o, "status")),
		json_text_of(json_member(o, "bundle")), json_text_of(json_member(o, "created")),
		json_text_of(json_member(o, "owner")));
}

/* Leaves out containers that vanish meanwhile, and other directories. */
static struct json *all_states(const struct oci_global *g)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	struct json *all = json_new_array();
	dir_list(AT_FDCWD, g->root, &names, &ignored); /* no directory: no containers */
	for (size_t i = 0; i < strv_len(names); i++) {
		_cleanup_state_ struct state s = { 0 };
		if (state_id_check(names[i], &ignored) < 0)
			continue;
		_cleanup_close_ int dir = state_load(g->root, names[i], &s, &ignored);
		if (dir >= 0)
			json_add(all, state_json(&s, dir));
	}
	return all;
}

int oci_cmd_list(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "quiet", no_argument, NULL, 'q' },
		{ "format", required_argument, NULL, 'f' }, { 0 } };
	bool quiet = false, json = false;
	for (int c; (c = getopt_long(argc, argv, "+qf:", options, NULL)) != -1;) {
		if (c == '?')
			return oci_bad_option(argv, err);
		quiet |= c == 'q';
		if (c == 'f' && oci_format(optarg, &json, err) < 0)
			return -err->code;
	}
	if (oci_end(argc, argv, 0, err) < 0)
		return -err->code;
	struct json *all = all_states(g);
	if (json && !quiet)
		return oci_print(all);
	if (!quiet)
		printf(list_form, "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
	for (size_t i = 0; i < json_len(all); i++) {
		if (quiet)
			puts(json_text_of(json_member(json_item(all, i), "id")));
		else
			list_row(json_item(all, i));
	}
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
	int words = 2;
	const char *text = optind + 1 < argc ? argv[optind + 1] : "TERM";
	if (str_eq(text, "--all") || str_eq(text, "-a")) { /* crun's callers put it there */
		all = true;
		words = 3;
		text = optind + 2 < argc ? argv[optind + 2] : "TERM";
	}
	if (oci_end(argc, argv, words, err) < 0)
		return -err->code;
	int signal = signal_parse(text, true, err);
	return signal < 0 ? signal : kill_container(g->root, id, signal, all, err);
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
	const char *id = oci_only_id(argc, argv, err);
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
