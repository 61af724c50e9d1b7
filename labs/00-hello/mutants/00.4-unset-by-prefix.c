/* mutant 00.4 M-ENV-PREFIX: removes every name that begins like the unset one */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; i < strv_len(options); i++) {
		const char *option = options[i];
		if (strchr(option, '=')) {
			strv_env_set(&env, option); /* the option wins over the image */
			continue;
		}
		const char *value = strv_env(client, option);
		if (value) {
			_cleanup_free_ char *pair = xasprintf("%s=%s", option, value);
			strv_env_set(&env, pair);
		} else {
			size_t len = strlen(option), to = 0;
			for (size_t k = 0; env && env[k]; k++)
				if (strncmp(env[k], option, len) == 0)
					free(env[k]);
				else
					env[to++] = env[k];
			if (env)
				env[to] = NULL;
		}
	}
	return env;
}
