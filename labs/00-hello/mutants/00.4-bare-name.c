/* mutant 00.4 M-ENV-BARE: -e NAME becomes an entry without a value */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; options && options[i]; i++) {
		if (strchr(options[i], '=')) {
			strv_env_set(&env, options[i]);
			continue;
		}
		const char *value = strv_env(client, options[i]);
		env_remove(env, options[i]);
		if (value)
			strv_push(&env, options[i]);
	}
	return env;
}
