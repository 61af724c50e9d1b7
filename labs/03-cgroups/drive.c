/*
 * drive.c - calls one function of lab 03. Groups that a task leans on are made here by mkdir and write.
 *
 * drive create PATH WORD         cgroup_create(PATH), move in by hand, hold
 * drive limit PATH WORD KEY=N..  cgroup_set_limit() for each, move in, hold;   limit-run PATH ARG0 KEY=N -- ARG...: run ARG
 * drive limit-only PATH WORD KEY=N..  the same, nobody moves in
 * drive cpus PATH NANO SECONDS   cgroup_set_cpus(), move in, burn SECONDS;     cpus-lift PATH NANO WORD: set, then lift, hold
 * drive enter PATH WORD          a child that enters and execs `probe fork 2 WORD`; this parent stays outside, holding
 * drive enter-gone PATH          the group is removed before;   enter-self: this process enters
 * drive kills PATH OOM NESTED TERM    so many hogs killed for memory, in a group below it, and by a plain SIGKILL
 * drive events PATH                  what cgroup_read_events() says of that group; exit: oom_kill
 * drive counted PATH N WORD        makes a group that was throttled and refused N forks; holds the number of times throttled
 * drive counts PATH                holds what cgroup_read_events() says of it: pids_max throttled oom oom_kill populated
 * drive remove PATH WORD         a group and one below it, each with a process that TERM does not end; on SIGUSR1
 *                                cgroup_remove(); once more of a half one, and of one that is gone; then hold
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/sys.h"
#include "base/util.h"
#include "learn/drive.h"
#include "runtime/cgroup.h"

enum { NOT_MADE = 89, FORGOTTEN = 88, HALF_LEFT = 87, NO_TREES = 86, PARENT_LEFT = 85, UNTOLD = 84, OOM_IS_OTHER = 100, NOBODY_CAN_ENTER = 93, NOT_OPENED = 92, REFUSED_BY_KERNEL = 90 };
static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

static int hold(const char *word)
{
	execl("/lab/probe", "probe", "hold", word, NULL);
	return DRIVE_NO_PROBE;
}

/* v2: a group has the controllers that its parent passes on, and only those. */
static void pass_on(const struct cgroup_tree *tree, const char *path)
{
	static const char *const controllers[] = { "+memory", "+pids", "+cpu", "+cpuset" };
	char *file = xasprintf(
		"%s%.*s/cgroup.subtree_control", tree->mount, (int)(strrchr(path, '/') - path), path);
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	for (size_t i = 0; fd >= 0 && i < ARRAY_LEN(controllers); i++)
		if (write(fd, controllers[i], strlen(controllers[i])) < 0)
			continue; /* this machine has no such controller: the group does without */
	close_fd(fd);
	free(file);
}

/* One group in every tree, made by hand. Its parent must be there; with controllers it may hold no process (v2). */
static void stage(struct cgroup *cg, const char *path, bool controllers)
{
	must(cgroup_trees(cg, path, &err), "no cgroup trees");
	for (size_t i = 0; i < cg->n; i++) {
		char *dir = xasprintf("%s%s", cg->tree[i].mount, cg->path);
		if (cg->v2 && controllers)
			pass_on(&cg->tree[i], cg->path);
		mkdir(dir, 0755);
		cg->tree[i].dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		must(cg->tree[i].dir, dir);
		if (!cg->v2)
			must(cgroup_inherit_cpuset(&cg->tree[i], cg->tree[i].dir, &err), "cpuset");
		free(dir);
	}
}

static void move_in(const struct cgroup *cg)
{
	for (size_t i = 0; i < cg->n; i++) {
		int fd = openat(cg->tree[i].dir, cg->v2 ? "cgroup.procs" : "tasks", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) != 1)
			must(-1, xasprintf("move into %s of %s", cg->path, cg->tree[i].mount));
		close(fd);
	}
}

/* new: the group just made. Made again it is there, so nothing of it is made. */
static int made_is_told(const struct cgroup *new, const char *path)
{
	struct cgroup again = { 0 };
	for (size_t i = 0; i < new->n; i++)
		if (!new->tree[i].made)
			return NOT_MADE;
	int rc = OWNED_FDS((int)again.n, cgroup_create(&again, path, &err));
	for (size_t i = 0; rc == 0 && i < again.n; i++)
		if (again.tree[i].made)
			return NOT_MADE;
	return drive_result(rc, &err);
}

