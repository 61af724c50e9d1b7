/* mutant 05.2 M-TOKEN-SERVICE: service is not sent */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	int rc = challenge_parse(challenge, &c, err);
	if (rc < 0)
		return rc;
	if (!c.realm)
		return err_set(err, EINVAL, "no realm");
	char *url = xasprintf("%s?scope=%s", c.realm, c.scope ? c.scope : ""), *basic = login_basic(who);
	rc = http_get(who->http, url, basic, &reply, err);
	return rc < 0 ? rc : token_read(&reply, c.realm, ret, err);
}
