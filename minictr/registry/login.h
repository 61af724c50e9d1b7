/*
 * login.h - who we are at a registry, kept as docker keeps it: $DOCKER_CONFIG/config.json
 * (~/.docker/config.json).
 *
 * Three places a password can be, in docker's order: a helper for this registry ("credHelpers"), a helper
 * for all ("credsStore"), or base64 in the file itself ("auths"). A helper is the program
 * docker-credential-NAME; it reads the server's address on stdin and answers JSON
 * (docker-credential-helpers protocol: get, store, erase).
 */
#ifndef MC_REGISTRY_LOGIN_H
#define MC_REGISTRY_LOGIN_H

#include "base/err.h"
#include "registry/http.h"

struct login {
	char *user;           /* NULL: ask without a name; owned */
	char *password;       /* owned */
	char *identity_token; /* instead of a password: an OAuth2 refresh token; NULL for none; owned */
	struct http *http;    /* how to reach a token server; borrowed */
};

/* Finds what is stored for host ("docker.io", "localhost:5000"). Nothing stored is no failure: *ret is
 * empty then. */
int login_find(const char *host, struct login *ret, struct mc_err *err);
/* Stores or replaces. *ret_place says where ("/root/.docker/config.json" or "the helper X"); caller frees. */
int login_store(const char *host, const struct login *who, char **ret_place, struct mc_err *err);
/* Forgets. Returns 1 when there was something, else 0. */
int login_erase(const char *host, struct mc_err *err);
/* The address under which docker files a host: "https://index.docker.io/v1/" for docker.io, else the host. */
const char *login_key(const char *host);

/* The host of an address as docker has it: "https://host/v1/" and "host/" are host. Caller frees. */
char *login_host(const char *server);

/* "Basic dXNlcjpwYXNz"; caller frees. NULL when `who` has no password. */
char *login_basic(const struct login *who);
void login_release(struct login *l);
#define _cleanup_login_ __attribute__((cleanup(login_release)))

/* RFC 4648; caller frees. decode returns NULL for anything that is not base64. */
char *base64_encode(const void *data, size_t len);
char *base64_decode(const char *text, size_t *ret_len);

#endif
