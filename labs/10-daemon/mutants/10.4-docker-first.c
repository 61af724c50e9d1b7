/* mutant 10.4 M-DAE-ORDER: DOCKER_HOST is asked before MINICTR_HOST */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	const char *host = flag ? flag : strv_env(env, "DOCKER_HOST");
	*ret = (struct endpoint){ .kind = ENDPOINT_LOCAL };
	if (!flag && (!host || !*host))
		host = strv_env(env, "MINICTR_HOST");
	return host && *host ? endpoint_parse(host, ret, err) : 0;
}
