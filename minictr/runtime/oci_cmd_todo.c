#include "runtime/oci_cmd.h"
#define T(f)                                                                                                 \
	int f(const struct oci_global *g, int argc, char **argv, struct mc_err *err)                         \
	{                                                                                                    \
		return err_set(err, ENOSYS, "not yet");                                                      \
	}
T(oci_cmd_exec)
T(oci_cmd_ps)
T(oci_cmd_update)
T(oci_cmd_events)
