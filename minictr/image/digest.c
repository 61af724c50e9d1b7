/*
 * digest.c - the text of a digest: check it, cut it, compare it.
 *
 * A digest from a manifest becomes a file name in the store, so only the exact form passes: no other
 * algorithm, no upper case (two names for one blob), no slash. Specification: OCI image-spec, descriptor.md.
 * Left out: sha512, which the specification allows and hardly anybody writes.
 */
#include "image/digest.h"

int digest_parse(const char *text, struct digest *ret, struct mc_err *err)
{
	const char *hex = text && str_starts(text, "sha256:") ? text + 7 : "";
	if (strspn(hex, "0123456789abcdef") != 64 || hex[64])
		return err_set(err, EINVAL, "invalid digest \"%.80s\": wanted sha256: and 64 hex digits",
			text ? text : "");
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	return 0;
}

const char *digest_hex(const struct digest *d) { return d->text[0] ? d->text + 7 : ""; }

bool digest_eq(const struct digest *a, const struct digest *b) { return strcmp(a->text, b->text) == 0; }
