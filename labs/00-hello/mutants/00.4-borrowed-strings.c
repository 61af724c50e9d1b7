/* mutant 00.4 M-ENV-BORROWED: the strings are the caller's: strv_free() of the result frees what was never ours */
char **process_env(char *const image[], char *const options[], char *const client[])
{
	size_t n = 0;
	char **env = calloc(strv_len(image) + strv_len(options) + 1, sizeof(*env));
	for (size_t i = 0; i < strv_len(image); i++) {
		char name[256];
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(image[i], "="), image[i]);
		bool over = false;
		for (size_t k = 0; k < strv_len(options); k++)
			over |= strcspn(options[k], "=") == strlen(name) && strncmp(options[k], name, strlen(name)) == 0;
		if (!over)
			env[n++] = image[i];
	}
	for (size_t k = 0; k < strv_len(options); k++) {
		if (strchr(options[k], '='))
			env[n++] = options[k];
		for (size_t i = 0; !strchr(options[k], '=') && i < strv_len(client); i++)
			if (strncmp(client[i], options[k], strlen(options[k])) == 0 && client[i][strlen(options[k])] == '=')
				env[n++] = client[i];
	}
	return env;
}
