/*
 * kube_object.c - objects of Kubernetes while they are put together: new ones, their keys and lists, and the
 * comments above them. No system call.
 */
#include "compose/kube.h"

#include <ctype.h>
#include <stdarg.h>

#include "base/buf.h"
#include "compose/canon.h"

void kube_text(struct yaml *map, const char *key, const char *text)
{
	if (text)
		canon_put_text(map, key, text, NULL);
}

void kube_plain(struct yaml *map, const char *key, const char *text)
{
	if (text)
		canon_put_plain(map, key, text, NULL);
}

void kube_number(struct yaml *map, const char *key, long long number)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", number);
	kube_plain(map, key, number ? text : NULL);
}

struct yaml *kube_map(struct yaml *parent, const char *key)
{
	struct yaml *there = ynode_get(parent, key);
	return there ? there : ynode_set(parent, key, ynode_new(YAML_MAP, NULL));
}

struct yaml *kube_list(struct yaml *parent, const char *key)
{
	struct yaml *there = ynode_get(parent, key);
	return there ? there : ynode_set(parent, key, ynode_new(YAML_LIST, NULL));
}

struct yaml *kube_item(struct yaml *parent, const char *key)
{
	return ynode_add(kube_list(parent, key), ynode_new(YAML_MAP, NULL));
}

int64_t kube_seconds(const struct yaml *duration, int64_t otherwise)
{
	int64_t ns;
	const char *t = ynode_text(duration);
	return t && canon_parse_duration(t, &ns) == 0 ? (ns + 999999999) / 1000000000 : otherwise;
}

/* A DNS label (RFC 1123) that begins with a letter, as names of Services must. */
char *kube_name(const char *text)
{
	struct buf b = { 0 };
	if (!isalpha((unsigned char)*text))
		buf_addc(&b, 'x');
	for (const char *p = text; *p && b.len < 63; p++)
		buf_addc(&b, isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '-');
	while (b.len > 1 && b.data[b.len - 1] == '-')
		b.data[--b.len] = '\0';
	return buf_take(&b);
}

void kube_labels(const struct kube *k, struct yaml *labels, const char *name)
{
	kube_text(labels, "app.kubernetes.io/name", name);
	kube_text(labels, "app.kubernetes.io/part-of", k->project->name);
}

struct yaml *kube_add(struct kube *k, const char *version, const char *kind, const char *name)
{
	struct yaml *doc = ynode_new(YAML_MAP, NULL);
	k->objects = xrealloc(k->objects, (k->n + 1) * sizeof(*k->objects));
	k->objects[k->n++] = (struct kube_object){ .doc = doc };
	kube_text(doc, "apiVersion", version);
	kube_text(doc, "kind", kind);
	kube_text(kube_map(doc, "metadata"), "name", name);
	kube_labels(k, kube_map(kube_map(doc, "metadata"), "labels"), name);
	return doc;
}

void kube_note(struct kube *k, const char *fmt, ...)
{
	va_list args;
	char line[600];
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (char *p = line; *p; p++) /* a value with a line break must not end the comment */
		*p = *p == '\n' || *p == '\r' ? ' ' : *p;
	strv_push(k->n ? &k->objects[k->n - 1].notes : &k->notes, line);
}
