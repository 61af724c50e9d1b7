/*
 * kube.h - a compose project as Kubernetes objects: `minictr compose kube`.
 *
 * Order of work: kube.c makes the list of objects (kube_object.c: one of them); kube_pod.c the part that
 * every workload has, the pod; kube_files.c what is mounted into it. What has no counterpart becomes a
 * comment above the object, never silence: kube_notes.c.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */
#ifndef MC_COMPOSE_KUBE_H
#define MC_COMPOSE_KUBE_H

#include <stdio.h>

#include "compose/project.h"

struct kube_object {
	struct yaml *doc; /* owned */
	char **notes;     /* comments above it; owned */
};

struct kube {
	const struct project *project;
	struct kube_object *objects; /* in the order of printing; owned */
	size_t n;
	char **notes; /* of the whole project; owned */
};

/* The caller kube_release()s, after a failure too. */
int kube_of_project(const struct project *p, struct kube *ret, struct mc_err *err);
void kube_release(struct kube *k);
void kube_print(const struct kube *k, FILE *out);

/* --- kube_object.c --- */
/* A new object with apiVersion, kind, metadata.name and our labels. Borrowed: k owns it. */
struct yaml *kube_add(struct kube *k, const char *version, const char *kind, const char *name);
/* The two labels by which a Service finds its pods. */
void kube_labels(const struct kube *k, struct yaml *labels, const char *name);
/* A comment above the newest object. */
void kube_note(struct kube *k, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "my_db" -> "my-db": letters, digits and '-', at most 63. Caller frees. */
char *kube_name(const char *text);
/* An empty map or list below key, made when it is not there. */
struct yaml *kube_map(struct yaml *parent, const char *key);
struct yaml *kube_list(struct yaml *parent, const char *key);
/* A new map at the end of the list parent.key. */
struct yaml *kube_item(struct yaml *parent, const char *key);
void kube_text(struct yaml *map, const char *key, const char *text);   /* a string; NULL: nothing */
void kube_plain(struct yaml *map, const char *key, const char *text);  /* a number, true; NULL: nothing */
void kube_number(struct yaml *map, const char *key, long long number); /* 0: nothing */
int64_t kube_seconds(const struct yaml *duration, int64_t otherwise);  /* rounded up */

/* kube_pod.c: fills spec (a PodSpec) with the one container of the service. */
int kube_pod(struct kube *k, const char *service, struct yaml *spec, struct mc_err *err);
/* kube_files.c: objects that pods mount; then what one pod mounts of them. */
int kube_file_objects(struct kube *k, struct mc_err *err);
void kube_mounts(struct kube *k, const char *service, struct yaml *spec, struct yaml *container);
/* kube_notes.c: says of each key of the service without counterpart why, and what to do instead. */
void kube_notes_of(struct kube *k, const struct yaml *service);

#endif
