/*
 * routes.c - every endpoint of the API that we answer, one row each.
 *
 * To add one: a row here, and a function of the row's name in a table of operations: that of ops_daemon.c
 * (BY_DAEMON), job_main.c (BY_JOB) or job_image_main.c (BY_IMAGE_JOB).
 * Rows with fixed words stand before rows with a name: "/containers/json" is no container named json.
 */
#include "daemon/route.h"

#include "base/util.h"

const struct route routes[] = {
	/* --- system --- */
	{ "GET", "/_ping", "ping", BY_DAEMON, 0 },
	{ "HEAD", "/_ping", "ping", BY_DAEMON, 0 },
	{ "GET", "/version", "version", BY_DAEMON, 0 },
	{ "GET", "/info", "info", BY_JOB, 0 },
	{ "GET", "/events", "events", BY_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/system/df", "system.df", BY_JOB, 0 },
	{ "POST", "/auth", "auth", BY_IMAGE_JOB, NEEDS_JSON },
	/* --- pages for people (dashboard.h); on the dashboard's own port nothing else is answered --- */
	{ "GET", "/dashboard/", "page.home", BY_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/dashboard/c/{}", "page.container", BY_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/dashboard/walk", "page.walk", BY_JOB, ENDS_WITH_CLIENT },
	/* --- containers --- */
	{ "POST", "/containers/create", "containers.create", BY_JOB, NEEDS_JSON },
	{ "GET", "/containers/json", "containers.list", BY_JOB, 0 },
	{ "POST", "/containers/prune", "containers.prune", BY_JOB, 0 },
	{ "GET", "/containers/{}/json", "containers.inspect", BY_JOB, 0 },
	{ "POST", "/containers/{}/start", "containers.start", BY_JOB, 0 },
	{ "POST", "/containers/{}/stop", "containers.stop", BY_JOB, 0 },
	{ "POST", "/containers/{}/restart", "containers.restart", BY_JOB, 0 },
	{ "POST", "/containers/{}/kill", "containers.kill", BY_JOB, 0 },
	{ "POST", "/containers/{}/pause", "containers.pause", BY_JOB, 0 },
	{ "POST", "/containers/{}/unpause", "containers.unpause", BY_JOB, 0 },
	{ "POST", "/containers/{}/wait", "containers.wait", BY_DAEMON, 0 },
	{ "POST", "/containers/{}/rename", "containers.rename", BY_JOB, 0 },
	{ "POST", "/containers/{}/update", "containers.update", BY_JOB, 0 },
	{ "POST", "/containers/{}/resize", "containers.resize", BY_JOB, 0 },
	{ "POST", "/containers/{}/attach", "containers.attach", BY_JOB, MAY_HIJACK | ENDS_WITH_CLIENT },
	{ "GET", "/containers/{}/logs", "containers.logs", BY_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/containers/{}/stats", "containers.stats", BY_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/containers/{}/top", "containers.top", BY_JOB, 0 },
	{ "GET", "/containers/{}/changes", "containers.changes", BY_JOB, 0 },
	{ "GET", "/containers/{}/export", "containers.export", BY_IMAGE_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/containers/{}/archive", "archive.get", BY_IMAGE_JOB, ENDS_WITH_CLIENT },
	{ "HEAD", "/containers/{}/archive", "archive.head", BY_IMAGE_JOB, 0 },
	{ "PUT", "/containers/{}/archive", "archive.put", BY_IMAGE_JOB, BODY_STREAM },
	{ "DELETE", "/containers/{}", "containers.remove", BY_JOB, 0 },
	/* --- exec --- */
	{ "POST", "/containers/{}/exec", "exec.create", BY_DAEMON, NEEDS_JSON },
	{ "POST", "/exec/{}/start", "exec.start", BY_JOB, MAY_HIJACK },
	{ "POST", "/exec/{}/resize", "exec.resize", BY_DAEMON, 0 },
	{ "GET", "/exec/{}/json", "exec.inspect", BY_DAEMON, 0 },
	/* --- images --- */
	{ "POST", "/images/create", "images.create", BY_IMAGE_JOB, BODY_STREAM | ENDS_WITH_CLIENT },
	{ "GET", "/images/json", "images.list", BY_IMAGE_JOB, 0 },
	{ "GET", "/images/search", "images.search", BY_IMAGE_JOB, 0 },
	{ "POST", "/images/prune", "images.prune", BY_IMAGE_JOB, 0 },
	{ "GET", "/images/get", "images.save", BY_IMAGE_JOB, ENDS_WITH_CLIENT },
	{ "POST", "/images/load", "images.load", BY_IMAGE_JOB, BODY_STREAM },
	{ "GET", "/images/{*}/get", "images.save", BY_IMAGE_JOB, ENDS_WITH_CLIENT },
	{ "GET", "/images/{*}/json", "images.inspect", BY_IMAGE_JOB, 0 },
	{ "GET", "/images/{*}/history", "images.history", BY_IMAGE_JOB, 0 },
	{ "POST", "/images/{*}/push", "images.push", BY_IMAGE_JOB, ENDS_WITH_CLIENT },
	{ "POST", "/images/{*}/tag", "images.tag", BY_IMAGE_JOB, 0 },
	{ "DELETE", "/images/{*}", "images.remove", BY_IMAGE_JOB, 0 },
	{ "GET", "/distribution/{*}/json", "images.distribution", BY_IMAGE_JOB, 0 },
	{ "POST", "/commit", "commit", BY_IMAGE_JOB, 0 },
	{ "POST", "/build", "build", BY_IMAGE_JOB, BODY_STREAM | ENDS_WITH_CLIENT },
	{ "POST", "/build/prune", "build.prune", BY_IMAGE_JOB, 0 },
	/* --- networks --- */
	{ "GET", "/networks", "networks.list", BY_JOB, 0 },
	{ "GET", "/networks/", "networks.list", BY_JOB, 0 },
	{ "POST", "/networks/create", "networks.create", BY_JOB, NEEDS_JSON },
	{ "POST", "/networks/prune", "networks.prune", BY_JOB, 0 },
	{ "POST", "/networks/{}/connect", "networks.connect", BY_JOB, NEEDS_JSON },
	{ "POST", "/networks/{}/disconnect", "networks.disconnect", BY_JOB, NEEDS_JSON },
	{ "GET", "/networks/{}", "networks.inspect", BY_JOB, 0 },
	{ "DELETE", "/networks/{}", "networks.remove", BY_JOB, 0 },
	/* --- volumes --- */
	{ "GET", "/volumes", "volumes.list", BY_JOB, 0 },
	{ "POST", "/volumes/create", "volumes.create", BY_JOB, NEEDS_JSON },
	{ "POST", "/volumes/prune", "volumes.prune", BY_JOB, 0 },
	{ "GET", "/volumes/{}", "volumes.inspect", BY_JOB, 0 },
	{ "DELETE", "/volumes/{}", "volumes.remove", BY_JOB, 0 },
	/* --- what docker has and we have none of --- */
	{ "GET", "/plugins", "plugins.list", BY_DAEMON, 0 },
	{ "GET", "/plugins/{*}/json", "plugins.inspect", BY_DAEMON, 0 },
	{ "POST", "/grpc", "buildkit", BY_DAEMON, 0 },
	{ "POST", "/session", "buildkit", BY_DAEMON, 0 },
	{ "GET", "/swarm", "swarm", BY_DAEMON, 0 },
	{ "POST", "/swarm/{}", "swarm", BY_DAEMON, 0 },
	{ "GET", "/swarm/{}", "swarm", BY_DAEMON, 0 },
	{ "GET", "/nodes", "swarm", BY_DAEMON, 0 },
	{ "GET", "/services", "swarm", BY_DAEMON, 0 },
	{ "GET", "/tasks", "swarm", BY_DAEMON, 0 },
	{ "GET", "/secrets", "swarm", BY_DAEMON, 0 },
	{ "GET", "/configs", "swarm", BY_DAEMON, 0 },
	{ "POST", "/services/create", "swarm", BY_DAEMON, 0 },
	{ "POST", "/secrets/create", "swarm", BY_DAEMON, 0 },
	{ "POST", "/configs/create", "swarm", BY_DAEMON, 0 },
};
const size_t n_routes = ARRAY_LEN(routes);
