/*
 * daemon.h - what minictrd holds in memory: connections, jobs under way, requests that wait, execs.
 *
 * One thread, one epoll loop (loop.h). The HTTP library has an epoll descriptor of its own, which is one of
 * our sources. Nothing here is the truth about a container: that stands in the engine's files, so the daemon
 * can be killed at any time.
 */
#ifndef MC_DAEMON_DAEMON_H
#define MC_DAEMON_DAEMON_H

#include <microhttpd.h>
#include <sys/types.h>

#include "daemon/loop.h"
#include "daemon/reply.h"
#include "base/program.h"
#include "daemon/request.h"
#include "daemon/route.h"
#include "engine/container.h"

struct call;
struct job;
struct exec;

enum { DASHBOARD_KEY = 32 }; /* hexadecimal digits */

/* One place where we listen. */
struct listener {
	struct daemon *daemon;
	bool pages; /* not the API: dashboard.h */
	struct MHD_Daemon *http;
	struct source source; /* its epoll descriptor */
	/* tcp:// only (tls_listen.c) */
	int tcp, control; /* the listening socket, and the one to its front */
	struct source front;
	const struct listen_options *options;
};

struct daemon {
	struct engine engine;
	struct loop loop;
	struct listener listeners[4];
	size_t n_listeners;
	struct source signals;
	struct source events; /* inotify on the engine's directory (follow.h) */
	int events_fd;        /* events.log, read up to now; -1 */
	struct buf events_rest;
	struct job *jobs;     /* all that run */
	struct call *calls;   /* all that are not ended */
	struct call *waits;   /* calls of containers/wait (waits.h) */
	struct exec *execs;   /* newest first (execs.h) */
	size_t body_bytes;    /* of JSON bodies in memory, over all calls */
	uint64_t requests;    /* counted: their ids */
	size_t n_running;     /* containers found alive at the start (restore.h) */
	bool debug, log_json; /* one line per request, and the explain stream */
	bool stopping;
	bool resumed;                          /* a connection was: the HTTP library has something to do */
	char *job_programs[2];                 /* paths of minictrd-job and minictrd-job-image; owned */
	char *engine_program;                  /* path of minictr; owned */
	char dashboard_key[DASHBOARD_KEY + 1]; /* dashboard.h */
	const char *dashboard_port, *walk;     /* borrowed; NULL: none */
};

/* One request, from its first line to the end of its answer. */
struct call {
	struct daemon *daemon;
	struct listener *listener;
	struct MHD_Connection *connection;
	char id[17]; /* in the log, in X-Request-Id, and in the job's explain lines */
	const struct route *route;
	struct params params;
	char *url; /* owned; for the log */
	struct json *doc;
	struct request request;
	struct buf body; /* JSON that has come so far */
	bool refused;    /* answered before its body has ended; the rest is let pass */
	bool dispatched;
	bool upgrade;        /* the client asks for a raw connection */
	struct reply reply;  /* collected; complete when reply.begun */
	struct job *job;     /* that answers; NULL */
	struct source watch; /* the client's socket, while the HTTP library does not look at it */
	bool suspended, gone;
	int status;
	uint64_t began;
	struct call *next, **at; /* in daemon.calls */
	/* containers/wait */
	char container[CONTAINER_ID_LEN + 1];
	int condition; /* enum wait_condition; -1: no wait */
	bool has_exit;
	int exit_code;
	struct call *next_wait;
	struct buf out; /* body of the answer to a wait */
	bool out_ended;
};

/* api_http.c: the handlers for MHD_start_daemon(). */
enum MHD_Result http_handle(void *listener, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *len, void **state);
void http_ended(
	void *listener, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why);
/* --- suspend.c --- */
/* Takes the connection out of the HTTP library's hands until call_resume(). Both may be called twice. */
void call_suspend(struct call *c);
void call_resume(struct call *c);
/* The rest of a body is waited for: an end of the client's input before it ends the call (http_ended()). */
void call_await_body(struct call *c);
/* The client's socket, which stays the HTTP library's; -1: none. */
int call_socket(const struct call *c);
/* Before the end of the daemon: the HTTP library wants all connections back. */
void calls_end(struct daemon *d);
/* daemon_log.c: one line of the log, to standard error: systemd's journal keeps it. */
void daemon_log(struct daemon *d, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
