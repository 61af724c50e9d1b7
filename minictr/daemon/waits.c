/*
 * waits.c - see waits.h.
 */
#include "daemon/waits.h"

#include "engine/stop.h"

ssize_t wait_read(struct call *c, char *out, size_t max)
{
	size_t n = c->out.len < max ? c->out.len : max;
	if (n)
		memcpy(out, c->out.data, n);
	buf_trim_front(&c->out, n);
	return (ssize_t)n;
}

void wait_forget(struct call *c)
{
	for (struct call **at = &c->daemon->waits; *at; at = &(*at)->next_wait)
		if (*at == c) {
			*at = c->next_wait;
			return;
		}
}

static void finish(struct call *c)
{
	_cleanup_json_ struct json *doc = json_new_object();
	wait_forget(c);
	json_set(doc, "Error", NULL);
	json_set_i64(doc, "StatusCode", c->exit_code);
	_cleanup_free_ char *text = json_dump(doc, false);
	buf_addf(&c->out, "%s\n", text);
	c->out_ended = true;
	call_resume(c);
}

static int parse_condition(const struct request *q, int *ret, struct mc_err *err)
{
	static const char *const names[] = {
		[WAIT_NOT_RUNNING] = "not-running", [WAIT_NEXT_EXIT] = "next-exit", [WAIT_REMOVED] = "removed"
	};
	const char *text = request_query(q, "condition");
	*ret = WAIT_NOT_RUNNING;
	if (!text || !*text)
		return 0;
	for (int i = 0; i < (int)ARRAY_LEN(names); i++)
		if (str_eq(text, names[i])) {
			*ret = i;
			return 0;
		}
	return err_set(err, EINVAL, "invalid condition: \"%s\"; use not-running, next-exit or removed", text);
}

int container_wait_begin(struct call *c, struct mc_err *err)
{
	_cleanup_container_ struct container k = { 0 };
	int condition;
	int rc = parse_condition(&c->request, &condition, err);
	if (rc < 0)
		return rc;
	rc = container_find(&c->daemon->engine, c->params.name, &k, err);
	if (rc < 0)
		return rc;
	snprintf(c->container, sizeof(c->container), "%s", k.id);
	c->condition = condition;
	c->exit_code = k.exit_code;
	json_set_i64(c->reply.head = json_new_object(), "status", 200);
	json_set_string(c->reply.head, "type", "application/json");
	c->reply.begun = true;
	c->next_wait = c->daemon->waits;
	c->daemon->waits = c;
	if (condition == WAIT_NOT_RUNNING && !container_is_active(&k))
		finish(c);
	return 0;
}

void waits_event(struct daemon *d, const char *id, const char *action, int exit_code)
{
	bool died = str_eq(action, "die"), gone = str_eq(action, "destroy");
	struct call *next;
	if (!died && !gone)
		return;
	for (struct call *c = d->waits; c; c = next) {
		next = c->next_wait;
		if (!str_eq(c->container, id))
			continue;
		if (died)
			c->exit_code = exit_code;
		if (gone || c->condition != WAIT_REMOVED)
			finish(c);
	}
}

void waits_start_failed(struct daemon *d, const char *id, int exit_code)
{
	for (struct call *c = d->waits; c; c = c->next_wait)
		if (str_eq(c->container, id))
			c->exit_code = exit_code;
}

void waits_check(struct daemon *d)
{
	struct call *next;
	for (struct call *c = d->waits; c; c = next) {
		_cleanup_container_ struct container k = { 0 };
		struct mc_err err = { 0 };
		next = c->next_wait;
		int rc = container_load(&d->engine, c->container, &k, &err);
		if (rc == 0 && container_is_active(&k))
			c->has_exit = true; /* it runs now, so the next end is the one to report */
		else if (rc == -ENOENT) {
			/* Gone before its events were heard of. */
			container_removed_code(&d->engine, c->container, &c->exit_code);
			finish(c);
		} else if (rc == 0 && c->has_exit && c->condition != WAIT_REMOVED) {
			c->exit_code = k.exit_code;
			finish(c);
		}
	}
}
