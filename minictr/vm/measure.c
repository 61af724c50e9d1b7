/*
 * measure.c - one comparison, from the first start to the last kill.
 *
 * Order and why: times first, on a machine that is otherwise idle; then one container and one machine hold
 * still and are looked at; then they are attacked from inside, which they may not survive; crowds last.
 * Whatever happens, all that was started has a name with our tag in it and is removed at the end.
 */
#include "vm/measure.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/spawn.h"
#include "engine/stop.h"
#include "image/verbs.h"
#include "vm/call_count.h"
#include "vm/guest_disk.h"

static void tell(const struct measuring *m, const char *what)
{
	if (m->o->tell)
		m->o->tell(what);
}

/* What is behind "minictr", with "minictr" in front: a struct probe's argv. */
static char **with_program(const struct measuring *m, char *const words[])
{
	char **argv = NULL;
	strv_push(&argv, m->minictr);
	for (size_t i = 0; words[i]; i++)
		strv_push(&argv, words[i]);
	return argv;
}

/* --- times --- */

static int measure_start(struct measuring *m, int side, struct mc_err *err)
{
	static char *const options[] = { "--rm", NULL };
	_cleanup_strv_ char **words = measure_words(m, side, options), **argv = with_program(m, words);
	struct probe p = { .name = side_names[side], .argv = argv };
	struct series s;
	tell(m, side == SIDE_VM ? "starting machines" : "starting containers");
	int rc = compare_time(&p, m->o->runs, &s, err);
	if (rc < 0)
		return measure_interrupted() ? err_set(err, EINTR, "interrupted") : rc;
	measure_number(m, "first", side, (double)s.median_first / 1e6);
	measure_number(m, "end", side, (double)s.median_end / 1e6);
	measure_samples(m, "first", side, s.first, s.n);
	measure_samples(m, "end", side, s.end, s.n);
	return 0;
}

/* In front of the held container's limits what only a start needs that is not held. Caller strv_free()s. */
static char **limited_words(bool held)
{
	char **words = NULL;
	if (!held)
		strv_push(&words, "--rm");
	strv_pushf(&words, "--memory=%dm", HELD_MIB);
	strv_pushf(&words, "--memory-swap=%dm", HELD_MIB);
	strv_pushf(&words, "--pids-limit=%d", HELD_PIDS);
	return words;
}

/* One start that is not measured: what the engine warns of is said here, and not at each start. */
static int warn_once(struct measuring *m, struct mc_err *err)
{
	_cleanup_strv_ char **limits = limited_words(false),
			    **words = measure_words(m, SIDE_CONTAINER, limits);
	strv_push(&words, "first");
	m->warned = true;
	return measure_run(m, words, NULL, err);
}

/* The user's own command: without the probe, with the image's own entrypoint. */
static int measure_command(struct measuring *m, int side, struct mc_err *err)
{
	static char *const options[] = { "--rm", NULL };
	_cleanup_strv_ char **words = measure_words(m, side, options), **own = NULL;
	uint64_t ns[SERIES_MAX];
	int rc = 0, code = 0;
	for (size_t i = 0; words[i]; i++)
		if (!str_starts(words[i], "--entrypoint"))
			strv_push(&own, words[i]);
	for (size_t i = 0; m->o->command[i]; i++)
		strv_push(&own, m->o->command[i]);
	tell(m, side == SIDE_VM ? "your command in a machine" : "your command in a container");
	for (int i = 0; rc >= 0 && i < m->o->runs; i++) {
		_cleanup_buf_ struct buf said = { 0 };
		uint64_t start = now_ns(CLOCK_MONOTONIC);
		rc = code = measure_run(m, own, &said, err);
		ns[i] = now_ns(CLOCK_MONOTONIC) - start;
	}
	if (rc < 0)
		return rc;
	_cleanup_free_ char *text = xasprintf("exit status %d", code);
	measure_number(m, "command", side, (double)median_of(ns, m->o->runs) / 1e6);
	measure_text(m, "command", side, code ? text : NULL);
	return 0;
}

