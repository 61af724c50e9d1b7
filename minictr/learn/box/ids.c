/*
 * box/ids.c - 65536 ids for the box of an unprivileged user, where the machine grants them subordinate ones.
 *
 * Kernel objects: user_namespaces(7), newuidmap(1), subuid(5). A user may map only the own id; newuidmap,
 * which is set-uid root, maps the ids that /etc/subuid grants as well. The check's process itself moves
 * into such a namespace: there it is root over its own ids, may read all evidence of the box
 * (/proc/PID/environ is closed to it outside), and the box is made as root's is, with ids 1 to 65536 of
 * this namespace. Without subordinate ids nothing happens: the box then has one id.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "learn/box/box.h"
#include "learn/lab.h"

static bool outer; /* we are inside such a namespace */

bool box_in_outer(void) { return outer; }

/* "ana:100000:65536": the first range of the user that is large enough; 0 when there is none. */
static unsigned long granted(const char *path)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	char name[128], number[32], *save = NULL;
	unsigned long start, count;
	snprintf(number, sizeof(number), "%u", (unsigned)getuid());
	if (file_read(AT_FDCWD, path, 1 << 20, &text, &err) < 0 || !text.data)
		return 0;
	for (char *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%127[^:]:%lu:%lu", name, &start, &count) == 3 && count >= BOX_IDS &&
			(str_eq(name, person()->name) || str_eq(name, number)))
			return start;
	return 0;
}

bool box_ids_granted(void)
{
	return outer ||
	       (granted("/etc/subuid") && granted("/etc/subgid") && access("/usr/bin/newuidmap", X_OK) == 0);
}

static int run_newmap(const char *program, pid_t pid, unsigned long own, unsigned long sub)
{
	char target[16], inside[32], from[32];
	snprintf(target, sizeof(target), "%d", (int)pid);
	snprintf(inside, sizeof(inside), "%lu", own);
	snprintf(from, sizeof(from), "%lu", sub);
	char *argv[] = { (char *)program, target, "0", inside, "1", "1", from, "65536", NULL };
	struct mc_err ignored = { 0 };
	return spawn_run(&(struct spawn){ .argv = argv }, &ignored) == 0 ? 0 : -EPERM;
}

/* The mapper stays outside: it waits until we are in the new namespace, then maps us. */
static void mapper_main(int go, pid_t pid, unsigned long uids, unsigned long gids)
{
	char byte;
	if (read(go, &byte, 1) != 1)
		_exit(1);
	_exit(run_newmap("newuidmap", pid, getuid(), uids) < 0 ||
		run_newmap("newgidmap", pid, getgid(), gids) < 0);
}

int box_ids_enter(struct mc_err *err)
{
	int go[2], status = -1;
	unsigned long uids = granted("/etc/subuid"), gids = granted("/etc/subgid");
	if (geteuid() == 0 || !box_ids_granted())
		return 0;
	int rc = sys_pipe(go, err);
	if (rc < 0)
		return rc;
	pid_t pid = getpid(), mapper = fork();
	if (mapper == 0) {
		close(go[1]);
		mapper_main(go[0], pid, uids, gids);
	}
	rc = mapper < 0 ? err_sys(err, "fork") : sys_unshare(CLONE_NEWUSER, err);
	if (rc == 0 && write(go[1], "", 1) != 1)
		rc = err_sys(err, "write");
	close(go[0]);
	close(go[1]);
	while (mapper > 0 && waitpid(mapper, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == 0 && status != 0)
		rc = err_set(err, EPERM, "newuidmap refused the ids that /etc/subuid grants");
	outer = rc == 0;
	return rc;
}
