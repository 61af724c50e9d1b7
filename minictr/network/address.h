/*
 * address.h - IPv4 and IPv6 addresses and networks as values: reading, writing, counting, comparing.
 */
#ifndef MC_NETWORK_ADDRESS_H
#define MC_NETWORK_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT = 64 }; /* room for any address with its prefix, and a NUL */

struct address {
	int family;        /* AF_INET, AF_INET6; 0: none */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four, the rest is zero */
};

struct subnet {
	struct address address; /* of the network itself, or of a host in it */
	unsigned prefix;        /* bits that all its hosts share */
};

/* "10.0.0.1", "fd00::1". family 0 takes both. Returns 0 or -EINVAL. */
int address_parse(const char *text, int family, struct address *ret);
/* "10.0.0.0/24": -EINVAL without a prefix or with one that is too long. Bits behind the prefix are kept. */
int subnet_parse(const char *text, int family, struct subnet *ret);
/* Text into out[ADDRESS_TEXT], which is also returned. No address gives "". */
const char *address_text(const struct address *a, char out[ADDRESS_TEXT]);
const char *subnet_text(const struct subnet *s, char out[ADDRESS_TEXT]);

bool address_equal(const struct address *a, const struct address *b);
bool address_is_any(const struct address *a);    /* 0.0.0.0, ::, or no address at all */
unsigned address_bytes(const struct address *a); /* 4 or 16 */

/* The network of s: bits behind the prefix become zero. */
struct address subnet_first(const struct subnet *s);
/* The same with ones: IPv4's broadcast address. */
struct address subnet_last(const struct subnet *s);
bool subnet_has(const struct subnet *s, const struct address *a);
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);
/* a + n, without regard to any network. */
struct address address_add(const struct address *a, uint64_t n);

#endif
