/*
 * kube.c - from services to Deployments, Jobs and Services.
 *
 * One compose service becomes one workload, and one Service so that its name resolves: Kubernetes has no
 * names for pods. Which workload: Job when another service waits for its completion, DaemonSet for
 * `deploy.mode: global`, Deployment otherwise. Nothing is sent anywhere: `kubectl apply -f -` reads the text.
 */
#include "compose/kube.h"

#include <ctype.h>
#include <stdlib.h>

#include "compose/canon.h"
#include "compose/service.h"
#include "compose/yaml_json.h"

/* --- a service's name on the network --- */

static void kube_port(struct yaml *service, const char *port, const char *target, const char *protocol)
{
	const struct yaml *have = kube_list(kube_map(service, "spec"), "ports");
	_cleanup_free_ char *upper = xstrdup(protocol), *name = xasprintf("%s-%s", protocol, port);
	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (size_t i = 0; i < have->n; i++)
		if (str_eq(ynode_text(ynode_get(have->items[i], "name")), name))
			return;
	struct yaml *one = kube_item(kube_map(service, "spec"), "ports");
	kube_text(one, "name", name);
	kube_plain(one, "port", port);
	kube_plain(one, "targetPort", target);
	kube_text(one, "protocol", upper);
}

static struct yaml *kube_service_new(struct kube *k, const char *called, const char *selects)
{
	struct yaml *doc = kube_add(k, "v1", "Service", called);
	kube_labels(k, kube_map(kube_map(doc, "spec"), "selector"), selects);
	return doc;
}

/* The ports that peers use: those of the container, by number, whatever the host publishes. */
static void kube_inner_ports(struct kube *k, const struct yaml *s, struct yaml *doc)
{
	const struct yaml *ports = ynode_get(s, "ports"), *expose = ynode_get(s, "expose");
	for (size_t i = 0; ports && i < ports->n; i++) {
		const char *target = ynode_text(ynode_get(ports->items[i], "target"));
		kube_port(doc, target, target, ynode_text(ynode_get(ports->items[i], "protocol")));
	}
	for (size_t i = 0; expose && i < expose->n; i++) {
		_cleanup_free_ char *port = xstrdup(ynode_text(expose->items[i]));
		char *protocol = strchr(port, '/');
		if (protocol)
			*protocol++ = '\0';
		if (strchr(port, '-'))
			kube_note(k, "expose %s: a Service has no ranges; add each port that is used", port);
		else
			kube_port(doc, port, port, protocol ? protocol : "tcp");
	}
	if (kube_list(kube_map(doc, "spec"), "ports")->n)
		return;
	ynode_unset(kube_map(doc, "spec"), "ports");
	kube_text(kube_map(doc, "spec"), "clusterIP", "None");
	kube_note(k, "no ports and no expose: a headless Service, so that the name resolves to the pods");
}

/* What the host published: a Service of its own, so that peers keep the container's port numbers. */
static void kube_published(struct kube *k, const char *name, const struct yaml *ports)
{
	struct yaml *doc = NULL;
	_cleanup_free_ char *called = xasprintf("%.50s-published", name);
	for (size_t i = 0; ports && i < ports->n; i++) {
		const struct yaml *p = ports->items[i];
		const char *published = ynode_text(ynode_get(p, "published")),
			   *target = ynode_text(ynode_get(p, "target")),
			   *ip = ynode_text(ynode_get(p, "host_ip"));
		if (ip && (str_starts(ip, "127.") || str_eq(ip, "::1"))) {
			kube_note(k, "port %s on %s only: `kubectl port-forward service/%s %s:%s`",
				published ? published : target, ip, name, published ? published : target,
				target);
			continue;
		}
		doc = doc ? doc : kube_service_new(k, called, name);
		if (published || !ynode_get(kube_map(doc, "spec"), "type"))
			kube_text(kube_map(doc, "spec"), "type", published ? "LoadBalancer" : "NodePort");
		if (published && strchr(published, '-'))
			kube_note(k, "published range %s: a Service has one number; the container's is used",
				published);
		if (ip && !str_eq(ip, "0.0.0.0") && !str_eq(ip, "::"))
			kube_note(
				k, "host_ip %s has no counterpart: the load balancer gives the address", ip);
		kube_port(doc, published && !strchr(published, '-') ? published : target, target,
			ynode_text(ynode_get(p, "protocol")));
	}
}

