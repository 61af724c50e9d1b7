/* mutant 11.3 M-CAPS-ROOT: root inside is thought to be all-powerful anyhow */
int caps_set(const struct cap_sets *s, struct mc_err *err)
{
	if (getuid() == 0)
		return caps_own() ? 0 : err_set(err, EPERM, "no capabilities");
	return sys_capset(s->effective, s->permitted, s->inheritable, err);
}
