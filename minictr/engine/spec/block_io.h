/*
 * spec/block_io.h - how fast a container may read and write which disk: --device-read-bps and its kin,
 * --blkio-weight-device.
 */
#ifndef MC_ENGINE_BLOCK_IO_H
#define MC_ENGINE_BLOCK_IO_H

#include "engine/run.h"

/*
 * Each word is PATH:NUMBER and PATH a device; --cpu-rt-* only where the kernel counts that. -EINVAL with
 * docker's words.
 */
int block_options_check(const struct run_options *o, struct mc_err *err);
/* Into docker's HostConfig: BlkioDeviceReadBps [{ Path, Rate }] ..., BlkioWeightDevice [{ Path, Weight }]. */
void block_options_merge(const struct run_options *o, struct json *host);
/* Out of HostConfig into config.json's linux.resources.blockIO (config-linux.md, "Block IO"). */
void spec_block_io(const struct json *host, struct json *resources);

#endif
