/*
 * drive.c - calls one function of lab 10. What stands around it (a client, a monitor, records on disk) is played here by plain
 * system calls and processes of our own.
 *
 * drive route WORD METHOD PATH              route_match(); hold with OPERATION NAME API WRONG_METHOD
 * drive frame STREAM TEXT TIMES             TEXT so many times as one frame into a narrow pipe whose reader is slow; /work/out: hex
 * drive frame-large BYTES                   one frame of so many bytes; /work/head: its header in hex
 * drive frame-gone STREAM TEXT              the same when the reader is gone
 * drive pump CODE OUT ERR IN AFTER          attach_pump(): see play_monitor(); exits with 0 when the code came back
 * drive pump-full CODE COUNT                the monitor takes no input for a while, and sends COUNT messages meanwhile
 * drive pump-detach OUT                     a terminal whose client types the detach keys
 * drive pump-lost OUT                       the monitor is gone, without a last message
 * drive pump-gone OUT                       the client is gone
 * drive endpoint WORD FLAG [VARIABLE ...]   client_endpoint(); FLAG "none": there was no flag; hold with kind and text
 * drive endpoint-wrong FLAG [VARIABLE]      an address or a context that is none
 * drive restore WORD RUNS PAUSED GONE ENDED HALF BROKEN   daemon_restore() over such containers; hold with FOUND RUNNING
 * drive restore-none                        an invalid descriptor
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "cli/context.h"
#include "daemon/route.h"
#include "daemon/stream.h"
#include "daemon/survivors.h"
#include "engine/monitor/monitor.h"
#include "learn/drive.h"

static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

static int hold(const char *word, const char *a, const char *b, const char *c, const char *d)
{
	execl("/lab/probe", "probe", "hold", word, a, b, c, d, NULL);
	return DRIVE_NO_PROBE;
}

/* --- 10.1 --- */

static int drive_route(char **argv)
{
	static struct params p;
	memset(&p, 1, sizeof(p)); /* what was there before is no answer */
	char api[16];
	const struct route *r = OWNED(route_match(argv[1], argv[2], &p));
	p.name[sizeof(p.name) - 1] = '\0';
	snprintf(api, sizeof(api), "%d", p.api);
	return hold(argv[0], r ? r->op : "none", *p.name ? p.name : "-", api, p.wrong_method ? "405" : "-");
}

/* --- 10.2 --- */

static void tick(int sig) {}

static pid_t child(void)
{
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* Reads slowly, and writes down what came as hex digits. */
static void read_slowly(int from)
{
	unsigned char piece[512];
	FILE *out = fopen("/work/out", "w");
	for (ssize_t n; out && (n = read(from, piece, sizeof(piece))) != 0;) {
		for (ssize_t i = 0; i < n; i++)
			fprintf(out, "%02x", piece[i]);
		usleep(200);
	}
	if (out)
		fclose(out);
	_exit(0);
}

/* A signal every 2 ms: write(2) to a full pipe returns early, with what it had written until then. */
static void signals_often(void)
{
	struct sigaction a = { .sa_handler = tick };
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static int drive_frame(char **argv)
{
	int ends[2], status;
	size_t one = strlen(argv[1]), n = one * (size_t)atoi(argv[2]);
	char *data = malloc(n + 1);
	for (size_t i = 0; i < n; i++)
		data[i] = argv[1][i % one];
	must(pipe2(ends, O_CLOEXEC), "pipe");
	must(fcntl(ends[1], F_SETPIPE_SZ, 4096), "F_SETPIPE_SZ");
	pid_t reader = child();
	if (reader == 0) {
		close(ends[1]);
		read_slowly(ends[0]);
	}
	close(ends[0]);
	signals_often();
	int rc = OWNED(stream_frame(ends[1], atoi(argv[0]), data, n));
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	close(ends[1]);
	waitpid(reader, &status, 0);
	return drive_result(rc, &err);
}

static int drive_frame_large(char **argv)
{
	int ends[2];
	size_t n = (size_t)atoi(argv[0]);
	char *data = calloc(1, n);
	must(pipe2(ends, O_CLOEXEC), "pipe");
	pid_t reader = child();
	if (reader == 0) {
		static char piece[1 << 16];
		close(ends[1]);
		FILE *out = fopen("/work/head", "w");
		(void)!read(ends[0], piece, 8);
		for (int i = 0; i < 8; i++)
			fprintf(out, "%02x", (unsigned char)piece[i]);
		fclose(out);
		while (read(ends[0], piece, sizeof(piece)) > 0)
			;
		_exit(0);
	}
	close(ends[0]);
	int rc = OWNED(stream_frame(ends[1], STREAM_STDERR, data, n));
	close(ends[1]);
	waitpid(reader, NULL, 0);
	free(data);
	return drive_result(rc, &err);
}

static int drive_frame_gone(char **argv)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC), "pipe");
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	int rc = OWNED(stream_frame(ends[1], atoi(argv[0]), argv[1], strlen(argv[1])));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