static int drive_create(const char *path, const char *word)
{
	struct cgroup cg = { 0 }, top = { 0 };

	if (strchr(path + 1, '/') && !strstr(path, "..")) {
		/* The first directory is there already, and its cpuset passes nothing on by itself. */
		stage(&top, xasprintf("%.*s", (int)strcspn(path + 1, "/") + 1, path), true);
		for (size_t i = 0; i < top.n; i++) {
			int fd = openat(top.tree[i].dir, "cgroup.clone_children", O_WRONLY | O_CLOEXEC);
			if (fd >= 0 && write(fd, "0", 1) != 1)
				drive_trouble("cgroup.clone_children");
			close_fd(fd);
		}
		cgroup_close(&top);
	}
	int rc = OWNED_FDS(
		(int)cg.n, cgroup_create(&cg, path, &err)); /* one a tree: cg.n is read after the call */

	if (rc)
		return drive_result(rc, &err);
	int opened = 0;
	if (!cg.n)
		return NO_TREES;
	if (str_eq(word, "made"))
		return made_is_told(&cg, path);
	for (size_t i = 0; i < cg.n; i++)
		opened += cg.tree[i].dir > 2 && fcntl(cg.tree[i].dir, F_GETFD) >= 0;
	if (!opened)
		return NOT_OPENED;
	for (size_t i = 0; i < cg.n; i++) {
		int fd = openat(cg.tree[i].dir, cg.v2 ? "cgroup.procs" : "tasks", O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "0", 1) != 1)
			return NOBODY_CAN_ENTER;
		close_fd(fd);
	}
	return hold(word);
}

static int set_limits(const struct cgroup *cg, char **items)
{
	for (; *items && !str_eq(*items, "--"); items++) {
		char *value = strchr(*items, '=');
		*value++ = '\0';
		int rc = OWNED(cgroup_set_limit(cg, *items,
			str_eq(value, "none") ? CGROUP_NO_LIMIT : strtoull(value, NULL, 10), &err));
		if (rc)
			return rc;
	}
	return 0;
}

static int drive_limit(char **argv, const char *how)
{
	struct cgroup cg = { 0 };

	stage(&cg, argv[0], true);
	int rc = set_limits(&cg, argv + 2);
	if (rc || str_eq(how, "-only"))
		return drive_result(rc, &err);
	move_in(&cg);
	if (!str_eq(how, "-run"))
		return hold(argv[1]);
	char **program = argv + 2;
	while (*program && !str_eq(*program, "--"))
		program++;
	execv("/lab/probe", program + 1);
	return DRIVE_NO_PROBE;
}

static int drive_cpus(char **argv, bool lift)
{
	struct cgroup cg = { 0 };

	stage(&cg, argv[0], true);
	/* The period is not always the kernel's own: `update --cpu-period` may have been here before. */
	must(sys_write_file(cgroup_controller(&cg, "cpu"), cg.v2 ? "cpu.max" : "cpu.cfs_period_us",
		     cg.v2 ? "max 40000" : "40000", &err), "the period");
	int rc = OWNED(cgroup_set_cpus(&cg, strtoull(argv[1], NULL, 10), &err));
	if (rc == 0 && lift)
		rc = OWNED(cgroup_set_cpus(&cg, 0, &err));
	if (rc)
		return drive_result(rc, &err);
	move_in(&cg);
	if (lift)
		return hold(argv[2]);
	execl("/lab/probe", "probe", "burn", argv[2], NULL);
	return DRIVE_NO_PROBE;
}

static int drive_enter(const char *path, const char *word, bool gone, bool self)
{
	struct cgroup cg = { 0 };

	stage(&cg, path, true);
	for (size_t i = 0; gone && i < cg.n; i++)
		rmdir(xasprintf("%s%s", cg.tree[i].mount, cg.path));
	if (self)
		return drive_result(OWNED(cgroup_enter(&cg, &err)), &err);
	pid_t pid = fork();
	if (pid == 0) {
		int rc = OWNED(cgroup_enter(&cg, &err));
		if (rc)
			_exit(drive_result(rc, &err));
		execl("/lab/probe", "probe", "fork", "2", word, NULL);
		_exit(DRIVE_NO_PROBE);
	}
	if (!gone)
		return hold("engine");
	int status = 0;
	usleep(300000);
	if (waitpid(pid, &status, WNOHANG) != pid) {
		kill(pid, SIGKILL);
		return 0;
	}
	return WEXITSTATUS(status);
}

