/* mutant 10.4 M-DAE-EMPTY: an empty variable is an answer */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	const char *host = flag ? flag : strv_env(env, "MINICTR_HOST");
	*ret = (struct endpoint){ .kind = ENDPOINT_LOCAL };
	if (!host)
		host = strv_env(env, "DOCKER_HOST");
	return host && *host ? endpoint_parse(host, ret, err) : 0;
}
