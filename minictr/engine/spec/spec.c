/*
 * spec/spec.c - the container's record becomes config.json.
 *
 * Purpose: the run path meets here with every other way to make a container: whatever minictr runs can be
 * read in containers/ID/config.json, and be run by any OCI runtime.
 * Interface: runtime-spec, config.md and config-linux.md; the defaults are docker's.
 * Order and why: user and working directory are looked up in the container's own file system, so that has
 * to be mounted (detached) by now; it is hostile ground: every path goes through openat2(2) RESOLVE_IN_ROOT.
 * Left out: which ids stand behind the container's (spec/user_ids.c).
 */
#include "engine/spec/spec.h"

#include "base/file.h"
#include "runtime/process.h"
#include "runtime/rootfs.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* --- process --- */

/*
 * A user of --userns keep-id has no home in the image, so the working directory serves as one, as in podman.
 */
static const char *home_of(const struct container *c, const struct spec_user *u)
{
	const char *cwd = json_text_of(json_member(c->config, "WorkingDir"));
	bool keeps = str_starts(json_text_of(json_member(c->host, "UsernsMode")), "keep-id");
	return *u->home ? u->home : keeps && cwd && *cwd ? cwd : "/";
}

char **spec_env(const struct container *c, char *const more[], bool tty, const struct spec_user *u)
{
	char **env = NULL;
	const struct json *own = json_member(c->config, "Env");
	const char *hostname = json_text_of(json_member(c->config, "Hostname"));
	strv_push(&env, "PATH=" DEFAULT_PATH);
	strv_pushf(&env, "HOSTNAME=%s", hostname ? hostname : "");
	if (tty)
		strv_push(&env, "TERM=xterm");
	/* A name alone: the image's variable was taken away (options.c). */
	for (size_t i = 0; i < json_len(own); i++)
		if (strchr(json_text_of(json_item(own, i)), '='))
			strv_env_set(&env, json_text_of(json_item(own, i)));
	for (size_t i = 0; more && more[i]; i++)
		strv_env_set(&env, more[i]);
	if (!strv_env(env, "HOME"))
		strv_pushf(&env, "HOME=%s", home_of(c, u));
	return env;
}

static int set_rlimits(const struct json *host, struct json *process, struct mc_err *err)
{
	const struct json *list = json_member(host, "Ulimits");
	struct json *all = json_set(process, "rlimits", json_new_array());
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *u = json_item(list, i);
		const char *name = json_text_of(json_member(u, "Name"));
		if (!name)
			return err_set(err, EINVAL, "HostConfig.Ulimits[%zu] has no Name", i);
		char type[40];
		snprintf(type, sizeof(type), "RLIMIT_%s", name);
		for (char *p = type; *p; p++)
			*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
		struct json *r = json_add(all, json_new_object());
		int64_t soft = json_int_of(json_member(u, "Soft")),
			hard = json_int_of(json_member(u, "Hard"));
		json_set_string(r, "type", type);
		json_set_u64(r, "soft", soft < 0 ? UINT64_MAX : (uint64_t)soft);
		json_set_u64(r, "hard", hard < 0 ? UINT64_MAX : (uint64_t)hard);
	}
	return 0;
}

static int set_args(const struct container *c, struct json *process, struct mc_err *err)
{
	const char *path = NULL;
	_cleanup_strv_ char **args = NULL, **rest = NULL;
	int rc = json_get_string(c->doc, &path, err, "Path");
	if (rc > 0)
		rc = json_get_strv(c->doc, &rest, err, "Args");
	if (rc < 0 || !path)
		return rc < 0 ? rc : err_set(err, EINVAL, "No command specified");
	strv_push(&args, path);
	for (size_t i = 0; rest && rest[i]; i++)
		strv_push(&args, rest[i]);
	json_set_strv(process, "args", args);
	return 0;
}

/* WORKDIR is made when missing, as docker does, owned by root. */
static int set_cwd(const struct spec_input *in, struct json *process, struct mc_err *err)
{
	const char *cwd = json_text_of(json_member(in->container->config, "WorkingDir"));
	if (!cwd || *cwd != '/')
		cwd = "/";
	json_set_string(process, "cwd", cwd);
	if (str_eq(cwd, "/") || in->dry ||
		in->ids->uids.n) /* in a user namespace of its own init makes it, as its root */
		return 0;
	int fd = rootfs_target(in->rootfs, cwd, false, err);
	close_fd(fd);
	return fd < 0 ? err_wrap(err, "working directory %s", cwd) : 0;
}

