/*
 * client_call.c - one call of the Docker Engine API: request, answer, error. libcurl(3) speaks HTTP.
 *
 * Order and why: a daemon that refuses while we still send (a build context) hangs up; its answer is looked
 * at before the broken pipe, because only the answer says why.
 * Left out: redirects (a daemon sends none), retries (two starts are not one).
 */
#include "cli/remote/client.h"

#include <curl/curl.h>
#include <unistd.h>

#include "registry/url.h"

enum { BODY_MOST = 64 << 20, ERROR_MOST = 64 << 10 };

/* --- what went wrong --- */

int client_lost(const struct client *c, void *curl, int code, const char *detail, struct mc_err *err)
{
	_cleanup_free_ char *where = endpoint_text(&c->at);
	long number = 0;
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
	const char *why = detail && *detail ? detail : curl_easy_strerror((CURLcode)code);
	if (c->at.kind == ENDPOINT_UNIX && code == CURLE_COULDNT_CONNECT) {
		number = access(c->at.path, F_OK) < 0   ? ENOENT
			 : access(c->at.path, W_OK) < 0 ? EACCES
							: ECONNREFUSED;
		why = strerror((int)number);
	}
	err_set(err, number ? (int)number : EIO, "Cannot connect to the daemon at %s: %s", where, why);
	if (number == EACCES)
		return err_hint(err, "who may use it is said by the socket's group: ls -l %s", c->at.path);
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		return err_hint(
			err, "--tlscacert names the file of the authority that signed its certificate");
	if (code == CURLE_GOT_NOTHING || code == CURLE_SSL_CONNECT_ERROR)
		return err_hint(err,
			"a daemon that wants TLS hangs up on a client without it, and the other way "
			"round: --tlsverify with --tlscert and --tlskey");
	if (c->at.kind == ENDPOINT_SSH)
		return err_hint(err, "see the message of ssh above; on that machine `minictr system "
				     "dial-stdio` must find a daemon");
	return err_hint(
		err, "is it running there? Without -H (and DOCKER_HOST, contexts) minictr needs no daemon");
}

int client_refused(long status, const char *body, size_t len, struct mc_err *err)
{
	static const struct {
		long status;
		int code;
	} codes[] = { { 400, EINVAL }, { 401, EACCES }, { 403, EACCES }, { 404, ENOENT }, { 409, EEXIST } };
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	int code = EIO;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].status == status)
			code = codes[i].code;
	const char *message = json_parse(body ? body : "", len, "answer", &doc, &ignored) == 0
				      ? json_text_of(json_member(doc, "message"))
				      : NULL;
	if (message)
		return err_set(err, code, "%.900s", message);
	return err_set(err, code, "the daemon answered with status %ld: %.*s", status,
		(int)(len < 200 ? len : 200), body ? body : "");
}

/* --- a call --- */

struct answer {
	const struct client_call *call;
	CURL *curl;
	struct buf body;
	struct mc_err *err;
	int failed;  /* what the sink or our own limits returned */
	bool headed; /* all headers have come */
};

static size_t on_body(char *data, size_t one, size_t n, void *ctx)
{
	struct answer *a = ctx;
	long status = 0;
	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	if (a->call->sink && status < 300) {
		a->failed = a->call->sink(a->call->ctx, data, n, a->err);
		return a->failed < 0 ? 0 : n;
	}
	if (a->body.len + n > (status < 300 ? BODY_MOST : ERROR_MOST)) {
		a->failed = err_set(a->err, EFBIG, "the daemon's answer to %s is too long", a->call->path);
		return 0;
	}
	buf_add(&a->body, data, n);
	return n;
}

static size_t on_head(char *data, size_t one, size_t n, void *ctx)
{
	struct answer *a = ctx;
	size_t len = a->call->wanted ? strlen(a->call->wanted) : 0;
	if (n <= 2)
		a->headed = true;
	if (len && n > len && data[len] == ':' && !strncasecmp(data, a->call->wanted, len)) {
		while (len + 1 < n && data[len + 1] == ' ')
			len++;
		size_t end = n;
		while (end > len + 1 && (data[end - 1] == '\n' || data[end - 1] == '\r'))
			end--;
		free(*a->call->ret_wanted);
		*a->call->ret_wanted = xstrndup(data + len + 1, end - len - 1);
	}
	return n;
}

