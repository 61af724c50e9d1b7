/*
 * run_network.c - a network for RUN, as `minictr run` has it.
 *
 * Kernel objects and man pages: network_namespaces(7), a process that holds one open, a veth pair and an
 * address of the bridge network (root), or pasta(1) for an unprivileged user. Order and why: one namespace
 * for all RUNs of a stage. A cable for each RUN would cost more than most RUNs; and a stage's RUNs never
 * run at the same time. The holder reads from a pipe of ours: when the build ends, by kill -9 too, the
 * holder ends, the namespace goes and the cable with it, and the address counts as free, because its
 * process is gone (network/lease.h).
 */
#include "build/run_network.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "engine/network.h"
#include "network/lease.h"
#include "network/usernet.h"

/* The child: its namespace, loopback on, and nothing of the build kept open. */
static void hold(int life, int ready)
{
	struct mc_err err = { 0 };
	char c;
	setsid();
	signal(SIGINT, SIG_IGN);
	int rc = sys_unshare(CLONE_NEWNET, &err);
	if (rc >= 0)
		rc = sys_link_up("lo", &err);
	if (rc < 0 || dup2(life, 0) < 0 || dup2(ready, 1) < 0)
		_exit(1);
	close_range(3, ~0U, 0);
	(void)!write(1, "r", 1);
	close(1);
	while (read(0, &c, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static int start_holder(struct run_network *n, struct mc_err *err)
{
	int life[2], ready[2];
	char c;
	int rc = sys_pipe(life, err);
	if (rc < 0 || (rc = sys_pipe(ready, err)) < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0) {
		close(life[1]);
		hold(fcntl(life[0], F_DUPFD_CLOEXEC, 10), fcntl(ready[1], F_DUPFD_CLOEXEC, 10));
	}
	close(life[0]);
	close(ready[1]);
	ssize_t got = pid < 0 ? -1 : read(ready[0], &c, 1);
	close(ready[0]);
	n->life = life[1];
	n->holder = pid > 0 ? pid : 0;
	return got == 1 ? 0 : err_set(err, EIO, "a network namespace for RUN cannot be made");
}

int run_is_allowed(const struct build_options *o, const struct instruction *i, const char *file,
	struct place *at, struct mc_err *err)
{
	for (size_t n = 0; i->kind == DO_RUN && n < i->n_flags; n++) {
		const struct flag *f = &i->flags[n];
		if (str_eq(f->name, "security") && str_eq(f->value, "insecure")) {
			err_set(err, ENOTSUP,
				"RUN --security=insecure: a build gives no RUN more privileges");
			err_hint(err, "minictr run --privileged, then: minictr commit");
			return err_place(err, file, f->at, at);
		}
		if (!str_eq(f->name, "network") || !str_eq(f->value, "host") || str_eq(o->network, "host") ||
			(o->allow && strv_has((char *const *)o->allow, "network.host")))
			continue;
		err_set(err, EPERM,
			"RUN --network=host: a Dockerfile alone does not get this machine's network");
		err_hint(err, "if you trust it: --allow network.host");
		return err_place(err, file, f->at, at);
	}
	return 0;
}

bool run_network_is_named(const char *name)
{
	return name && *name && !str_eq(name, "default") && !str_eq(name, "bridge") &&
	       !str_eq(name, "none") && !str_eq(name, "host");
}

static bool run_network_named(const struct build *b) { return run_network_is_named(b->all->o->network); }

static int plug_bridge(struct build *b, struct run_network *n, struct mc_err *err)
{
	struct json *wish = json_add(json_set(n->c.doc, "Networks", json_new_array()), json_new_object());
	json_set_string(wish, "Name", run_network_named(b) ? b->all->o->network : "bridge");
	n->net = (struct endpoints){ .items = xcalloc(1, sizeof(struct endpoint)), .count = 1 };
	int rc = endpoint_plan(b->all->engine, &n->c, wish, "eth0", &n->net.items[0], err);
	if (rc < 0)
		return rc;
	endpoints_choose_way(&n->net);
	_cleanup_close_ int ns = endpoints_namespace(n->holder, err);
	return ns < 0 ? ns : endpoint_connect(b->all->engine, &n->net.items[0], ns, err);
}

static int attach_program(struct build *b, struct run_network *n, struct mc_err *err)
{
	n->dir = xasprintf("%s/build/net-%s-%zu", b->all->engine->run_dir, b->all->nonce, b->index);
	int rc = usernet_choose("bridge", &n->program, err);
	if (rc >= 0)
		rc = dir_make(AT_FDCWD, n->dir, 0700, err);
	return rc < 0 ? rc : usernet_attach(n->program, "", n->holder, n->dir, err);
}

static int make_network(struct build *b, struct run_network *n, struct mc_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	snprintf(n->c.id, sizeof(n->c.id), "build-%s-net%zu", b->all->nonce, b->index);
	n->c.name = n->c.id;
	n->c.doc = json_new_object();
	n->c.config = json_sub(n->c.doc, "Config");
	n->c.host = json_sub(n->c.doc, "HostConfig");
	int rc = start_holder(n, err);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&lock);
	rc = b->all->engine->rootless ? attach_program(b, n, err) : plug_bridge(b, n, err);
	pthread_mutex_unlock(&lock);
	return rc;
}

int run_network_get(struct build *b, struct mc_err *err)
{
	struct mc_err why = { 0 };
	if (!b->network) {
		b->network = xcalloc(1, sizeof(*b->network));
		b->network->life = -1;
	}
	int rc = b->network->tried ? 0 : make_network(b, b->network, &why);
	if (rc < 0 && run_network_named(b)) {
		*err = why;
		return rc;
	}
	if (rc < 0)
		build_note(b, "RUN has no network but loopback: %s", why.what);
	b->network->tried = true;
	return b->network->holder;
}

/*
 * No monitor stands beside a RUN to answer names: the containers that are in the network now stand in its
 * /etc/hosts. A RUN is short.
 */
void run_network_names(const struct build *b, struct json *host)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	struct json *extra = (struct json *)json_member(host, "ExtraHosts");
	if (!run_network_named(b) || !b->network || !b->network->net.count)
		return;
	lease_read(b->network->net.items[0].dir, &f);
	for (size_t i = 0; i < f.count; i++)
		for (size_t n = 0; f.lines[i].state == LEASE_UP && f.lines[i].names && f.lines[i].names[n];
			n++) {
			const struct address *both[] = { &f.lines[i].address4, &f.lines[i].address6 };
			for (int k = 0; k < 2; k++) {
				char text[ADDRESS_TEXT];
				if (!both[k]->family)
					continue;
				_cleanup_free_ char *pair =
					xasprintf("%s:%s", f.lines[i].names[n], address_text(both[k], text));
				json_add(extra ?: (extra = json_set(host, "ExtraHosts", json_new_array())),
					json_new_string(pair));
			}
		}
}

void run_network_end(struct build *b)
{
	struct run_network *n = b->network;
	struct mc_err ignored;
	if (!n)
		return;
	if (n->net.count)
		endpoints_undo(b->all->engine, &n->c, &n->net);
	if (n->dir) {
		usernet_detach(n->dir);
		dir_remove(AT_FDCWD, n->dir, &ignored);
	}
	n->life = close_fd(n->life);
	if (n->holder)
		waitpid(n->holder, NULL, 0);
	json_free(n->c.doc);
	free(n->program);
	free(n->dir);
	free(n);
	b->network = NULL;
}
