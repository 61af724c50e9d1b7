/*
 * box/enter.c - a program enters the crash box, and its exit status cannot be forged inside.
 *
 * Kernel objects: setns(2), execveat(2), memfd_create(2), waitpid(2), pid_namespaces(7), setsid(2).
 * A helper outside the box's pid namespace joins the namespaces, forks and waits; the child, inside, sheds
 * the grader's descriptors and becomes the program. Student code cannot name the helper, so its wait status
 * is the evidence. The child starts a session of its own: kill(0, ...) reaches a process group across pid
 * namespaces. The executables of a lab are opened outside, before the box is joined, and run by descriptor:
 * box root may mount what it likes over any name. Arguments of a drive program come by a file in memory: a
 * command line is public (proc(5)).
 */
#include "learn/box/enter.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"

/* Descriptors of the program: 0 to 2, the report pipe until exec, what a drive program is given, the
 * executable. */
enum { AT_REPORT = 3, AT_WORDS = 4, AT_FAILS = 5, AT_PROGRAM = 6, AT_END = 7 };

/* --- before the helper is forked --- */

static bool is_drive(const char *path)
{
	return str_eq(path, "/lab/mine/drive") || str_eq(path, "/lab/ref/drive");
}

/* "165,166" NUL word NUL word NUL: read by labs/drive_start.c. */
static int pack_words(struct entering *e, struct mc_err *err)
{
	const struct run *r = e->run;
	_cleanup_buf_ struct buf text = { 0 };
	for (const int *call = r->fail_calls; call && *call != -1; call++)
		buf_addf(&text, "%s%d", text.len ? "," : "", *call < 0 ? OR(*call) : *call);
	buf_addc(&text, '\0');
	for (size_t i = 1; r->argv[i]; i++)
		buf_add(&text, r->argv[i], strlen(r->argv[i]) + 1);
	e->words = memfd_create("words", MFD_CLOEXEC);
	if (e->words < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, e->fails) < 0)
		return err_sys(err, "memfd_create or socketpair");
	return file_write_all(e->words, text.data, text.len, err);
}

int program_open(struct entering *e, struct mc_err *err)
{
	const char *path = e->run->argv[0];
	const struct box_paths *paths = e->box->check->paths;
	_cleanup_free_ char *file = NULL;
	e->words = e->program = e->fails[0] = e->fails[1] = -1;
	if (str_starts(path, "/lab/mine/"))
		file = xasprintf("%s/%s", paths->mine, path + 10);
	else if (str_starts(path, "/lab/ref/"))
		file = xasprintf("%s/%s", paths->ref, path + 9);
	else if (str_eq(path, "/lab/probe"))
		file = xstrdup(paths->probe);
	if (str_starts(path, "/lab/ref/") && e->box->foreign)
		return err_set(err, EPERM, "%s: no reference code in a box where a learner's has run", path);
	e->box->foreign |= file ? str_starts(path, "/lab/mine/")
				: !str_starts(path, "/usr/") && !str_starts(path, "/bin/");
	if (!file)
		return 0;
	e->program = sys_open(AT_FDCWD, file, O_PATH, 0, err);
	if (e->program < 0)
		return e->program;
	return is_drive(path) ? pack_words(e, err) : 0;
}

void program_close(struct entering *e)
{
	e->words = close_fd(e->words);
	e->program = close_fd(e->program);
	for (int i = 0; i < 2; i++)
		e->fails[i] = close_fd(e->fails[i]);
}

/* --- inside --- */

/* Places descriptor fd at number `at`; all sources lie above AT_END by then, so none is overwritten. */
static int place(int fd, int at, bool keep)
{
	if (fd < 0)
		return close(at) < 0 && errno != EBADF ? -errno : 0;
	return dup3(fd, at, keep ? 0 : O_CLOEXEC) < 0 ? -errno : 0;
}

static int above(int fd) { return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, AT_END); }