static size_t on_upload(char *data, size_t one, size_t n, void *ctx)
{
	const struct client_call *q = ctx;
	ssize_t got = read(q->fd, data, n);
	return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static char *call_url(const struct client *c, const char *path)
{
	if (!c->minor)
		return xasprintf("%s%s", c->base, path);
	return xasprintf("%s/v1.%u%s", c->base, c->minor, path);
}

void client_setup(struct client *c, void *curl, const char *url)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "minictr/" MINICTR_VERSION);
	if (c->at.kind == ENDPOINT_UNIX)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, c->at.path);
	if (c->at.kind != ENDPOINT_TCP)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	if (c->at.kind == ENDPOINT_SSH)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, c->ssh.path);
	if (!c->tls.on)
		return;
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, c->tls.verify ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, c->tls.verify ? 2L : 0L);
	if (c->tls.ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, c->tls.ca);
	if (c->tls.cert)
		curl_easy_setopt(curl, CURLOPT_SSLCERT, c->tls.cert);
	if (c->tls.key)
		curl_easy_setopt(curl, CURLOPT_SSLKEY, c->tls.key);
}

/* Everything of the request but its sending. Caller frees *ret_headers and *ret_text afterwards. */
static void prepare(struct client *c, CURL *curl, const struct client_call *q, struct answer *a,
	struct curl_slist **ret_headers, char **ret_text)
{
	_cleanup_free_ char *url = call_url(c, q->path);
	const char *method = q->method ? q->method : "GET";
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	curl_easy_reset(curl);
	client_setup(c, curl, url);
	if (q->header)
		headers = curl_slist_append(headers, q->header);
	if (q->type) {
		_cleanup_free_ char *type = xasprintf("Content-Type: %s", q->type);
		headers = curl_slist_append(headers, type);
		headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_upload);
		curl_easy_setopt(curl, CURLOPT_READDATA, (void *)q);
	} else if (str_eq(method, "HEAD")) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	} else if (q->body || str_eq(method, "POST")) {
		*ret_text = q->body ? json_dump(q->body, false) : xstrdup("");
		if (q->body)
			headers = curl_slist_append(headers, "Content-Type: application/json");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, *ret_text);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(*ret_text));
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, str_eq(method, "HEAD") ? NULL : method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, a);
	*ret_headers = headers;
}

/* What came: an error of the transport, of the daemon, or its document. */
static int judge(struct client *c, struct answer *a, CURLcode code, const char *detail, struct json **ret,
	struct mc_err *err)
{
	long status = 0;
	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	if (a->failed < 0)
		return a->failed;
	/* a daemon that refuses early hangs up while we still send: its answer counts, not the broken pipe */
	if (status >= 400)
		return client_refused(status, a->body.data, a->body.len, err);
	if (code != CURLE_OK)
		return client_lost(c, a->curl, (int)code, detail, err);
	if (!ret || !a->body.len)
		return 0;
	return json_parse(a->body.data, a->body.len, "the daemon's answer", ret, err);
}

int client_call(struct client *c, const struct client_call *q, struct json **ret, struct mc_err *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	struct answer a = { .call = q, .curl = c->curl, .err = err };
	struct curl_slist *headers = NULL;
	_cleanup_free_ char *text = NULL;
	if (ret)
		*ret = NULL;
	prepare(c, c->curl, q, &a, &headers, &text);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, detail);
	CURLcode code = curl_easy_perform(c->curl);
	int rc = judge(c, &a, code, detail, ret, err);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
	curl_slist_free_all(headers);
	buf_release(&a.body);
	return rc;
}

int client_post(struct client *c, const char *path, const struct json *body, struct mc_err *err)
{
	return client_call(
		c, &(struct client_call){ .method = "POST", .path = path, .body = body }, NULL, err);
}

int client_delete(struct client *c, const char *path, struct mc_err *err)
{
	return client_call(c, &(struct client_call){ .method = "DELETE", .path = path }, NULL, err);
}

int client_get(struct client *c, const char *path, struct json **ret, struct mc_err *err)
{
	return client_call(c, &(struct client_call){ .path = path }, ret, err);
}

