/*
 * firewall.h - other programs' rules that drop our packets.
 *
 * An accept of ours cannot undo a drop of theirs: a packet must pass every chain of a hook. So a foreign chain whose
 * policy is drop is found, and either the user is told the command that helps, or, with "firewall": "cooperate" in
 * config.json, one rule that carries our name is put there, and taken away with our table.
 */
#ifndef MC_NETWORK_FIREWALL_H
#define MC_NETWORK_FIREWALL_H

#include <stdbool.h>

/* Looks for such chains. Without cooperate it warns, once for each set of chains since the boot is not needed: each time. */
void firewall_check(const char *table, bool cooperate, bool published);
/* Takes the rules of `cooperate` away. */
void firewall_withdraw(const char *table);

#endif
