/* mutant 11.3 M-CAPS-AMBIENT: no ambient set is made */
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	return sys_capset(s->effective, s->permitted, s->inheritable, err);
}
