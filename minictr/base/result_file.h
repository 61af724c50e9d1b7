/*
 * result_file.h - a file that the user named for a result: `save -o`, `build --iidfile`.
 *
 * A regular file, or a name that is free, is replaced when the result is complete: a failure leaves no half
 * file and destroys no older one. What is no regular file (/dev/null, /dev/stdout, a fifo, a link) is written
 * to: rename(2) would put a file in its place, for root in that of the host's /dev/null.
 */
#ifndef MC_BASE_RESULT_FILE_H
#define MC_BASE_RESULT_FILE_H

#include "base/err.h"
#include "base/json.h"

/* Opens path for writing; *ret_temp is the name until the end, NULL where none is needed. Caller frees. */
int output_begin(const char *path, mode_t mode, char **ret_temp, struct mc_err *err);
/* rc of the writing: below zero removes temp, otherwise path becomes the new file. Returns rc or -errno. */
int output_end(const char *path, const char *temp, int rc, struct mc_err *err);

int output_write(const char *path, const void *data, size_t len, mode_t mode, struct mc_err *err);
int output_write_json(const char *path, const struct json *doc, mode_t mode, struct mc_err *err);

#endif