/* --- an answer that comes later --- */

struct client_wait {
	struct client *client;
	struct client_call call;
	char *path;
	CURLM *multi;
	struct answer answer;
	struct curl_slist *headers;
	char *text;
	char detail[CURL_ERROR_SIZE];
};

/* Carries bytes until the headers are there (head) or the call is over. Returns its end's code, or -1. */
static int wait_carry(struct client_wait *w, bool head)
{
	int running = 1, left;
	while (running) {
		if (curl_multi_perform(w->multi, &running) != CURLM_OK)
			return CURLE_RECV_ERROR;
		if (head && w->answer.headed)
			return -1;
		if (running)
			curl_multi_poll(w->multi, NULL, 0, 1000, NULL);
	}
	const CURLMsg *m = curl_multi_info_read(w->multi, &left);
	return m ? (int)m->data.result : CURLE_RECV_ERROR;
}

int client_wait_begin(struct client *c, const char *path, struct client_wait **ret, struct mc_err *err)
{
	struct client_wait *w = xcalloc(1, sizeof(*w));
	w->client = c;
	w->path = xstrdup(path);
	w->call = (struct client_call){ .method = "POST", .path = w->path };
	w->multi = curl_multi_init();
	w->answer = (struct answer){ .call = &w->call, .curl = curl_easy_init(), .err = err };
	prepare(c, w->answer.curl, &w->call, &w->answer, &w->headers, &w->text);
	curl_easy_setopt(w->answer.curl, CURLOPT_ERRORBUFFER, w->detail);
	curl_multi_add_handle(w->multi, w->answer.curl);
	int code = wait_carry(w, true);
	long status = 0;
	curl_easy_getinfo(w->answer.curl, CURLINFO_RESPONSE_CODE, &status);
	*ret = w;
	if (code < 0 && status < 400)
		return 0;
	if (code < 0)
		code = wait_carry(w, false);
	if (code == CURLE_OK && status < 400)
		return 0; /* answered at once */
	*ret = NULL;
	int rc = judge(c, &w->answer, (CURLcode)code, w->detail, NULL, err);
	client_wait_drop(w);
	return rc;
}

int client_wait_end(struct client_wait *w, struct json **ret, struct mc_err *err)
{
	w->answer.err = err;
	int code = curl_multi_perform(w->multi, &(int){ 0 }) == CURLM_OK ? wait_carry(w, false)
									 : CURLE_RECV_ERROR;
	*ret = NULL;
	int rc = judge(
		w->client, &w->answer, w->answer.body.len ? CURLE_OK : (CURLcode)code, w->detail, ret, err);
	client_wait_drop(w);
	return rc;
}

void client_wait_drop(struct client_wait *w)
{
	if (!w)
		return;
	curl_multi_remove_handle(w->multi, w->answer.curl);
	curl_easy_cleanup(w->answer.curl);
	curl_multi_cleanup(w->multi);
	curl_slist_free_all(w->headers);
	buf_release(&w->answer.body);
	free(w->text);
	free(w->path);
	free(w);
}

/* --- texts --- */

void query_add(struct buf *path, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(path, "%c%s=", path->data && strchr(path->data, '?') ? '&' : '?', key);
	url_escape(path, value);
}

void query_filters(struct buf *path, char *const filters[])
{
	_cleanup_json_ struct json *all = json_new_object();
	for (size_t i = 0; filters && filters[i]; i++) {
		_cleanup_free_ char *key = xstrndup(filters[i], strcspn(filters[i], "="));
		const char *value = filters[i] + strlen(key);
		json_set_bool(json_sub(all, key), *value ? value + 1 : "", true);
	}
	_cleanup_free_ char *text = json_dump(all, false);
	if (json_len(all))
		query_add(path, "filters", text);
}

/* What an image's name is made of stays: a daemon that routes by slashes must see them. */
void path_add(struct buf *path, const char *component)
{
	while (*component) {
		size_t n = strcspn(component, "/:@");
		_cleanup_free_ char *word = xstrndup(component, n);
		url_escape(path, word);
		component += n;
		if (*component)
			buf_addc(path, *component++);
	}
}
