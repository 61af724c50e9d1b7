/* right 10.4: the environment is walked, the best one so far is kept */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	const char *ours = strv_env(env, "MINICTR_HOST"), *docker = strv_env(env, "DOCKER_HOST");
	const char *name = strv_env(env, "MINICTR_CONTEXT");
	memset(ret, 0, sizeof(*ret));
	if (flag)
		return *flag ? endpoint_parse(flag, ret, err) : 0;
	if (ours && *ours)
		return endpoint_parse(ours, ret, err);
	if (docker && *docker)
		return endpoint_parse(docker, ret, err);
	if (!name || !*name || str_eq(name, "default"))
		return 0;
	if (!context_name_ok(name))
		return err_set(err, EINVAL, "no name of a context: %s", name);
	ret->kind = ENDPOINT_CONTEXT;
	strcpy(ret->context, name);
	return 0;
}
