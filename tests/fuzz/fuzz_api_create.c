/*
 * fuzz_api_create.c - any JSON as the body of a create: it is refused, or becomes options that can be released.
 */
#include "daemon/create_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *body = NULL, *exact = NULL;
	struct run_options o;
	struct mc_err err = { 0 };
	struct engine e = { .dir = -1, .root = (char *)"/nonexistent" };
	if (json_parse((const char *)data, size, "body", &body, &err) < 0)
		return 0;
	run_options_init(&o);
	if (create_body_parse(&e, body, &o, &exact, &err) >= 0 && !o.image)
		abort();
	run_options_release(&o);
	json_free(exact);
	json_free(body);
	return 0;
}
