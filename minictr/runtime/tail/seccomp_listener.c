/*
 * tail/seccomp_listener.c - SCMP_ACT_NOTIFY: an agent outside answers system calls for the container
 * (config-linux.md, "Seccomp": listenerPath).
 *
 * Kernel objects: SECCOMP_FILTER_FLAG_NEW_LISTENER gives a descriptor (seccomp_unotify(2)); it goes to the
 * agent's unix socket with SCM_RIGHTS and a message: the container process state as JSON.
 *
 * Order and why: the socket is opened before the pivot, while its path still means something. Once the filter
 * is installed, any call of ours may be forbidden or wait for the agent's answer, but the agent has no
 * listener yet. So a second thread (clone(2) CLONE_THREAD), which a filter without TSYNC does not cover,
 * waits in memory for the number of the new descriptor and sends it. A helper process would need a wait call;
 * exec ends a thread.
 */
#include "runtime/tail/config_keys.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/seccomp.h"

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif

/* Between connect and apply; one process, one filter. */
static int agent = -1;
static const char *metadata;
static const char *state_text;

/* Between us and the helper thread. */
struct handover {
	const char *text; /* the message that goes with the descriptor */
	int fd;           /* -1 not yet, -2 the filter failed */
	int done;         /* the helper has sent it */
};

void listener_remember(const char *state) { state_text = state; }

static bool asks_agent(const struct json *seccomp)
{
	const struct json *rules = json_member(seccomp, "syscalls");
	for (size_t i = 0; i < json_len(rules); i++)
		if (str_eq(json_text_of(json_member(json_item(rules, i), "action")), "SCMP_ACT_NOTIFY"))
			return true;
	return false;
}

int listener_connect(const struct config *c, int *ret_fd, struct mc_err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const char *path = c->tail->listener_path;
	if (!path || !*path || !asks_agent(c->seccomp)) /* the spec: ignored, when no rule needs an answer */
		return 0;
	if ((size_t)snprintf(name.sun_path, sizeof(name.sun_path), "%s", path) >= sizeof(name.sun_path))
		return err_set(err, ENAMETOOLONG,
			"linux.seccomp.listenerPath: a socket's name has at most 107 bytes: %s", path);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		return err_sys(err, "linux.seccomp.listenerPath: connect(\"%s\")", path);
	agent = take_fd(&fd);
	if (ret_fd)
		*ret_fd = agent;
	metadata = c->tail->listener_metadata;
	return 0;
}

/* Before the pivot /proc is the host's: its "self" is our pid there, the one the agent knows. */
int listener_ready(const struct config *c, const char *state, struct mc_err *err)
{
	char pid[32] = "";
	if (asks_agent(c->seccomp) && readlink("/proc/self", pid, sizeof(pid) - 1) > 0) {
		const char *outside = state_with(state, atoi(pid), NULL);
		listener_remember(outside ? outside : state);
	}
	return listener_connect(c, NULL, err);
}

/* What the spec calls "container process state". */
static char *listener_message(void)
{
	struct mc_err ignored = { 0 };
	struct json *m = json_new_object(), *state = NULL;
	json_set_string(m, "ociVersion", "1.2.0");
	json_add(json_set(m, "fds", json_new_array()), json_new_string("seccompFd"));
	if (state_text && json_parse(state_text, strlen(state_text), "state", &state, &ignored) == 0) {
		json_set(m, "pid", json_new_i64(json_int_of(json_member(state, "pid"))));
		json_set_string(m, "metadata", metadata);
		json_set(m, "state", state);
	}
	char *text = json_dump(m, false);
	json_free(m);
	return text;
}

/*
 * In the helper, without a filter. It polls: a futex needs a call that the filter may forbid the other side.
 */
static int listener_serve(void *data)
{
	struct handover *h = data;
	struct mc_err ignored = { 0 };
	int fd;
	while ((fd = __atomic_load_n(&h->fd, __ATOMIC_ACQUIRE)) == -1)
		nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	if (fd >= 0)
		sys_send_fd(agent, h->text, strlen(h->text), fd, &ignored);
	__atomic_store_n(&h->done, 1, __ATOMIC_RELEASE);
	return 0; /* clone(2)'s wrapper ends this thread */
}

static int listener_apply(const struct seccomp_plan *p, struct mc_err *err)
{
	enum { STACK = 64 << 10 };
	_cleanup_free_ char *text = listener_message();
	struct handover h = { .text = text, .fd = -1 };
	char *stack =
		mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return err_sys(err, "mmap");
	if (clone(listener_serve, stack + STACK,
		    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, &h) < 0)
		return err_sys(err, "clone(CLONE_THREAD)");
	int fd = seccomp_apply(p, err);
	__atomic_store_n(&h.fd, fd < 0 ? -2 : fd, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&h.done, __ATOMIC_ACQUIRE))
		; /* no system call: it might be one that waits for the agent */
	/* No cleanup: exec unmaps the stack, ends the thread, and closes both descriptors. */
	return fd < 0 ? fd : 0;
}

int tail_seccomp(const struct seccomp_plan *p, struct mc_err *err)
{
	if (!p->filter || !(p->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return seccomp_apply(p, err);
	if (agent < 0) {
		err_set(err, EINVAL,
			"linux.seccomp: SCMP_ACT_NOTIFY needs listenerPath: no program would answer it");
		return -EINVAL;
	}
	return listener_apply(p, err);
}
