/*
 * accelerator.h - does this machine's processor run guests itself (KVM), or must qemu translate every
 * instruction (TCG, "emulation")?
 */
#ifndef MC_VM_ACCELERATOR_H
#define MC_VM_ACCELERATOR_H

#include "base/err.h"

enum accelerator { ACCELERATOR_TCG, ACCELERATOR_KVM };

/*
 * Finds out by running a guest, not by looking for a file. why (borrowed, static) is one clause: why it is
 * not KVM, or what was measured.
 */
enum accelerator accelerator_detect(const char **why);
/* "kvm", "tcg", "auto" or NULL. -EINVAL for another word. */
int accelerator_parse(const char *word, enum accelerator *ret, const char **why, struct mc_err *err);
const char *accelerator_name(enum accelerator a); /* "KVM (hardware)", "TCG (emulation)" */

#endif
