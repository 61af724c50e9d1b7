/*
 * kube_pod.c - the pod of a service: one container, its probe, its limits, what it may do.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
#include <stdlib.h>

#include "compose/canon.h"
#include "compose/kube.h"
#include "compose/service.h"

/*
 * Kubernetes replaces $(NAME) in commands, arguments and values, and reads $$ as $: a text that holds either
 * would change, so its dollars are doubled. https://kubernetes.io/docs/tasks/inject-data-application/
 */
static char *pod_escaped(const char *text)
{
	struct buf b = { 0 };
	bool means_something = strstr(text, "$(") || strstr(text, "$$");
	buf_adds(&b, "");
	for (const char *p = text; *p; p++)
		buf_adds(&b, *p == '$' && means_something ? "$$" : (char[]){ *p, '\0' });
	return buf_take(&b);
}

static void pod_words(struct yaml *container, const char *key, const struct yaml *words)
{
	for (size_t i = 0; words && words->kind == YAML_LIST && i < words->n; i++) {
		_cleanup_free_ char *word = pod_escaped(ynode_text(words->items[i]));
		ynode_add(kube_list(container, key), ynode_new_text(word, NULL));
	}
}

static void pod_texts(struct yaml *parent, const char *key, const struct yaml *list)
{
	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->n; i++)
		ynode_add(kube_list(parent, key), ynode_new_text(ynode_text(list->items[i]), NULL));
}

static bool pod_true(const struct yaml *s, const char *key)
{
	return str_eq(ynode_text(ynode_get(s, key)), "true");
}

/* --- image, command, environment, ports --- */

static void pod_image(struct kube *k, const char *service, const struct yaml *s, struct yaml *c)
{
	_cleanup_free_ char *image = service_image(k->project, service);
	const char *pull = ynode_text(ynode_get(s, "pull_policy"));
	kube_text(c, "image", image);
	kube_text(c, "imagePullPolicy",
		str_eq(pull, "always")  ? "Always"
		: str_eq(pull, "never") ? "Never"
					: "IfNotPresent");
	if (ynode_get(s, "build"))
		kube_note(k,
			"build: nodes cannot build; `minictr compose build %s && minictr compose push %s`, "
			"with "
			"a registry in `image`",
			service, service);
}

static void pod_environment(const struct yaml *s, struct yaml *c)
{
	const struct yaml *env = ynode_get(s, "environment");
	for (size_t i = 0; env && env->kind == YAML_MAP && i < env->n; i++) {
		if (!ynode_text(env->items[i]))
			continue;
		_cleanup_free_ char *value = pod_escaped(ynode_text(env->items[i]));
		struct yaml *one = kube_item(c, "env");
		kube_text(one, "name", env->keys[i]);
		kube_text(one, "value", value);
	}
}

static void pod_ports(const struct yaml *s, struct yaml *c)
{
	const struct yaml *ports = ynode_get(s, "ports");
	_cleanup_strv_ char **seen = NULL;
	for (size_t i = 0; ports && i < ports->n; i++) {
		const char *target = ynode_text(ynode_get(ports->items[i], "target")),
			   *protocol = ynode_text(ynode_get(ports->items[i], "protocol"));
		_cleanup_free_ char *key = xasprintf("%s/%s", target, protocol);
		if (strv_has(seen, key))
			continue;
		strv_push(&seen, key);
		struct yaml *one = kube_item(c, "ports");
		kube_plain(one, "containerPort", target);
		kube_text(one, "protocol",
			str_eq(protocol, "udp")    ? "UDP"
			: str_eq(protocol, "sctp") ? "SCTP"
						   : "TCP");
	}
}

/* --- health, limits --- */

/*
 * A readiness probe, because a health check in compose does the same: others wait for it, and nothing is
 * restarted. Failures during start_period count for nothing there; a pod that is not ready yet is the same.
 */
