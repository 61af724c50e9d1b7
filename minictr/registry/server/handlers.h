/*
 * server/handlers.h - what answers the routes of requests.h. server.c calls it; it calls call.h and
 * repositories.h.
 */
#ifndef MC_REGISTRY_HANDLERS_H
#define MC_REGISTRY_HANDLERS_H

#include "registry/server/call.h"

enum MHD_Result serve_blob(struct call *c);      /* blobs.c: GET, HEAD, DELETE */
enum MHD_Result serve_manifest(struct call *c);  /* manifests.c: GET, HEAD, PUT, DELETE */
enum MHD_Result serve_tags(struct call *c);      /* lists.c */
enum MHD_Result serve_catalog(struct call *c);   /* lists.c */
enum MHD_Result serve_referrers(struct call *c); /* lists.c */

/* --- uploads.c --- */
/* Before the body: opens what it goes to. Returns 0, or a status to refuse with (err filled). */
int upload_open(struct call *c, struct mc_err *err);
/* A piece of the body. */
int upload_data(struct call *c, const void *data, size_t len, struct mc_err *err);
/* After the body: POST, PATCH, PUT, GET, DELETE. */
enum MHD_Result serve_upload(struct call *c);
/* Deletes the file of this call's upload. */
void upload_forget(const struct call *c);
/* Gives up uploads that no request touched for ten minutes. */
void uploads_clean(int store);

#endif
