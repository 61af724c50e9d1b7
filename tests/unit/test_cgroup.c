/*
 * test_cgroup.c - cgroups against this machine's kernel. What needs root or a controller that is missing here is passed over.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"

static struct mc_err err;
static struct cgroup cg;
static char path[64];

#define OK(call)                                                                                             \
	do {                                                                                                 \
		int rc_ = (call);                                                                            \
		ck_assert_msg(rc_ >= 0, "%s = %d: %s", #call, rc_, err.what);                                \
	} while (0)

static bool usable(void)
{
	struct mc_err e = { 0 };
	struct cgroup probe;
	if (geteuid() || cgroup_trees(&probe, "/x", &e) < 0)
		return false;
	return access(probe.tree[0].mount, W_OK) == 0;
}

static void setup(void)
{
	err = (struct mc_err){ 0 };
	snprintf(path, sizeof(path), "/minictr-test-%d/box", getpid());
	if (usable())
		OK(cgroup_create(&cg, path, &err));
}

static void teardown(void)
{
	if (!usable())
		return;
	OK(cgroup_remove(&cg, &err));
	struct cgroup parent;
	*strrchr(path, '/') = '\0';
	OK(cgroup_trees(&parent, path, &err));
	OK(cgroup_remove(&parent, &err));
}

/* A child inside: does work, or waits for a signal. It is inside every tree when this returns. */
static pid_t inside(int (*work)(void))
{
	int ready[2];
	char c;
	OK(pipe(ready));
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_DFL); /* not Check's handler */
		if (cgroup_enter(&cg, &err) < 0)
			_exit(99);
		if (write(ready[1], "", 1) != 1)
			_exit(98);
		_exit(work ? work() : (pause(), 0));
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	return pid;
}

static uint64_t read_back(const char *key)
{
	int dir;
	const char *file, *none;
	OK(cgroup_file(&cg, key, &dir, &file, &none, &err));
	return cgroup_read_number(dir, file, NULL);
}

START_TEST(limits_are_exact)
{
	if (!usable())
		return;
	OK(cgroup_set_limit(&cg, "memory.max", 67108864, &err));
	ck_assert_uint_eq(read_back("memory.max"), 67108864);
	OK(cgroup_set_limit(&cg, "pids.max", 17, &err));
	ck_assert_uint_eq(read_back("pids.max"), 17);
	OK(cgroup_set_limit(&cg, "pids.max", CGROUP_NO_LIMIT, &err));
	ck_assert_uint_eq(read_back("pids.max"), CGROUP_NO_LIMIT);
	OK(cgroup_set_cpus(&cg, 1500000000, &err));
	OK(cgroup_set_cpus(&cg, 0, &err));
	ck_assert_int_eq(cgroup_set_cpus(&cg, 5, &err), -EINVAL);
	ck_assert_int_eq(cgroup_set_limit(&cg, "no.such", 1, &err), -EOPNOTSUPP);
}
END_TEST

START_TEST(weight_becomes_shares)
{
	struct cgroup v1 = { 0 };
	ck_assert_uint_eq(cgroup_v1_value(&v1, "cpu.weight", 100), 1024);
	ck_assert_uint_eq(cgroup_v1_value(&v1, "cpu.weight", 1), 2);
	ck_assert_uint_eq(cgroup_v1_value(&v1, "cpu.weight", 10000), 262144);
	ck_assert_uint_eq(cgroup_v1_value(&v1, "pids.max", 5), 5);
}
END_TEST

START_TEST(paths_stay_below)
{
	struct cgroup c;
	ck_assert_int_eq(cgroup_trees(&c, "/a/../../b", &err), -EINVAL);
	ck_assert_int_eq(cgroup_trees(&c, "..", &err), -EINVAL);
	ck_assert_int_eq(cgroup_trees(&c, "/", &err), -EINVAL);
	ck_assert_int_eq(cgroup_trees(&c, "", &err), -EINVAL);
}
END_TEST

static int hog(void)
{
	for (size_t i = 0; i < 64; i++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(p, 1, 1 << 20);
	}
	return 0;
}

START_TEST(out_of_memory_is_counted)
{
	if (!usable())
		return;
	struct cgroup_events e;
	int status;
	OK(cgroup_set_limit(&cg, "memory.max", 16 << 20, &err));
	cgroup_set_limit(&cg, "memory.swap.max", 0, &err);
	OK(cgroup_read_events(&cg, &e, &err));
	ck_assert_uint_eq(e.oom_kill, 0);
	waitpid(inside(hog), &status, 0);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	OK(cgroup_read_events(&cg, &e, &err));
	ck_assert_uint_eq(e.oom_kill, 1);
	ck_assert(!e.populated);
}
END_TEST

START_TEST(kill_is_not_out_of_memory)
{
	if (!usable())
		return;
	struct cgroup_events e;
	pid_t pid = inside(NULL);
	OK(cgroup_read_events(&cg, &e, &err));
	ck_assert(e.populated);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	OK(cgroup_read_events(&cg, &e, &err));
	ck_assert_uint_eq(e.oom_kill, 0);
}
END_TEST

static volatile uint64_t *beats;

static int beat(void)
{
	for (*beats = 1; *beats; ++*beats)
		;
	return 0;
}

