/*
 * route.h - which operation a request asks for: method and path, looked up in one table.
 *
 * The table (routes.c) is docker's list of endpoints. A row says how the request is answered: at once by the
 * daemon's own thread, or by a child process (DESIGN, "Jobs and queries").
 */
#ifndef MC_DAEMON_ROUTE_H
#define MC_DAEMON_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	/* Docker Engine API 1.N: the oldest and the newest N that we speak. */
	API_MIN = 24,
	API_MAX = 47,
	/* What params.api says for a version that is not 1.N: older or newer than all. */
	API_TOO_OLD = 0,
	API_TOO_NEW = 9999,
	/* Bytes of a name in a path; longer ones match no route. */
	NAME_MAX_BYTES = 1024,
};

/* Who answers. */
enum route_how {
	/* The daemon's thread: only reads, waits for nothing. */
	BY_DAEMON,
	/* A child, minictrd-job: containers, networks, volumes. */
	BY_JOB,
	/* A child, minictrd-job-image: what needs archives, hashes or a registry. */
	BY_IMAGE_JOB,
};

enum route_flags {
	/* The body is a stream of bytes (tar) and goes to the job's standard input. Otherwise it is JSON. */
	BODY_STREAM = 1,
	/* The connection becomes a pipe of bytes when the client asks for an upgrade. */
	MAY_HIJACK = 2,
	/* The job ends when its client goes away; other jobs finish what they have begun. */
	ENDS_WITH_CLIENT = 4,
	/* The answer's Content-Type is decided by the job's head. JSON body required. */
	NEEDS_JSON = 8,
};

struct route {
	const char *method;
	/* "/containers/{}/json"; {} is one word, {*} is a name that may hold slashes (images). */
	const char *path;
	const char *op; /* name of the operation: ops.h */
	enum route_how how;
	unsigned flags; /* enum route_flags */
};

/* What the path said. */
struct params {
	char name[NAME_MAX_BYTES]; /* what stands at {}; "" without one */
	int api;                   /* the N of /v1.N/; API_MAX when the path has no version */
	bool wrong_method;         /* the path is known, but not with this method */
};

/* All rows. */
extern const struct route routes[];
extern const size_t n_routes;

/* Lab 10.1; the contract stands in route.c. */
const struct route *route_match(const char *method, const char *path, struct params *ret);

#endif
