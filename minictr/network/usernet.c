/*
 * usernet.c - pasta(1) and slirp4netns(1): started, waited for until they are ready, and ended.
 *
 * Kernel objects: a network namespace with a second name, the bind mount run_dir/netns; one process. Man
 * pages: network_namespaces(7), mount(2) MS_BIND, unshare(2), pidfd_open(2).
 * Order and why:
 *   1 bind /proc/PID/ns/net to a file. Both programs give up most capabilities before they open the
 *     namespace, and without CAP_SYS_PTRACE a process may not open it through /proc; a file needs no
 *     capability. And pasta ends when that file goes
 *   2 start the program; pasta goes into the background when all is set up, slirp4netns says so by a pipe
 *   3 its number is in run_dir/usernet.pid, so that the command after a crash can end it
 * Ending it is by number, and numbers are used again: the process is ours only if our file stands in its
 * command line. Left out: published ports of slirp4netns, IPv6 beyond what the programs do by themselves.
 */
#include "network/usernet.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "runtime/process.h"

enum { READY_FD = 3 }; /* slirp4netns writes a byte into it */

/* What differs between the programs. DNS: both take queries at an address of their own and ask the host's
 * resolver, also one on the host's loopback (127.0.0.53), which a container cannot reach itself. */
static const struct usernet_program {
	const char *name, *package, *resolver;
	bool background; /* when it is ready it puts itself into the background and writes its process id */
} programs[] = {
	{ "pasta", "passt", "169.254.1.1", true },
	{ "slirp4netns", "slirp4netns", "10.0.2.3", false },
};

static const struct usernet_program *by_name(const char *text)
{
	const char *slash = text ? strrchr(text, '/') : NULL;
	for (size_t i = 0; text && i < ARRAY_LEN(programs); i++)
		if (str_eq(slash ? slash + 1 : text, programs[i].name))
			return &programs[i];
	return NULL;
}

bool usernet_is_mode(const char *mode) { return by_name(mode) && !strchr(mode, '/'); }

const char *usernet_resolver(const char *program)
{
	const struct usernet_program *p = by_name(program);
	return p ? p->resolver : NULL;
}

int usernet_choose(const char *mode, char **ret, struct mc_err *err)
{
	const struct usernet_program *wanted = usernet_is_mode(mode) ? by_name(mode) : NULL;
	struct mc_err ignored = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if ((!wanted || wanted == &programs[i]) &&
			process_find(programs[i].name, environ, ret, &ignored) == 0)
			return 0;
	if (wanted)
		err_set(err, ENOENT, "%s is not installed", wanted->name);
	else
		err_set(err, ENOENT, "neither pasta nor slirp4netns is installed");
	return err_hint(err,
		"a container of an unprivileged user reaches the network through it: install the package %s",
		wanted ? wanted->package : "passt");
}

/* --- starting --- */

/* -t 8080:80 for each port of this protocol, or "none": else pasta publishes every port that listens. */
static void pasta_ports(char ***argv, const char *flag, char letter, const char *ports)
{
	_cleanup_free_ char *words = xstrdup(ports ? ports : "");
	char *save = NULL;
	bool any = false;
	for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (*w == letter) {
			strv_push(argv, flag);
			strv_push(argv, w + 1);
			any = true;
		}
	if (!any) {
		strv_push(argv, flag);
		strv_push(argv, "none");
	}
}

static void pasta_words(char ***argv, const char *ports, const char *netns, const char *pid_file)
{
	/* nothing of the host's loopback inside, and no port of the container outside but the published ones */
	static const char *const closed[] = { "--config-net", "--no-map-gw", "--quiet", "-T", "none", "-U",
		"none" };
	for (size_t i = 0; i < ARRAY_LEN(closed); i++)
		strv_push(argv, closed[i]);
	pasta_ports(argv, "-t", 't', ports);
	pasta_ports(argv, "-u", 'u', ports);
	strv_push(argv, "--dns-forward");
	strv_push(argv, programs[0].resolver);
	strv_push(argv, "--pid");
	strv_push(argv, pid_file);
	strv_push(argv, "--netns");
	strv_push(argv, netns);
}

