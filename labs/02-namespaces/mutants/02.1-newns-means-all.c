/* mutant 02.1 M-NS-ALL: CLONE_NEWNS is taken to mean all */
uint64_t namespace_flags(const struct namespace_plan *p) { return p->ns[NS_MOUNT].wanted ? CLONE_NEWNS : 0; }
