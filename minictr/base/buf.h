/*
 * buf.h - a growing byte buffer. Always NUL-terminated behind len, so that data is also a string.
 * Typical: struct buf b = {0}; buf_addf(&b, "%s/%d", dir, n); use b.data; buf_release(&b);
 */
#ifndef MC_BASE_BUF_H
#define MC_BASE_BUF_H

#include "base/util.h"

struct buf {
	char *data; /* NULL while empty and never grown; owned */
	size_t len; /* bytes used */
	size_t cap; /* bytes allocated, the NUL included */
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes behind len */
void buf_trim_front(struct buf *b, size_t n); /* drops the first n bytes */
void buf_clear(struct buf *b);                /* len = 0, memory kept */
void buf_release(struct buf *b);              /* frees; the buffer is empty and usable again */
char *buf_take(struct buf *b);                /* hands the string over ("" when empty); caller frees */

#define _cleanup_buf_ __attribute__((cleanup(buf_release)))

#endif
