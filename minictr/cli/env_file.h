/*
 * env_file.h - --env-file and --label-file: NAME=VALUE lines.
 */
#ifndef MC_CLI_ENV_FILE_H
#define MC_CLI_ENV_FILE_H

#include "base/err.h"

/*
 * Adds each file's lines to *list (grown with strv_push): "NAME=VALUE", or "NAME" for the caller's own
 * value. Blank lines and lines that begin with # are left out; a byte order mark and the \r of a Windows
 * line end are no part of a line.
 * -EINVAL, exit status 125, with FILE:LINE for a line without a name, with a NUL, with bytes that are not
 * UTF-8, or too long for execve(2).
 */
int read_env_files(char *const files[], char ***list, struct mc_err *err);

#endif
