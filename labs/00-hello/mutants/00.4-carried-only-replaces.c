/* mutant 00.4 M-ENV-CARRIED: -e NAME of a name that the image has not is not carried over */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; i < strv_len(options); i++) {
		const char *option = options[i];
		if (strchr(option, '=')) {
			strv_env_set(&env, option);
			continue;
		}
		const char *value = strv_env(client, option);
		if (value) {
			_cleanup_free_ char *pair = xasprintf("%s=%s", option, value);
			if (strv_env(env, option))
				strv_env_set(&env, pair);
		} else {
			env_remove(env, option);
		}
	}
	return env;
}
