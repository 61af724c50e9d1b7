/*
 * actual.c - the containers of a project as they are now.
 *
 * A container belongs to a project by its labels. Its name may be another's by now, and a
 * container that compose did not make may have the name that compose would give.
 */
#include "compose/actual.h"

#include <stdlib.h>

#include "compose/service.h"

static const char *actual_label(const struct container *c, const char *key)
{
	const char *t = container_label(c, key);
	return t ? t : "";
}

static int actual_order(const void *a, const void *b)
{
	const struct actual_container *x = a, *y = b;
	int names = strcmp(x->service, y->service);
	return names ? names : x->number < y->number ? -1 : x->number > y->number;
}

int actual_read(struct engine *e, const char *project, struct actual *ret, struct mc_err *err)
{
	*ret = (struct actual){ 0 };
	int rc = container_list(e, &ret->list, err);
	if (rc < 0)
		return rc;
	ret->items = xcalloc(ret->list.count + 1, sizeof(*ret->items));
	for (size_t i = 0; i < ret->list.count; i++) {
		const struct container *c = &ret->list.items[i];
		if (!str_eq(actual_label(c, label_project), project))
			continue;
		struct actual_container *one = &ret->items[ret->n++];
		*one = (struct actual_container){ .c = c,
			.service = actual_label(c, label_service),
			.hash = actual_label(c, label_hash),
			.oneoff = str_eq(actual_label(c, label_oneoff), "True") };
		parse_i64(actual_label(c, label_number), &one->number);
	}
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), actual_order);
	return 0;
}

void actual_release(struct actual *a)
{
	free(a->items);
	container_list_release(&a->list);
	*a = (struct actual){ 0 };
}
