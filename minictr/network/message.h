/*
 * message.h - one netlink request on the stack: header, attributes, nested attributes, send, dump. Given to
 * lab 07.
 *
 *     struct message m;
 *     struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
 *     message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
 *     message_string(&m, IFLA_IFNAME, "eth0");
 *     return message_send(nl, &m, "RTM_NEWLINK eth0 up");
 *
 * A nested attribute holds attributes:  size_t at = message_nest(&m, IFLA_LINKINFO); ... message_nest_end(&m,
 * at);
 */
#ifndef MC_NETWORK_MESSAGE_H
#define MC_NETWORK_MESSAGE_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include "base/util.h"

enum { MESSAGE_MAX = 1024 }; /* the largest request of ours has about 250 bytes */

struct message {
	_Alignas(struct nlmsghdr)
		uint8_t bytes[MESSAGE_MAX]; /* struct nlmsghdr first; its nlmsg_len is the length */
};

/* Starts a request. flags are those beside NLM_F_REQUEST and NLM_F_ACK: NLM_F_CREATE | NLM_F_EXCL,
 * NLM_F_DUMP. */
void message_begin(struct message *m, int type, int flags, const void *header, size_t len);
/* Appends an attribute. All attributes begin at a multiple of four bytes (netlink(7)). */
void message_attribute(struct message *m, int type, const void *data, size_t len);
void message_string(struct message *m, int type, const char *text);
void message_u32(struct message *m, int type, uint32_t value);
/* Appends bytes that are no attribute: the struct that some nested attributes begin with. */
void message_raw(struct message *m, const void *data, size_t len);
size_t message_nest(struct message *m, int type);
void message_nest_end(struct message *m, size_t at);

/*
 * Sends m and waits for the kernel's acknowledgement. Without one a refused request looks like a successful
 * one. `what` is shown by `explain -v`. Returns 0 or the kernel's -errno.
 */
int message_send(int nl, struct message *m, const char *what, ...) PRINTF_LIKE(3, 4);

/* Sends a dump request and calls each() with every answer until it returns non-zero. Returns 0 or -errno. */
int message_dump(int nl, struct message *m, int (*each)(const struct nlmsghdr *h, void *data), void *data);

/* One attribute of an answer, behind its header of len bytes: NULL when it is not there. *ret_len may be
 * NULL. */
const void *message_find(const struct nlmsghdr *h, size_t len, int type, size_t *ret_len);
/* The same among the attributes that a nested attribute holds. */
const void *message_inside(const void *attributes, size_t len, int type, size_t *ret_len);

#endif