/* --- one that holds still --- */

struct calling {
	struct measuring *m;
	int side;
};

static int ask_for_calls(void *data)
{
	struct calling *c = data;
	struct mc_err err = { 0 };
	_cleanup_container_ struct container vm = { 0 };
	const char *name = c->m->held[c->side];
	int rc;
	if (c->side == SIDE_CONTAINER)
		rc = container_kill(c->m->h->engine, name, "USR1", &err);
	else if ((rc = vm_find(c->m->h, name, &vm, &err)) >= 0)
		rc = vm_signal(c->m->h, &vm, SIGUSR1, &err);
	return rc < 0 ? rc : measure_wait_log(c->m, c->side, name, "called", &err);
}

static void measure_calls(struct measuring *m, int side)
{
	struct call_count n;
	struct mc_err err = { 0 };
	struct calling c = { m, side };
	if (call_count(&m->side[side], ask_for_calls, &c, &n, &err) < 0) {
		measure_note(m, "calls", err.what);
		return;
	}
	measure_number(m, "calls", side, (double)n.calls);
	measure_number(m, "kinds", side, n.kinds);
}

static int look_at_held(struct measuring *m, int side, struct mc_err *err)
{
	struct kernel_id id;
	struct pids pids;
	uint64_t pss = 0;
	double ms = 0;
	int rc = kernel_identity(&m->side[side], &id, err);
	if (rc >= 0)
		rc = host_processes(&m->side[side], &pids, err);
	if (rc >= 0)
		rc = host_memory(&pids, &pss, err);
	if (rc < 0)
		return rc;
	measure_text(m, "release", side, id.release);
	measure_text(m, "boot", side, id.is_host ? "the host's own" : "another one");
	measure_number(m, "processes", side, pids.n);
	measure_text(m, "visible", side, pids.sees_program ? "yes" : "no");
	measure_number(m, "memory", side, (double)pss / (1 << 20));
	tell(m, side == SIDE_VM ? "loop and file in the machine" : "loop and file in the container");
	rc = measure_exec(m, side, "cpu", &ms, err);
	measure_number(m, "cpu", side, ms);
	if (rc == 0)
		rc = measure_exec(m, side, "file", &ms, err);
	if (rc == 0)
		measure_number(m, "file", side, ms);
	else if (rc > 0)
		measure_note(m, "file", "the image's file system cannot be written");
	tell(m, "system calls");
	measure_calls(m, side);
	return rc < 0 ? rc : 0;
}

static int hold_and_look(struct measuring *m, int side, struct mc_err *err)
{
	_cleanup_strv_ char **words = NULL, **limits = limited_words(true);
	m->held[side] = xasprintf("%s-held", m->tag);
	tell(m, side == SIDE_VM ? "a machine that holds still" : "a container that holds still");
	int rc = measure_hold(
		m, side, m->held[side], side == SIDE_CONTAINER ? limits : NULL, "5", &m->side[side], err);
	if (side == SIDE_VM)
		strv_push(&words, "vm");
	strv_push(&words, "exec");
	strv_push(&words, m->held[side]);
	strv_push(&words, "/minictr-probe");
	m->exec[side] = with_program(m, words);
	m->side[side].argv = m->exec[side];
	return rc < 0 ? rc : look_at_held(m, side, err);
}

/* --- the whole --- */

static void remove_all(struct measuring *m)
{
	_cleanup_container_list_ struct container_list containers = { 0 }, machines = { 0 };
	struct mc_err ignored = { 0 };
	container_list(m->h->engine, &containers, &ignored);
	for (size_t i = 0; i < containers.count; i++)
		if (containers.items[i].name && str_starts(containers.items[i].name, m->tag))
			container_remove(m->h->engine, containers.items[i].id, REMOVE_FORCE | REMOVE_VOLUMES,
				&ignored);
	container_list(&m->h->machines, &machines, &ignored);
	for (size_t i = 0; i < machines.count; i++)
		if (machines.items[i].name && str_starts(machines.items[i].name, m->tag))
			vm_remove(m->h, machines.items[i].id, true, &ignored);
}

