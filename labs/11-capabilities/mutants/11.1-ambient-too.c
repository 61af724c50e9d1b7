/* mutant 11.1 M-CAPS-OTHERS: the ambient set is cleared on the way */
int caps_limit(uint64_t keep, struct mc_err *err)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned long cap = 0; cap < 64; cap++) {
		struct mc_err refused = { 0 };
		if (keep >> cap & 1)
			continue;
		int rc = sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0, &refused);
		if (rc == -EINVAL) /* behind the newest one of this kernel, not of our headers */
			break;
		if (rc < 0 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0) {
			*err = refused;
			return err_hint(err,
				"only a process with CAP_SETPCAP may give up capabilities for its children");
		}
	}
	return 0;
}