/* A program inside cg; ended by the kernel when it touches too much, by us when hog is false. */
static void victim(const struct cgroup *cg, bool hog)
{
	pid_t pid = fork();

	must(pid, "fork");
	if (pid == 0) {
		move_in(cg);
		execl("/lab/probe", "probe", hog ? "memory" : "hold", "80000000", NULL);
		_exit(DRIVE_NO_PROBE);
	}
	if (!hog) {
		usleep(50000);
		kill(pid, SIGKILL);
	}
	waitpid(pid, NULL, 0);
}

static void small_memory(const struct cgroup *cg)
{
	must(cgroup_write(cg, "memory.max", "20971520", &err), "memory.max");
	cgroup_write(cg, "memory.swap.max", cg->v2 ? "0" : "20971520", &err);
}

/* The kills: done by the reference's drive program, so that a learner's code never holds their number. */
static int drive_kills(char **argv)
{
	struct cgroup cg = { 0 }, inner = { 0 };

	stage(&cg, argv[0], true);
	small_memory(&cg);
	for (int i = 0; i < atoi(argv[1]); i++)
		victim(&cg, true);
	for (int i = 0; i < atoi(argv[3]); i++)
		victim(&cg, false);
	if (atoi(argv[2])) {
		stage(&inner, xasprintf("%s/inner", argv[0]), true);
		small_memory(&inner);
		for (int i = 0; i < atoi(argv[2]); i++)
			victim(&inner, true);
	}
	return 0;
}

static int drive_events(const char *path)
{
	struct cgroup cg = { 0 };
	struct cgroup_events events = { 0 };

	stage(&cg, path, true);
	int rc = OWNED(cgroup_read_events(&cg, &events, &err));
	if (rc)
		drive_result(rc, &err);
	int more = events.oom < events.oom_kill ? OOM_IS_OTHER : 0;
	return rc ? REFUSED_BY_KERNEL : more + (events.oom_kill > 80 ? 80 : (int)events.oom_kill);
}

static pid_t inhabitant(const struct cgroup *cg, const char *word)
{
	pid_t pid = fork();

	must(pid, "fork");
	if (pid == 0) {
		move_in(cg);
		execl("/lab/probe", "probe", "ignore", "15", word, NULL);
		_exit(DRIVE_NO_PROBE);
	}
	return pid;
}

/* A program that wants more time than it may have, until it has ended; how often the kernel held it, or 0 without the file. */
static uint64_t throttle(const struct cgroup *cg)
{
	int dir = cgroup_controller(cg, "cpu");
	struct mc_err none;
	if (dir < 0)
		return 0;
	if (cg->v2)
		sys_write_file(dir, "cpu.max", "2000 100000", &none);
	else
		sys_write_file(dir, "cpu.cfs_quota_us", "2000", &none);
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		move_in(cg);
		for (int i = 0; i < 4; i++)
			usleep(110000); /* periods in which nothing is held back */
		for (uint64_t end = now_ns(CLOCK_MONOTONIC) + 250000000; now_ns(CLOCK_MONOTONIC) < end;)
			continue;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	sys_write_file(dir, cg->v2 ? "cpu.max" : "cpu.cfs_quota_us", cg->v2 ? "max" : "-1", &none);
	return cgroup_read_number(dir, "cpu.stat", "nr_throttled");
}

/*
 * A group in which the kernel has counted: the first process held back, then forks refused. It lives on when `word` is one.
 * The number of times that it was held back is told by the command line, which the grader reads.
 */
static int drive_counted(const char *path, int forks, const char *word)
{
	struct cgroup cg = { 0 };

	stage(&cg, path, true);
	uint64_t throttled = throttle(&cg);
	must(cgroup_write(&cg, "pids.max", "1", &err), "pids.max");
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		move_in(&cg);
		for (int i = 0; i < forks; i++)
			if (fork() == 0)
				_exit(0);
		if (*word)
			_exit(hold(word));
		_exit(0);
	}
	if (!*word)
		waitpid(pid, NULL, 0);
	usleep(50000);
	return hold(xasprintf("%llu", (unsigned long long)throttled));
}

/* What the function says of such a group. The numbers are wrong before, so that what is not written is seen. */
static int drive_counts(const char *path)
{
	struct cgroup cg = { 0 };
	struct cgroup_events events;

	stage(&cg, path, true);
	memset(&events, 0x55, sizeof(events));
	events.populated = getpid() & 1;
	int rc = OWNED(cgroup_read_events(&cg, &events, &err));
	if (rc) {
		drive_result(rc, &err);
		return REFUSED_BY_KERNEL;
	}
	return hold(xasprintf("%llu %llu %llu %llu %d", (unsigned long long)events.pids_max,
		(unsigned long long)events.throttled, (unsigned long long)events.oom,
		(unsigned long long)events.oom_kill, events.populated));
}

