/* mutant 05.2 M-TOKEN-SCOPE: the scope is not handed on */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	_cleanup_challenge_ struct challenge c = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_free_ char *basic = login_basic(who);
	int rc = challenge_parse(challenge, &c, err);

	if (rc == 0)
		rc = http_get(who->http, c.realm, basic, &reply, err);
	return rc < 0 ? rc : token_read(&reply, c.realm, ret, err);
}
