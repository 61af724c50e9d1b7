/*
 * context_store.h - contexts: addresses of daemons that have a name, kept in files of the calling user.
 *
 * $XDG_CONFIG_HOME/minictr/contexts/NAME/meta.json (~/.config without the variable) has docker's shape:
 *     {"Name": "lab", "Metadata": {"Description": ""},
 *      "Endpoints": {"docker": {"Host": "tcp://...", "SkipTLSVerify": false}}}
 * Certificates stand beside it: ca.pem, cert.pem, key.pem. The name in use stands in minictr/current-context.
 */
#ifndef MC_CLI_CONTEXT_STORE_H
#define MC_CLI_CONTEXT_STORE_H

#include "base/json.h"
#include "cli/context.h"

/* Files for a connection with certificates; NULL: none. */
struct client_tls {
	bool on;     /* speak TLS */
	bool verify; /* the daemon's certificate has to be signed by ca */
	char *ca, *cert, *key;
};
void client_tls_release(struct client_tls *t);

/* Directory of all contexts, or of one (name not NULL); caller frees. */
char *context_path(const char *name);
/* The name in use, "default" included; NULL: none was ever chosen. Caller frees. */
char *context_current(void);
/*
 * Puts the name in use into the environment (MINICTR_CONTEXT), unless a variable chooses an engine
 * already.
 */
void context_current_to_env(void);

/* meta.json of a context. -ENOENT with docker's words. Caller frees *ret. */
int context_load(const char *name, struct json **ret, struct mc_err *err);
/* Address and certificates of a context: *e becomes what the context names (ENDPOINT_LOCAL for "default"). */
int context_resolve(struct endpoint *e, struct client_tls *tls, struct mc_err *err);
/* What flags and environment say of certificates: MINICTR_TLS..., DOCKER_TLS_VERIFY, DOCKER_CERT_PATH. */
void client_tls_from_env(struct client_tls *tls);

#endif
