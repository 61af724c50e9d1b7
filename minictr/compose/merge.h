/*
 * merge.h - two canonical trees become one: several -f files, extends, overrides.
 * https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 */
#ifndef MC_COMPOSE_MERGE_H
#define MC_COMPOSE_MERGE_H

#include "compose/canon.h"

/* later wins. base is changed; later is borrowed. Both are services of canonical shape. */
void merge_service(struct yaml *base, const struct yaml *later);
/* The same with another table: networks, volumes ... */
void merge_map(struct yaml *base, const struct yaml *later, const struct canon_key *keys);

#endif
