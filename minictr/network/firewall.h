/*
 * firewall.h - other programs' rules that drop our packets.
 *
 * An accept of ours cannot undo a drop of theirs: a packet must pass every chain of a hook. So a foreign
 * chain at forward whose policy is drop is found, and either the user is told the command that helps, or,
 * with "firewall": "cooperate" in config.json, one rule that carries our name is put there, and taken away
 * with our table.
 */
#ifndef MC_NETWORK_FIREWALL_H
#define MC_NETWORK_FIREWALL_H

#include "network/bridge.h"

/*
 * Looks for such chains and lets the packets of n's bridge pass. Without cooperate it warns, with the
 * command to paste. Where there is none it asks two netlink questions at most: cheap enough for each
 * start.
 */
void firewall_check(const struct network *n, bool cooperate);
/* Is there such a chain, and what lets n's packets pass it? The caller frees both texts. */
bool firewall_drops(const struct network *n, char **ret_chain, char **ret_command);
/* Takes the rules of `cooperate` away: those of "TABLE", or of one bridge, "TABLE BRIDGE". */
void firewall_withdraw(const char *name);
/* The same for iptables-legacy, whose rules nftables does not show: only told. (firewall_legacy.c) */
void firewall_check_legacy(const struct network *n);

#endif
