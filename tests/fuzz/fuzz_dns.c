/*
 * fuzz_dns.c - any bytes as a question to a container's name server, and as a server's answer.
 */
#include "engine/monitor/dns_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q;
	struct address many[64] = { 0 }, a;
	uint8_t out[DNS_MAX], *m;
	if (size > DNS_MAX)
		return 0;
	m = malloc(size + 1); /* exactly as large as the message: a step behind it is seen */
	memcpy(m, data, size);
	int code = dns_parse(m, size, &q);
	if (code >= 0) {
		for (size_t i = 0; i < 64; i++)
			many[i].family = i % 2 ? AF_INET : AF_INET6;
		if (q.end > size || strlen(q.name) >= DNS_NAME)
			abort();
		size_t limit = q.room < DNS_PLAIN ? DNS_PLAIN : q.room;
		size_t len = dns_answer(m, &q, code, true, many, 64, NULL, limit, out);
		if (len > DNS_MAX || (len > limit && len > q.end + 11))
			abort();
		if (!code && !dns_matches(m, &q, out, len))
			abort();
		dns_answer(m, &q, DNS_OK, false, NULL, 0, q.name, limit, out);
		dns_matches(m, &q, m, size);
		dns_reverse(q.name, &a);
	}
	free(m);
	return 0;
}
