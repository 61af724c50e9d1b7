/*
 * utf8.c - the table of well-formed byte sequences (Unicode standard, table 3-7; RFC 3629, section 4).
 *
 * The first byte fixes the length and the range of the second byte; the others are 80 to BF. The narrower
 * ranges of the second byte exclude overlong forms (E0, F0), surrogates (ED) and code points above U+10FFFF
 * (F4).
 */
#include "base/utf8.h"

#include <string.h>

static const struct shape {
	unsigned char first_min, first_max, second_min, second_max, len;
} shapes[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static const struct shape *find_shape(unsigned char first)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (first >= shapes[i].first_min && first <= shapes[i].first_max)
			return &shapes[i];
	return NULL;
}

size_t utf8_decode(const char *s, size_t left, uint32_t *ret)
{
	/* The mask clears the length bits of the first byte: 110xxxxx, 1110xxxx, 11110xxx. */
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const struct shape *shape = left ? find_shape((unsigned char)s[0]) : NULL;
	if (!shape || shape->len > left)
		return 0;
	uint32_t value = (unsigned char)s[0] & mask[shape->len];
	for (size_t i = 1; i < shape->len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < (i == 1 ? shape->second_min : 0x80) || c > (i == 1 ? shape->second_max : 0xbf))
			return 0;
		value = value << 6 | (c & 0x3f);
	}
	*ret = value;
	return shape->len;
}

size_t utf8_char_len(const char *s, size_t left)
{
	uint32_t ignored;
	return utf8_decode(s, left, &ignored);
}

size_t utf8_ascii_len(const char *text, size_t len)
{
	size_t at = 0;
	uint64_t eight;
	/* Eight bytes at a time: nearly every text is ASCII up to its end. */
	for (; at + sizeof(eight) <= len; at += sizeof(eight)) {
		memcpy(&eight, text + at, sizeof(eight));
		if (eight & 0x8080808080808080)
			break;
	}
	while (at < len && !(text[at] & 0x80))
		at++;
	return at;
}

size_t utf8_valid_len(const char *text, size_t len)
{
	size_t at = utf8_ascii_len(text, len);
	while (at < len) {
		size_t n = (unsigned char)text[at] < 0x80 ? 1 : utf8_char_len(text + at, len - at);
		if (!n)
			break;
		at += n;
	}
	return at;
}

bool utf8_valid(const char *s)
{
	size_t len = s ? strlen(s) : 0;
	return utf8_valid_len(s, len) == len;
}
