/*
 * server/proxy.h - the registry behind this one: `registry serve --proxy`.
 */
#ifndef MC_REGISTRY_PROXY_H
#define MC_REGISTRY_PROXY_H

#include "registry/server/call.h"

/* Brings a manifest or blob into the store and the repository. 0, or why not. No proxy: -ENOENT. */
int proxy_manifest(struct server *s, const struct route *r, struct mc_err *err);
int proxy_blob(struct server *s, const char *name, const struct digest *d, struct mc_err *err);
/* 404 with code and message when there is no such thing; 502 that says so when the registry behind could
 * not be asked. */
enum MHD_Result proxy_failure(
	struct call *c, const struct mc_err *why, const char *code, const char *message);

#endif
