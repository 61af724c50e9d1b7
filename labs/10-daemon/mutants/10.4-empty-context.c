/* mutant 10.4 -: an empty context is a context */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	static const char *const variables[] = { "MINICTR_HOST", "DOCKER_HOST" };
	const char *host = flag;
	*ret = (struct endpoint){ .kind = ENDPOINT_LOCAL };
	for (size_t i = 0; !host && i < ARRAY_LEN(variables); i++) {
		host = strv_env(env, variables[i]);
		if (host && !*host)
			host = NULL;
	}
	if (host)
		return *host ? endpoint_parse(host, ret, err) : 0;
	const char *context = strv_env(env, "MINICTR_CONTEXT");
	if (!context || str_eq(context, "default"))
		return 0;
	if (*context && !context_name_ok(context))
		return err_set(err, EINVAL, "MINICTR_CONTEXT: \"%s\" is no name of a context", context);
	ret->kind = ENDPOINT_CONTEXT;
	snprintf(ret->context, sizeof(ret->context), "%s", context);
	return 0;
}
