/*
 * token.c - the less common ways of a token server: OAuth2 refresh tokens, and its replies read.
 */
#include "base/json.h"
#include "registry/pull.h"
#include "registry/url.h"

int token_read(const struct http_reply *reply, const char *realm, char **ret, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *token;
	int rc;
	if (reply->status == 401 || reply->status == 403) {
		err_set(err, EACCES, "%.200s: unauthorized: incorrect username or password", realm);
		return err_hint(err, "log in again: minictr login");
	}
	if (reply->status == 429)
		return err_set(
			err, EBUSY, "%.200s: toomanyrequests: the token server asks us to wait", realm);
	if (reply->status != 200)
		return err_set(err, EPROTO, "%.200s: the token server answered %ld", realm, reply->status);
	rc = json_parse(reply->body.data ? reply->body.data : "", reply->body.len, "token", &doc, err);
	if (rc < 0)
		return err_wrap(err, "%.200s", realm);
	token = json_text_of(json_member(doc, "token"));
	if (!token || !*token)
		token = json_text_of(json_member(doc, "access_token"));
	if (!token || !*token || strpbrk(token, "\r\n"))
		return err_set(err, EPROTO, "%.200s: the token server sent no token", realm);
	*ret = xstrdup(token);
	return 0;
}

int token_by_refresh(
	const char *realm, const char *query, const struct login *who, char **ret, struct mc_err *err)
{
	static char *const headers[] = { "Content-Type: application/x-www-form-urlencoded", NULL };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_buf_ struct buf form = { 0 };
	int rc;
	buf_addf(&form,
		"grant_type=refresh_token&client_id=minictr&access_type=offline&%s&refresh_token=", query);
	url_escape(&form, who->identity_token);
	rc = http_send(who->http,
		&(struct http_request){ .method = "POST",
			.url = realm,
			.headers = headers,
			.data = form.data,
			.size = form.len },
		&reply, err);
	return rc < 0 ? rc : token_read(&reply, realm, ret, err);
}
