/*
 * context_store.c - reading contexts. Writing them is `minictr context` (remote/contexts.c).
 */
#include "cli/context_store.h"

#include <fcntl.h>

#include "base/file.h"

enum { META_MOST = 1 << 20 };

static const char *const pem_files[] = { "ca.pem", "cert.pem", "key.pem" };

void client_tls_release(struct client_tls *t)
{
	free(t->ca);
	free(t->cert);
	free(t->key);
	*t = (struct client_tls){ 0 };
}

static char *config_path(const char *name)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (xdg && *xdg)
		return xasprintf("%s/minictr/%s", xdg, name);
	return xasprintf("%s/.config/minictr/%s", home ? home : "", name);
}

char *context_path(const char *name)
{
	_cleanup_free_ char *rest = name ? xasprintf("contexts/%s", name) : xstrdup("contexts");
	return config_path(rest);
}

char *context_current(void)
{
	_cleanup_free_ char *path = config_path("current-context");
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	if (!path_exists(AT_FDCWD, path) || file_read(AT_FDCWD, path, 256, &b, &ignored) < 0 || !b.len)
		return NULL;
	b.data[strcspn(b.data, "\n")] = '\0';
	return context_name_ok(b.data) ? xstrdup(b.data) : NULL;
}

void context_current_to_env(void)
{
	static const char *const variables[] = { "MINICTR_HOST", "DOCKER_HOST", "MINICTR_CONTEXT" };
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return;
	}
	_cleanup_free_ char *name = context_current();
	if (name)
		setenv("MINICTR_CONTEXT", name, 1);
}

int context_load(const char *name, struct json **ret, struct mc_err *err)
{
	_cleanup_free_ char *dir = context_path(name), *path = xasprintf("%s/meta.json", dir);
	if (!context_name_ok(name))
		return err_set(err, EINVAL,
			"context name \"%s\" is invalid: letters and digits, and _ . + - behind the first",
			name);
	if (!path_exists(AT_FDCWD, path)) {
		err_set(err, ENOENT, "context \"%s\": context not found", name);
		return err_hint(err, "minictr context ls lists them");
	}
	return json_parse_file(AT_FDCWD, path, META_MOST, ret, err);
}

/* The context's own certificates, as far as they are there. */
static void find_pems(const char *name, struct client_tls *tls)
{
	_cleanup_free_ char *dir = context_path(name);
	char **into[] = { &tls->ca, &tls->cert, &tls->key };
	for (size_t i = 0; i < ARRAY_LEN(pem_files); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, pem_files[i]);
		if (!*into[i] && path_exists(AT_FDCWD, path))
			*into[i] = take_ptr(&path);
	}
}

int context_resolve(struct endpoint *e, struct client_tls *tls, struct mc_err *err)
{
	char name[sizeof(e->context)];
	_cleanup_json_ struct json *meta = NULL;
	const char *host = NULL;
	bool skip = false;
	snprintf(name, sizeof(name), "%s", e->context);
	int rc = context_load(name, &meta, err);
	if (rc >= 0)
		rc = json_get_string(meta, &host, err, "Endpoints.docker.Host");
	if (rc >= 0)
		rc = json_get_bool(meta, &skip, err, "Endpoints.docker.SkipTLSVerify");
	if (rc >= 0 && (!host || !*host))
		rc = err_set(err, EINVAL, "context \"%s\" names no address", name);
	if (rc >= 0)
		rc = endpoint_parse(host, e, err);
	if (rc < 0)
		return rc;
	find_pems(name, tls);
	/* certificates, or the wish not to look at the daemon's, mean TLS, as docker has it */
	tls->on |= tls->ca || tls->cert || skip;
	tls->verify |= tls->on && !skip;
	return 0;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

void client_tls_from_env(struct client_tls *tls)
{
	static const char *const names[] = { "MINICTR_TLS_CA", "MINICTR_TLS_CERT", "MINICTR_TLS_KEY" };
	const char *dir = variable("DOCKER_CERT_PATH"), *home = variable("HOME");
	char **into[] = { &tls->ca, &tls->cert, &tls->key };
	tls->verify = variable("MINICTR_TLS_VERIFY") || variable("DOCKER_TLS_VERIFY");
	tls->on = tls->verify || variable("MINICTR_TLS");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *named = variable(names[i]);
		_cleanup_free_ char *usual = dir ? xasprintf("%s/%s", dir, pem_files[i])
						 : xasprintf("%s/.docker/%s", home ? home : "", pem_files[i]);
		tls->on |= named != NULL;
		if (named)
			*into[i] = xstrdup(named);
		else if (tls->on && path_exists(AT_FDCWD, usual))
			*into[i] = take_ptr(&usual);
	}
}
