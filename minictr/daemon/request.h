/*
 * request.h - one request as an operation sees it: a JSON document, the same in the daemon and in a job.
 *
 *     {"op": "containers.list", "id": "f00d0001", "api": 41, "name": "web", "upgrade": false,
 *      "query": {"all": ["1"], "t": ["a", "b"]}, "headers": {"X-Registry-Auth": "..."}, "body": {...}}
 *
 * The daemon makes it and, when a child answers, passes it in a memory file (memfd_create(2)).
 */
#ifndef MC_DAEMON_REQUEST_H
#define MC_DAEMON_REQUEST_H

#include "base/json.h"

struct request {
	struct json *doc; /* borrowed */
};

/* What stood in the path; "" without a name. All strings are borrowed. */
const char *request_name(const struct request *q);
int request_api(const struct request *q);
/* First value of a query parameter; NULL when absent. */
const char *request_query(const struct request *q, const char *key);
/* All values ("t" may repeat). Caller strv_free()s; NULL when absent. */
char **request_queries(const struct request *q, const char *key);
/* docker's reading of a truth value: absent, "", "0", "no", "false", "none" are false, anything else true. */
bool request_flag(const struct request *q, const char *key, bool otherwise);
/* A whole number; otherwise when absent or empty. -EINVAL when it is none. */
int request_number(
	const struct request *q, const char *key, int64_t otherwise, int64_t *ret, struct mc_err *err);
/* A terminal's rows ("h") and columns ("w"); -EINVAL unless both are there. */
int request_window(const struct request *q, int64_t *ret_rows, int64_t *ret_columns, struct mc_err *err);
const char *request_header(const struct request *q, const char *name);
/* The body; an empty object when there was none. */
const struct json *request_body(const struct request *q);
/*
 * The query parameter "filters" in either shape, {"label": {"a=b": true}} or {"label": ["a=b"]}, as words
 * "label=a=b". A value that is false is left out. Caller strv_free()s *ret. -EINVAL when it is neither.
 */
int request_filters(const struct request *q, char ***ret, struct mc_err *err);
/* The same for a text; pure (fuzzed). */
int filters_parse(const char *text, char ***ret, struct mc_err *err);

#endif
