/* mutant 00.4 M-ENV-ALL: the whole client environment is copied */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);

	for (char *const *c = client; c && *c; c++)
		strv_env_set(&env, *c);
	for (char *const *o = options; o && *o; o++)
		if (strchr(*o, '='))
			strv_env_set(&env, *o);
	return env;
}
