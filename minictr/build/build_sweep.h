/*
 * build_sweep.h - private to build/: what a killed build left behind.
 */
#ifndef MC_BUILD_BUILD_SWEEP_H
#define MC_BUILD_BUILD_SWEEP_H

#include "engine/engine.h"

/* The lock that says "build NONCE lives". Returns it. dir: ROOT/build. */
int build_sweep_lock(int dir, const char *nonce, struct mc_err *err);
void build_sweep_unlock(int dir, const char *nonce, int lock);
/* Takes away temporary directories and containers of builds whose lock is free. */
void build_sweep(struct engine *e, int dir);

#endif