static void nothing(int number) {}

/* A group in a directory of the engine's own ("/minictr-..."): empty afterwards, that one goes too. */
static int parent_goes(void)
{
	struct cgroup top = { 0 }, cg = { 0 };
	char *parent = xasprintf("/minictr-%d", (int)getpid());
	stage(&top, parent, true);
	stage(&cg, xasprintf("%s/one", parent), false);
	cgroup_close(&top);
	size_t n = cg.n;
	int rc = OWNED_FDS(CLOSES_FDS, cgroup_remove(&cg, &err)), left = 0;
	for (size_t i = 0; i < n; i++) {
		char *dir = xasprintf("%s%s", cg.tree[i].mount, parent);
		left += rmdir(dir) == 0;
	}
	return rc ? rc : left ? PARENT_LEFT : 0;
}

/* A directory that stays, in a tree that is read-only here: rmdir(2) gives EROFS at once. Is that told? */
static int staying_is_told(struct cgroup *cg, const char *dir)
{
	const char *tree = cg->tree[cg->n - 1].mount;
	mkdir(dir, 0755);
	must(mount(tree, tree, NULL, MS_BIND, NULL), "bind");
	must(mount(NULL, tree, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "read-only");
	int rc = OWNED_FDS(CLOSES_FDS, cgroup_remove(cg, &err));
	umount2(tree, MNT_DETACH);
	rmdir(dir);
	return rc == -EROFS ? 0 : rc == 0 ? UNTOLD : rc;
}

static int drive_remove(char **argv)
{
	struct cgroup cg = { 0 }, inner = { 0 };
	sigset_t usr1;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	signal(SIGUSR1, nothing);
	stage(&cg, argv[0], true);
	stage(&inner, xasprintf("%s/inner", argv[0]), false);
	cgroup_close(&inner);
	stage(&inner, xasprintf("%s/inner", argv[0]), false);
	inhabitant(&cg, argv[1]);
	inhabitant(&inner, "inner");
	cgroup_close(&inner);
	signal(SIGCHLD, SIG_IGN); /* the dead are to be gone, not zombies in the group */
	sigwaitinfo(&usr1, NULL);
	char path[sizeof(cg.path)];
	size_t n = cg.n;
	memcpy(path, cg.path, sizeof(path));
	int rc = OWNED_FDS(CLOSES_FDS, cgroup_remove(&cg, &err));
	if (rc)
		return drive_result(rc, &err);
	if (!str_eq(path, cg.path) || cg.n != n || !n)
		return FORGOTTEN;
	for (size_t i = 0; i < n; i++)
		if (access(xasprintf("%s%s", cg.tree[i].mount, path), F_OK) == 0)
			return hold("removed"); /* as it says: the grader looks */
	char *last = xasprintf("%s%s", cg.tree[n - 1].mount, path);
	for (int i = 0; i < 2 && rc == 0; i++) { /* made again in one tree; then it is gone */
		if (i == 0)
			mkdir(last, 0755);
		rc = OWNED_FDS(CLOSES_FDS, cgroup_remove(&cg, &err));
		if (rc == 0 && access(last, F_OK) == 0)
			return HALF_LEFT;
	}
	if (rc == 0 && (rc = parent_goes()) == PARENT_LEFT)
		return PARENT_LEFT;
	if (rc == 0 && (rc = staying_is_told(&cg, last)) == UNTOLD)
		return UNTOLD;
	return rc ? drive_result(rc, &err) : hold("removed");
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	if (str_eq(verb, "counts"))
		return drive_counts(argv[2]);
	if (str_eq(verb, "events") && argc > 2)
		return drive_events(argv[2]);
	if (str_eq(verb, "counted") && argc > 4)
		return drive_counted(argv[2], atoi(argv[3]), argv[4]);
	if (argc < 4)
		verb = "";

	if (str_eq(verb, "create"))
		return drive_create(argv[2], argv[3]);
	if (str_starts(verb, "limit"))
		return drive_limit(argv + 2, verb + 5);
	if (str_starts(verb, "cpus") && argc > 4)
		return drive_cpus(argv + 2, str_eq(verb, "cpus-lift"));
	if (str_starts(verb, "enter"))
		return drive_enter(argv[2], argv[3], str_eq(verb, "enter-gone"), str_eq(verb, "enter-self"));
	if (str_eq(verb, "kills") && argc > 5)
		return drive_kills(argv + 2);
	if (str_eq(verb, "remove"))
		return drive_remove(argv + 2);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
