/* mutant 11.3 M-CAPS-HIGH: capset with version 1: 32 bits; capabilities 32 and up fall */
#include <sys/syscall.h>
#include <unistd.h>
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_1 };
	struct __user_cap_data_struct d = { (uint32_t)s->effective, (uint32_t)s->permitted, (uint32_t)s->inheritable };
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &h, &d) < 0)
		return err_sys(err, "capset");
	for (unsigned long c = 0; c < 32; c++)
		if (s->ambient >> c & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0) < 0)
			return err_sys(err, "ambient");
	return 0;
}