static void kube_aliases(struct kube *k, const char *name, const struct yaml *s, const struct yaml *like)
{
	const struct yaml *networks = ynode_get(s, "networks");
	_cleanup_strv_ char **seen = NULL;
	for (size_t i = 0; networks && networks->kind == YAML_MAP && i < networks->n; i++) {
		const struct yaml *aliases = ynode_get(networks->items[i], "aliases");
		for (size_t a = 0; aliases && a < aliases->n; a++) {
			_cleanup_free_ char *alias = kube_name(ynode_text(aliases->items[a]));
			if (strv_has(seen, alias) || ynode_get(k->project->services, alias))
				continue;
			strv_push(&seen, alias);
			struct yaml *doc = kube_service_new(k, alias, name);
			ynode_set(doc, "spec", ynode_copy(ynode_get(like, "spec")));
			kube_note(k, "alias %s of %s", ynode_text(aliases->items[a]), name);
			if (!str_eq(alias, ynode_text(aliases->items[a])))
				kube_note(k, "the alias %s cannot be a name in Kubernetes: it is %s here",
					ynode_text(aliases->items[a]), alias);
		}
	}
}

static void kube_services(struct kube *k, const char *service, const struct yaml *s)
{
	_cleanup_free_ char *name = kube_name(service);
	struct yaml *doc = kube_service_new(k, name, name);
	if (!str_eq(name, service))
		kube_note(k, "%s cannot be a name in Kubernetes: it is %s here; whatever calls it must, too",
			service, name);
	kube_inner_ports(k, s, doc);
	_cleanup_yaml_ struct yaml *like = ynode_copy(doc);
	kube_published(k, name, ynode_get(s, "ports"));
	kube_aliases(k, name, s, like);
}

/* --- workloads --- */

/* A one-shot: another service waits for its completion. */
static bool kube_is_job(const struct project *p, const char *service)
{
	for (size_t i = 0; i < p->services->n; i++) {
		const struct yaml *need = ynode_get(ynode_get(p->services->items[i], "depends_on"), service);
		if (str_eq(ynode_text(ynode_get(need, "condition")), "service_completed_successfully"))
			return true;
	}
	return false;
}

/* A volume of one writer cannot be mounted by the old and the new pod at once. */
static bool kube_mounts_claim(const struct yaml *template)
{
	const struct yaml *volumes = ynode_get(ynode_get(template, "spec"), "volumes");
	for (size_t i = 0; volumes && i < volumes->n; i++)
		if (ynode_get(volumes->items[i], "persistentVolumeClaim"))
			return true;
	return false;
}

static void kube_annotations(struct kube *k, const struct yaml *s, const char *key, struct yaml *metadata)
{
	const struct yaml *pairs = ynode_get(s, key);
	for (size_t i = 0; pairs && pairs->kind == YAML_MAP && i < pairs->n; i++) {
		const char *name = pairs->keys[i], *slash = strchr(name, '/');
		const char *tail = slash ? slash + 1 : name;
		bool good = *tail && strlen(tail) <= 63 && isalnum((unsigned char)*tail) &&
			    isalnum((unsigned char)tail[strlen(tail) - 1]) && slash != name;
		for (const char *p = name; *p && good; p++)
			good = isalnum((unsigned char)*p) || strchr("-_.", *p) || p == slash;
		if (good)
			kube_text(kube_map(metadata, "annotations"), name,
				ynode_text(pairs->items[i]) ? ynode_text(pairs->items[i]) : "");
		else
			kube_note(k, "%s \"%s\" cannot be an annotation's name in Kubernetes: left out", key,
				name);
	}
}

static void kube_workload_rules(
	struct kube *k, const struct yaml *s, bool job, bool global, struct yaml *spec, struct yaml *pod)
{
	const char *restart = ynode_text(ynode_get(s, "restart"));
	if (job) {
		kube_plain(spec, "backoffLimit", "0");
		kube_text(pod, "restartPolicy",
			restart && str_starts(restart, "on-failure") ? "OnFailure" : "Never");
		kube_note(k,
			"a Job runs once: `kubectl delete` and `kubectl apply` run it again (`up` does so "
			"each time)");
		return;
	}
	if (!global) {
		char replicas[24];
		snprintf(replicas, sizeof(replicas), "%lld", (long long)service_scale(s, "", NULL));
		kube_plain(spec, "replicas", replicas);
	}
	if (!restart || str_eq(restart, "no") || str_starts(restart, "on-failure"))
		kube_note(k,
			"restart: %s has no counterpart in a %s, which always starts an ended container "
			"again",
			restart ? restart : "no (the default)", global ? "DaemonSet" : "Deployment");
}

