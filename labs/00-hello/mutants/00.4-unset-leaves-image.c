/* mutant 00.4 M-ENV-STAYS: -e NAME of a NAME that the client has not set leaves the image's value in place */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; i < strv_len(options); i++) {
		const char *v = strv_env(client, options[i]);
		if (strchr(options[i], '='))
			strv_env_set(&env, options[i]);
		else if (v) {
			char *pair = xasprintf("%s=%s", options[i], v);
			strv_env_set(&env, pair);
			free(pair);
		}
	}
	return env;
}
