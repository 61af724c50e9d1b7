/* mutant 00.4 M-ENV-IMAGE-WINS: the image's value wins over -e */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = NULL;

	for (char *const *o = options; o && *o; o++) {
		const char *value = strv_env(client, *o);
		char *text = strchr(*o, '=') ? xstrdup(*o) : value ? xasprintf("%s=%s", *o, value) : NULL;
		if (text)
			strv_env_set(&env, text);
		free(text);
	}
	for (char *const *i = image; i && *i; i++)
		strv_env_set(&env, *i);
	return env ? env : strv_copy(image);
}
