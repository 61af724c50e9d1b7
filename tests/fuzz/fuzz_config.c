/*
 * fuzz_config.c - any JSON as a config.json, and its options of mounts: never a crash, never a leak of the document.
 */
#include "runtime/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *doc = NULL;
	struct mc_err err = { 0 };
	struct config c = { 0 };
	if (json_parse((const char *)data, size, "fuzz", &doc, &err) < 0)
		return 0;
	config_parse(doc, "/bundle", &c, &err);
	config_release(&c);
	return 0;
}
