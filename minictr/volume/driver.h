/*
 * driver.h - options of the driver "local": a volume that is something else than a directory of its own.
 */
#ifndef MC_VOLUME_DRIVER_H
#define MC_VOLUME_DRIVER_H

#include "volume/volume.h"

/*
 * 0 when docker's local driver would take these options ("type", "o", "device"), else -EINVAL with the
 * reason.
 */
int driver_check(const char *name, const struct json *options, struct mc_err *err);
/* Is the volume a mount: does it have a "device" or a "type"? */
bool driver_mounts(const struct volume *v);
/*
 * Before a container starts: makes NAME/data show what the options name. Mounted already (another container
 * uses it): 0. The lock of the store is held.
 */
int driver_mount(int store, const struct volume *v, struct mc_err *err);
/* The words of "o" as a person may see them: the value of password= is for the kernel. Caller frees. */
char *driver_shown_words(const char *words);
/* After the last user: the mount goes. Not mounted: nothing happens. The lock is held. */
void driver_unmount(int store, const char *name);

#endif
