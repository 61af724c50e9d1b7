/*
 * start.c - lets the program of a created container run.
 *
 * Init listens on a socket in the state directory (create.c made it). We connect and say "go"; an error of
 * the exec can come back only over this connection: a successful exec closes it (O_CLOEXEC), so end of file
 * means "runs", and a struct mc_err means "does not". Then we remove the socket's name, and the state becomes
 * "running" (state.c).
 */
#include "runtime/start.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "runtime/config.h"
#include "runtime/delete.h"
#include "runtime/kill.h"
#include "runtime/state.h"
#include "runtime/tail.h"

static int start_connect(int dir, struct mc_err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/" STATE_START, dir);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		return err_sys(err, "reaching the container's init");
	return take_fd(&fd);
}

/* Says go and listens until exec closes the connection or an error comes. */
static int start_go(int conn, struct mc_err *err)
{
	struct mc_err said;
	size_t have = 0;
	if (send(conn, "g", 1, MSG_NOSIGNAL) != 1)
		return err_sys(err, "telling the container's init to start");
	while (have < sizeof(said)) {
		ssize_t n = recv(conn, (char *)&said + have, sizeof(said) - have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		have += (size_t)n;
	}
	*err = said;
	return -said.code;
}

/*
 * Up to ociVersion 1.2 a failing poststart hook is only logged. From 1.3 on the container must be stopped
 * (runtime.md, "Lifecycle" 9): only then does tail_hooks() return an error.
 */
static int start_hooks(const struct state *s, int dir, struct mc_err *err)
{
	struct config c = { 0 };
	struct state now = *s;
	now.status = STATUS_RUNNING;
	if (!state_has_hook(s, "poststart"))
		return 0;
	int rc = config_load_kept(dir, s->bundle, &c, err);
	if (rc >= 0) {
		struct json *oci = state_oci(&now);
		_cleanup_free_ char *text = json_dump(oci, false);
		rc = tail_hooks(&c, HOOK_POSTSTART, text, err);
		json_free(oci);
	}
	config_release(&c);
	return rc;
}

int start_container(const char *root, const char *id, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	struct mc_err gone = { 0 };
	explain_step("start.program", 2, "the waiting process may become the program");
	_cleanup_close_ int dir = state_load(root, id, &s, err);
	if (dir < 0)
		return dir;
	if (s.status != STATUS_CREATED)
		return err_set(err, EINVAL,
			"cannot start a container that is %s: only a created one can be started",
			state_status_name(s.status));
	_cleanup_close_ int conn = start_connect(dir, &gone);
	if (conn == -ECONNREFUSED) { /* an earlier start died after its "go": the program runs already */
		sys_unlink(dir, STATE_START, &gone);
		return err_set(err, EINVAL, "cannot start container \"%s\": it is running already", id);
	}
	if (conn < 0) {
		*err = gone;
		return conn;
	}
	int rc = start_go(conn, err);
	sys_unlink(dir, STATE_START, &gone);
	if (rc >= 0) {
		rc = start_hooks(&s, dir, err);
		if (rc < 0)
			kill_container(root, id, SIGKILL, true, &gone);
		return rc < 0 ? rc : 0;
	}
	/* Callers delete the container at once, and delete refuses one whose first process still lives. */
	await_end(&s);
	/* A startContainer hook failed: the container must not stay (runtime.md, "Lifecycle" 7). */
	if (rc == -ECANCELED || rc == -ETIMEDOUT)
		delete_container(root, id, true, &gone);
	return rc;
}
