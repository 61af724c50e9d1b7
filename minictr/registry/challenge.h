/*
 * challenge.h - WWW-Authenticate taken apart (RFC 9110, 11.6.1; distribution-spec "token authentication").
 */
#ifndef MC_REGISTRY_CHALLENGE_H
#define MC_REGISTRY_CHALLENGE_H

#include "base/err.h"

enum challenge_scheme { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
	enum challenge_scheme scheme;
	char *realm;   /* Bearer: address of the token server; owned, as all of them; NULL when not told */
	char *service; /* what the token is for */
	char *scope;   /* "repository:library/busybox:pull" */
	char *error;   /* "insufficient_scope", "invalid_token" */
};

/*
 * text is the header's value; it may hold several challenges: Bearer wins over Basic. -EINVAL when the
 * grammar is broken, -ENOTSUP when no scheme is known to us. On failure *ret holds nothing.
 */
int challenge_parse(const char *text, struct challenge *ret, struct mc_err *err);
void challenge_release(struct challenge *c);
#define _cleanup_challenge_ __attribute__((cleanup(challenge_release)))

#endif
