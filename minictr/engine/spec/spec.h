/*
 * spec/spec.h - what was asked for ("Config", "HostConfig") becomes config.json, the only thing an OCI
 * runtime is ever told. https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
#ifndef MC_ENGINE_SPEC_H
#define MC_ENGINE_SPEC_H

#include "base/buf.h"
#include "engine/container.h"
#include "runtime/userns.h"

/* Descriptors that config.json names as /proc/PID/fd/N: their holder closes them when `create` is through. */
struct spec_held {
	int *fds; /* owned */
	size_t n;
};
void spec_held_release(struct spec_held *held);

struct endpoints;

/* Everything spec_make() looks at. No process is started and nothing is mounted by it. */
struct spec_input {
	struct engine *engine;
	const struct container *container;
	int rootfs;                /* the container's root file system: names of users are looked up in it */
	const struct id_maps *ids; /* never NULL; empty: no user namespace of its own */
	const char *
		network; /* program that speaks for an unprivileged user's container (network.h); NULL none */
	struct spec_held *held;      /* where sources are kept open; may be NULL in a dry run */
	bool dry;                    /* make nothing: `explain --dry-run` */
	unsigned rows, cols;         /* size of the terminal to begin with; 0 unknown */
	const struct endpoints *net; /* root's networks, planned (endpoints.h); NULL none */
};

/*
 * The whole document; the caller frees *ret. Missing bind sources are made as docker does, the working
 * directory too.
 */
int spec_make(const struct spec_input *in, struct json **ret, struct mc_err *err);

/* --- parts, one file each --- */

/* spec/user.c: "name[:group]" or numbers, looked up in the container's own /etc/passwd and /etc/group. */
struct spec_user {
	uint32_t uid, gid;
	uint32_t groups[64];
	size_t n_groups;
	char home[256]; /* "" when the user has no entry */
};
int spec_find_user(
	int rootfs, const char *text, char *const group_add[], struct spec_user *ret, struct mc_err *err);
/* A text file of the container's, whole; "" when there is none or it is no regular file. */
void spec_read_inside(int rootfs, const char *path, struct buf *ret);
/* As config.json's process.user; caller owns it. */
struct json *spec_user_json(const struct spec_user *u);

/* spec/mount_entries.c: the default mounts, the user's, and /etc/{hosts,hostname,resolv.conf}. */
int spec_mounts(const struct spec_input *in, struct json *mounts, struct mc_err *err);
/*
 * spec/propagation.c: -EINVAL when source lies in a mount that cannot share what "rshared" or "rslave"
 * promise.
 */
int spec_check_propagation(const char *source, const char *propagation, struct mc_err *err);
/*
 * spec/files.c: writes those three files into the container's directory, and with --userns keep-id passwd
 * and group.
 */
int spec_write_files(const struct spec_input *in, struct mc_err *err);
/* /etc/hosts as it should be. */
void spec_hosts_text(const struct spec_input *in, struct buf *b);
/* spec/user_map.c: all do nothing, or say what is so without one, when in->ids is empty. */
/* "namespaces", uidMappings and gidMappings of the linux part. */
void spec_user_namespace(const struct spec_input *in, struct json *part);
/*
 * "FIRST LAST" group inside, for sysctls that take a range: one with groups that have no place is refused.
 * Caller frees.
 */
char *spec_all_groups(const struct spec_input *in);
/* keep-id: /etc/passwd or /etc/group of the image with one line more, so that whoami(1), and whatever else
 * asks for a name, knows who runs there; as podman has it. False: nothing is missing, *ret is of no use. */
bool spec_self_file(const struct spec_input *in, const char *name, struct buf *ret);

/* spec/cdi.c: what the vendor of a device says of it. Into "DeviceRequests" of HostConfig, and from there. */
bool spec_cdi_is_name(const char *word);           /* VENDOR/CLASS=NAME */
const char *spec_cdi_wrong_gpus(const char *word); /* why, NULL when it is right */
void spec_cdi_requests(struct json *host, const char *gpus, char *const devices[]);
int spec_cdi(const struct spec_input *in, struct json *doc, struct mc_err *err);
/* spec/linux.c: namespaces, limits, devices, masks, filter. */
/* Does c share a namespace of another container? */
bool spec_shares(const struct container *c);
/*
 * After `create`: is c, whose first process waits, really in the namespaces of those it was to share with?
 * config.json names them by the number of a process, and that one may have ended and the number been given
 * to a stranger.
 */
int spec_check_shared(struct engine *e, const struct container *c, struct mc_err *err);
/* Which paths of /proc and /sys are masked and read-only: lists under these keys of part; none: no key. */
void spec_set_paths(
	const struct json *host, struct json *part, const char *masked_key, const char *read_only_key);
/*
 * spec/device_nodes.c: linux.devices and linux.resources.devices of part. -ENOENT, -EINVAL with docker's
 * words.
 */
int spec_devices(const struct spec_input *in, bool privileged, struct json *part, struct mc_err *err);
int spec_linux(const struct spec_input *in, uint64_t caps, struct json *linux_part, struct mc_err *err);
/*
 * Environment of a process in the container: PATH HOSTNAME TERM, the container's own, more, HOME. Caller
 * strv_free()s.
 */
char **spec_env(const struct container *c, char *const more[], bool tty, const struct spec_user *u);
/* --- spec/privileges.c --- */
/* Capabilities of the container's first process. */
uint64_t spec_capabilities(const struct json *host);
/* process.capabilities for a set; caller owns it. */
struct json *spec_capabilities_json(uint64_t caps);
/* Is word ("no-new-privileges", "seccomp") among the security options; *ret_value its value or "". */
bool spec_security(const struct json *host, const char *word, const char **ret_value);

#endif