static int place_descriptors(struct entering *e, int in, struct mc_err *err)
{
	int from[] = { above(in), above(e->output[1]), above(e->output[1]), above(e->report[1]),
		above(e->words), above(e->fails[1]), above(e->program) };
	for (int i = 0; i < AT_END; i++)
		if (place(from[i], i, i != AT_REPORT && i != AT_PROGRAM) < 0)
			return err_set(err, EBADF, "box: placing descriptor %d", i);
	return sys_close_range(AT_END, ~0u, 0, err);
}

static int prepare_program(struct entering *e, struct mc_err *err)
{
	const struct run *r = e->run;
	int rc = sys_setsid(err);
	if (rc >= 0)
		rc = box_cgroup_enter(e->box, e->cgroups, err);
	if (rc == 0)
		rc = box_become_root(e->box->ids, err);
	int in = rc < 0 ? rc : r->input ? e->input[0] : sys_open(AT_FDCWD, "/dev/null", O_RDONLY, 0, err);
	if (in < 0)
		return in;
	/* The report pipe stays until exec (O_CLOEXEC): it tells of a failed one. All else of the grader goes
	 * now. */
	rc = place_descriptors(e, in, err);
	if (rc == 0)
		rc = sys_chdir(r->dir ? r->dir : "/work", err);
	if (rc == 0)
		rc = box_confine(e->box, err);
	if (rc == 0 && r->uid != 0)
		rc = sys_setgid(r->uid, err);
	return rc == 0 && r->uid != 0 ? sys_setuid(r->uid, err) : rc;
}

static void become_program(struct entering *e, struct mc_err *err)
{
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/work", "TERM=dumb",
		"LC_ALL=C.UTF-8", NULL };
	const struct run *r = e->run;
	char *const *environment = (char *const *)(r->env ? r->env : env);
	char *const only_name[] = { (char *)r->argv[0], NULL };
	char *const *argv = e->words >= 0 ? only_name : (char *const *)r->argv;
	if (e->program >= 0)
		sys_execveat(AT_PROGRAM, argv, environment, err);
	else
		sys_execve(r->argv[0], argv, environment, err);
}

static void __attribute__((noreturn)) program_main(struct entering *e)
{
	struct report failed = { .kind = REPORT_ERROR };
	umask(022);
	if (prepare_program(e, &failed.err) >= 0) {
		signal(SIGPIPE, SIG_DFL);
		become_program(e, &failed.err);
	}
	/* Where it is depends on how far we came. */
	if (write(AT_REPORT, &failed, sizeof(failed)) < 0 && write(e->report[1], &failed, sizeof(failed)) < 0)
		_exit(126);
	_exit(125);
}

/* --- the helper: joined, but outside the pid namespace --- */

static int start_program(struct entering *e, struct mc_err *err)
{
	int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		    CLONE_NEWCGROUP;
	int rc = box_first_to_die(err);
	if (rc == 0)
		rc = box_cgroup_open(e->box, true, e->cgroups, err);
	if (rc == 0)
		rc = box_join(e->box, flags, err);
	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0)
		program_main(e);
	return pid < 0 ? err_sys(err, "fork into the box") : pid;
}

void helper_main(struct entering *e)
{
	struct report r = { .kind = REPORT_ERROR };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid_t pid = start_program(e, &r.err);
	if (pid < 0)
		_exit(write(e->report[1], &r, sizeof(r)) < 0);
	close(e->output[1]);
	e->fails[1] = close_fd(e->fails[1]);
	struct report started = { .kind = REPORT_PID, .value = pid }, ended = { .kind = REPORT_STATUS };
	if (write(e->report[1], &started, sizeof(started)) < 0)
		_exit(1);
	ended.value = wait_and_fail(e, pid);
	/* The pipe must have no writer but this helper and, until its exec, the program. */
	_exit(write(e->report[1], &ended, sizeof(ended)) < 0);
}
