/*
 * network.c - which network a container gets, as far as the engine decides it.
 *
 * Kernel objects and man pages: network_namespaces(7).
 * Order and why: the choice comes before the plan, because /etc/resolv.conf depends on it. The default
 * network of an unprivileged user is a convenience: a container whose program does not need it must start on
 * a laptop without a connection, so its lack is a warning. A network that was requested by name is required.
 * Left out: root's networks, with bridges and published ports (endpoints.c).
 */
#include "engine/network.h"

#include "base/warn.h"
#include "engine/endpoints.h"
#include "engine/network_jobs.h"
#include "network/usernet.h"

static const char *mode_of(const struct container *c)
{
	const char *mode = json_text_of(json_member(c->host, "NetworkMode"));
	return mode && *mode ? mode : "default";
}

bool container_network_is_wanted(const struct container *c) { return usernet_is_mode(mode_of(c)); }

void container_network_warn(const struct mc_err *why)
{
	if (why->code)
		warn_user("the container has a loopback only: %s%s%s (--network none asks for just that)",
			why->what, *why->hint ? "; " : "", why->hint);
}

/*
 * Published ports of an unprivileged user: pasta will bind them. Each is bound here first, for a moment: so a
 * taken one is an error with its name, and a random one gets its number. c->net says the numbers from now on.
 */
static int user_ports(struct container *c, const char *program, struct mc_err *err)
{
	static const struct address everywhere;
	struct reserved_ports ports = { 0 };
	_cleanup_json_ struct json *bindings = endpoints_bindings(c);
	if (!json_len(bindings))
		return 0;
	if (!usernet_can_publish(program)) {
		err_set(err, ENOSYS, "%s cannot publish ports", program ? "slirp4netns" : "a loopback");
		return err_hint(err, "install the package passt: pasta does it; or use --network host");
	}
	int rc = ports_reserve(bindings, &everywhere, &ports, err);
	if (rc < 0)
		return rc;
	json_free(c->net);
	c->net = json_new_object();
	json_set(c->net, "Ports", ports_json(&ports));
	ports_release(&ports);
	return 0;
}

/* A network of its own name: there is none without root, and a silent loopback would look like a fault of the
 * program. */
static int network_refuse_named(const struct engine *e, const struct container *c, struct mc_err *err)
{
	const struct json *list = json_member(c->doc, "Networks");
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_text_of(json_member(json_item(list, i), "Name"));
		if (name && !str_eq(name, "bridge") && networks_allowed(e, err) < 0)
			return err_wrap(err, "network %s not found", name);
	}
	return 0;
}

int container_network(const struct engine *e, struct container *c, char **ret, struct mc_err *err)
{
	const char *mode = mode_of(c);
	struct mc_err missing = { 0 };
	bool wanted = container_network_is_wanted(c);
	*ret = NULL;
	if (network_refuse_named(e, c, err) < 0)
		return err_exit(err, 125);
	if (!e->rootless || (!wanted && !str_eq(mode, "default") && !str_eq(mode, "bridge")))
		return 0;
	int rc = usernet_choose(mode, ret, &missing);
	if (rc < 0 && wanted) {
		*err = missing;
		return err_exit(err, 125);
	}
	container_network_warn(&missing);
	rc = user_ports(c, *ret, err);
	return rc < 0 ? err_exit(err, 125) : 0;
}
