/*
 * status.c - the texts of `ps`: "Up 3 minutes (healthy)", the command line. docker's words
 * (units.HumanDuration).
 */
#include <time.h>
#include "engine/container.h"

char *container_status_text(const struct container *c)
{
	int64_t now = (int64_t)now_ns(CLOCK_REALTIME);
	_cleanup_free_ char *up = duration_text(now - c->started);
	_cleanup_free_ char *since = duration_text(now - c->finished);
	if (c->damaged)
		return xasprintf("%s (damaged record)", container_is_active(c) ? "Up" : "Dead");
	switch (c->status) {
	case CONTAINER_RUNNING:
		if (!c->health)
			return xasprintf("Up %s", up);
		return xasprintf(
			"Up %s (%s%s)", up, str_eq(c->health, "starting") ? "health: " : "", c->health);
	case CONTAINER_PAUSED: return xasprintf("Up %s (Paused)", up);
	case CONTAINER_RESTARTING: return xasprintf("Restarting (%d) %s ago", c->exit_code, since);
	case CONTAINER_EXITED: return xasprintf("Exited (%d) %s ago", c->exit_code, since);
	case CONTAINER_REMOVING: return xstrdup("Removal In Progress");
	case CONTAINER_DEAD: return xstrdup("Dead");
	default: return xstrdup("Created");
	}
}

char *container_command_text(const struct container *c)
{
	const struct json *args = json_member(c->doc, "Args");
	const char *path = json_text_of(json_member(c->doc, "Path"));
	struct buf b = { 0 };
	buf_adds(&b, path ? path : "");
	for (size_t i = 0; i < json_len(args); i++) {
		const char *text = json_text_of(json_item(args, i));
		buf_addf(&b, text && strchr(text, ' ') ? " '%s'" : " %s", text ? text : "");
	}
	return buf_take(&b);
}
