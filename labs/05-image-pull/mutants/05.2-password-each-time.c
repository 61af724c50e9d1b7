/* mutant 05.2 M-TOKEN-EACH: the password is what each request carries */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	char *token = NULL;
	int rc = TODO(05.2, registry_token, challenge, who, &token, err);

	free(token);
	if (rc == 0)
		*ret = xstrdup(who->password);
	return rc;
}
