/*
 * digest.c - the text of a digest: check it, cut it, compare it.
 *
 * A digest from a manifest becomes a file name in the store, so only the exact form passes: no other
 * algorithm, no upper case (two names for one blob), no slash. Specification: OCI image-spec, descriptor.md.
 */
#include "image/digest.h"

/* "sha256:" and "sha512:" have one length, so the digits begin at the same place. */
enum { PREFIX = 7 };

int digest_parse(const char *text, struct digest *ret, struct mc_err *err)
{
	size_t want = !text ? 0 : str_starts(text, "sha256:") ? 64 : str_starts(text, "sha512:") ? 128 : 0;
	if (!want || strspn(text + PREFIX, "0123456789abcdef") != want || text[PREFIX + want])
		return err_set(err, EINVAL,
			"invalid digest \"%.80s\": wanted sha256: and 64 hex digits, or sha512: and 128",
			text ? text : "");
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	return 0;
}

const char *digest_hex(const struct digest *d) { return d->text[0] ? d->text + PREFIX : ""; }

bool digest_is_sha512(const struct digest *d) { return str_starts(d->text, "sha512:"); }

bool digest_eq(const struct digest *a, const struct digest *b) { return strcmp(a->text, b->text) == 0; }
