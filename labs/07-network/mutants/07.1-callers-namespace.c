/* mutant 07.1 M-LINK-NS: a socket of its own acts in the caller's namespace */
#include "base/sys.h"

int link_up(int nl, const char *name)
{
	struct mc_err err = { 0 };
	(void)nl;
	return sys_link_up(name, &err);
}
