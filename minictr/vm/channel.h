/*
 * channel.h - what the host and the guest say to each other: frames on one virtio serial port.
 *
 * A virtual machine shares no files, no signals and no exit status with the host. All of it crosses as
 * messages on one wire: the guest's init (guest/guest_main.c) at one end, the machine's monitor
 * (vm_monitor.c) at the other. Clients (vm_client.c) speak the same frames to the monitor.
 * A session is one program in the guest; session 0 is the image's own.
 */
#ifndef MC_VM_CHANNEL_H
#define MC_VM_CHANNEL_H

#include "base/buf.h"

enum { FRAME_MAX = 65536, SESSION_MAX = 64, CHANNEL_HIGH = 1 << 20 };

enum frame_type {
	/* To the guest. Start a program: the payload is a list of words, see start_word(). */
	FRAME_START = 1,
	/* Bytes for its standard input; no bytes: the end of input. */
	FRAME_INPUT,
	/* Two uint16_t: rows and columns of its terminal. */
	FRAME_SIZE,
	/* One byte: the number of a signal for it. */
	FRAME_SIGNAL,
	/* Session 0 has ended and the host knows it: power off. */
	FRAME_BYE,
	/* From the guest. "RELEASE\nBOOT_ID": the image's file system is the root now. */
	FRAME_READY,
	/* Bytes from a program's standard output, or from its terminal. */
	FRAME_OUT,
	/* Bytes from its standard error. */
	FRAME_ERR,
	/* One byte: its exit code. */
	FRAME_EXIT,
	/* A sentence: why the guest could not do what was asked. */
	FRAME_FAILED,
	/* From a client to the monitor only: session 0 of a machine that runs. */
	FRAME_ATTACH,
};

/* In front of each frame. Host and guest have the same byte order: the guest is this machine's kind. */
struct frame_head {
	uint32_t len; /* bytes that follow */
	uint8_t type;
	uint8_t session;
	uint16_t zero;
};

/* Appends one frame to b. */
void frame_add(struct buf *b, enum frame_type type, unsigned session, const void *data, size_t len);
/*
 * The first whole frame of b: fills *head and *data, which live until b changes; frame_done() drops it.
 * Returns 1, 0 when it is not complete yet, -EPROTO for what is no frame.
 */
int frame_next(const struct buf *b, struct frame_head *head, const char **data);
void frame_done(struct buf *b, const struct frame_head *head);
/* One read(2) into b. Returns its result: 0 at the end, -1 with errno. */
ssize_t channel_read(int fd, struct buf *b);
/* Writes what b holds, as far as fd takes it now. Returns 0, or -errno when fd is broken. */
int channel_write(int fd, struct buf *b);

/*
 * FRAME_START's payload: words ended by NUL, each begins with a letter for what it is: a argument, e
 * variable, d directory, u uid, g gid, G further group, t "1" with a terminal, i "1" with an input.
 */
void start_word(struct buf *b, char what, const char *text);

#endif