static void pod_probe(struct kube *k, const struct yaml *s, struct yaml *c)
{
	const struct yaml *h = ynode_get(s, "healthcheck"), *test = ynode_get(h, "test");
	const char *first = test && test->n ? ynode_text(test->items[0]) : NULL,
		   *retries = ynode_text(ynode_get(h, "retries"));
	if (!h || pod_true(h, "disable") || str_eq(first, "NONE"))
		return;
	if (!first) {
		kube_note(k,
			"healthcheck without test: the image's own check is not known to Kubernetes; add "
			"readinessProbe.exec.command");
		return;
	}
	struct yaml *probe = kube_map(c, "readinessProbe"), *exec = kube_map(probe, "exec");
	if (str_eq(first, "CMD-SHELL")) {
		static const char *const shell[] = { "/bin/sh", "-c" };
		for (size_t i = 0; i < ARRAY_LEN(shell); i++)
			ynode_add(kube_list(exec, "command"), ynode_new_text(shell[i], NULL));
	}
	for (size_t i = 1; i < test->n; i++)
		ynode_add(kube_list(exec, "command"), ynode_new_text(ynode_text(test->items[i]), NULL));
	kube_number(probe, "periodSeconds", kube_seconds(ynode_get(h, "interval"), 30));
	kube_number(probe, "timeoutSeconds", kube_seconds(ynode_get(h, "timeout"), 30));
	kube_plain(probe, "failureThreshold", retries && !str_eq(retries, "0") ? retries : "3");
	kube_note(k, "healthcheck: a readinessProbe; compose restarts nothing that is unhealthy: add a "
		     "livenessProbe where that is wanted");
	if (ynode_get(h, "start_period") || ynode_get(h, "start_interval"))
		kube_note(k, "healthcheck.start_period has no counterpart: a pod is not ready until its "
			     "first success");
}

static void pod_amount(struct yaml *resources, const char *part, const char *what, const struct yaml *y)
{
	uint64_t bytes;
	const char *t = ynode_text(y);
	if (!t || str_eq(t, "0"))
		return;
	_cleanup_free_ char *mega = NULL;
	if (str_eq(what, "memory") && parse_u64(t, &bytes) == 0 && bytes % (1 << 20) == 0)
		mega = xasprintf("%lluMi", (unsigned long long)(bytes >> 20));
	kube_text(kube_map(resources, part), what, mega ? mega : t);
}

static void pod_resources(const struct yaml *s, struct yaml *c)
{
	const struct yaml *deploy = ynode_get(ynode_get(s, "deploy"), "resources"),
			  *limits = ynode_get(deploy, "limits"),
			  *reserved = ynode_get(deploy, "reservations");
	struct yaml *resources = ynode_new(YAML_MAP, NULL);
	pod_amount(resources, "limits", "memory",
		ynode_get(s, "mem_limit") ? ynode_get(s, "mem_limit") : ynode_get(limits, "memory"));
	pod_amount(resources, "limits", "cpu",
		ynode_get(s, "cpus") ? ynode_get(s, "cpus") : ynode_get(limits, "cpus"));
	pod_amount(resources, "requests", "memory",
		ynode_get(s, "mem_reservation") ? ynode_get(s, "mem_reservation")
						: ynode_get(reserved, "memory"));
	pod_amount(resources, "requests", "cpu", ynode_get(reserved, "cpus"));
	if (resources->n)
		ynode_set(c, "resources", resources);
	else
		ynode_free(resources);
}

/* --- what it may do --- */

static void pod_user(struct kube *k, const struct yaml *s, struct yaml *context)
{
	const char *user = ynode_text(ynode_get(s, "user"));
	char *end = NULL;
	if (!user || !*user)
		return;
	strtoul(user, &end, 10);
	if (end == user || (*end && *end != ':')) {
		kube_note(k, "user %s: Kubernetes takes numbers only (runAsUser)", user);
		return;
	}
	_cleanup_free_ char *uid = xstrndup(user, (size_t)(end - user));
	kube_plain(context, "runAsUser", uid);
	if (*end == ':' && end[1] && !end[1 + strspn(end + 1, "0123456789")])
		kube_plain(context, "runAsGroup", end + 1);
	else if (*end == ':')
		kube_note(k, "group %s: Kubernetes takes numbers only (runAsGroup)", end + 1);
}

