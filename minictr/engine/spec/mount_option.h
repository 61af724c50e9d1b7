/*
 * spec/mount_option.h - the words of --mount, -v and --tmpfs: read wholly, or refused.
 */
#ifndef MC_ENGINE_MOUNT_OPTION_H
#define MC_ENGINE_MOUNT_OPTION_H

#include "engine/run.h"

/*
 * "type=bind,src=/a,dst=/b,readonly" -> docker's object { Type, Source, Target, ReadOnly, BindOptions ...
 * }. Fields are CSV (RFC 4180): a path with a comma is quoted, 'type=bind,"src=/a,b",dst=/c'. A source that
 * begins with "." is taken from the working directory. The caller owns *ret. -EINVAL with docker's words
 * for an unknown key, a value that is none, a key named twice, an option of another type.
 */
int mount_option_parse(const char *text, struct json **ret, struct mc_err *err);

/* "./a:/b" with the working directory in front, all other texts as they are. Caller frees. */
char *volume_option_absolute(const char *text);

/* Every -v, --mount and --tmpfs of o, and that no two of them want the same place. */
int mount_options_check(const struct run_options *o, struct mc_err *err);

/*
 * The mode behind --volumes-from NAME:MODE and -v A:B:MODE: "ro", "rw,z" ... NULL when it is right, else
 * why not.
 */
const char *volume_mode_wrong(const char *mode);

#endif
