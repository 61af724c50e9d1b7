/*
 * ops_daemon.c - see ops_daemon.h: ping, version, waiting, execs, and the pages of what we do not have.
 */
#include "daemon/ops_daemon.h"

#include <sys/utsname.h>

#include "daemon/execs.h"
#include "daemon/follow.h"
#include "daemon/waits.h"
#include "image/image.h"

static int ping(struct call *c, struct mc_err *err)
{
	reply_header(&c->reply, "Cache-Control", "no-cache, no-store, must-revalidate");
	reply_header(&c->reply, "Pragma", "no-cache");
	/* "1" names the classic builder; clients that know buildx do not look at it. */
	reply_header(&c->reply, "Builder-Version", "1");
	reply_header(&c->reply, "Swarm", "inactive");
	reply_text(&c->reply, 200, "OK");
	return 0;
}

static int version(struct call *c, struct mc_err *err)
{
	_cleanup_json_ struct json *o = json_new_object();
	char api[16], min[16];
	struct utsname u;
	uname(&u);
	snprintf(api, sizeof(api), "1.%d", API_MAX);
	snprintf(min, sizeof(min), "1.%d", API_MIN);
	json_set_string(json_sub(o, "Platform"), "Name", "minictr");
	struct json *engine = json_add(json_set(o, "Components", json_new_array()), json_new_object());
	json_set_string(engine, "Name", "Engine");
	json_set_string(engine, "Version", MINICTR_VERSION);
	struct json *details = json_sub(engine, "Details");
	const struct {
		const char *key, *value;
	} texts[] = { { "Version", MINICTR_VERSION }, { "ApiVersion", api }, { "MinAPIVersion", min },
		{ "GitCommit", "" }, { "GoVersion", "" }, { "Os", "linux" }, { "Arch", image_architecture() },
		{ "KernelVersion", u.release }, { "BuildTime", "" } };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		json_set_string(o, texts[i].key, texts[i].value);
		if (i > 0)
			json_set_string(details, texts[i].key, texts[i].value);
	}
	json_set_string(details, "Experimental", "false");
	reply_json(&c->reply, 200, o);
	return 0;
}

static int plugins_list(struct call *c, struct mc_err *err)
{
	_cleanup_json_ struct json *none = json_new_array();
	reply_json(&c->reply, 200, none);
	return 0;
}

static int plugins_inspect(struct call *c, struct mc_err *err)
{
	return err_set(err, ENOENT, "plugin \"%s\" not found", c->params.name);
}

/*
 * buildx asks for BuildKit here. It does not show this text, but it goes on to pull an image of BuildKit, and
 * there it shows what we say (ops_pull.c).
 */
static int buildkit(struct call *c, struct mc_err *err)
{
	return err_set(err, ENOENT,
		"minictrd has no BuildKit: set DOCKER_BUILDKIT=0 for the classic builder, or use minictr "
		"build");
}

static int swarm(struct call *c, struct mc_err *err)
{
	reply_error(&c->reply, 503,
		"This node is not a swarm manager. minictrd is one machine's engine and has no swarm");
	return 0;
}

/* Ends that are written down but not read yet come first: they are no "next exit" of this request. */
static int containers_wait(struct call *c, struct mc_err *err)
{
	follow_catch_up(c->daemon);
	return container_wait_begin(c, err);
}

static const struct {
	const char *name;
	int (*run)(struct call *c, struct mc_err *err);
} table[] = {
	{ "ping", ping },
	{ "version", version },
	{ "containers.wait", containers_wait },
	{ "exec.create", exec_create },
	{ "exec.resize", exec_resize },
	{ "exec.inspect", exec_inspect },
	{ "plugins.list", plugins_list },
	{ "plugins.inspect", plugins_inspect },
	{ "buildkit", buildkit },
	{ "swarm", swarm },
};

int op_daemon_run(struct call *c, struct mc_err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eq(table[i].name, c->route->op))
			return table[i].run(c, err);
	return err_set(err, ENOSYS, "%s is not answered by this daemon", c->route->op);
}
