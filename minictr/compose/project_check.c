/*
 * project_check.c - what can only be said of the whole project: profiles, references, circles, names of
 * networks and volumes, variables of containers.
 *
 * A mistake is found here, before anything is made, and with the place in the file where it stands.
 */
#include <fcntl.h>
#include <unistd.h>

#include "compose/canon.h"
#include "compose/dotenv.h"
#include "compose/graph.h"
#include "compose/project.h"

/* --- environment and labels from files --- */

static int environment_of_file(
	struct project *p, const char *kind, const struct yaml *entry, struct yaml *into, struct mc_err *err)
{
	const char *path = ynode_text(ynode_get(entry, "path")),
		   *format = ynode_text(ynode_get(entry, "format"));
	bool required = !str_eq(ynode_text(ynode_get(entry, "required")), "false");
	_cleanup_strv_ char **lines = NULL;
	if (access(path, F_OK) < 0)
		return required ? ynode_error(entry, err, "%s file %s not found", kind, path) : 0;
	if (format && !str_eq(format, "raw"))
		return ynode_error(entry, err, "env_file.format \"%s\": there is raw", format);
	int rc = dotenv_read(AT_FDCWD, path, &p->vars, format != NULL, &lines, err);
	for (size_t i = 0; rc >= 0 && lines && lines[i]; i++) {
		_cleanup_free_ char *name = xstrndup(lines[i], strcspn(lines[i], "="));
		ynode_set(into, name, ynode_new_text(lines[i] + strlen(name) + 1, entry));
	}
	return rc;
}

/* env_file below environment; a name without a value takes the client's, and is absent when there is none. */
static int resolve_environment(struct project *p, struct yaml *service, struct mc_err *err)
{
	const struct yaml *files = ynode_get(service, "env_file"), *own = ynode_get(service, "environment");
	if (!files && ynode_is_null(own))
		return 0;
	struct yaml *all = ynode_new(YAML_MAP, own ? own : files);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && files && i < files->n; i++)
		rc = environment_of_file(p, "env", files->items[i], all, err);
	for (size_t i = 0; rc >= 0 && own && own->kind == YAML_MAP && i < own->n; i++) {
		const char *name = own->keys[i];
		const char *inherited =
			own->items[i]->kind == YAML_NULL ? variables_get(&p->vars, name, strlen(name)) : NULL;
		ynode_set(all, name,
			inherited ? ynode_new_text(inherited, own->items[i]) : ynode_copy(own->items[i]));
	}
	if (rc < 0) {
		ynode_free(all);
		return rc;
	}
	ynode_set(service, "environment", all);
	ynode_unset(service, "env_file");
	return 0;
}

/*
 * Defaults wait until all files are merged, or they would replace what an earlier file or the base says.
 * Arguments of the build without a value take the client's, too.
 */
static void resolve_build(const struct project_options *o, const struct project *p, struct yaml *service)
{
	struct yaml *build = ynode_get(service, "build"), *args = ynode_get(build, "args");
	if (build)
		canon_put_default(build, "context", o->no_path_resolution ? "." : p->dir);
	if (build && !o->no_normalize && !ynode_get(build, "dockerfile_inline"))
		canon_put_default(build, "dockerfile", "Dockerfile");
	for (size_t i = 0; args && args->kind == YAML_MAP && !o->no_interpolate && i < args->n;) {
		const char *name = args->keys[i];
		const char *value = variables_get(&p->vars, name, strlen(name));
		if (args->items[i]->kind == YAML_NULL && !value) {
			_cleanup_free_ char *gone = xstrdup(name);
			ynode_unset(args, gone);
			continue;
		}
		if (args->items[i]->kind == YAML_NULL)
			ynode_set(args, name, ynode_new_text(value, args));
		i++;
	}
	if (str_eq(ynode_text(ynode_get(service, "pull_policy")), "if_not_present"))
		ynode_set(service, "pull_policy", ynode_new_text("missing", service));
}

static int resolve_labels(struct project *p, struct yaml *service, struct mc_err *err)
{
	const struct yaml *files = ynode_get(service, "label_file");
	int rc = 0;
	if (!files)
		return 0;
	struct yaml *all = ynode_new(YAML_MAP, files);
	for (size_t i = 0; rc >= 0 && i < files->n; i++) {
		_cleanup_yaml_ struct yaml *entry = ynode_new(YAML_MAP, files->items[i]);
		ynode_set(entry, "path", ynode_copy(files->items[i]));
		rc = environment_of_file(p, "label", entry, all, err);
	}
	const struct yaml *own = ynode_get(service, "labels");
	for (size_t i = 0; rc >= 0 && own && i < own->n; i++)
		ynode_set(all, own->keys[i], ynode_copy(own->items[i]));
	ynode_set(service, "labels", all);
	ynode_unset(service, "label_file");
	return rc;
}

