/*
 * message.c - netlink requests by hand.
 *
 * Kernel interface: netlink(7), rtnetlink(7). A request is a header, a fixed struct for its kind, and
 * attributes: length, type, value, padded to four bytes. That is all; a library would hide it.
 * The buffer has a fixed size. A request that does not fit is a mistake of ours, so it stops the program.
 */
#include "network/message.h"

#include <stdarg.h>
#include <sys/socket.h>
#include "base/sys.h"

static struct nlmsghdr *message_header(struct message *m) { return (struct nlmsghdr *)m->bytes; }

/* Room for len bytes at the end, zeroed up to the next multiple of four. */
static void *message_room(struct message *m, size_t len)
{
	struct nlmsghdr *h = message_header(m);
	size_t at = NLMSG_ALIGN(h->nlmsg_len), end = at + NLMSG_ALIGN(len);
	if (end > MESSAGE_MAX)
		abort();
	memset(m->bytes + at, 0, end - at);
	h->nlmsg_len = (uint32_t)end;
	return m->bytes + at;
}

void message_raw(struct message *m, const void *data, size_t len) { memcpy(message_room(m, len), data, len); }

void message_begin(struct message *m, int type, int flags, const void *header, size_t len)
{
	struct nlmsghdr *h = message_header(m);
	*h = (struct nlmsghdr){ .nlmsg_len = sizeof(*h),
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };
	message_raw(m, header, len);
}

void message_attribute(struct message *m, int type, const void *data, size_t len)
{
	struct nlattr *a = message_room(m, NLA_HDRLEN + len);
	a->nla_type = (uint16_t)type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len); /* without the padding */
	if (len)
		memcpy((uint8_t *)a + NLA_HDRLEN, data, len);
}

void message_string(struct message *m, int type, const char *text)
{
	message_attribute(m, type, text, strlen(text) + 1);
}

void message_u32(struct message *m, int type, uint32_t value)
{
	message_attribute(m, type, &value, sizeof(value));
}

size_t message_nest(struct message *m, int type)
{
	size_t at = NLMSG_ALIGN(message_header(m)->nlmsg_len);
	message_attribute(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void message_nest_end(struct message *m, size_t at)
{
	struct nlattr *a = (struct nlattr *)(m->bytes + at);
	a->nla_len = (uint16_t)(message_header(m)->nlmsg_len - at);
}

int message_send(int nl, struct message *m, const char *what, ...)
{
	struct mc_err ignored = { 0 };
	char text[128];
	va_list ap;
	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	return sys_netlink_talk(nl, m->bytes, text, &ignored);
}

int message_dump(int nl, struct message *m, int (*each)(const struct nlmsghdr *h, void *data), void *data)
{
	struct nlmsghdr *request = message_header(m);
	static const size_t room = 32768; /* what the kernel fills at once (netlink(7)) */
	_cleanup_free_ char *answer = xmalloc(room);
	request->nlmsg_flags |= NLM_F_DUMP;
	if (send(nl, request, request->nlmsg_len, 0) < 0)
		return -errno;
	for (int stop = 0;;) {
		ssize_t n = recv(nl, answer, room, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		struct nlmsghdr *h = (struct nlmsghdr *)answer;
		for (; NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (!stop) /* the rest is read all the same: it would answer the next request */
				stop = each(h, data);
		}
	}
}

const void *message_inside(const void *attributes, size_t len, int type, size_t *ret_len)
{
	const uint8_t *p = attributes, *end = p + len;
	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const struct nlattr *)p;
		if (a->nla_len < NLA_HDRLEN || p + a->nla_len > end)
			return NULL;
		if ((a->nla_type & NLA_TYPE_MASK) == type) {
			if (ret_len)
				*ret_len = a->nla_len - (size_t)NLA_HDRLEN;
			return p + NLA_HDRLEN;
		}
		p += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

const void *message_find(const struct nlmsghdr *h, size_t len, int type, size_t *ret_len)
{
	size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(len);
	if (h->nlmsg_len < head)
		return NULL;
	return message_inside((const uint8_t *)h + head, h->nlmsg_len - head, type, ret_len);
}
