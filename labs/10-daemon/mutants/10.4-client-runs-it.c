/* mutant 10.4 M-DAE-LOCAL: the client runs the container whatever was typed */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	struct endpoint e;
	*ret = (struct endpoint){ .kind = ENDPOINT_LOCAL };
	return flag && *flag ? endpoint_parse(flag, &e, err) : 0;
}
