/*
 * kube_files.c - what pods mount: claims for named volumes, ConfigMaps and Secrets, and the rest.
 *
 * A named volume outlives its containers, so it becomes a PersistentVolumeClaim; an anonymous one and a tmpfs
 * live as long as the pod: emptyDir. A bind names a path of one machine: hostPath, with a warning, since the
 * scheduler may choose another. https://kubernetes.io/docs/concepts/storage/volumes/
 */
#include <stdlib.h>

#include "compose/kube.h"
#include "compose/secret_files.h"
#include "registry/login.h"

/* --- objects --- */

static void files_claim(struct kube *k, const char *key, const struct yaml *volume)
{
	_cleanup_free_ char *name = kube_name(key);
	if (project_is_external(k->project->volumes, key)) {
		kube_note(
			k, "volume %s is external: a PersistentVolumeClaim of this name must be there", name);
		return;
	}
	struct yaml *spec = kube_map(kube_add(k, "v1", "PersistentVolumeClaim", name), "spec");
	ynode_add(kube_list(spec, "accessModes"), ynode_new_text("ReadWriteOnce", NULL));
	kube_text(kube_map(kube_map(spec, "resources"), "requests"), "storage", "1Gi");
	kube_note(k, "compose has no size for a volume: 1Gi is a guess");
	if (ynode_get(volume, "driver_opts"))
		kube_note(k, "driver_opts of volume %s have no counterpart: see storageClassName", key);
}

static bool files_is_text(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if ((unsigned char)b->data[i] > 126 ||
			((unsigned char)b->data[i] < 32 && !strchr("\n\t", b->data[i])) || !b->data[i])
			return false;
	return true;
}

/* One ConfigMap or Secret with one key: the name again. */
static int files_content(
	struct kube *k, const char *kind, const struct yaml *section, const char *key, struct mc_err *err)
{
	bool secret = str_eq(kind, "Secret");
	_cleanup_free_ char *name = kube_name(key);
	_cleanup_buf_ struct buf content = { 0 };
	if (project_is_external(section, key)) {
		kube_note(k, "%s is external: a %s of this name with the key %s must be there", name, kind,
			name);
		return 0;
	}
	int rc = secret_content(k->project, ynode_get(section, key), &content, err);
	if (rc < 0)
		return rc;
	struct yaml *doc = kube_add(k, "v1", kind, name);
	bool text = !secret && files_is_text(&content);
	_cleanup_free_ char *coded = text ? NULL : base64_encode(content.data, content.len);
	kube_text(kube_map(doc, secret || text ? "data" : "binaryData"), name, text ? content.data : coded);
	if (secret) {
		kube_text(doc, "type", "Opaque");
		kube_note(k, "base64 hides nothing: keep this out of a repository");
	}
	return 0;
}

static bool files_is_used(const struct project *p, const char *key)
{
	for (size_t i = 0; i < p->services->n; i++) {
		const struct yaml *all = ynode_get(p->services->items[i], "volumes");
		for (size_t v = 0; all && v < all->n; v++)
			if (str_eq(ynode_text(ynode_get(all->items[v], "source")), key) &&
				str_eq(ynode_text(ynode_get(all->items[v], "type")), "volume"))
				return true;
	}
	return false;
}

int kube_file_objects(struct kube *k, struct mc_err *err)
{
	const struct project *p = k->project;
	int rc = 0;
	for (size_t i = 0; i < p->volumes->n; i++)
		if (files_is_used(p, p->volumes->keys[i]))
			files_claim(k, p->volumes->keys[i], p->volumes->items[i]);
	for (size_t i = 0; rc >= 0 && i < p->configs->n; i++)
		rc = files_content(k, "ConfigMap", p->configs, p->configs->keys[i], err);
	for (size_t i = 0; rc >= 0 && i < p->secrets->n; i++)
		rc = files_content(k, "Secret", p->secrets, p->secrets->keys[i], err);
	return rc;
}

/* --- what one pod mounts --- */

/* The pod's volume of this name; *ret_new: its source must still be filled in. */
static struct yaml *mounts_volume(struct yaml *spec, const char *name, bool *ret_new)
{
	struct yaml *all = kube_list(spec, "volumes");
	*ret_new = false;
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(ynode_text(ynode_get(all->items[i], "name")), name))
			return all->items[i];
	struct yaml *one = kube_item(spec, "volumes");
	kube_text(one, "name", name);
	*ret_new = true;
	return one;
}

static struct yaml *mounts_add(struct yaml *container, const char *volume, const char *target, bool read_only)
{
	struct yaml *m = kube_item(container, "volumeMounts");
	kube_text(m, "name", volume);
	kube_text(m, "mountPath", target);
	kube_plain(m, "readOnly", read_only ? "true" : NULL);
	return m;
}

/* Memory with a limit, mounted at target: tmpfs and /dev/shm. */
static void mounts_memory(struct yaml *spec, struct yaml *container, const char *target, const char *size)
{
	bool made;
	_cleanup_free_ char *name = xasprintf("memory-%zu", kube_list(spec, "volumes")->n);
	struct yaml *empty = kube_map(mounts_volume(spec, name, &made), "emptyDir");
	kube_text(empty, "medium", "Memory");
	kube_text(empty, "sizeLimit", size);
	mounts_add(container, name, target, false);
}