/* --- 10.3 --- */

static void say(int to, char kind, const void *data, size_t len)
{
	char message[ATTACH_MESSAGE] = { kind };
	memcpy(message + 1, data, len);
	send(to, message, len + 1, MSG_NOSIGNAL);
}

static void say_exit(int to, int code)
{
	struct attach_exit last = { .code = code };
	say(to, ATTACH_EXIT, &last, sizeof(last));
}

static void note(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	(void)!write(fd, data, len);
	close(fd);
}

/* How often a process has gone to sleep by itself until now: each poll(2) that had to wait counts. */
static int sleeps_of(pid_t pid)
{
	char path[40], line[128];
	int n = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "voluntary_ctxt_switches: %d", &n);
	if (f)
		fclose(f);
	return n;
}

/*
 * Looks twenty times in 400 ms whether the process sleeps (proc_pid_stat(5), field 3); /work/awake: how often it did not, or
 * how often it went to sleep anew, whichever is more. On a busy machine a process that spins gets little CPU time, but it is
 * never asleep; one that looks every few milliseconds is asleep, and wakes.
 */
static void look_at(pid_t pid)
{
	char path[40], text[256];
	int awake = 0, before = sleeps_of(pid);
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 20; i++) {
		usleep(20000);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = '\0';
		const char *state = strrchr(text, ')');
		awake += state && state[2] != 'S';
	}
	int woke = sleeps_of(pid) - before;
	snprintf(text, sizeof(text), "%d", woke > awake ? woke : awake);
	note("/work/awake", text, strlen(text));
}

/*
 * The container's side: two streams; then all that was typed is written to /work/typed until its end; a pause in which
 * nothing happens; one word more; the exit code.
 */
static void play_monitor(int sock, char **argv)
{
	char message[ATTACH_MESSAGE];
	say(sock, ATTACH_STDOUT, argv[1], strlen(argv[1]));
	say(sock, ATTACH_STDERR, argv[2], strlen(argv[2]));
	for (;;) {
		ssize_t n = recv(sock, message, sizeof(message), 0);
		if (n <= 0)
			_exit(1);
		if (message[0] == ATTACH_EOF)
			break;
		if (message[0] == ATTACH_STDIN)
			note("/work/typed", message + 1, (size_t)n - 1);
	}
	look_at(getppid());
	say(sock, ATTACH_STDOUT, argv[4], strlen(argv[4]));
	say_exit(sock, atoi(argv[0]));
	_exit(0);
}

/* The client's side: all it has to say, the end of it, and then it listens. */
static void play_client(int sock, const char *text)
{
	(void)!write(sock, text, strlen(text));
	shutdown(sock, SHUT_WR);
	read_slowly(sock);
}

static int both_ends(int client[2], int monitor[2])
{
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client), "socketpair");
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, monitor), "socketpair");
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/*
 * The answer: 0 when attach_pump() returned code. Both sides are waited for, however early the pump came back: a container
 * that dies with us would not have written down what was typed, and the check would blame the wrong sentence.
 */
static int pumped(int rc, int code, int client, int container)
{
	char text[32];
	snprintf(text, sizeof(text), "%d", rc);
	note("/work/code", text, strlen(text));
	close(client), close(container);
	while (wait(NULL) > 0)
		;
	return rc == code ? 0 : rc < 0 ? drive_result(rc, &err) : DRIVE_POSITIVE;
}

