/*
 * address.c - IPv4 and IPv6 addresses as values.
 *
 * Man pages: inet_pton(3). RFC 4632 (prefixes), RFC 4291 (IPv6).
 * One struct for both families, in network order: a loop over bytes then serves both, and what holds for one
 * holds for the other.
 */
#include "network/address.h"

#include <arpa/inet.h>
#include "base/err.h"

unsigned address_bytes(const struct address *a) { return a->family == AF_INET ? 4 : 16; }

int address_parse(const char *text, int family, struct address *ret)
{
	struct address a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	if ((family && family != a.family) || inet_pton(a.family, text, a.bytes) != 1)
		return -EINVAL;
	*ret = a;
	return 0;
}

int subnet_parse(const char *text, int family, struct subnet *ret)
{
	const char *slash = strchr(text, '/');
	uint64_t prefix;
	if (!slash || parse_u64(slash + 1, &prefix) < 0)
		return -EINVAL;
	_cleanup_free_ char *address = xstrndup(text, (size_t)(slash - text));
	struct subnet s = { 0 };
	if (address_parse(address, family, &s.address) < 0 || prefix > address_bytes(&s.address) * 8)
		return -EINVAL;
	s.prefix = (unsigned)prefix;
	*ret = s;
	return 0;
}

const char *address_text(const struct address *a, char out[ADDRESS_TEXT])
{
	if (!a->family || !inet_ntop(a->family, a->bytes, out, ADDRESS_TEXT))
		*out = '\0';
	return out;
}

const char *subnet_text(const struct subnet *s, char out[ADDRESS_TEXT])
{
	address_text(&s->address, out);
	if (*out)
		snprintf(out + strlen(out), ADDRESS_TEXT - strlen(out), "/%u", s->prefix);
	return out;
}

static int address_compare(const struct address *a, const struct address *b)
{
	return a->family != b->family ? a->family - b->family : memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool address_equal(const struct address *a, const struct address *b) { return address_compare(a, b) == 0; }

bool address_is_any(const struct address *a)
{
	static const uint8_t zero[16];
	return !a->family || !memcmp(a->bytes, zero, sizeof(zero));
}

/* The bits of byte i that lie behind the prefix. */
static uint8_t address_host_bits(const struct subnet *s, unsigned i)
{
	unsigned bit = i * 8;
	if (bit >= s->prefix)
		return 0xff;
	return s->prefix - bit >= 8 ? 0 : (uint8_t)(0xff >> (s->prefix - bit));
}

struct address subnet_first(const struct subnet *s)
{
	struct address a = s->address;
	for (unsigned i = 0; i < address_bytes(&a); i++)
		a.bytes[i] &= (uint8_t)~address_host_bits(s, i);
	return a;
}

struct address subnet_last(const struct subnet *s)
{
	struct address a = s->address;
	for (unsigned i = 0; i < address_bytes(&a); i++)
		a.bytes[i] |= address_host_bits(s, i);
	return a;
}

bool subnet_has(const struct subnet *s, const struct address *a)
{
	struct subnet other = { *a, s->prefix };
	struct address x = subnet_first(s), y = subnet_first(&other);
	return s->address.family && address_equal(&x, &y);
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	return a->prefix <= b->prefix ? subnet_has(a, &b->address) : subnet_has(b, &a->address);
}

struct address address_add(const struct address *a, uint64_t n)
{
	struct address r = *a;
	for (unsigned i = address_bytes(a); i-- > 0 && n;) {
		n += r.bytes[i];
		r.bytes[i] = (uint8_t)n;
		n >>= 8;
	}
	return r;
}
