/* mutant 00.4 M-ENV-CARRIED: the value is taken from the caller's environment, not from the client's list */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; options && options[i]; i++) {
		if (strchr(options[i], '=')) {
			strv_env_set(&env, options[i]);
			continue;
		}
		const char *value = getenv(options[i]);
		env_remove(env, options[i]);
		if (value)
			strv_pushf(&env, "%s=%s", options[i], value);
	}
	return env;
}
