/*
 * nft_element.h - texts that only add and delete published ports, sent to the kernel without the helper.
 */
#ifndef MC_NETWORK_NFT_ELEMENT_H
#define MC_NETWORK_NFT_ELEMENT_H

#include <stdbool.h>
#include "network/address.h"
#include "network/rules.h"

/*
 * Runs t in one transaction, if every line of it is one of publish_rules() or its deletion. false: it is not,
 * nothing was done. *ret: 0; -EEXIST an element is there with another value; -ENOENT the table or an element
 * to delete is not there; else the kernel's -errno.
 */
bool nft_elements_run(const struct text *t, int *ret);
/* Is this one in the kernel, key and value? line: as publish_rules() writes it. */
bool nft_element_is_there(const char *line);
/* Is this link's name in a set of links, "bridges" or "inner"? */
bool nft_set_has_link(const char *table, const char *set, const char *link);
/* Deletes all published ports that lead to this address: the container that had it was killed. */
void nft_elements_forget(const char *table, const struct address *a);

#endif
