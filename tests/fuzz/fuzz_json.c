/*
 * fuzz_json.c - any bytes as a JSON document: parse, read by path, dump, parse again to the same text.
 */
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *doc = NULL, *again = NULL;
	struct mc_err err;
	if (json_parse((const char *)data, size, "fuzz", &doc, &err) < 0)
		return 0;
	const char *s;
	uint64_t u;
	(void)json_get_string(doc, &s, &err, "a.b[0].c");
	(void)json_get_u64(doc, &u, &err, "[3]");
	char *text = json_dump(doc, true);
	if (json_parse(text, strlen(text), "again", &again, &err) == 0) {
		char *twice = json_dump(again, true);
		if (strcmp(text, twice) != 0)
			abort();
		free(twice);
		json_free(again);
	}
	free(text);
	json_free(doc);
	return 0;
}
