/* mutant 05.2 M-TOKEN-ANON: nobody says who asks */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err)
{
	struct login nobody = { .http = who->http };

	return TODO(05.2, registry_token, challenge, &nobody, ret, err);
}