bool usernet_can_publish(const char *program) { return by_name(program) == &programs[0]; }

static void slirp_words(char ***argv, const char *netns)
{
	static const char *const words[] = { "--configure", "--mtu=65520", "--disable-host-loopback",
		"--netns-type=path" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strv_push(argv, words[i]);
	strv_pushf(argv, "--ready-fd=%d", READY_FD);
	strv_push(argv, netns);
	strv_push(argv, "tap0");
}

/* In the child. The monitor ignores most signals; a program that inherited that would not end by SIGTERM. */
static void become_program(char *const argv[], int ready, int said)
{
	struct process p = { .argv = argv, .stdio = { -1, -1, -1 } };
	struct mc_err err = { 0 };
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	explain_seal();
	setsid(); /* Ctrl-C at the terminal of `run` must not end it */
	/* First move both above the numbers that dup2(2) takes below: none is overwritten before it is copied. */
	ready = fcntl(ready, F_DUPFD_CLOEXEC, 10);
	said = fcntl(said, F_DUPFD_CLOEXEC, 10);
	if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(said, 2) < 0 || dup2(ready, READY_FD) < 0)
		_exit(125);
	process_exec(&p, &err);
	err_print(&err, NULL);
	_exit(125);
}

/* What it said before it gave up: the last line that is not about its log. */
static int gave_up(const char *name, int said, struct mc_err *err)
{
	char text[2048], *save = NULL, *last = NULL;
	ssize_t n = read(said, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strstr(line, "syslog"))
			last = line;
	err_set(err, EIO, "%s gave up: %s", name, last ? last : "it said nothing");
	if (last && (strstr(last, "nterface") || strstr(last, "route")))
		return err_hint(
			err, "it takes addresses and routes from the host: is there a default route?");
	if (last && strstr(last, "tun"))
		return err_hint(err, "it needs /dev/net/tun, readable and writable for you (modprobe tun)");
	return -EIO;
}

/* 0 when it is ready, else 1: it has ended, or never will be. */
static int wait_ready(const struct usernet_program *p, pid_t pid, int ready)
{
	struct mc_err ignored = { 0 };
	char byte;
	int status = -1;
	if (p->background)
		return sys_wait(pid, &status, &ignored) < 0 || status != 0;
	ssize_t n;
	do
		n = read(ready, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n != 1;
}

static int write_number(const char *pid_file, pid_t pid, struct mc_err *err)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d\n", (int)pid);
	return file_write_atomic(AT_FDCWD, pid_file, text, (size_t)n, 0600, 0, err);
}

static int start(
	const struct usernet_program *p, char *const argv[], const char *pid_file, struct mc_err *err)
{
	int ready[2] = { -1, -1 }, said[2] = { -1, -1 };
	int rc = sys_pipe(ready, err);
	if (rc >= 0)
		rc = sys_pipe(said, err);
	pid_t pid = rc < 0 ? -1 : fork();
	if (pid == 0)
		become_program(argv, ready[1], said[1]);
	if (pid < 0 && rc >= 0)
		rc = err_sys(err, "fork");
	close_fd(ready[1]); /* or its death would not be an end of file */
	close_fd(said[1]);
	if (rc >= 0 && !p->background)
		rc = write_number(pid_file, pid, err);
	if (rc >= 0 && wait_ready(p, pid, ready[0])) {
		if (!p->background)
			sys_wait(pid, NULL, &(struct mc_err){ 0 });
		rc = gave_up(p->name, said[0], err);
	}
	close_fd(ready[0]);
	close_fd(said[0]);
	return rc < 0 ? rc : 0;
}

static int bind_namespace(pid_t pid, const char *netns, struct mc_err *err)
{
	char source[40];
	snprintf(source, sizeof(source), "/proc/%d/ns/net", (int)pid);
	_cleanup_close_ int fd = sys_open(AT_FDCWD, netns, O_RDONLY | O_CREAT, 0600, err);
	return fd < 0 ? fd : sys_mount(source, netns, NULL, MS_BIND, NULL, err);
}

