/*
 * image_uses.c - see image_uses.h.
 */
#include "engine/image_uses.h"

int engine_image_uses(struct engine *e, struct image_uses *ret, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	*ret = (struct image_uses){ 0 };
	int rc = container_list(e, &list, err);
	if (rc < 0)
		return rc;
	struct image_use *uses = xcalloc(list.count + 1, sizeof(*uses));
	for (size_t i = 0; i < list.count; i++) {
		const struct container *c = &list.items[i];
		snprintf(uses[i].image, sizeof(uses[i].image), "%s", c->image_id ? c->image_id : "");
		snprintf(uses[i].container, sizeof(uses[i].container), "%s", c->id);
		uses[i].running = container_is_active(c);
	}
	*ret = (struct image_uses){ .use = uses, .n = list.count };
	return 0;
}
