/*
 * rules.h - the text of our nftables rules: one table for each engine, loaded once; networks and ports are
 * elements.
 *
 * All functions write commands of nft(8), one a line, that take effect together or not at all: what `minictr
 * explain` shows can be pasted into `nft -f -`. Nothing here talks to the kernel (nft.h does).
 */
#ifndef MC_NETWORK_RULES_H
#define MC_NETWORK_RULES_H

#include "base/buf.h"

struct network;
struct port;

/* Commands of nft(8). Release with buf_release(&t->buf). */
struct text {
	struct buf buf;
};

/* Adds one command and the end of its line. */
void text_line(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The table itself, empty or with what its sets hold already: loading it again changes nothing. */
void rules_table(struct text *t, const char *table);
/* What a network adds: elements, and its masquerade chain (nat_rules()). Idempotent. */
void rules_network(struct text *t, const struct network *n);
/* Takes that away, whether it is there or not. */
void rules_network_remove(struct text *t, const struct network *n);
/* Takes the element of a published port away; refused by the kernel when the port has become another
 * container's. */
void rules_unpublish(struct text *t, const struct port *p);

#endif
