/*
 * caller.c - the user behind sudo (SUDO_UID, sudo(8)) and becoming that user (credentials(7)).
 * Order in caller_become: groups, gid, then uid: behind setuid(2) the groups cannot be changed any more.
 */
#include "cli/prompt/caller.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

void caller_find(struct caller *c)
{
	uint64_t id;
	const char *sudo = geteuid() == 0 ? getenv("SUDO_UID") : NULL;
	*c = (struct caller){ .uid = getuid(), .gid = getgid() };
	if (sudo && parse_u64(sudo, &id) == 0 && id < UINT32_MAX)
		c->uid = (uid_t)id;
	const struct passwd *p = getpwuid(c->uid);
	if (p)
		c->gid = p->pw_gid;
	else if (getenv("SUDO_GID") && parse_u64(getenv("SUDO_GID"), &id) == 0)
		c->gid = (gid_t)id;
	c->name = xstrdup(p ? p->pw_name : "user");
	const char *home = c->uid == getuid() ? getenv("HOME") : NULL; /* under sudo HOME may be root's */
	c->home = xstrdup(home && *home == '/' ? home : p ? p->pw_dir : "/");
	c->shell = xstrdup(p && p->pw_shell && *p->pw_shell ? p->pw_shell : "/bin/sh");
}

void caller_release(struct caller *c)
{
	free(c->name);
	free(c->home);
	free(c->shell);
	*c = (struct caller){ 0 };
}

int caller_become(const struct caller *c, struct mc_err *err)
{
	setenv("HOME", c->home, 1);
	setenv("USER", c->name, 1);
	setenv("LOGNAME", c->name, 1);
	setenv("SHELL", c->shell, 1);
	if (geteuid() != 0 || c->uid == 0)
		return 0;
	if (initgroups(c->name, c->gid) != 0 || setgid(c->gid) != 0 || setuid(c->uid) != 0)
		return err_sys(err, "become user %s", c->name);
	return 0;
}

void caller_enter(const struct caller *c)
{
	if (geteuid() != 0 || c->uid == 0)
		return;
	if (setegid(c->gid) != 0 || seteuid(c->uid) != 0)
		die(125, "cannot act as user %s", c->name);
}

void caller_leave(void)
{
	if (getuid() != 0)
		return;
	if (seteuid(0) != 0 || setegid(0) != 0)
		die(125, "cannot become root again");
}
