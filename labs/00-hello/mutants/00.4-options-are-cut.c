/* mutant 00.4 M-ENV-CHANGED: strtok writes into the caller's options */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; i < strv_len(options); i++) {
		const char *option = options[i];
		if (strchr(option, '=')) {
			strv_env_set(&env, option);
			*strchr((char *)option, '=') = '\0';
			continue;
		}
		const char *value = strv_env(client, option);
		if (value) {
			_cleanup_free_ char *pair = xasprintf("%s=%s", option, value);
			strv_env_set(&env, pair);
		} else {
			env_remove(env, option);
		}
	}
	return env;
}