/* --- dependencies that other keys imply --- */

static void imply_dependency(struct yaml *service, const char *name, bool restart)
{
	struct yaml *all = ynode_get(service, "depends_on");
	if (!all || all->kind != YAML_MAP)
		all = ynode_set(service, "depends_on", ynode_new(YAML_MAP, service));
	if (ynode_get(all, name))
		return;
	struct yaml *d = ynode_set(all, name, ynode_new(YAML_MAP, service));
	ynode_set(d, "condition", ynode_new_text("service_started", service));
	ynode_set(d, "required", ynode_new_text("true", service))->quoted = false;
	if (restart)
		ynode_set(d, "restart", ynode_new_text("true", service))->quoted = false;
}

static void imply_dependencies(struct yaml *service)
{
	static const char *const shared[] = { "network_mode", "ipc", "pid", "uts", "cgroup" };
	const struct yaml *links = ynode_get(service, "links"), *from = ynode_get(service, "volumes_from");
	for (size_t i = 0; links && i < links->n; i++) {
		_cleanup_free_ char *name =
			xstrndup(ynode_text(links->items[i]), strcspn(ynode_text(links->items[i]), ":"));
		imply_dependency(service, name, true);
	}
	for (size_t i = 0; from && i < from->n; i++) {
		_cleanup_free_ char *name =
			xstrndup(ynode_text(from->items[i]), strcspn(ynode_text(from->items[i]), ":"));
		if (!str_eq(name, "container"))
			imply_dependency(service, name, false);
	}
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		const char *mode = ynode_text(ynode_get(service, shared[i]));
		if (mode && str_starts(mode, "service:"))
			imply_dependency(service, mode + strlen("service:"), true);
	}
}

/* --- profiles --- */

static bool profile_is_on(const struct project_options *o, const struct project *p, const char *profile)
{
	const char *list = variables_get(&p->vars, "COMPOSE_PROFILES", strlen("COMPOSE_PROFILES"));
	for (size_t i = 0; o->profiles && o->profiles[i]; i++)
		if (str_eq(o->profiles[i], profile) || str_eq(o->profiles[i], "*"))
			return true;
	_cleanup_free_ char *copy = xstrdup(list ? list : "");
	char *save = NULL;
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (str_eq(w, profile) || str_eq(w, "*"))
			return true;
	return false;
}

static bool service_is_on(const struct project_options *o, const struct project *p, const char *name,
	const struct yaml *service)
{
	const struct yaml *profiles = ynode_get(service, "profiles");
	if (o->all_profiles || !profiles || !profiles->n || strv_has((char **)o->services, name))
		return true;
	for (size_t i = 0; i < profiles->n; i++)
		if (profile_is_on(o, p, ynode_text(profiles->items[i])))
			return true;
	return false;
}

static void drop_off_services(const struct project_options *o, struct project *p)
{
	for (size_t i = 0; i < p->services->n;) {
		if (service_is_on(o, p, p->services->keys[i], p->services->items[i])) {
			i++;
			continue;
		}
		strv_push(&p->off, p->services->keys[i]);
		_cleanup_free_ char *name = xstrdup(p->services->keys[i]);
		ynode_unset(p->services, name);
	}
}

/* --- references --- */

static int check_dependencies(const struct project_options *o, const struct project *p, const char *name,
	struct yaml *service, struct mc_err *err)
{
	struct yaml *all = ynode_get(service, "depends_on");
	for (size_t i = 0; all && i < all->n;) {
		const char *target = all->keys[i];
		bool required = !str_eq(ynode_text(ynode_get(all->items[i], "required")), "false");
		if (ynode_get(p->services, target) || (o->keep_optional && !required)) {
			i++;
			continue;
		}
		bool off = strv_has(p->off, target);
		if (required)
			return ynode_error(all->items[i], err,
				"service \"%s\" depends on %s service \"%s\"%s", name,
				off ? "disabled" : "undefined", target,
				off ? ": none of its profiles is active" : ": invalid compose project");
		_cleanup_free_ char *gone = xstrdup(target);
		ynode_unset(all, gone);
	}
	return 0;
}

static void default_network(struct project *p, struct yaml *service)
{
	struct yaml *all = ynode_get(service, "networks");
	if (ynode_get(service, "network_mode"))
		return;
	if (!all || all->kind != YAML_MAP || !all->n) {
		all = ynode_set(service, "networks", ynode_new(YAML_MAP, service));
		ynode_set(all, "default", ynode_new(YAML_NULL, service));
	}
	if (ynode_get(all, "default") && !ynode_get(p->networks, "default"))
		ynode_set(p->networks, "default", ynode_new(YAML_MAP, service));
}

