/* mutant 05.2 M-TOKEN-REALM: a second question mark */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *query = NULL, *url = NULL, *basic = NULL;
	int rc;
	rc = challenge_parse(challenge, &c, err);
	if (rc < 0)
		return rc;
	if (c.scheme != CHALLENGE_BEARER || !c.realm)
		return err_set(err, EINVAL, "the challenge names no token server: %s", challenge);
	query = token_query(&c);
	if (who->identity_token)
		return token_by_refresh(c.realm, query, who, ret, err);
	/* the scope is the registry's own wording: a token for less is refused, for more is never given */
	url = xasprintf("%s%c%s", c.realm, '?', query);
	basic = login_basic(who); /* NULL: no login, which is enough for public images */
	rc = http_get(who->http, url, basic, &reply, err);
	return rc < 0 ? rc : token_read(&reply, c.realm, ret, err);
}
