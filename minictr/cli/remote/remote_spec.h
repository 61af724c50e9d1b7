/*
 * remote_spec.h - flags of run and create as the body of POST /containers/create.
 */
#ifndef MC_CLI_REMOTE_SPEC_H
#define MC_CLI_REMOTE_SPEC_H

#include "cli/run_flags.h"

/*
 * minor: the API's 1.MINOR. *ret_more: endpoints that an older API takes only after the create:
 * [{"Name", "Settings"}]. Caller frees both.
 */
int remote_spec(const struct run_options *o, unsigned minor, struct json **ret, struct json **ret_more,
	struct mc_err *err);
/*
 * {"Aliases", "IPAMConfig", ...}: an entry of "Networks" (engine/endpoints.h) as the API has it; caller
 * frees.
 */
struct json *remote_endpoint(const struct json *wish);

#endif
