/*
 * job_services.c - databases and the like beside a job: containers in a network of the job's own.
 *
 * The job finds each by its alias, or by the name of its image without the tag, `/` written as `-` and as
 * `__`. The first TCP port that the image exposes is waited for; when it never opens, that is a warning.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/tool.h"
#include "engine/create.h"
#include "engine/logs.h"
#include "engine/networks.h"
#include "engine/network_jobs.h"
#include "engine/start.h"
#include "engine/stop.h"
#include "image/name.h"
#include "pipeline/ci_values.h"
#include "pipeline/job_run.h"

/* --- the network --- */

static int make_network(struct job_trip *t, struct mc_err *err)
{
	_cleanup_free_ char *name = job_container_name(t->run, t->job, ""),
			    *label = xasprintf("%s=%s", job_label, t->run->key);
	_cleanup_buf_ struct buf id = { 0 };
	struct mc_err ignored = { 0 };
	int rc = networks_allowed(t->run->engine, err);
	if (rc < 0)
		return err_wrap(err, "services need a network");
	char *const rm[] = { (char *)"network", (char *)"rm", name, NULL };
	tool_run(rm, NULL, true, &ignored); /* of a killed try */
	char *const words[] = { (char *)"network", (char *)"create", (char *)"--label", label, name, NULL };
	rc = tool_run(words, &id, false, err);
	if (rc > 0)
		return err_set(err, EIO, "network %s could not be created", name);
	if (rc == 0)
		t->network = take_ptr(&name);
	return rc;
}

/* --- one service --- */

/* "registry/group/image:tag" is found as group-image and group__image, as GitLab names it. */
static void add_aliases(const char *image, const struct yaml *alias, const struct ci_vars *vars, char ***ret)
{
	_cleanup_free_ char *text = NULL, *plain = NULL;
	struct mc_err ignored = { 0 };
	if (ci_text_expanded(alias, "alias", vars, &text, &ignored) >= 0 && text) {
		char *save = NULL; /* several are separated by blanks or commas */
		for (char *a = strtok_r(text, " ,", &save); a; a = strtok_r(NULL, " ,", &save))
			strv_push(ret, a);
	}
	const char *slash = strrchr(image, '/'), *tag = strchr(slash ? slash : image, ':'),
		   *at = strchr(image, '@');
	size_t len = strlen(image);
	if (at)
		len = (size_t)(at - image);
	if (tag && (size_t)(tag - image) < len)
		len = (size_t)(tag - image);
	plain = xstrndup(image, len);
	_cleanup_buf_ struct buf dashes = { 0 }, lines = { 0 };
	for (const char *p = plain; *p; p++) {
		buf_addc(&dashes, *p == '/' || *p == ':' ? '-' : *p);
		buf_adds(&lines, *p == '/' ? "__" : *p == ':' ? "-" : (char[]){ *p, '\0' });
	}
	strv_push(ret, dashes.data);
	if (!str_eq(dashes.data, lines.data))
		strv_push(ret, lines.data);
}

static int service_environment(struct job_trip *t, const struct yaml *y, char ***ret, struct mc_err *err)
{
	_cleanup_ci_vars_ struct ci_vars vars = { 0 };
	ci_vars_add(&vars, &t->vars);
	int rc = y && y->kind == YAML_MAP ? ci_vars_read(ynode_get(y, "variables"), &vars, err) : 0;
	return rc < 0 ? rc : ci_vars_environment(&vars, ret, err);
}

/* Not expanded: a $NAME in it is for the shell of the service. */
static int service_command(const struct yaml *y, struct run_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **entrypoint = NULL;
	if (y->kind != YAML_MAP)
		return 0;
	int rc = ci_strings(ynode_get(y, "entrypoint"), "entrypoint", &entrypoint, err);
	if (rc >= 0 && entrypoint)
		o->entrypoint = xstrdup(entrypoint[0]);
	for (size_t i = 1; rc >= 0 && entrypoint && entrypoint[0] && entrypoint[i]; i++)
		strv_push(&o->command, entrypoint[i]);
	return rc < 0 ? rc : ci_strings(ynode_get(y, "command"), "command", &o->command, err);
}

