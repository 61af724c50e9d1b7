/*
 * login.c - docker's credential file and its helpers.
 *
 * The file may belong to docker too: everything in it that we do not know is kept as it is, the write is
 * atomic, the mode 0600. A password never stands in an argument list (ps(1) shows those) or in a message.
 *
 * Left out: podman's auth.json (set REGISTRY_AUTH_FILE's content into the same format: the "auths" part is
 * equal).
 */
#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "registry/login.h"

/* --- base64 --- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *data, size_t len)
{
	const unsigned char *in = data;
	struct buf b = { 0 };
	size_t i, k;
	for (i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16;
		if (i + 1 < len)
			v |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			v |= in[i + 2];
		for (k = 0; k < 4; k++)
			buf_addc(&b, i + k > len ? '=' : digits[v >> (18 - 6 * k) & 63]);
	}
	return buf_take(&b);
}

char *base64_decode(const char *text, size_t *ret_len)
{
	struct buf b = { 0 };
	uint32_t v = 0;
	unsigned bits = 0;

	for (; *text && *text != '='; text++) {
		const char *at = strchr(digits, *text);
		if (!at) {
			buf_release(&b);
			return NULL;
		}
		v = v << 6 | (uint32_t)(at - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_addc(&b, (char)(v >> bits));
		}
	}
	*ret_len = b.len;
	return buf_take(&b);
}

/* --- the file --- */

const char *login_key(const char *host)
{
	return str_eq(host, "docker.io") ? "https://index.docker.io/v1/" : host;
}

static char *config_dir(void)
{
	const char *dir = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
	return dir ? xstrdup(dir) : xasprintf("%s/.docker", home ? home : "");
}

/* The file as JSON; an empty object when there is none. */
static int config_read(char **ret_path, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ char *dir = config_dir();
	*ret_path = xasprintf("%s/config.json", dir);
	if (!path_exists(AT_FDCWD, *ret_path)) {
		*ret = json_new_object();
		return 0;
	}
	return json_parse_file(AT_FDCWD, *ret_path, 4 << 20, ret, err);
}

/* Which helper keeps this host's password; NULL: the file itself. */
static const char *helper_for(const struct json *doc, const char *key)
{
	const char *own = json_text_of(json_member(json_member(doc, "credHelpers"), key));
	const char *all = json_text_of(json_member(doc, "credsStore"));
	return own && *own ? own : all && *all ? all : NULL;
}

/* --- helpers --- */

/* Runs docker-credential-NAME VERB, input on stdin, output into *ret. Returns its exit status. */
static int helper_run(
	const char *name, const char *verb, const char *input, struct buf *ret, struct mc_err *err)
{
	_cleanup_free_ char *program = xasprintf("docker-credential-%s", name);
	char *argv[] = { program, (char *)verb, NULL };
	if (strchr(name, '/'))
		return err_set(err, EINVAL, "credential helper \"%s\": a name, not a path, is wanted", name);
	_cleanup_close_ int in = file_of_bytes(input, strlen(input), err);
	if (in < 0)
		return in;
	struct spawn s = { .argv = argv, .in = in };
	int rc = spawn_read(&s, 1 << 20, ret, err);
	if (rc != -ENOENT)
		return rc;
	err_set(err, ENOENT, "%s: not found", program);
	return err_hint(
		err, "docker's config.json names this credential helper; install it or take the entry out");
}

static bool helper_says_none(const struct buf *out)
{
	return out->data && strstr(out->data, "credentials not found");
}

