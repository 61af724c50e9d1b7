/*
 * nft_element.h - texts that only add and delete published ports, sent to the kernel without the helper.
 */
#ifndef MC_NETWORK_NFT_ELEMENT_H
#define MC_NETWORK_NFT_ELEMENT_H

#include <stdbool.h>
#include "network/rules.h"

/*
 * Runs t in one transaction, if every line of it is one of publish_rules() or its deletion. false: it is not,
 * nothing was done. *ret: 0; -EEXIST an element is there with another value; -ENOENT the table or an element
 * to delete is not there; else the kernel's -errno.
 */
bool nft_elements_run(const struct text *t, int *ret);

#endif
