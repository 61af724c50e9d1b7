/*
 * image_events.c - see image_events.h.
 */
#include "daemon/image_events.h"

#include "engine/events.h"

void job_image_event(struct engine *e, const char *action, const char *name)
{
	_cleanup_free_ char *attribute = xasprintf("name=%s", name);
	char *const attributes[] = { attribute, NULL };
	event_log(e, "image", action, name, attributes);
}
