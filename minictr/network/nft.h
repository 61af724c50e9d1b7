/*
 * nft.h - commands of nftables, run; and the question whether our table is still there.
 */
#ifndef MC_NETWORK_NFT_H
#define MC_NETWORK_NFT_H

#include "base/err.h"
#include "network/rules.h"

/*
 * Runs the commands of t in one transaction: all of them take effect or none. They are shown by `explain`.
 * -EEXIST when an element is there with another value, -ENOENT when one to delete is not there, else -EIO
 * with nft's own words in *err.
 */
int nft_run(const struct text *t, struct mc_err *err);

/* The number the kernel gave to the table when it was made: another one means that it was deleted meanwhile.
 * 0: no table. */
uint64_t nft_table_handle(const char *table);
bool nft_chain_has_rules(const char *table, const char *chain);

#endif
