/*
 * monitor_plan.h - the monitor's arguments, made of a container's record.
 */
#ifndef MC_ENGINE_MONITOR_WORDS_H
#define MC_ENGINE_MONITOR_WORDS_H

#include "engine/container.h"
#include "engine/oci.h"

/*
 * argv of the monitor of c. monitor and minictr are paths of our executables; network is the program that speaks for an
 * ordinary user's container, or NULL (container_network()). Caller strv_free()s.
 */
char **monitor_words(const struct engine *e, const struct container *c, const struct oci *oci,
	const char *network, const char *monitor, const char *minictr);

#endif
