/*
 * repair.c - the end of a container's life, put into the record and out of the kernel.
 *
 * Kernel objects and man pages: cgroups(7), network_namespaces(7), proc(5).
 * Order and why: kernel objects first, the record last: a crash between the two leaves the record stale, and the next
 * command does all of it again. Every removal accepts that nothing is there.
 */
#include "engine/repair.h"

#include "engine/endpoints.h"
#include "engine/events.h"
#include "engine/oci.h"
#include "engine/volumes.h"
#include "network/usernet.h"

void container_clear(struct engine *e, const struct container *c)
{
	_cleanup_free_ char *run = engine_run_path(e, c->id);
	usernet_detach(run); /* the monitor has done it, unless it was killed */
	oci_delete(e, c);
	volumes_release(e, c);
	endpoints_clear(e, c);
}

int container_repair(struct engine *e, struct container *c, struct mc_err *err)
{
	char code[32];
	if (!c->stale)
		return 0;
	container_clear(e, c);
	c->stale = false;
	json_free(c->net);
	c->net = NULL;
	c->status = CONTAINER_EXITED;
	int rc = container_save_state(e, c, err);
	if (rc < 0)
		return rc;
	snprintf(code, sizeof(code), "exitCode=%d", c->exit_code);
	if (c->oom_killed)
		event_container(e, c, "oom", NULL);
	event_container(e, c, "die", code);
	return 0;
}