START_TEST(frozen_processes_stand_still)
{
	if (!usable())
		return;
	beats = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = inside(beat), *pids = NULL;
	ck_assert_int_eq(cgroup_pids(&cg, &pids, &err), 1);
	ck_assert_int_eq(pids[0], pid);
	free(pids);
	OK(cgroup_freeze(&cg, true, &err));
	ck_assert(cgroup_is_frozen(&cg));
	uint64_t before = *beats;
	usleep(30000);
	ck_assert_uint_eq(*beats, before);
	OK(cgroup_freeze(&cg, false, &err));
	ck_assert(!cgroup_is_frozen(&cg));
	for (int i = 0; i < 1000 && *beats == before; i++)
		usleep(1000);
	ck_assert_uint_gt(*beats, before);
	OK(cgroup_kill(&cg, SIGKILL, &err));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

/* Deep and wide, with a process at the bottom and the whole frozen: nothing may stay. */
START_TEST(removal_leaves_nothing)
{
	if (!usable())
		return;
	char dir[4096];
	signal(SIGCHLD, SIG_IGN);
	for (size_t i = 0; i < cg.n; i++) {
		int n = snprintf(dir, sizeof(dir), "%s%s", cg.tree[i].mount, cg.path);
		for (int depth = 0; depth < 50; depth++) {
			n += snprintf(dir + n, sizeof(dir) - n, "/d");
			ck_assert_int_eq(mkdir(dir, 0755), 0);
		}
	}
	pid_t pid = inside(NULL);
	snprintf(dir, sizeof(dir), "%s%s/d/d/cgroup.procs", cg.tree[cg.n - 1].mount, cg.path);
	FILE *f = fopen(dir, "w");
	ck_assert(f && fprintf(f, "%d", pid) > 0 && fclose(f) == 0);
	OK(cgroup_freeze(&cg, true, &err));
	OK(cgroup_remove(&cg, &err));
	ck_assert(kill(pid, 0) < 0);
	for (size_t i = 0; i < cg.n; i++) {
		snprintf(dir, sizeof(dir), "%s%s", cg.tree[i].mount, cg.path);
		ck_assert(access(dir, F_OK) < 0);
	}
	OK(cgroup_remove(&cg, &err)); /* a second time is fine */
}
END_TEST

START_TEST(failure_takes_back_what_was_made)
{
	if (!usable())
		return;
	struct cgroup c;
	char name[80], dir[300];
	snprintf(
		name, sizeof(name), "/minictr-test-%d/one\ntwo", getpid()); /* the kernel refuses line ends */
	ck_assert_int_lt(cgroup_create(&c, name, &err), 0);
	for (size_t i = 0; i < cg.n; i++) {
		snprintf(dir, sizeof(dir), "%s%s", cg.tree[i].mount, name);
		ck_assert(access(dir, F_OK) < 0);
	}
}
END_TEST

START_TEST(figures_are_there)
{
	if (!usable())
		return;
	struct cgroup_stats s;
	OK(cgroup_set_limit(&cg, "memory.max", 32 << 20, &err));
	OK(cgroup_stats(&cg, &s, &err));
	ck_assert_uint_eq(s.memory_limit, 32 << 20);
	ck_assert_uint_eq(s.pids_limit, CGROUP_NO_LIMIT);
	OK(cgroup_set_limit(&cg, "memory.max", CGROUP_NO_LIMIT, &err));
	OK(cgroup_stats(&cg, &s, &err));
	ck_assert_uint_eq(s.memory_limit, CGROUP_NO_LIMIT);
}
END_TEST

static struct config_limits of(int64_t memory, int64_t swap)
{
	return (struct config_limits){ .memory = memory, .memory_swap = swap };
}

/* Up, down and away again: each order of writing is wrong for one of them. */
START_TEST(limits_move_both_ways)
{
	if (!usable())
		return;
	static const int64_t steps[][2] = { { 64 << 20, 128 << 20 }, { 256 << 20, 300 << 20 },
		{ 32 << 20, 32 << 20 }, { -1, -1 }, { 16 << 20, 64 << 20 } };
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct config_limits l = of(steps[i][0], steps[i][1]);
		OK(cgroup_apply(&cg, &l, &err));
		if (l.memory > 0)
			ck_assert_uint_eq(read_back("memory.max"), (uint64_t)l.memory);
	}
	struct config_limits bad = of(64 << 20, 32 << 20),
			     cpu = { .cpu_quota = 50000, .cpu_period = 100000, .cpu_shares = 512 };
	ck_assert_int_eq(cgroup_apply(&cg, &bad, &err), -EINVAL);
	OK(cgroup_apply(&cg, &cpu, &err));
	if (!cg.v2)
		ck_assert_uint_eq(read_back("cpu.weight"), 512);
	cpu = (struct config_limits){ .cpu_quota = 2000, .cpu_period = 1000000 };
	OK(cgroup_apply(&cg, &cpu, &err));
	cpu = (struct config_limits){ .cpu_quota = 1500, .cpu_period = 1000 };
	OK(cgroup_apply(&cg, &cpu, &err));
	ck_assert_uint_eq(cgroup_weight_of_shares(1024), 100);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cgroup");
	TCase *t = tcase_create("kernel");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, limits_are_exact);
	tcase_add_test(t, weight_becomes_shares);
	tcase_add_test(t, paths_stay_below);
	tcase_add_test(t, out_of_memory_is_counted);
	tcase_add_test(t, kill_is_not_out_of_memory);
	tcase_add_test(t, frozen_processes_stand_still);
	tcase_add_test(t, removal_leaves_nothing);
	tcase_add_test(t, failure_takes_back_what_was_made);
	tcase_add_test(t, figures_are_there);
	tcase_add_test(t, limits_move_both_ways);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
