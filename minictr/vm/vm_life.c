/*
 * vm_life.c - machines that exist: found, stopped, removed.
 *
 * To end a container the host's kernel sends a signal to its process. No signal of the host reaches a
 * program in a guest: `vm stop` asks by a frame, and when that does not help, qemu is killed, which is the
 * power plug.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/signals.h"
#include "engine/names.h"
#include "vm/channel.h"
#include "vm/vm.h"

enum { POLL_US = 50000 };

char *vm_socket(struct vm_host *h, const char *id)
{
	_cleanup_free_ char *run = engine_run_path(&h->machines, id);
	return xasprintf("%s/vm", run);
}

int vm_find(struct vm_host *h, const char *name, struct container *ret, struct mc_err *err)
{
	struct mc_err why = { 0 };
	int rc = container_find(&h->machines, name, ret, &why);
	if (rc == -ENOENT)
		return err_set(err, ENOENT, "No such virtual machine: %s", name);
	if (rc < 0)
		*err = why;
	return rc;
}

void vm_forget(struct vm_host *h, const struct container *c)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *dir = xasprintf("containers/%s", c->id);
	_cleanup_free_ char *run = engine_run_path(&h->machines, c->id);
	dir_remove(h->machines.dir, dir, &ignored);
	dir_remove(AT_FDCWD, run, &ignored);
	if (c->name)
		name_free(&h->machines, c->name, c->id);
}

static bool wait_end(const struct container *c, unsigned seconds)
{
	for (unsigned i = 0; i <= seconds * 1000000 / POLL_US; i++) {
		if (!process_id_alive(&c->monitor))
			return true;
		usleep(POLL_US);
	}
	return false;
}

int vm_signal(struct vm_host *h, const struct container *c, int signal, struct mc_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_free_ char *path = vm_socket(h, c->id);
	_cleanup_buf_ struct buf frame = { 0 };
	char number = (char)signal;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	_cleanup_close_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	frame_add(&frame, FRAME_SIGNAL, 0, &number, 1);
	if (sock < 0 || connect(sock, (struct sockaddr *)&a, sizeof(a)) < 0 ||
		channel_write(sock, &frame) < 0)
		return err_sys(err, "ask the monitor of %s", c->name);
	return 0;
}

int vm_stop(struct vm_host *h, const char *name, int seconds, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	struct mc_err ignored = { 0 };
	int rc = vm_find(h, name, &c, err);
	if (rc < 0 || !container_is_active(&c))
		return rc;
	const char *word = json_text_of(json_member(c.config, "StopSignal"));
	int signal = word ? signal_parse(word, false, &ignored) : SIGTERM;
	if (vm_signal(h, &c, signal > 0 ? signal : SIGTERM, err) < 0 && process_id_alive(&c.monitor))
		return -err->code;
	*err = ignored;
	if (wait_end(&c, (unsigned)seconds))
		return 0;
	if (process_id_alive(&c.init))
		kill(c.init.pid, SIGKILL);
	if (wait_end(&c, VM_STOP_SECONDS))
		return 0;
	return err_set(err, EBUSY, "virtual machine %s does not end", name);
}

int vm_remove(struct vm_host *h, const char *name, bool force, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = vm_find(h, name, &c, err);
	if (rc >= 0 && container_is_active(&c) && !force) {
		err_set(err, EBUSY, "virtual machine %s runs: stop it first, or use --force", name);
		return -EBUSY;
	}
	if (rc >= 0 && container_is_active(&c))
		rc = vm_stop(h, c.id, 0, err);
	if (rc == -ENOENT && force) {
		*err = (struct mc_err){ 0 };
		return 0;
	}
	if (rc >= 0)
		vm_forget(h, &c);
	return rc < 0 ? rc : 0;
}