/* route(5) in procfs: the destination 0 of IPv4 in hex digits, of IPv6 with a prefix of 0 that is not
 * loopback's. */
static bool host_has_default_route(void)
{
	static const char zeros[] = "00000000000000000000000000000000 00 ";
	struct mc_err ignored;
	_cleanup_buf_ struct buf v4 = { 0 }, v6 = { 0 };
	char *save = NULL;
	if (file_read(AT_FDCWD, "/proc/net/route", 1 << 20, &v4, &ignored) == 0 && v4.len &&
		strstr(v4.data, "\t00000000\t"))
		for (char *line = strtok_r(v4.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			if (strchr(line, '\t') && str_starts(strchr(line, '\t'), "\t00000000\t"))
				return true;
	if (file_read(AT_FDCWD, "/proc/net/ipv6_route", 1 << 20, &v6, &ignored) < 0 || !v6.len)
		return false;
	for (char *line = strtok_r(v6.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (str_starts(line, zeros) && !str_ends(line, " lo"))
			return true;
	return false;
}

int usernet_attach(const char *program, const char *ports, pid_t pid, const char *run_dir, struct mc_err *err)
{
	const struct usernet_program *p = by_name(program);
	_cleanup_free_ char *netns = xasprintf("%s/netns", run_dir);
	_cleanup_free_ char *pid_file = xasprintf("%s/usernet.pid", run_dir);
	_cleanup_strv_ char **argv = NULL;
	explain_step("network.user", 11,
		"an unprivileged user may not make links on the host: a program of that user relays for the "
		"container");
	if (!p)
		return err_set(err, EINVAL, "%s is no program for a user's network", program);
	/* Without a default route pasta starts all the same, reports nothing, and the container reaches no host. */
	if (p->background && !host_has_default_route())
		return err_set(err, ENETUNREACH,
			"%s has nothing to pass on: this machine has no default route", program);
	strv_push(&argv, program);
	if (p->background)
		pasta_words(&argv, ports, netns, pid_file);
	else
		slirp_words(&argv, netns);
	int rc = bind_namespace(pid, netns, err);
	if (rc >= 0)
		rc = start(p, argv, pid_file, err);
	if (rc < 0)
		usernet_detach(run_dir);
	return rc;
}

/* --- ending --- */

/* Is it the process that was started for this file, and not a later one with the same number? */
static bool serves(pid_t pid, const char *netns)
{
	char path[40];
	_cleanup_buf_ struct buf words = { 0 };
	struct mc_err ignored = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if (file_read(AT_FDCWD, path, 1 << 16, &words, &ignored) < 0)
		return false;
	for (const char *w = words.data; w && w < words.data + words.len; w += strlen(w) + 1)
		if (str_eq(w, netns))
			return true;
	return false;
}

void usernet_detach(const char *run_dir)
{
	_cleanup_free_ char *netns = xasprintf("%s/netns", run_dir);
	_cleanup_free_ char *pid_file = xasprintf("%s/usernet.pid", run_dir);
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	if (file_read(AT_FDCWD, pid_file, 32, &text, &ignored) >= 0 && text.data) {
		pid_t pid = (pid_t)atoi(text.data);
		/*
		 * The pidfd first: the process that is checked is then the one that is killed, even if its id is used
		 * again. SIGKILL: it has nothing to save, and pasta is process 1 of a pid namespace, where SIGTERM
		 * does nothing (pid_namespaces(7)).
		 */
		_cleanup_close_ int pidfd = pid > 0 ? sys_pidfd_open(pid, &ignored) : -1;
		if (pidfd >= 0 && serves(pid, netns))
			process_stop(pidfd, SIGKILL, 0, &ignored);
	}
	umount2(netns, MNT_DETACH);
	unlink(netns);
	unlink(pid_file);
}
