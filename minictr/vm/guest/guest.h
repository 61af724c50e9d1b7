/*
 * guest/guest.h - process 1 of the virtual machine: our own small init. guest_main.c is its table of
 * contents.
 *
 * It is a static program and the only one in the initramfs, so it may use nothing of the image. It speaks
 * to the host by frames (channel.h) and reads its orders from /boot.conf, lines of words separated by tabs:
 *     module FILE             a kernel module, in the order in which they must be loaded
 *     root DEVICE             the disk with the image's file system
 *     share TAG TYPE PATH rw  a directory of the host (TYPE 9p or virtiofs), on PATH
 *     file FROM TO            a file of the initramfs, as TO in the image's file system
 *     hostname NAME
 *     address IP GATEWAY DNS  of the one network card
 *     channel                 wait for the host's port
 */
#ifndef MC_VM_GUEST_H
#define MC_VM_GUEST_H

#include "base/buf.h"
#include "base/err.h"

enum { BOOT_LINE_WORDS = 6 };

/* --- boot.c: from the kernel's first process to the image's file system as root --- */
int boot_kernel_mounts(struct mc_err *err);
int boot_modules(struct mc_err *err);
int boot_root(struct mc_err *err);
int boot_shares(struct mc_err *err);
int boot_network(struct mc_err *err);
int boot_enter_root(struct mc_err *err);
/* The port to the host; -ENOENT when /boot.conf asks for none. */
int boot_channel(struct mc_err *err);

/* --- session.c: programs, and the frames about them --- */
/* Serves the host until it says FRAME_BYE or the port breaks. */
void sessions_serve(int port);

#endif
