/*
 * kvm.h - a virtual machine in a hundred lines: the kernel's own interface, /dev/kvm, without qemu.
 *
 * Linux turns three descriptors into a computer: one for /dev/kvm, one for the machine (its memory), one
 * for each of its processors. Documentation/virt/kvm/api.rst. The guest here is a few bytes of real-mode
 * code, no kernel: enough to see what a hypervisor is, and to measure whether this machine's is a fast one.
 */
#ifndef MC_VM_KVM_H
#define MC_VM_KVM_H

#include <linux/kvm.h>
#include "base/buf.h"
#include "base/err.h"

enum {
	/* Port of the first serial line: bytes written here are output. */
	KVM_SERIAL = 0x3f8,
	/* Its status; bit 5 says: ready for the next byte. */
	KVM_SERIAL_STATUS = 0x3fd,
	KVM_SERIAL_READY = 0x20,
	/* Where the guest's first instruction is. */
	KVM_CODE_AT = 0x1000,
};

/* A machine with one processor and 64 KiB of memory. */
struct kvm_machine {
	int vm, vcpu;
	struct kvm_run *run; /* shared with the kernel: why the guest stopped, and with which data */
	size_t run_size;
	unsigned char *memory;
};

/* Makes the machine with `code` in its memory, about to run it. -ENOENT, -EACCES: no /dev/kvm for us. */
int kvm_machine_open(struct kvm_machine *m, const void *code, size_t len, struct mc_err *err);
void kvm_machine_close(struct kvm_machine *m);

/*
 * Lab 13.5. Runs the guest behind vcpu until it executes HLT. Every byte that it writes to port KVM_SERIAL
 * is appended to *out. -EIO when the guest stops for any other reason.
 */
int kvm_loop(int vcpu, struct kvm_run *run, struct buf *out, struct mc_err *err);

#endif
