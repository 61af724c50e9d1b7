/*
 * service_hooks.c - commands that compose runs inside a container: post_start behind its start, pre_stop
 * before its stop, and those of `watch`.
 *
 * A hook is `minictr exec` with the words that a person would type. A failed post_start fails `up`. A failed
 * pre_stop is an error, too, but the container is stopped all the same: otherwise it could never go.
 */
#include "compose/service_hooks.h"

#include "base/tool.h"
#include "compose/service.h"
#include "engine/stop.h"

int hook_run(const struct yaml *hook, const char *container, struct mc_err *err)
{
	const struct yaml *command = ynode_get(hook, "command"), *env = ynode_get(hook, "environment");
	const char *user = ynode_text(ynode_get(hook, "user")),
		   *dir = ynode_text(ynode_get(hook, "working_dir"));
	_cleanup_strv_ char **words = NULL;
	strv_push(&words, "exec");
	if (str_eq(ynode_text(ynode_get(hook, "privileged")), "true"))
		strv_push(&words, "--privileged");
	if (user)
		strv_pushf(&words, "--user=%s", user);
	if (dir)
		strv_pushf(&words, "--workdir=%s", dir);
	for (size_t i = 0; env && i < env->n; i++)
		if (ynode_text(env->items[i]))
			strv_pushf(&words, "--env=%s=%s", env->keys[i], ynode_text(env->items[i]));
	strv_push(&words, container);
	for (size_t i = 0; command && i < command->n; i++)
		strv_push(&words, ynode_text(command->items[i]));
	int rc = tool_run(words, NULL, false, err);
	return rc > 0 ? ynode_error(hook, err, "hook in %s exited with status %d", container, rc) : rc;
}

static int hooks_of(const struct project *p, const char *service, const char *key, const char *container,
	struct mc_err *err)
{
	const struct yaml *hooks =
		p->services && service ? ynode_get(ynode_get(p->services, service), key) : NULL;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && hooks && i < hooks->n; i++)
		rc = hook_run(hooks->items[i], container, err);
	return rc;
}

int hooks_start(struct engine *e, const struct project *p, const char *service, const char *container,
	struct mc_err *err)
{
	struct start_options plain = { 0 };
	int code;
	int rc = container_start(e, container, &plain, &code, err);
	return rc < 0 ? rc : hooks_of(p, service, "post_start", container, err);
}

int hooks_stop(
	struct engine *e, const struct project *p, const struct container *c, int timeout, struct mc_err *err)
{
	const char *service = container_label(c, label_service);
	int rc = hooks_of(p, service, "pre_stop", c->id, err);
	struct mc_err second = { 0 };
	int stopped =
		container_stop(e, c->id, NULL, timeout < 0 ? STOP_DEFAULT : timeout, rc < 0 ? &second : err);
	return rc < 0 ? rc : stopped;
}
