/*
 * monitor/dns_message.h - questions and answers of DNS as bytes (RFC 1035, RFC 6891). Pure: no socket, no
 * file. Everything that comes in is hostile.
 */
#ifndef MC_ENGINE_MONITOR_DNS_MESSAGE_H
#define MC_ENGINE_MONITOR_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "network/address.h"

enum {
	/* Largest message that is taken over UDP. */
	DNS_MAX = 4096,
	/* Largest answer for a client that does not say more. */
	DNS_PLAIN = 512,
	/* Largest we send: it fits one packet everywhere (RFC 9715). */
	DNS_EDNS = 1232,
	DNS_NAME = 256,
};
enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_AAAA = 28, DNS_OPT = 41, DNS_ANY = 255 };
enum dns_code {
	DNS_OK = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5
};

struct dns_question {
	char name
		[DNS_NAME]; /* "web", "db.net"; "" for the root, and for names with bytes that no host name has */
	uint16_t type, class;
	size_t end;    /* where the question ends in the message */
	bool has_opt;  /* the client speaks EDNS, and takes ... */
	uint16_t room; /* ... answers of this size */
};

/*
 * Reads a query. 0: q is filled. Positive: answer with this code (q->end is the end of what was
 * understood). -1: drop it.
 */
int dns_parse(const uint8_t *m, size_t len, struct dns_question *q);

/* "2.0.0.10.in-addr.arpa", "...ip6.arpa": false for other names. */
bool dns_reverse(const char *name, struct address *ret);

/*
 * Writes an answer to the query m into out[DNS_MAX]; its length is returned. recursion: other names could
 * be asked, too. limit: bytes the client takes; addresses that do not fit set the TC bit, which tells it to
 * ask by TCP.
 */
size_t dns_answer(const uint8_t *m, const struct dns_question *q, enum dns_code code, bool recursion,
	const struct address *addresses, size_t n, const char *pointer, size_t limit, uint8_t *out);

/* Does the answer a belong to the query of len bytes (id, one question, the same one)? */
bool dns_matches(const uint8_t *query, const struct dns_question *q, const uint8_t *a, size_t len);

#endif
