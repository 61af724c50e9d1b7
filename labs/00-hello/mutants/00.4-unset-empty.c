/* mutant 00.4 M-ENV-EMPTY: a name the client lacks becomes an empty variable */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);

	for (char *const *o = options; o && *o; o++) {
		const char *value = strv_env(client, *o);
		char *text = strchr(*o, '=') ? xstrdup(*o) : xasprintf("%s=%s", *o, value ? value : "");
		strv_env_set(&env, text);
		free(text);
	}
	return env;
}
