/*
 * fetch.h - the bytes behind a URL, fetched by minictr-fetch: HTTP and TLS libraries load only there.
 */
#ifndef MC_BASE_FETCH_H
#define MC_BASE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* http:// or https:// */
bool fetch_is_url(const char *word);
/* What url gives goes to fd; *ret_mtime: its Last-Modified, or 0. -EIO with the helper's complaint. */
int fetch_url(const char *url, int fd, int64_t *ret_mtime, struct mc_err *err);
/*
 * A nameless file ($TMPDIR, else /var/tmp) with what url gives, to be read from its start. Returns a
 * descriptor.
 */
int fetch_file(const char *url, struct mc_err *err);

#endif
