/*
 * measure_neighbours.c - what a fork bomb and a memory hog inside do to those outside.
 *
 * Both sides get limits, as every one of them should have: the container by its cgroup, the machine by the
 * size of its memory. The neighbour is this process: how much of a fixed work it gets done while the attack
 * runs, next to what it gets done in peace.
 */
#include "vm/measure.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/inspect.h"

enum { WORK_MS = 2000, WORK_LOOP = 200000, SETTLE_US = 400000 };

/* Rounds of work a second: a loop, and a process made and waited for, because a bomb takes those first. */
static double neighbour_speed(void)
{
	uint64_t start = now_ns(CLOCK_MONOTONIC), now = start;
	volatile unsigned x = 1;
	int rounds = 0;
	while ((now = now_ns(CLOCK_MONOTONIC)) - start < WORK_MS * 1000000ULL) {
		for (int i = 0; i < WORK_LOOP; i++)
			x = x * 1664525u + 1013904223u;
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid > 0 && waitpid(pid, NULL, 0) == pid)
			rounds++;
	}
	return (double)rounds * 1e9 / (double)(now - start);
}

/* Starts `word` in the held one; its output is dropped or read from *ret_out. */
static pid_t start_attack(struct measuring *m, int side, const char *word, int *ret_out, struct mc_err *err)
{
	return probe_start(&m->side[side], word, ret_out, err);
}

/* The last whole line: a bomb says again and again how many processes it has, until it ends or is ended. */
static const char *last_line(struct buf *said)
{
	while (said->len && said->data[said->len - 1] != '\n')
		said->len--;
	if (!said->len)
		return NULL;
	said->data[said->len - 1] = '\0';
	const char *before = strrchr(said->data, '\n');
	return before ? before + 1 : said->data;
}

static int measure_bomb(struct measuring *m, int side, struct mc_err *err)
{
	/* Just before: on a busy computer a minute changes more than a bomb does. */
	double peace = neighbour_speed();
	_cleanup_buf_ struct buf said = { 0 };
	int out = -1;
	pid_t pid = start_attack(m, side, "bomb", &out, err);
	if (pid < 0)
		return pid;
	usleep(SETTLE_US);
	double attacked = neighbour_speed();
	int rc = file_read_fd(out, "the bomb", 1 << 20, &said, err);
	close(out);
	waitpid(pid, NULL, 0);
	measure_number(m, "bomb", side, peace > 0 ? 100 * attacked / peace : 0);
	const char *answer = last_line(&said);
	if (answer)
		measure_number(m, "bombed", side, strtod(answer, NULL));
	else
		measure_text(m, "bombed", side, "no answer");
	return rc;
}

/* The hog says a byte for each MiB; what it got before it was killed is what its neighbours lost. */
static int measure_hog(struct measuring *m, int side, struct mc_err *err)
{
	_cleanup_buf_ struct buf said = { 0 };
	int out = -1, status = 0;
	pid_t pid = start_attack(m, side, "hog", &out, err);
	if (pid < 0)
		return pid;
	int rc = file_read_fd(out, "the hog", 1 << 20, &said, err);
	close(out);
	waitpid(pid, &status, 0);
	_cleanup_free_ char *text =
		xasprintf("exit status %d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	measure_number(m, "hog", side, (double)said.len);
	measure_text(m, "hogged", side, text);
	return rc;
}

/* An ordinary user's engine may have no cgroup to set limits with: the attack would be on this computer. */
static bool has_limits(struct measuring *m)
{
	_cleanup_container_ struct container c = { 0 };
	struct container_stats s = { 0 };
	struct mc_err ignored = { 0 };
	return container_find(m->h->engine, m->held[SIDE_CONTAINER], &c, &ignored) >= 0 &&
	       container_stats(m->h->engine, &c, &s, &ignored) >= 0 && s.pids_limit > 0 &&
	       s.pids_limit <= HELD_PIDS && s.memory_limit <= HELD_MIB << 20;
}

int measure_neighbours(struct measuring *m, struct mc_err *err)
{
	static const char *const keys[] = { "bomb", "bombed", "hog", "hogged" };
	int rc = 0;
	if (m->o->tell)
		m->o->tell("neighbours of a fork bomb and a memory hog");
	if (!has_limits(m)) {
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			measure_note(m, keys[i],
				"the container has no limits here: an attack would be on this computer");
		return 0;
	}
	for (int side = 0; rc >= 0 && side < SIDES && !measure_interrupted(); side++)
		rc = measure_bomb(m, side, err);
	for (int side = 0; rc >= 0 && side < SIDES && !measure_interrupted(); side++)
		rc = measure_hog(m, side, err);
	return rc;
}
