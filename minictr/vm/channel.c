/*
 * channel.c - frames: a head of eight bytes, then as many bytes as it says.
 *
 * The other end is not trusted: a guest that is broken or hostile may send any bytes. A length above
 * FRAME_MAX or a type that does not exist ends the connection instead of growing a buffer without a bound.
 */
#include "vm/channel.h"

#include <errno.h>
#include <unistd.h>

void frame_add(struct buf *b, enum frame_type type, unsigned session, const void *data, size_t len)
{
	const char *p = data;
	do {
		size_t n = len < FRAME_MAX ? len : FRAME_MAX;
		struct frame_head head = { (uint32_t)n, (uint8_t)type, (uint8_t)session, 0 };
		buf_add(b, &head, sizeof(head));
		buf_add(b, p, n);
		p += n;
		len -= n;
	} while (len);
}

int frame_next(const struct buf *b, struct frame_head *head, const char **data)
{
	if (b->len < sizeof(*head))
		return 0;
	memcpy(head, b->data, sizeof(*head));
	if (head->len > FRAME_MAX || head->type < FRAME_START || head->type > FRAME_ATTACH ||
		head->session >= SESSION_MAX || head->zero)
		return -EPROTO;
	*data = b->data + sizeof(*head);
	return b->len >= sizeof(*head) + head->len;
}

void frame_done(struct buf *b, const struct frame_head *head)
{
	buf_trim_front(b, sizeof(*head) + head->len);
}

ssize_t channel_read(int fd, struct buf *b)
{
	buf_reserve(b, FRAME_MAX);
	ssize_t n = read(fd, b->data + b->len, FRAME_MAX);
	if (n > 0) {
		b->len += (size_t)n;
		b->data[b->len] = '\0';
	}
	return n;
}

int channel_write(int fd, struct buf *b)
{
	while (b->len) {
		ssize_t n = write(fd, b->data, b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n < 0)
			return -errno;
		buf_trim_front(b, (size_t)n);
	}
	return 0;
}

void start_word(struct buf *b, char what, const char *text)
{
	buf_addc(b, what);
	buf_add(b, text, strlen(text) + 1);
}