static void pod_options(struct kube *k, const struct yaml *s, struct yaml *context)
{
	const struct yaml *options = ynode_get(s, "security_opt");
	for (size_t i = 0; options && i < options->n; i++) {
		const char *o = ynode_text(options->items[i]);
		if (str_eq(o, "no-new-privileges") || str_eq(o, "no-new-privileges:true") ||
			str_eq(o, "no-new-privileges=true"))
			kube_plain(context, "allowPrivilegeEscalation", "false");
		else if (str_eq(o, "seccomp:unconfined") || str_eq(o, "seccomp=unconfined"))
			kube_text(kube_map(context, "seccompProfile"), "type", "Unconfined");
		else
			kube_note(k,
				"security_opt %s has no counterpart here: see securityContext of the "
				"container",
				o);
	}
}

/* Kubernetes writes capabilities without CAP_. */
static void pod_capabilities(struct yaml *context, const char *key, const struct yaml *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *name = ynode_text(list->items[i]);
		ynode_add(kube_list(kube_map(context, "capabilities"), key),
			ynode_new_text(str_starts(name, "CAP_") ? name + strlen("CAP_") : name, NULL));
	}
}

static void pod_security(struct kube *k, const struct yaml *s, struct yaml *c)
{
	struct yaml *context = ynode_new(YAML_MAP, NULL);
	if (pod_true(s, "privileged"))
		kube_plain(context, "privileged", "true");
	if (pod_true(s, "read_only"))
		kube_plain(context, "readOnlyRootFilesystem", "true");
	if (ynode_get(s, "cap_add"))
		pod_capabilities(context, "add", ynode_get(s, "cap_add"));
	if (ynode_get(s, "cap_drop"))
		pod_capabilities(context, "drop", ynode_get(s, "cap_drop"));
	pod_user(k, s, context);
	pod_options(k, s, context);
	if (context->n)
		ynode_set(c, "securityContext", context);
	else
		ynode_free(context);
}

/* --- of the pod --- */

static void pod_names(struct kube *k, const struct yaml *s, struct yaml *spec)
{
	const struct yaml *hosts = ynode_get(s, "extra_hosts"), *dns = ynode_get(s, "dns"),
			  *options = ynode_get(s, "dns_opt");
	if (ynode_text(ynode_get(s, "hostname"))) {
		_cleanup_free_ char *name = kube_name(ynode_text(ynode_get(s, "hostname")));
		kube_text(spec, "hostname", name);
		if (!str_eq(name, ynode_text(ynode_get(s, "hostname"))))
			kube_note(k, "hostname %s is %s here: a label of DNS",
				ynode_text(ynode_get(s, "hostname")), name);
	}
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		_cleanup_free_ char *host = xstrdup(ynode_text(hosts->items[i]));
		char *ip = strchr(host, '=');
		*ip++ = '\0';
		if (str_eq(ip, "host-gateway")) {
			kube_note(k,
				"extra_hosts %s=host-gateway: a pod has no such address; status.hostIP is "
				"the node's",
				host);
			continue;
		}
		struct yaml *one = kube_item(spec, "hostAliases");
		kube_text(one, "ip", ip);
		ynode_add(kube_list(one, "hostnames"), ynode_new_text(host, NULL));
	}
	if (dns && dns->n) {
		kube_text(spec, "dnsPolicy", "None");
		pod_texts(kube_map(spec, "dnsConfig"), "nameservers", dns);
		kube_note(k, "dns: with servers of its own a pod finds no Service by name");
	}
	if (ynode_get(s, "dns_search"))
		pod_texts(kube_map(spec, "dnsConfig"), "searches", ynode_get(s, "dns_search"));
	for (size_t i = 0; options && i < options->n; i++) {
		const char *o = ynode_text(options->items[i]), *colon = strchr(o, ':');
		_cleanup_free_ char *name = xstrndup(o, colon ? (size_t)(colon - o) : strlen(o));
		struct yaml *one = kube_item(kube_map(spec, "dnsConfig"), "options");
		kube_text(one, "name", name);
		kube_text(one, "value", colon ? colon + 1 : NULL);
	}
}

