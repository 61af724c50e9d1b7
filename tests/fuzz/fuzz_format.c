/*
 * fuzz_format.c - any text as a --format template over a small document: no crash, no endless loop.
 */
#include "base/json.h"
#include "cli/format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char text[] = "{\"ID\":\"3f9c\",\"N\":3,\"On\":true,\"Null\":null,\"A\":[\"a\",[1,2]],"
				   "\"M\":{\"k\":\"v\",\"m\":{\"x\":1}}}";
	struct json *doc = NULL;
	struct mc_err err;
	struct buf out = { 0 };
	if (size > 4096)
		return 0;
	char *template = xstrndup((const char *)data, size);
	if (json_parse(text, sizeof(text) - 1, "doc", &doc, &err) == 0)
		(void)format_render(template, doc, &out, &err);
	buf_release(&out);
	json_free(doc);
	free(template);
	return 0;
}
