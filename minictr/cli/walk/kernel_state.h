/*
 * kernel_state.h - what the kernel keeps of one process, as facts that can be compared: `explain --step`.
 *
 * A fact is a text "KEY\tVALUE": "namespace net\t4026532281", "mount /proc\tproc (rw,nosuid)". The keys'
 * first words: namespace, mount, directory, cgroup, user, capabilities, filter, link, descriptor.
 */
#ifndef MC_CLI_WALK_KERNEL_STATE_H
#define MC_CLI_WALK_KERNEL_STATE_H

#include <sys/types.h>

#include "base/util.h"

/* The facts of a process by kind; caller strv_free()s. Empty when the kernel shows it to root only. */
char **kernel_state(pid_t pid);
/* Number of the parent process; 0 when it is gone. */
pid_t kernel_parent(pid_t pid);
/*
 * What differs, one line each, at most `most` of a kind: "+ mount /proc: proc (rw)", "- descriptor 5: ...",
 * "  namespace net: 4026531840 -> 4026532281". Caller strv_free()s. An empty list on a side gives nothing.
 */
char **kernel_changes(char *const before[], char *const after[], size_t most);
/* The command that shows the kind of the first change of a process from another terminal; caller frees. */
char *kernel_look(char *const changes[], pid_t pid);

#endif
