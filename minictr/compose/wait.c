/*
 * wait.c - waiting for another service: by looking at what the engine knows, never by sleeping a guessed
 * time.
 *
 * Kernel objects and man pages: poll(2) as a pause between two looks. A look reads one small file; ten
 * looks a second cost less than one start.
 */
#include "compose/wait.h"

#include <poll.h>

enum { WAIT_PAUSE_MS = 100 };

enum service_condition service_condition_parse(const char *word)
{
	if (str_eq(word, "service_healthy"))
		return SERVICE_HEALTHY;
	return str_eq(word, "service_completed_successfully") ? SERVICE_COMPLETED : SERVICE_STARTED;
}

/* 1 reached, 0 not yet, -errno never. */
static int wait_look(const struct container *c, enum service_condition condition, struct mc_err *err)
{
	bool ended = c->status == CONTAINER_EXITED || c->status == CONTAINER_DEAD;
	if (condition == SERVICE_STARTED)
		return c->started > 0;
	if (condition == SERVICE_COMPLETED) {
		if (!ended)
			return 0;
		return c->exit_code == 0 ? 1
					 : err_set(err, ECANCELED,
						   "service \"%s\" didn't complete successfully: exit %d",
						   c->name, c->exit_code);
	}
	if (ended)
		return err_set(err, ECANCELED, "dependency failed to start: container %s exited (%d)",
			c->name, c->exit_code);
	if (!c->health && c->started)
		return err_set(err, EINVAL,
			"container %s has no healthcheck configured, so it can never become healthy",
			c->name);
	if (str_eq(c->health, "unhealthy"))
		return err_set(
			err, ECANCELED, "dependency failed to start: container %s is unhealthy", c->name);
	return str_eq(c->health, "healthy");
}

/*
 * Waits until the container fulfils the condition: SERVICE_STARTED its program was started (and may have
 * ended since); SERVICE_HEALTHY its health check has succeeded; SERVICE_COMPLETED it has ended with exit
 * code 0. Returns 0 within a second of that. Gives up within a second when it cannot come true any more:
 * the container ended, is unhealthy, has no health check although it was started, ended with another code,
 * or was removed (-errno, with a sentence that names the container). "Running" is not "healthy". A
 * container that was not started yet is waited for. It sleeps between two looks. There is no time limit:
 * the health check has its own (not checked).
 * Lab 09.2: wait for what is asked, not for a while.
 */
int service_wait(
	struct engine *e, const char *container, enum service_condition condition, struct mc_err *err)
{
	for (;;) {
		_cleanup_container_ struct container c = { 0 };
		int rc = container_find(e, container, &c, err);
		if (rc < 0)
			return err_wrap(err, "waiting for %s", container);
		rc = wait_look(&c, condition, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		poll(NULL, 0, WAIT_PAUSE_MS);
	}
}