static int helper_get(const char *name, const char *key, struct login *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	const char *user, *secret;
	int rc = helper_run(name, "get", key, &out, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		return helper_says_none(&out)
			       ? 0
			       : err_set(err, EACCES, "docker-credential-%s get: exit status %d: %.200s",
					 name, rc, out.data ? out.data : "");
	rc = json_parse(out.data, out.len, "credential helper", &doc, err);
	if (rc < 0)
		return rc;
	user = json_text_of(json_member(doc, "Username"));
	secret = json_text_of(json_member(doc, "Secret"));
	if (str_eq(user, "<token>")) {
		ret->identity_token = xstrdup(secret);
		return 0;
	}
	ret->user = xstrdup(user);
	ret->password = xstrdup(secret);
	return 0;
}

static int helper_store(const char *name, const char *key, const struct login *who, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_free_ char *text = NULL;
	_cleanup_buf_ struct buf out = { 0 };
	int rc;
	json_set_string(doc, "ServerURL", key);
	json_set_string(doc, "Username", who->identity_token ? "<token>" : who->user);
	json_set_string(doc, "Secret", who->identity_token ? who->identity_token : who->password);
	text = json_dump(doc, false);
	rc = helper_run(name, "store", text, &out, err);
	return rc <= 0 ? rc
		       : err_set(err, EACCES, "docker-credential-%s store: exit status %d: %.200s", name, rc,
				 out.data ? out.data : "");
}

/* --- find, store, erase --- */

/* docker writes hosts in three fashions over the years: host, https://host, https://host/v1/. */
static const struct json *find_entry(const struct json *doc, const char *key)
{
	const struct json *auths = json_member(doc, "auths"), *entry = json_member(auths, key);
	struct json_iter it = { 0 };
	while (!entry && json_next(auths, &it)) {
		const char *host = strstr(it.key, "://");
		host = host ? host + 3 : it.key;
		if (!strncmp(host, key, strlen(key)) && strcspn(host, "/") == strlen(key))
			entry = it.value;
	}
	return entry;
}

static int entry_read(const struct json *entry, struct login *ret, struct mc_err *err)
{
	const char *auth = json_text_of(json_member(entry, "auth"));
	const char *token = json_text_of(json_member(entry, "identitytoken"));
	_cleanup_free_ char *plain = NULL;
	char *colon;
	size_t len = 0;
	if (token && *token)
		ret->identity_token = xstrdup(token);
	if (!auth || !*auth)
		return 0;
	plain = base64_decode(auth, &len);
	colon = plain && strlen(plain) == len ? strchr(plain, ':') : NULL;
	if (!colon)
		return err_set(err, EINVAL, "credential file: the auth entry is not base64 of user:password");
	ret->user = xstrndup(plain, (size_t)(colon - plain));
	ret->password = xstrdup(colon + 1);
	explicit_bzero(plain, len);
	return 0;
}

int login_find(const char *host, struct login *ret, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_json_ struct json *doc = NULL;
	const char *key = login_key(host), *helper;
	int rc = config_read(&path, &doc, err);
	if (rc < 0)
		return rc;
	helper = helper_for(doc, key);
	rc = helper ? helper_get(helper, key, ret, err) : entry_read(find_entry(doc, key), ret, err);
	return rc < 0 ? err_wrap(err, "%s", path) : 0;
}

int login_store(const char *host, const struct login *who, char **ret_place, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL, *dir = config_dir(), *auth = NULL, *plain = NULL;
	_cleanup_json_ struct json *doc = NULL;
	const char *key = login_key(host), *helper;
	struct json *entry;
	int rc = config_read(&path, &doc, err);
	if (rc < 0)
		return rc;
	helper = helper_for(doc, key);
	if (helper) {
		rc = helper_store(helper, key, who, err);
		if (rc == 0)
			*ret_place = xasprintf("the credential helper %s", helper);
		return rc;
	}
	plain = xasprintf("%s:%s", who->user, who->identity_token ? "" : who->password);
	auth = base64_encode(plain, strlen(plain));
	explicit_bzero(plain, strlen(plain));
	entry = json_new_object();
	json_set_string(entry, "auth", auth);
	json_set_string(entry, "identitytoken", who->identity_token);
	json_set(json_sub(doc, "auths"), key, entry);
	rc = dir_make(AT_FDCWD, dir, 0700, err);
	if (rc == 0)
		rc = json_write_file(AT_FDCWD, path, doc, 0600, FILE_SYNC, err);
	if (rc == 0)
		*ret_place = take_ptr(&path);
	return rc;
}

int login_erase(const char *host, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf out = { 0 };
	const char *key = login_key(host), *helper;
	int rc = config_read(&path, &doc, err);
	if (rc < 0)
		return rc;
	helper = helper_for(doc, key);
	if (helper) {
		rc = helper_run(helper, "erase", key, &out, err);
		return rc < 0 ? rc : rc == 0;
	}
	if (!json_member(json_member(doc, "auths"), key))
		return 0;
	json_unset(json_sub(doc, "auths"), key);
	rc = json_write_file(AT_FDCWD, path, doc, 0600, FILE_SYNC, err);
	return rc < 0 ? rc : 1;
}

char *login_basic(const struct login *who)
{
	_cleanup_free_ char *plain = NULL, *code = NULL;
	if (!who->user || !who->password)
		return NULL;
	plain = xasprintf("%s:%s", who->user, who->password);
	code = base64_encode(plain, strlen(plain));
	explicit_bzero(plain, strlen(plain));
	return xasprintf("Basic %s", code);
}

void login_release(struct login *l)
{
	if (l->password)
		explicit_bzero(l->password, strlen(l->password));
	free(l->user);
	free(l->password);
	free(l->identity_token);
	l->user = l->password = l->identity_token = NULL;
}

char *login_host(const char *server)
{
	const char *host = strstr(server, "://");
	host = host ? host + 3 : server;
	if (!strncmp(host, "index.docker.io", 15) || str_starts(host, "registry-1.docker.io"))
		return xstrdup("docker.io");
	return xstrndup(host, strcspn(host, "/"));
}
