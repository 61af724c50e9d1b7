/* mutant 10.4 M-DAE-FLAG: the environment beats -H */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	const char *host = strv_env(env, "MINICTR_HOST");
	if (!host || !*host)
		host = strv_env(env, "DOCKER_HOST");
	if (!host || !*host)
		host = flag;
	*ret = (struct endpoint){ .kind = ENDPOINT_LOCAL };
	return host && *host ? endpoint_parse(host, ret, err) : 0;
}