static int set_process(const struct spec_input *in, uint64_t caps, struct json *process, struct mc_err *err)
{
	const struct container *c = in->container;
	struct spec_user user = { 0 };
	bool tty = false;
	const char *value, *name = json_text_of(json_member(c->config, "User"));
	_cleanup_strv_ char **groups = NULL;
	int rc = json_get_bool(c->config, &tty, err, "Tty");
	if (rc >= 0)
		rc = json_get_strv(c->host, &groups, err, "GroupAdd");
	if (rc >= 0)
		rc = spec_find_user(in->rootfs, name ? name : "", groups, &user, err);
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **env = spec_env(c, NULL, tty, &user);
	json_set_bool(process, "terminal", tty);
	if (tty && in->rows) {
		json_set_i64(json_sub(process, "consoleSize"), "height", in->rows);
		json_set_i64(json_sub(process, "consoleSize"), "width", in->cols);
	}
	json_set(process, "user", spec_user_json(&user));
	json_set_strv(process, "env", env);
	json_set(process, "capabilities", spec_capabilities_json(caps));
	json_set_bool(process, "noNewPrivileges", spec_security(c->host, "no-new-privileges", &value));
	if (json_int_of(json_member(c->host, "OomScoreAdj")))
		json_set_i64(process, "oomScoreAdj", json_int_of(json_member(c->host, "OomScoreAdj")));
	rc = set_args(c, process, err);
	if (rc >= 0)
		rc = set_cwd(in, process, err);
	return rc < 0 ? rc : set_rlimits(c->host, process, err);
}

/* --- the document --- */

static void set_annotations(const struct container *c, struct json *doc)
{
	struct json *a = json_sub(doc, "annotations");
	struct json_iter it = { 0 };
	bool init = false;
	struct mc_err ignored = { 0 };
	while (json_next(json_member(c->host, "Annotations"), &it))
		json_set(a, it.key, json_copy(it.value));
	json_set_string(a, "io.minictr.name", c->name);
	/*
	 * We promise the runtime pipes, or a terminal of its own: it refuses anything of the host's
	 * (runtime/inherit.h).
	 */
	json_set_string(a, "io.minictr.stdio", "own");
	json_get_bool(c->host, &init, &ignored, "Init");
	if (init)
		json_set_string(a, "io.minictr.init", "true");
}

static void set_hostname(const struct container *c, struct json *doc)
{
	const char *hostname = json_text_of(json_member(c->config, "Hostname"));
	const char *domain = json_text_of(json_member(c->config, "Domainname"));
	if (str_eq(json_text_of(json_member(c->host, "UTSMode")), "host"))
		return;
	json_set_string(doc, "hostname", hostname);
	if (domain && *domain)
		json_set_string(doc, "domainname", domain);
}

int spec_make(const struct spec_input *in, struct json **ret, struct mc_err *err)
{
	const struct container *c = in->container;
	_cleanup_json_ struct json *doc = json_new_object();
	uint64_t caps = spec_capabilities(c->host);
	bool read_only = false;
	json_set_string(doc, "ociVersion", "1.0.2");
	json_set_string(json_sub(doc, "root"), "path", "rootfs");
	int rc = json_get_bool(c->host, &read_only, err, "ReadonlyRootfs");
	json_set_bool(json_sub(doc, "root"), "readonly", read_only);
	if (rc >= 0)
		rc = set_process(in, caps, json_sub(doc, "process"), err);
	if (rc < 0)
		return rc;
	set_hostname(c, doc);
	set_annotations(c, doc);
	rc = spec_mounts(in, json_set(doc, "mounts", json_new_array()), err);
	if (rc >= 0)
		rc = spec_linux(in, caps, json_sub(doc, "linux"), err);
	if (rc >= 0)
		rc = spec_cdi(in, doc, err);
	if (rc < 0)
		return rc;
	*ret = take_ptr(&doc);
	return 0;
}

void spec_held_release(struct spec_held *held)
{
	for (size_t i = 0; i < held->n; i++)
		close_fd(held->fds[i]);
	free(held->fds);
	*held = (struct spec_held){ 0 };
}
