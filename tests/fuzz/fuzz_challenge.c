/*
 * fuzz_challenge.c - any bytes as a WWW-Authenticate header, and as an address it could name.
 */
#include "registry/challenge.h"
#include "registry/login.h"
#include "registry/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size), *joined, *plain, *code;
	struct challenge c;
	struct mc_err err;
	struct buf b = { 0 };
	size_t len;

	if (challenge_parse(text, &c, &err) == 0) {
		if (c.scheme == CHALLENGE_NONE)
			abort();
		challenge_release(&c);
	}
	joined = url_join("https://a.example/v2/x?y", text);
	if (joined && !strstr(joined, "://"))
		abort();
	url_escape(&b, text);
	if (b.data && strpbrk(b.data, " \r\n\"<>"))
		abort();
	plain = base64_decode(text, &len);
	if (plain) {
		code = base64_encode(plain, len);
		free(code);
	}
	free(plain);
	free(joined);
	free(text);
	buf_release(&b);
	return 0;
}
