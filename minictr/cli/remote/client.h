/*
 * client.h - a daemon of the Docker Engine API, from the asking side: one connection, calls, hijacked
 * streams.
 *
 *     _cleanup_client_ struct client c = { 0 };
 *     rc = client_open(&c, err);                         the daemon that flags, environment or context name
 *     rc = client_call(&c, &(struct client_call){ .path = "/containers/json?all=1" }, &doc, err);
 *
 * Paths are written without the version: it was agreed on in client_open() (HEAD /_ping) and is put before.
 * The same code speaks to minictrd and to any other daemon of that API from 1.24 on.
 */
#ifndef MC_CLI_CLIENT_H
#define MC_CLI_CLIENT_H

#include "base/json.h"
#include "cli/command.h"
#include "cli/context_store.h"
#include "cli/remote/ssh_gate.h"

struct client {
	struct endpoint at;
	struct client_tls tls;
	char *base;          /* "http://localhost", "https://host:2376"; owned */
	unsigned minor;      /* of the API: 41 is 1.41; 0 before the ping */
	void *curl;          /* one easy handle of libcurl(3): its connection is kept between calls */
	struct ssh_gate ssh; /* of ENDPOINT_SSH */
};

/* Connects and agrees on a version. cli->host is -H. -errno: no daemon answers (with a hint what to do). */
int client_open(const struct cli *cli, struct client *ret, struct mc_err *err);
void client_close(struct client *c);
#define _cleanup_client_ __attribute__((cleanup(client_close)))

/* Takes a piece of a 2xx answer as it arrives. Returns 0, or -errno with *err filled: ends the call. */
typedef int client_sink(void *ctx, const void *data, size_t len, struct mc_err *err);

struct client_call {
	const char *method;      /* NULL: GET */
	const char *path;        /* "/containers/json?all=1" */
	const struct json *body; /* sent as application/json */
	const char *type; /* Content-Type of a body that is read from fd and sent in chunks; NULL: none */
	int fd;
	const char *header; /* one more "Name: value"; NULL */
	client_sink *sink;  /* takes the answer; NULL: it is kept and parsed into *ret */
	void *ctx;
	const char *wanted; /* name of a header of the answer */
	char **ret_wanted;  /* its value; caller frees; NULL when absent */
};

/*
 * Asks and waits. An answer of 2xx or 304 is a success; *ret (may be NULL) is its JSON document, NULL when it
 * had none; caller frees. Any other answer is an error with the daemon's own words: -ENOENT for 404, -EEXIST
 * for 409, -EINVAL for 400, -EACCES for 401 and 403, else -EIO.
 */
int client_call(struct client *c, const struct client_call *q, struct json **ret, struct mc_err *err);

/* The same without an answer to look at: "POST", "/containers/web/stop?t=3". */
int client_post(struct client *c, const char *path, const struct json *body, struct mc_err *err);
int client_delete(struct client *c, const char *path, struct mc_err *err);
/* GET into a document. */
int client_get(struct client *c, const char *path, struct json **ret, struct mc_err *err);

/* --- a call whose answer comes much later: wait --- */

struct client_wait;
/* Sends the call and returns when its headers have come: from then on the daemon watches. */
int client_wait_begin(struct client *c, const char *path, struct client_wait **ret, struct mc_err *err);
/* Waits for the end; *ret is the document. Frees w. */
int client_wait_end(struct client_wait *w, struct json **ret, struct mc_err *err);
void client_wait_drop(struct client_wait *w);

/* --- texts for paths --- */

/*
 * "name=web&all=1": adds "key=value" with what URLs do not carry escaped, and ? or & before it. NULL:
 * nothing.
 */
void query_add(struct buf *path, const char *key, const char *value);
/* --filter KEY=VALUE as docker sends it: filters={"key":{"value":true}}. NULL or empty: nothing. */
void query_filters(struct buf *path, char *const filters[]);
/* One component of a path, escaped: a container's or volume's name. Slashes of an image's name stay. */
void path_add(struct buf *path, const char *component);

/* --- hijacked connections (attach, exec) --- */

struct hijack;
/*
 * Sends the request with "Upgrade: tcp" and reads the answer's head; from then on the connection
 * carries bytes.
 */
int hijack_open(
	struct client *c, const char *path, const struct json *body, struct hijack **ret, struct mc_err *err);
int hijack_fd(const struct hijack *h); /* for poll(2); borrowed */
/* Bytes that are there now: -EAGAIN when there are none, 0 at the end. */
ssize_t hijack_read(struct hijack *h, void *data, size_t len);
/* Sends what can be sent now; -EAGAIN when nothing can. */
ssize_t hijack_write(struct hijack *h, const void *data, size_t len);
/* No more input: half of the connection is closed, the other goes on (shutdown(2), close_notify of TLS). */
void hijack_end_input(struct hijack *h);
void hijack_close(struct hijack *h);

/* --- for the two files behind this header --- */

/* Settings that all connections to the daemon share. */
void client_setup(struct client *c, void *curl, const char *url);
/* What went wrong below HTTP, in words that help. */
int client_lost(const struct client *c, void *curl, int code, const char *detail, struct mc_err *err);
/* The daemon's error answer: status and body. */
int client_refused(long status, const char *body, size_t len, struct mc_err *err);

#endif