static void pod_namespaces(struct kube *k, const struct yaml *s, struct yaml *spec)
{
	static const struct {
		const char *key, *field;
	} rows[] = { { "network_mode", "hostNetwork" }, { "pid", "hostPID" }, { "ipc", "hostIPC" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *mode = ynode_text(ynode_get(s, rows[i].key));
		if (str_eq(mode, "host"))
			kube_plain(spec, rows[i].field, "true");
		else if (mode && str_starts(mode, "service:"))
			kube_note(k,
				"%s: %s: containers that share must stand in one pod; put both below one "
				"`containers:`",
				rows[i].key, mode);
		else if (mode && !str_eq(mode, "private") && !str_eq(mode, "bridge"))
			kube_note(k, "%s: %s has no counterpart", rows[i].key, mode);
	}
}

static void pod_rest(struct kube *k, const struct yaml *s, struct yaml *spec)
{
	const struct yaml *sysctls = ynode_get(s, "sysctls"), *groups = ynode_get(s, "group_add");
	const char *platform = ynode_text(ynode_get(s, "platform"));
	kube_number(
		spec, "terminationGracePeriodSeconds", kube_seconds(ynode_get(s, "stop_grace_period"), 10));
	/* else a Service "redis" puts REDIS_PORT=tcp://... into every pod, and a token of the cluster lies in it */
	kube_plain(spec, "enableServiceLinks", "false");
	kube_plain(spec, "automountServiceAccountToken", "false");
	kube_text(spec, "runtimeClassName", ynode_text(ynode_get(s, "runtime")));
	for (size_t i = 0; sysctls && sysctls->kind == YAML_MAP && i < sysctls->n; i++) {
		struct yaml *one = kube_item(kube_map(spec, "securityContext"), "sysctls");
		kube_text(one, "name", sysctls->keys[i]);
		kube_text(one, "value", ynode_text(sysctls->items[i]) ? ynode_text(sysctls->items[i]) : "");
	}
	for (size_t i = 0; groups && i < groups->n; i++) {
		const char *g = ynode_text(groups->items[i]);
		if (*g && !g[strspn(g, "0123456789")])
			ynode_add(kube_list(kube_map(spec, "securityContext"), "supplementalGroups"),
				ynode_new_text(g, NULL))
				->quoted = false;
		else
			kube_note(k, "group_add %s: Kubernetes takes numbers only", g);
	}
	if (platform && strchr(platform, '/')) {
		_cleanup_free_ char *os = xstrndup(platform, strcspn(platform, "/"));
		const char *arch = strchr(platform, '/') + 1;
		_cleanup_free_ char *only = xstrndup(arch, strcspn(arch, "/"));
		kube_text(kube_map(spec, "nodeSelector"), "kubernetes.io/os", os);
		kube_text(kube_map(spec, "nodeSelector"), "kubernetes.io/arch", only);
	}
}

int kube_pod(struct kube *k, const char *service, struct yaml *spec, struct mc_err *err)
{
	const struct yaml *s;
	int rc = project_service(k->project, service, &s, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *name = kube_name(service);
	struct yaml *c = kube_item(spec, "containers");
	kube_text(c, "name", name);
	pod_image(k, service, s, c);
	pod_words(c, "command", ynode_get(s, "entrypoint"));
	pod_words(c, "args", ynode_get(s, "command"));
	kube_text(c, "workingDir", ynode_text(ynode_get(s, "working_dir")));
	pod_environment(s, c);
	pod_ports(s, c);
	pod_probe(k, s, c);
	pod_resources(s, c);
	pod_security(k, s, c);
	if (pod_true(s, "tty"))
		kube_plain(c, "tty", "true");
	if (pod_true(s, "stdin_open"))
		kube_plain(c, "stdin", "true");
	kube_mounts(k, service, spec, c);
	pod_names(k, s, spec);
	pod_namespaces(k, s, spec);
	pod_rest(k, s, spec);
	return 0;
}
