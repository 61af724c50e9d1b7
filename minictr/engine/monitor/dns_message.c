/*
 * monitor/dns_message.c - DNS as bytes: header of twelve, one question, answers.
 *
 * RFC 1035 (format), RFC 6891 (EDNS), RFC 3596 (AAAA, ip6.arpa), RFC 4343 (case).
 * A question is echoed byte by byte, with the case that the client chose: some clients check it. Answers
 * name the question by a pointer (0xc00c), so no name is written but that of a PTR.
 */
#include "engine/monitor/dns_message.h"

#include <ctype.h>
#include <string.h>
#include "base/util.h"

enum { HEADER = 12, QR = 0x80, AA = 0x04, TC = 0x02, RD = 0x01, RA = 0x80 };

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* --- reading --- */

/* The name at *at, as text. False when it is malformed; a compressed one is, in a question. */
static bool read_name(const uint8_t *m, size_t len, size_t *at, char out[DNS_NAME])
{
	size_t n = 0, start = *at;
	bool plain = true;
	for (;;) {
		if (*at >= len || *at - start > 255)
			return false;
		size_t label = m[(*at)++];
		if (!label)
			break;
		if (label > 63 || *at + label > len || n + label + 1 >= DNS_NAME)
			return false;
		if (n)
			out[n++] = '.';
		for (size_t i = 0; i < label; i++) {
			uint8_t c = m[(*at)++];
			plain &= c > ' ' && c < 0x7f && c != '.';
			out[n++] = (char)c;
		}
	}
	out[n] = '\0';
	if (!plain)
		*out = '\0';
	return true;
}

/* The OPT record among the additional ones: it says how large an answer may be. Others are skipped. */
static void read_opt(const uint8_t *m, size_t len, struct dns_question *q)
{
	size_t at = q->end;
	char name[DNS_NAME];
	for (unsigned i = 0, n = get16(m + 6) + get16(m + 8) + get16(m + 10); i < n && i < 16; i++) {
		if (!read_name(m, len, &at, name) || at + 10 > len)
			return;
		if (get16(m + at) == DNS_OPT) {
			q->has_opt = true;
			q->room = get16(m + at + 2);
			return;
		}
		at += 10u + get16(m + at + 8);
	}
}

int dns_parse(const uint8_t *m, size_t len, struct dns_question *q)
{
	size_t at = HEADER;
	*q = (struct dns_question){ .end = HEADER, .room = DNS_PLAIN };
	if (len < HEADER || m[2] & QR)
		return -1; /* an answer to an answer could go on for ever */
	if (m[2] & 0x78)
		return DNS_NOTIMP;
	if (get16(m + 4) != 1 || !read_name(m, len, &at, q->name) || at + 4 > len)
		return DNS_FORMERR;
	q->type = get16(m + at);
	q->class = get16(m + at + 2);
	q->end = at + 4;
	read_opt(m, len, q);
	return q->class == 1 || q->class == 255 ? 0 : DNS_REFUSED;
}

static bool reverse4(const char *name, size_t n, struct address *ret)
{
	unsigned b[4];
	int end = 0;
	if (sscanf(name, "%3u.%3u.%3u.%3u%n", &b[3], &b[2], &b[1], &b[0], &end) != 4 || (size_t)end != n)
		return false;
	*ret = (struct address){ .family = AF_INET };
	for (int i = 0; i < 4; i++) {
		if (b[i] > 255)
			return false;
		ret->bytes[i] = (uint8_t)b[i];
	}
	return true;
}

static bool reverse6(const char *name, size_t n, struct address *ret)
{
	if (n != 63)
		return false;
	*ret = (struct address){ .family = AF_INET6 };
	for (size_t i = 0; i < 32; i++) {
		char c = name[i * 2];
		if (!isxdigit((unsigned char)c) || (i < 31 && name[i * 2 + 1] != '.'))
			return false;
		unsigned v =
			isdigit((unsigned char)c) ? (unsigned)(c - '0') : (unsigned)(tolower(c) - 'a' + 10);
		ret->bytes[15 - i / 2] |= (uint8_t)(i % 2 ? v << 4 : v);
	}
	return true;
}