static int check_networks(const struct project_options *o, struct project *p, const char *name,
	struct yaml *service, struct mc_err *err)
{
	struct yaml *all = ynode_get(service, "networks");
	const struct yaml *mode = ynode_get(service, "network_mode");
	if (mode && all && all->n)
		return ynode_error(mode, err,
			"service %s declares mutually exclusive `network_mode` and `networks`: invalid "
			"compose project",
			name);
	if (mode || (o->no_normalize && !all))
		return 0;
	default_network(p, service);
	all = ynode_get(service, "networks");
	for (size_t i = 0; i < all->n; i++) {
		if (!ynode_get(p->networks, all->keys[i]))
			return ynode_error(all->items[i], err,
				"service \"%s\" refers to undefined network %s: invalid compose project",
				name, all->keys[i]);
	}
	return 0;
}

static int check_volumes(
	const struct project *p, const char *name, const struct yaml *service, struct mc_err *err)
{
	const struct yaml *all = ynode_get(service, "volumes");
	for (size_t i = 0; all && i < all->n; i++) {
		const char *source = ynode_text(ynode_get(all->items[i], "source"));
		if (!source || !str_eq(ynode_text(ynode_get(all->items[i], "type")), "volume") ||
			ynode_get(p->volumes, source))
			continue;
		ynode_error(all->items[i], err,
			"service \"%s\" refers to undefined volume %s: invalid compose project", name,
			source);
		return err_hint(err, "a named volume stands under `volumes:` at the top level; a path begins "
				     "with ./ or /");
	}
	return 0;
}

static int check_file_refs(const struct yaml *section, const char *kind, const char *name,
	const struct yaml *refs, struct mc_err *err)
{
	for (size_t i = 0; refs && i < refs->n; i++) {
		const char *source = ynode_text(ynode_get(refs->items[i], "source"));
		if (!ynode_get(section, source))
			return ynode_error(refs->items[i], err,
				"service \"%s\" refers to undefined %s %s: invalid compose project", name,
				kind, source);
	}
	return 0;
}

static int64_t service_number(const struct yaml *y, int64_t otherwise)
{
	int64_t n;
	const char *t = ynode_text(y);
	return t && parse_i64(t, &n) == 0 ? n : otherwise;
}

static int check_scale(const char *name, const struct yaml *service, struct mc_err *err)
{
	const struct yaml *scale = ynode_get(service, "scale"),
			  *replicas = ynode_get(ynode_get(service, "deploy"), "replicas");
	int64_t n = service_number(scale, service_number(replicas, 1));
	if (scale && replicas && service_number(scale, 0) != service_number(replicas, 0))
		return ynode_error(scale, err,
			"services.%s: can't set distinct values on 'scale' and 'deploy.replicas'", name);
	if (n > 1 && ynode_get(service, "container_name"))
		return ynode_error(ynode_get(service, "container_name"), err,
			"services.%s: container_name and a scale of more than one cannot be together: names "
			"are unique",
			name);
	return 0;
}

static int check_limits(const char *name, const struct yaml *service, struct mc_err *err)
{
	static const struct {
		const char *key, *part, *deploy;
	} twins[] = { { "mem_limit", "limits", "memory" }, { "cpus", "limits", "cpus" },
		{ "pids_limit", "limits", "pids" }, { "mem_reservation", "reservations", "memory" } };
	const struct yaml *resources = ynode_get(ynode_get(service, "deploy"), "resources");
	for (size_t i = 0; i < ARRAY_LEN(twins); i++) {
		const char *a = ynode_text(ynode_get(service, twins[i].key));
		const char *b = ynode_text(ynode_get(ynode_get(resources, twins[i].part), twins[i].deploy));
		if (a && b && !str_eq(a, b))
			return ynode_error(ynode_get(service, twins[i].key), err,
				"services.%s: can't set distinct values on '%s' and "
				"'deploy.resources.%s.%s'",
				name, twins[i].key, twins[i].part, twins[i].deploy);
	}
	return 0;
}

