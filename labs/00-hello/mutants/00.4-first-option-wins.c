/* mutant 00.4 M-ENV-TWICE: -e A=1 -e A=2: the first wins */
static bool asked(char *const options[], size_t n, const char *name)
{
	size_t len = strcspn(name, "=");
	for (size_t i = 0; i < n; i++)
		if (strncmp(options[i], name, len) == 0 && (options[i][len] == '=' || !options[i][len]))
			return true;
	return false;
}
char **process_env(char *const image[], char *const options[], char *const client[])
{
	char **env = strv_copy(image);
	for (size_t i = 0; i < strv_len(options); i++) {
		const char *option = options[i];
		if (strchr(option, '=')) {
			if (!asked(options, i, option)) strv_env_set(&env, option);
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