static int start_service(
	struct job_trip *t, const struct yaml *y, const char *image, size_t n, struct mc_err *err)
{
	struct run_options o;
	struct start_options start = { 0 };
	struct job pin = { .image = (char *)image, .name = t->job->name };
	_cleanup_free_ char *suffix = xasprintf("-service%zu", n),
			    *name = job_container_name(t->run, t->job, suffix);
	char id[CONTAINER_ID_LEN + 1];
	struct mc_err ignored = { 0 };
	int code, rc = job_pin_image(&t->run->m.p, &pin, err);
	run_options_init(&o);
	o.name = xstrdup(name);
	o.image = xstrdup(pin.pinned);
	o.pull = PULL_NEVER;
	o.network = xstrdup(t->network);
	strv_pushf(&o.labels, "%s=%s", job_label, t->run->key);
	strv_pushf(&o.labels, "%s=%lld", job_label_run, (long long)t->run->id);
	strv_pushf(&o.labels, "%s.network=%s", job_label, t->network);
	add_aliases(image, ynode_get(y, "alias"), &t->vars, &o.network_alias);
	if (rc >= 0)
		rc = service_environment(t, y, &o.env, err);
	if (rc >= 0)
		rc = service_command(y, &o, err);
	container_remove(t->run->engine, name, REMOVE_FORCE | REMOVE_VOLUMES, &ignored);
	if (rc >= 0)
		rc = container_create(t->run->engine, &o, id, err);
	if (rc >= 0) {
		strv_push(&t->services, name);
		rc = container_start(t->run->engine, id, &start, &code, err);
	}
	if (rc >= 0)
		job_say("Service %s, found as %s", image, o.network_alias[0]);
	run_options_release(&o);
	return rc < 0 ? err_wrap(err, "service %s", image) : 0;
}

/* --- waiting for its port --- */

/* The first TCP port that the image exposes, or HEALTHCHECK_TCP_PORT; 0: none. */
static int first_port(const struct job_trip *t, const struct container *c)
{
	const char *wanted = ci_vars_get(&t->vars, "HEALTHCHECK_TCP_PORT");
	struct json_iter it = { 0 };
	int best = wanted ? atoi(wanted) : 0;
	while (!wanted && json_next(json_member(c->config, "ExposedPorts"), &it)) {
		int port = atoi(it.key);
		if (str_ends(it.key, "/tcp") && port > 0 && (!best || port < best))
			best = port;
	}
	return best;
}

static bool port_answers(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int failed = 1;
	socklen_t len = sizeof(failed);
	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1)
		return false;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return true;
	struct pollfd p = { fd, POLLOUT, 0 };
	return poll(&p, 1, 1000) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) == 0 && !failed;
}

static void wait_for_service(struct job_trip *t, const char *name)
{
	uint64_t deadline = now_ns(CLOCK_MONOTONIC) + (uint64_t)t->run->service_wait * 1000000000;
	struct logs_options tail = { .tail = 20 };
	struct mc_err ignored = { 0 };
	const char *why = "its port does not answer";
	do {
		_cleanup_container_ struct container c = { 0 };
		if (container_find(t->run->engine, name, &c, &ignored) < 0)
			return;
		int port = first_port(t, &c);
		const char *address = json_text_of(json_at(c.net, "Networks.%s.IPAddress", t->network));
		if (!container_is_active(&c)) {
			why = "it has ended";
			break;
		}
		if (!port || !address || port_answers(address, port))
			return;
		poll(NULL, 0, 100);
	} while (now_ns(CLOCK_MONOTONIC) < deadline);
	job_say("Warning: service %s: %s; the job goes on. Its last words:", name, why);
	container_logs_print(t->run->engine, name, &tail, &ignored);
}

/* --- all of them --- */

static bool is_docker(const char *image)
{
	const char *slash = strrchr(image, '/'), *name = slash ? slash + 1 : image;
	return str_eq(name, "docker") || (str_starts(name, "docker:")) || str_starts(name, "dind");
}

int job_start_services(struct job_trip *t, struct mc_err *err)
{
	const struct yaml *all = ynode_get(t->job->conf, "services");
	int rc = all->kind == YAML_LIST || ynode_is_null(all)
			 ? 0
			 : ynode_error(all, err, "services must be a list");
	for (size_t i = 0; rc >= 0 && i < all->n; i++) {
		const struct yaml *y = all->items[i], *name = y->kind == YAML_MAP ? ynode_get(y, "name") : y;
		_cleanup_free_ char *image = NULL;
		rc = ci_text_expanded(name, "a service", &t->vars, &image, err);
		if (rc >= 0 && !image)
			rc = ynode_error(y, err, "a service needs a name");
		if (rc >= 0 && is_docker(image)) {
			t->wants_engine = true;
			job_say("Service %s is not needed: `docker` in this job is the engine that runs the "
				"pipeline",
				image);
			continue;
		}
		if (rc >= 0 && !t->network)
			rc = make_network(t, err);
		if (rc >= 0)
			rc = start_service(t, y, image, i, err);
	}
	for (char **s = t->services; rc >= 0 && t->run->service_wait && s && *s; s++)
		wait_for_service(t, *s);
	return rc;
}

void job_stop_services(struct job_trip *t)
{
	struct mc_err ignored = { 0 };
	for (char **s = t->services; s && *s; s++)
		container_remove(t->run->engine, *s, REMOVE_FORCE | REMOVE_VOLUMES, &ignored);
	strv_free(t->services);
	t->services = NULL;
	if (t->network) {
		char *const words[] = { (char *)"network", (char *)"rm", t->network, NULL };
		tool_run(words, NULL, true, &ignored);
	}
	free(t->network);
	t->network = NULL;
}
