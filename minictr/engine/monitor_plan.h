/*
 * monitor_plan.h - the monitor's arguments, made of a container's record.
 */
#ifndef MC_ENGINE_MONITOR_WORDS_H
#define MC_ENGINE_MONITOR_WORDS_H

#include "engine/container.h"
#include "engine/endpoints.h"
#include "engine/oci.h"

/*
 * argv of the monitor of c. monitor and minictr are paths of our executables; network is the program that
 * speaks for an unprivileged user's container, or NULL (container_network()). Caller strv_free()s.
 */
char **monitor_words(const struct engine *e, const struct container *c, const struct oci *oci,
	const char *network, const struct endpoints *net, const char *monitor, const char *minictr);

/*
 * Starts the monitor: its_report becomes its descriptor MONITOR_REPORT, its_rootfs MONITOR_ROOTFS, the
 * sockets of net's ports MONITOR_PORTS and up. All stay the caller's here. Returns the pid of its first
 * process.
 */
pid_t monitor_spawn(
	char *const argv[], int its_report, int its_rootfs, const struct endpoints *net, struct mc_err *err);

#endif