static int drive_pump(char **argv)
{
	int client[2], monitor[2];
	both_ends(client, monitor);
	if (child() == 0) {
		close(client[0]), close(client[1]), close(monitor[0]);
		play_monitor(monitor[1], argv);
	}
	if (child() == 0) {
		close(monitor[0]), close(monitor[1]), close(client[0]);
		play_client(client[1], argv[3]);
	}
	close(client[1]), close(monitor[1]);
	int rc = OWNED(attach_pump(client[0], monitor[0]));
	return pumped(rc, atoi(argv[0]), client[0], monitor[0]);
}

/* The container reads nothing until all its output is taken: a megabyte is typed, and the output must flow. */
static void play_full(int sock, int code, int count)
{
	char line[1000], message[ATTACH_MESSAGE];
	size_t typed = 0;
	memset(line, '.', sizeof(line));
	for (int i = 0; i < count; i++)
		say(sock, ATTACH_TERMINAL, line, sizeof(line));
	for (ssize_t n; (n = recv(sock, message, sizeof(message), 0)) > 0 && message[0] != ATTACH_EOF;)
		typed += message[0] == ATTACH_STDIN ? (size_t)n - 1 : 0;
	note("/work/typed", line, (size_t)snprintf(line, sizeof(line), "%zu", typed));
	say_exit(sock, code);
	_exit(0);
}

static int drive_pump_full(char **argv)
{
	int client[2], monitor[2];
	both_ends(client, monitor);
	if (child() == 0) {
		close(client[0]), close(client[1]), close(monitor[0]);
		play_full(monitor[1], atoi(argv[0]), atoi(argv[1]));
	}
	if (child() == 0) {
		close(monitor[0]), close(monitor[1]), close(client[0]);
		if (child() == 0) {
			static char big[1 << 20];
			memset(big, 'x', sizeof(big));
			for (size_t at = 0; at < sizeof(big);) {
				ssize_t n = write(client[1], big + at, sizeof(big) - at);
				if (n <= 0)
					_exit(1);
				at += (size_t)n;
			}
			shutdown(client[1], SHUT_WR);
			_exit(0);
		}
		read_slowly(client[1]);
	}
	close(client[1]), close(monitor[1]);
	int rc = OWNED(attach_pump(client[0], monitor[0]));
	return pumped(rc, atoi(argv[0]), client[0], monitor[0]);
}

/* The container says a word and runs on: only the keys can end this. */
static int drive_pump_detach(char **argv)
{
	int client[2], monitor[2];
	both_ends(client, monitor);
	stream_detach_keys(NULL);
	say(monitor[1], ATTACH_TERMINAL, argv[0], strlen(argv[0]));
	must(write(client[1], "\020\021", 2), "write");
	int rc = OWNED(attach_pump(client[0], monitor[0]));
	return drive_result(rc, &err);
}

