/* mutant 05.2 M-TOKEN-REDIRECT: the header follows the redirect */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	int rc = challenge_parse(challenge, &c, err);

	if (rc < 0)
		return rc;
	char *url = xasprintf("%s?%s", c.realm, token_query(&c));
	char *headers[] = { xasprintf("Authorization: %s", login_basic(who)), NULL };
	rc = http_send(who->http, &(struct http_request){ .url = url, .headers = headers }, &reply, err);
	return rc < 0 ? rc : token_read(&reply, c.realm, ret, err);
}
