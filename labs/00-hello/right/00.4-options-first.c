/* right 00.4: a new list, filled from options and then with what the image has beside */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = NULL, **without = NULL;

	for (char *const *o = options; o && *o; o++) {
		const char *value = strchr(*o, '=') ? "" : strv_env(client, *o);
		if (!value) {
			strv_push(&without, *o);
			continue;
		}
		char *text = *value || !strchr(*o, '=') ? xasprintf("%s=%s", *o, value) : xstrdup(*o);
		strv_env_set(&env, text);
		free(text);
	}
	for (char *const *i = image; i && *i; i++) {
		char *name = xstrndup(*i, strcspn(*i, "="));
		if (!strv_env(env, name) && !strv_has(without, name))
			strv_push(&env, *i);
		free(name);
	}
	strv_free(without);
	return env;
}