static int drive_pump_lost(char **argv)
{
	int client[2], monitor[2];
	both_ends(client, monitor);
	say(monitor[1], ATTACH_STDOUT, argv[0], strlen(argv[0]));
	close(monitor[1]);
	int rc = OWNED(attach_pump(client[0], monitor[0]));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

/* The monitor says all it has, so that a pump which passes over a client that is gone reaches its end. */
static int drive_pump_gone(char **argv)
{
	int client[2], monitor[2];
	both_ends(client, monitor);
	close(client[1]);
	say(monitor[1], ATTACH_STDOUT, argv[0], strlen(argv[0]));
	say(monitor[1], ATTACH_STDOUT, argv[0], strlen(argv[0]));
	say_exit(monitor[1], 0);
	int rc = OWNED(attach_pump(client[0], monitor[0]));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

/* --- 10.4 --- */

static int drive_endpoint(char **argv)
{
	static const char *const kinds[] = { "local", "unix", "tcp", "ssh", "context" };
	struct endpoint e = { .kind = ENDPOINT_TCP, .host = "before", .port = "1" };
	const char *flag = str_eq(argv[1], "none") ? NULL : argv[1];
	int rc = OWNED(client_endpoint(flag, argv + 2, &e, &err));
	if (rc < 0)
		return drive_result(rc, &err);
	char *text = endpoint_text(&e);
	return hold(argv[0], kinds[e.kind % 5], text, NULL, NULL);
}

static int drive_endpoint_wrong(char **argv)
{
	struct endpoint e;
	const char *flag = str_eq(argv[0], "none") ? NULL : argv[0];
	int rc = OWNED(client_endpoint(flag, argv + 1, &e, &err));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

/* --- 10.5 --- */

static void write_file(const char *id, const char *name, const char *text)
{
	_cleanup_free_ char *dir = xasprintf("/work/e/containers/%s", id),
			    *path = xasprintf("%s/%s", dir, name);
	mkdir(dir, 0700);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* A record, and a state of this status whose process is pid (0: one that is long gone). */
static void plant(const char *id, const char *status, pid_t pid)
{
	struct process_id p = { .pid = pid };
	if (pid)
		process_id_fill(&p);
	else
		p = (struct process_id){ 4194000, 77 };
	_cleanup_free_ char *state =
		xasprintf("{\"Status\":\"%s\",\"BootID\":\"%s\",\"Init\":{\"Pid\":%d,\"StartTime\":%llu}}",
			status, container_boot_id(), (int)p.pid, (unsigned long long)p.start);
	write_file(id, "container.json",
		"{\"Name\":\"x\",\"Image\":\"i\",\"ImageID\":\"sha256:0\",\"Created\":1,"
		"\"Config\":{},\"HostConfig\":{}}");
	write_file(id, "state.json", state);
}

static pid_t sleeper(void)
{
	pid_t pid = child();
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static int drive_restore(char **argv)
{
	static struct daemon d;
	char found[16], running[16];
	must(mkdir("/work/e", 0700) | mkdir("/work/e/containers", 0700), "mkdir");
	int script = open("/work/fix", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	static const char text[] = "#!/usr/bin/sh\necho \"$@\" >>/work/repaired\n";
	must(write(script, text, sizeof(text) - 1), "script");
	close(script);
	pid_t one = sleeper(), two = sleeper();
	plant(argv[1], "running", one);
	plant(argv[2], "paused", two);
	plant(argv[3], "running", 0);
	plant(argv[4], "exited", 0);
	_cleanup_free_ char *half = xasprintf("/work/e/containers/%s", argv[5]);
	must(mkdir(half, 0700) | mkdir("/work/e/containers/removing", 0700), "mkdir");
	write_file(argv[6], "container.json", "{\"Name\":");
	plant("removing", "exited", 0); /* a whole record, under a name that is no id */
	d.engine = (struct engine){ .root = "/work/e", .run_dir = "/work/e", .dir = -1, .store = -1 };
	d.engine_program = "/work/fix";
	d.n_running = 77;
	int dir = open("/work/e/containers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(dir, "containers");
	int rc = OWNED(daemon_restore(&d, dir));
	if (rc < 0)
		return drive_result(rc, &err);
	for (int i = 0; i < 200 && access("/work/repaired", F_OK) != 0; i++)
		usleep(20000);
	usleep(300000); /* a repair too many writes its line, too */
	snprintf(found, sizeof(found), "%d", rc);
	snprintf(running, sizeof(running), "%zu", d.n_running);
	bool alive =
		kill(one, 0) == 0 && waitpid(one, NULL, WNOHANG) == 0 && waitpid(two, NULL, WNOHANG) == 0;
	return hold(argv[0], found, running, alive ? "alive" : "dead", NULL);
}

static int drive_restore_none(void)
{
	static struct daemon d;
	d.engine = (struct engine){ .root = "/work/e", .run_dir = "/work/e", .dir = -1, .store = -1 };
	int rc = OWNED(daemon_restore(&d, -1));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *verb;
		int least;
		int (*run)(char **argv);
	} verbs[] = { { "route", 5, drive_route }, { "frame", 5, drive_frame },
		{ "frame-large", 3, drive_frame_large }, { "frame-gone", 4, drive_frame_gone }, { "pump", 7, drive_pump },
		{ "pump-full", 4, drive_pump_full }, { "pump-gone", 3, drive_pump_gone }, { "pump-lost", 3, drive_pump_lost },
		{ "pump-detach", 3, drive_pump_detach },
		{ "endpoint", 4, drive_endpoint }, { "restore", 9, drive_restore } };
	const char *verb = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_eq(verb, verbs[i].verb) && argc >= verbs[i].least)
			return verbs[i].run(argv + 2);
	if (str_eq(verb, "endpoint-wrong") && argc > 2)
		return drive_endpoint_wrong(argv + 2);
	if (str_eq(verb, "restore-none"))
		return drive_restore_none();
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