static int measure_all(struct measuring *m, struct mc_err *err)
{
	int rc = warn_once(m, err);
	for (int side = 0; rc >= 0 && side < SIDES; side++) {
		rc = measure_start(m, side, err);
		if (rc >= 0 && m->o->command && m->o->command[0])
			rc = measure_command(m, side, err);
	}
	for (int side = 0; rc >= 0 && side < SIDES; side++)
		rc = hold_and_look(m, side, err);
	if (rc >= 0)
		rc = measure_disks(m, err);
	if (rc >= 0 && !m->o->quick)
		rc = measure_neighbours(m, err);
	if (rc >= 0 && !m->o->quick)
		rc = measure_crowd(m, err);
	return measure_interrupted() && rc >= 0 ? err_set(err, EINTR, "interrupted") : rc;
}

static int describe(const struct measuring *m, struct json *doc, struct mc_err *err)
{
	enum accelerator a;
	const char *why;
	struct utsname u;
	char now[40];
	_cleanup_guest_kernel_ struct guest_kernel k = { 0 };
	int rc = accelerator_parse(m->o->accel, &a, &why, err);
	if (rc >= 0)
		rc = guest_kernel_find(m->o->kernel, &k, err);
	if (rc < 0)
		return rc;
	uname(&u);
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	json_set_u64(doc, "version", 1);
	json_set_string(doc, "time", now);
	json_set_string(doc, "image", m->o->image);
	json_set_string(doc, "accelerator", a == ACCELERATOR_KVM ? "kvm" : "tcg");
	json_set_string(doc, "accelerator_why", why);
	json_set_string(doc, "host_release", u.release);
	json_set_string(doc, "vm_kernel", k.release);
	json_set_string(doc, "machine", u.machine);
	json_set_i64(doc, "processors", sysconf(_SC_NPROCESSORS_ONLN));
	json_set_i64(doc, "runs", m->o->runs);
	json_set_u64(doc, "vm_memory", m->o->memory);
	json_set_u64(doc, "budget", m->o->budget);
	return 0;
}

int compare_measure(struct vm_host *h, const struct compare_options *o, struct json **ret, struct mc_err *err)
{
	struct measuring m = { .h = h, .o = o };
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_free_ char *qemu = NULL;
	struct sigaction old[2], mine = { .sa_handler = measure_interrupt };
	snprintf(m.tag, sizeof(m.tag), "compare-%d", (int)getpid());
	/* What is missing is said before anything is started. */
	int rc = qemu_find(&qemu, err);
	if (rc >= 0)
		rc = describe(&m, doc, err);
	if (rc >= 0)
		rc = program_path("minictr", &m.minictr, err);
	if (rc >= 0)
		rc = program_path("minictr-compare-probe", &m.probe_file, err);
	m.rows = json_set(doc, "rows", json_new_array());
	sigaction(SIGINT, &mine, &old[0]);
	sigaction(SIGTERM, &mine, &old[1]);
	if (rc >= 0)
		rc = measure_all(&m, err);
	if (m.minictr)
		remove_all(&m);
	sigaction(SIGINT, &old[0], NULL);
	sigaction(SIGTERM, &old[1], NULL);
	for (int side = 0; side < SIDES; side++) {
		free(m.held[side]);
		strv_free(m.exec[side]);
	}
	free(m.minictr);
	free(m.probe_file);
	if (rc >= 0)
		*ret = take_ptr(&doc);
	/* As a shell says of a program that ended by Ctrl-C. */
	if (rc == -EINTR)
		err_exit(err, 130);
	return rc < 0 ? rc : 0;
}