static int check_service(const struct project_options *o, struct project *p, const char *name,
	struct yaml *service, struct mc_err *err)
{
	const char *image = ynode_text(ynode_get(service, "image"));
	/* An empty one is a variable that is not set: the image named after the project would be pulled. */
	bool no_image = (!image || (!*image && !o->no_env_files)) && !ynode_get(service, "build");
	if (no_image && ynode_get(service, "provider")) {
		ynode_error(ynode_get(service, "provider"), err,
			"service \"%s\" comes from a provider, a program of docker compose that does not run "
			"here",
			name);
		return err_hint(err, "give it an image in a file of your own: compose.override.yaml");
	}
	if (no_image)
		return ynode_error(service, err,
			"service \"%s\" has neither an image nor a build context specified: invalid compose "
			"project",
			name);
	int rc = check_dependencies(o, p, name, service, err);
	if (rc >= 0)
		rc = check_networks(o, p, name, service, err);
	if (rc >= 0)
		rc = check_volumes(p, name, service, err);
	if (rc >= 0)
		rc = check_file_refs(p->secrets, "secret", name, ynode_get(service, "secrets"), err);
	if (rc >= 0)
		rc = check_file_refs(p->configs, "config", name, ynode_get(service, "configs"), err);
	if (rc >= 0)
		rc = check_scale(name, service, err);
	if (rc >= 0)
		rc = check_limits(name, service, err);
	if (rc >= 0 && ynode_get(service, "network_mode") &&
		str_eq(ynode_text(ynode_get(service, "network_mode")), "host") && ynode_get(service, "ports"))
		ynode_warn(ynode_get(service, "ports"),
			"services.%s.ports has no effect with network_mode: host: the program's ports "
			"are the host's",
			name);
	return rc;
}

char *project_resource_name(const struct project *p, const struct yaml *section, const char *key)
{
	const struct yaml *one = ynode_get(section, key);
	const char *name = ynode_text(ynode_get(one, "name"));
	const struct yaml *external = ynode_get(one, "external");
	if (!name && external && external->kind == YAML_MAP)
		name = ynode_text(ynode_get(external, "name"));
	if (name)
		return xstrdup(name);
	return project_is_external(section, key) ? xstrdup(key) : xasprintf("%s_%s", p->name, key);
}

bool project_is_external(const struct yaml *section, const char *key)
{
	const struct yaml *external = ynode_get(ynode_get(section, key), "external");
	return external && (external->kind == YAML_MAP || str_eq(ynode_text(external), "true"));
}

/* Names of resources are shown by `config` and used everywhere. */
static void name_resources(struct project *p)
{
	struct yaml *const sections[] = { p->networks, p->volumes, p->secrets, p->configs };
	for (size_t s = 0; s < ARRAY_LEN(sections); s++)
		for (size_t i = 0; i < sections[s]->n; i++) {
			_cleanup_free_ char *name =
				project_resource_name(p, sections[s], sections[s]->keys[i]);
			struct yaml *one = sections[s]->items[i];
			if (!ynode_get(one, "name"))
				ynode_set(one, "name", ynode_new_text(name, one));
			if (ynode_get(one, "external") && ynode_get(one, "external")->kind == YAML_MAP)
				ynode_set(one, "external", ynode_new_text("true", one))->quoted = false;
		}
}

/* A volume that binds a directory: a relative one counts from the project's directory. */
static void place_devices(const struct project *p)
{
	struct canon c = { .dir = p->dir, .home = "/root" };
	for (size_t i = 0; i < p->volumes->n; i++) {
		struct yaml *options = ynode_get(p->volumes->items[i], "driver_opts");
		const char *words = ynode_text(ynode_get(options, "o")),
			   *device = ynode_text(ynode_get(options, "device"));
		if (!words || !device || !strstr(words, "bind"))
			continue;
		_cleanup_free_ char *path = canon_absolute(&c, device);
		ynode_set(options, "device", ynode_new_text(path, options));
	}
}

int project_finish(const struct project_options *o, struct project *p, struct mc_err *err)
{
	int rc = 0;
	ynode_set(p->model, "name", ynode_new_text(p->name, NULL));
	if (o->no_interpolate) { /* what is not replaced cannot be checked */
		for (size_t i = 0; i < p->services->n; i++) {
			default_network(p, p->services->items[i]);
			resolve_build(o, p, p->services->items[i]);
		}
		name_resources(p);
		return 0;
	}
	drop_off_services(o, p);
	for (size_t i = 0; rc >= 0 && i < p->services->n; i++) {
		struct yaml *service = p->services->items[i];
		if (!o->no_normalize)
			imply_dependencies(service);
		resolve_build(o, p, service);
		if (!o->no_env_files)
			rc = resolve_environment(p, service, err);
		if (rc >= 0 && !o->no_env_files)
			rc = resolve_labels(p, service, err);
	}
	for (size_t i = 0; rc >= 0 && i < p->services->n; i++)
		rc = check_service(o, p, p->services->keys[i], p->services->items[i], err);
	if (rc >= 0)
		rc = graph_check(p, err);
	if (rc >= 0 && !o->no_normalize)
		name_resources(p);
	if (rc >= 0)
		place_devices(p);
	return rc;
}
