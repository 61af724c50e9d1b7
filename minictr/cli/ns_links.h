/*
 * ns_links.h - the links below /proc/PID/ns: which namespaces a process is in, by inode number
 * (namespaces(7)).
 */
#ifndef MC_CLI_NS_LINKS_H
#define MC_CLI_NS_LINKS_H

#include <sys/types.h>
#include "base/err.h"

enum { NS_KINDS = 8 };
extern const char *const ns_kinds[NS_KINDS];   /* "mnt", "pid", "net" ... */
extern const char *const ns_meaning[NS_KINDS]; /* "mounts", "process numbers" ... */

/* Inode of each namespace of pid (0: of this process); 0 where the kernel has no such kind. */
int ns_read(pid_t pid, uint64_t ret[NS_KINDS], struct mc_err *err);

#endif
