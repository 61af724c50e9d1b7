/*
 * fuzz_client.c - any bytes as what a daemon sends (frames, JSON values) and as an address behind -H.
 */
#include "cli/context.h"
#include "cli/remote/client_stream.h"

static int swallow(void *ctx, int stream, const void *data, size_t len, struct mc_err *err)
{
	if (stream != 1 && stream != 2)
		abort();
	*(size_t *)ctx += len;
	return 0;
}

static int take(void *ctx, const struct json *value, const char *text, struct mc_err *err) { return 0; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frames f = { 0 };
	struct json_cutter c = { .take = take };
	struct endpoint e;
	struct mc_err err = { 0 };
	size_t written = 0, cut = size ? data[0] % size : 0;
	if (frames_cut(&f, data, cut, swallow, &written, &err) == 0)
		frames_cut(&f, data + cut, size - cut, swallow, &written, &err);
	if (written > size)
		abort();
	if (json_cut(&c, data, cut, &err) == 0)
		json_cut(&c, data + cut, size - cut, &err);
	json_cutter_release(&c);
	char *text = xstrndup((const char *)data, size);
	if (endpoint_parse(text, &e, &err) == 0) {
		char *again = endpoint_text(&e);
		struct endpoint twice;
		if (endpoint_parse(again, &twice, &err) < 0 || twice.kind != e.kind)
			abort();
		free(again);
	}
	free(text);
	return 0;
}