bool dns_reverse(const char *name, struct address *ret)
{
	static const char four[] = ".in-addr.arpa", six[] = ".ip6.arpa";
	size_t n = strlen(name);
	if (n > strlen(four) && !strcasecmp(name + n - strlen(four), four))
		return reverse4(name, n - strlen(four), ret);
	if (n > strlen(six) && !strcasecmp(name + n - strlen(six), six))
		return reverse6(name, n - strlen(six), ret);
	return false;
}

/* --- writing --- */

/*
 * Name (a pointer to the question), type, class, time to live 0: names change at once. Returns where the
 * data begins.
 */
static size_t put_record(uint8_t *out, size_t at, unsigned type, size_t data)
{
	put16(out + at, 0xc000 | HEADER);
	put16(out + at + 2, type);
	put16(out + at + 4, 1);
	memset(out + at + 6, 0, 4);
	put16(out + at + 10, (unsigned)data);
	return at + 12;
}

static size_t put_pointer(uint8_t *out, size_t at, const char *name)
{
	size_t len = strlen(name) + 2, to = put_record(out, at, DNS_PTR, len);
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, ".");
		out[to++] = (uint8_t)n;
		memcpy(out + to, p, n);
		to += n;
		p += n + (p[n] == '.');
	}
	out[to++] = 0;
	return to;
}

/* A name whose parts DNS can carry: 1 to 63 bytes each. */
static bool can_be_named(const char *name)
{
	for (const char *p = name; *p; p += *p == '.') {
		size_t n = strcspn(p, ".");
		if (!n || n > 63)
			return false;
		p += n;
	}
	return strlen(name) < DNS_NAME - 2;
}

static size_t put_opt(uint8_t *out, size_t at)
{
	memset(out + at, 0, 11);
	put16(out + at + 1, DNS_OPT);
	put16(out + at + 3, DNS_EDNS);
	return at + 11;
}

size_t dns_answer(const uint8_t *m, const struct dns_question *q, enum dns_code code, bool recursion,
	const struct address *addresses, size_t n, const char *pointer, size_t limit, uint8_t *out)
{
	bool question = q->end > HEADER;
	size_t at = q->end, reserve = q->has_opt ? 11 : 0;
	unsigned count = 0;
	memcpy(out, m, at);
	memset(out + 4, 0, 8);
	put16(out + 4, question);
	out[2] = (uint8_t)(QR | (m[2] & (0x78 | RD)) | (n || pointer ? AA : 0));
	out[3] = (uint8_t)((recursion ? RA : 0) | code);
	limit = limit > DNS_MAX ? DNS_MAX : limit;
	for (size_t i = 0; i < n; i++) {
		size_t bytes = address_bytes(&addresses[i]);
		if (at + 12 + bytes + reserve > limit) {
			out[2] |= TC;
			break;
		}
		at = put_record(out, at, addresses[i].family == AF_INET ? DNS_A : DNS_AAAA, bytes);
		memcpy(out + at, addresses[i].bytes, bytes);
		at += bytes;
		count++;
	}
	if (pointer && can_be_named(pointer) && at + 14 + strlen(pointer) + reserve <= limit) {
		at = put_pointer(out, at, pointer);
		count++;
	}
	put16(out + 6, count);
	if (q->has_opt) {
		at = put_opt(out, at);
		put16(out + 10, 1);
	}
	return at;
}

bool dns_matches(const uint8_t *query, const struct dns_question *q, const uint8_t *a, size_t len)
{
	if (len < q->end || !(a[2] & QR) || memcmp(a, query, 2) || get16(a + 4) != 1)
		return false;
	for (size_t i = HEADER; i < q->end; i++) /* the case of letters may come back changed */
		if (tolower(a[i]) != tolower(query[i]))
			return false;
	return true;
}
