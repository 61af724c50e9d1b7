/* mutant 05.2 M-TOKEN-LEAK: the password stands in the address */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	int rc = challenge_parse(challenge, &c, err);

	if (rc < 0)
		return rc;
	char *url = xasprintf("%s?scope=%s&account=%s&password=%s", c.realm,
		strstr(challenge, "scope=\"") ? "repository" : "", who->user, who->password);
	char *query = token_query(&c);
	char *full = xasprintf("%s&%s", url, query);
	rc = http_get(who->http, full, NULL, &reply, err);
	return rc < 0 ? rc : token_read(&reply, c.realm, ret, err);
}