static int kube_workload(struct kube *k, const char *service, const struct yaml *s, struct mc_err *err)
{
	bool job = kube_is_job(k->project, service),
	     global = str_eq(ynode_text(ynode_get(ynode_get(s, "deploy"), "mode")), "global");
	_cleanup_free_ char *name = kube_name(service);
	struct yaml *doc = kube_add(k, job ? "batch/v1" : "apps/v1",
		job      ? "Job"
		: global ? "DaemonSet"
			 : "Deployment",
		name);
	struct yaml *spec = kube_map(doc, "spec");
	kube_annotations(k, ynode_get(s, "deploy"), "labels", kube_map(doc, "metadata"));
	if (!job)
		kube_labels(k, kube_map(kube_map(spec, "selector"), "matchLabels"), name);
	struct yaml *template = kube_map(spec, "template"), *metadata = kube_map(template, "metadata");
	kube_labels(k, kube_map(metadata, "labels"), name);
	kube_annotations(k, s, "labels", metadata);
	kube_annotations(k, s, "annotations", metadata);
	kube_workload_rules(k, s, job, global, spec, kube_map(template, "spec"));
	int rc = kube_pod(k, service, kube_map(template, "spec"), err);
	if (rc >= 0 && !job && !global && kube_mounts_claim(template)) {
		kube_text(kube_map(spec, "strategy"), "type", "Recreate");
		if (service_scale(s, "", NULL) > 1)
			kube_note(k,
				"several replicas mount one claim: on several nodes that needs a claim with "
				"ReadWriteMany");
	}
	kube_notes_of(k, s);
	return rc;
}

/* "a_b" and "a-b" are one name in Kubernetes: the second object would replace the first. */
static int kube_check_names(const struct kube *k, struct mc_err *err)
{
	for (size_t i = 0; i < k->n; i++)
		for (size_t other = 0; other < i; other++) {
			const struct yaml *a = k->objects[i].doc, *b = k->objects[other].doc;
			const char *name = ynode_text(ynode_get(ynode_get(a, "metadata"), "name")),
				   *kind = ynode_text(ynode_get(a, "kind"));
			if (!str_eq(name, ynode_text(ynode_get(ynode_get(b, "metadata"), "name"))) ||
				!str_eq(kind, ynode_text(ynode_get(b, "kind"))))
				continue;
			err_set(err, EEXIST, "two objects would be the %s %s", kind, name);
			return err_hint(err,
				"names in Kubernetes have lower-case letters, digits and '-' only: "
				"rename one of those that differ in other characters");
		}
	return 0;
}

int kube_of_project(const struct project *p, struct kube *k, struct mc_err *err)
{
	*k = (struct kube){ .project = p };
	kube_note(k, "project %s, written by `minictr compose kube`; apply it with `kubectl apply -f -`",
		p->name);
	for (size_t i = 0; i < p->networks->n; i++)
		if (!str_eq(p->networks->keys[i], "default"))
			kube_note(k,
				"network %s has no counterpart: every pod reaches every other one; a "
				"NetworkPolicy forbids it",
				p->networks->keys[i]);
	int rc = kube_file_objects(k, err);
	for (size_t i = 0; rc >= 0 && i < p->services->n; i++) {
		const struct yaml *s = p->services->items[i];
		rc = kube_workload(k, p->services->keys[i], s, err);
		if (rc >= 0 && !kube_is_job(p, p->services->keys[i]))
			kube_services(k, p->services->keys[i], s);
	}
	return rc < 0 ? rc : kube_check_names(k, err);
}

void kube_print(const struct kube *k, FILE *out)
{
	for (size_t i = 0; k->notes && k->notes[i]; i++)
		fprintf(out, "# %s\n", k->notes[i]);
	for (size_t i = 0; i < k->n; i++) {
		fprintf(out, "---\n");
		for (size_t n = 0; k->objects[i].notes && k->objects[i].notes[n]; n++)
			fprintf(out, "# %s\n", k->objects[i].notes[n]);
		ynode_print(k->objects[i].doc, out);
	}
}

void kube_release(struct kube *k)
{
	for (size_t i = 0; i < k->n; i++) {
		ynode_free(k->objects[i].doc);
		strv_free(k->objects[i].notes);
	}
	free(k->objects);
	strv_free(k->notes);
	*k = (struct kube){ 0 };
}
