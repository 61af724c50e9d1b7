/* mutant 00.4 M-ENV-BOTH: the option's entry is put behind the image's */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; options && options[i]; i++) {
		if (strchr(options[i], '=')) {
			strv_push(&env, options[i]);
			continue;
		}
		const char *value = strv_env(client, options[i]);
		env_remove(env, options[i]);
		if (value)
			strv_pushf(&env, "%s=%s", options[i], value);
	}
	return env;
}