static void mounts_bind(struct kube *k, const struct yaml *v, struct yaml *spec, struct yaml *container)
{
	bool made;
	const char *source = ynode_text(ynode_get(v, "source")), *target = ynode_text(ynode_get(v, "target"));
	_cleanup_free_ char *name = xasprintf("host-%zu", kube_list(spec, "volumes")->n);
	struct yaml *host = kube_map(mounts_volume(spec, name, &made), "hostPath");
	kube_text(host, "path", source);
	mounts_add(container, name, target, str_eq(ynode_text(ynode_get(v, "read_only")), "true"));
	if (str_ends(source, "docker.sock") || str_ends(source, "minictr.sock"))
		kube_note(k,
			"%s: a node has no engine socket for pods; what uses it needs the Kubernetes API",
			source);
	else
		kube_note(k,
			"%s must be there on every node; a ConfigMap (files), a claim (data) or the image "
			"(code) "
			"goes everywhere",
			source);
}

static void mounts_named(struct kube *k, const struct yaml *v, struct yaml *spec, struct yaml *container)
{
	bool made, read_only = str_eq(ynode_text(ynode_get(v, "read_only")), "true");
	const char *source = ynode_text(ynode_get(v, "source")), *target = ynode_text(ynode_get(v, "target"));
	_cleanup_free_ char *claim = source ? kube_name(source) : NULL;
	_cleanup_free_ char *name = source ? xasprintf("claim-%.57s", claim)
					   : xasprintf("empty-%zu", kube_list(spec, "volumes")->n);
	struct yaml *volume = mounts_volume(spec, name, &made);
	if (made && source)
		kube_text(kube_map(volume, "persistentVolumeClaim"), "claimName", claim);
	else if (made)
		kube_map(volume, "emptyDir");
	struct yaml *m = mounts_add(container, name, target, read_only);
	kube_text(m, "subPath", ynode_text(ynode_get(ynode_get(v, "volume"), "subpath")));
	if (!source)
		kube_note(k, "anonymous volume %s: an emptyDir, gone with its pod", target);
	else
		kube_note(k, "volume %s starts empty: Kubernetes does not copy what the image has at %s",
			source, target);
}

/* "/run:size=64m,mode=755" */
static void mounts_tmpfs(const struct yaml *s, struct yaml *spec, struct yaml *container)
{
	const struct yaml *list = ynode_get(s, "tmpfs");
	for (size_t i = 0; list && i < list->n; i++) {
		const char *text = ynode_text(list->items[i]), *size = strstr(text, "size=");
		_cleanup_free_ char *target = xstrndup(text, strcspn(text, ":"));
		_cleanup_free_ char *word = size ? xstrndup(size + 5, strcspn(size + 5, ",")) : NULL,
				    *number = NULL;
		uint64_t bytes;
		if (word && parse_bytes(word, &bytes) == 0)
			number = xasprintf("%llu", (unsigned long long)bytes);
		mounts_memory(spec, container, target, number);
	}
}

static void mounts_file(
	struct kube *k, const char *kind, const struct yaml *ref, struct yaml *spec, struct yaml *container)
{
	bool secret = str_eq(kind, "secrets"), made;
	const char *source = ynode_text(ynode_get(ref, "source")), *mode = ynode_text(ynode_get(ref, "mode"));
	_cleanup_free_ char *object = kube_name(source), *target = secret_target(kind, ref);
	_cleanup_free_ char *name = xasprintf("%s-%.55s", secret ? "secret" : "config", object);
	struct yaml *volume = mounts_volume(spec, name, &made);
	if (made) {
		struct yaml *from = kube_map(volume, secret ? "secret" : "configMap");
		kube_text(from, secret ? "secretName" : "name", object);
		struct yaml *item = kube_item(from, "items");
		kube_text(item, "key", object);
		kube_text(item, "path", object);
		long bits = mode ? strtol(mode, NULL, 10) : 0;
		kube_number(item, "mode", bits);
		if (bits)
			kube_note(
				k, "mode %ld of %s is %04lo: JSON has no octal numbers", bits, source, bits);
	}
	kube_text(mounts_add(container, name, target, true), "subPath", object);
	if (ynode_get(ref, "uid") || ynode_get(ref, "gid"))
		kube_note(k,
			"owner of %s: files of Secrets and ConfigMaps belong to root; "
			"securityContext.fsGroup gives "
			"a group",
			source);
}

void kube_mounts(struct kube *k, const char *service, struct yaml *spec, struct yaml *container)
{
	static const char *const kinds[] = { "configs", "secrets" };
	const struct yaml *s = ynode_get(k->project->services, service), *all = ynode_get(s, "volumes");
	for (size_t i = 0; all && i < all->n; i++) {
		const char *type = ynode_text(ynode_get(all->items[i], "type"));
		if (str_eq(type, "bind"))
			mounts_bind(k, all->items[i], spec, container);
		else if (str_eq(type, "tmpfs"))
			mounts_memory(spec, container, ynode_text(ynode_get(all->items[i], "target")),
				ynode_text(ynode_get(ynode_get(all->items[i], "tmpfs"), "size")));
		else
			mounts_named(k, all->items[i], spec, container);
	}
	mounts_tmpfs(s, spec, container);
	if (ynode_text(ynode_get(s, "shm_size")))
		mounts_memory(spec, container, "/dev/shm", ynode_text(ynode_get(s, "shm_size")));
	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		const struct yaml *refs = ynode_get(s, kinds[kind]);
		for (size_t i = 0; refs && i < refs->n; i++)
			mounts_file(k, kinds[kind], refs->items[i], spec, container);
	}
	if (!kube_list(spec, "volumes")->n)
		ynode_unset(spec, "volumes");
}
