/*
 * run_keeper.h - the process beside a RUN: it ends the container when the build ends, however the build
 * ends.
 */
#ifndef MC_BUILD_RUN_KEEPER_H
#define MC_BUILD_RUN_KEEPER_H

#include "base/err.h"

/* A detached mount that is attached at path, an empty directory, in the keeper's own mount namespace. */
struct keeper_mount {
	int fd;
	char *path;
};

struct keeper {
	char *oci;      /* our OCI runtime's path; borrowed, as all here */
	char *oci_root; /* its --root */
	char *bundle;   /* directory with config.json */
	char *id;       /* of the container */
	bool systemd;   /* --systemd-cgroup */
	const struct keeper_mount *mounts;
	size_t n_mounts;
	int root;   /* detached mount that becomes the container's root */
	int cancel; /* readable: end it */
	void (*output)(void *arg, const char *data, size_t len); /* what the program prints, as it comes */
	void *arg;
};
/* Runs the container to its end. Returns its exit status, -ECANCELED, or -errno. */
int keeper_run(const struct keeper *k, struct mc_err *err);

#endif
