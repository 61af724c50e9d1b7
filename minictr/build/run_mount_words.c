/*
 * run_mount_words.c - the words of RUN --mount=type=bind,target=/src,... read. Pure.
 */
#include "build/run_mounts.h"

#include <string.h>

#include "build/parse.h"
#include "image/name.h"

void run_mount_list_free(struct run_mount *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].target);
		free(list[i].source);
		free(list[i].from);
		free(list[i].id);
		free(list[i].env);
	}
	free(list);
}

static int read_bool(const char *key, const char *value, bool *ret, struct mc_err *err)
{
	bool yes = !value || str_eq(value, "true") || str_eq(value, "1");
	if (!yes && !str_eq(value, "false") && !str_eq(value, "0"))
		return err_set(err, EINVAL, "--mount: %s=%s: expected true or false", key, value);
	*ret = yes;
	return 0;
}

static int read_type(struct run_mount *m, const char *value, struct mc_err *err)
{
	static const char *const types[] = { "bind", "cache", "tmpfs", "secret", "ssh" };
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_eq(value, types[i])) {
			m->type = (enum run_mount_type)i;
			return 0;
		}
	const char *near = value ? nearest_word(value, types, ARRAY_LEN(types)) : NULL;
	err_set(err, EINVAL, "--mount: unsupported type \"%s\"", value ? value : "");
	return near ? err_hint(err, "did you mean %s?", near)
		    : err_hint(err, "known: bind, cache, tmpfs, secret, ssh");
}

static int read_sharing(struct run_mount *m, const char *value, struct mc_err *err)
{
	m->sharing = str_eq(value, "private")  ? SHARING_PRIVATE
		     : str_eq(value, "locked") ? SHARING_LOCKED
					       : SHARING_SHARED;
	return m->sharing || str_eq(value, "shared")
		       ? 0
		       : err_set(err, EINVAL, "--mount: sharing=%s: expected shared, private or locked",
				 value ? value : "");
}

static int read_number(const char *key, const char *value, int base, uint32_t *ret, struct mc_err *err)
{
	char *end = NULL;
	unsigned long n = value && *value ? strtoul(value, &end, base) : 0;
	if (!end || *end || n > UINT32_MAX || *value == '-')
		return err_set(err, EINVAL, "--mount: %s=%s: expected a number", key, value ? value : "");
	*ret = (uint32_t)n;
	return 0;
}

static int set_text(char **field, const char *key, const char *value, struct mc_err *err)
{
	if (!value || !*value)
		return err_set(err, EINVAL, "--mount: %s needs a value", key);
	free(*field);
	*field = xstrdup(value);
	return 0;
}

static int read_word(struct run_mount *m, const char *key, const char *value, struct mc_err *err)
{
	static const char *const known[] = { "type", "target", "dst", "destination", "source", "src", "from",
		"id", "env", "readonly", "ro", "readwrite", "rw", "required", "sharing", "mode", "uid", "gid",
		"size" };
	bool flag = false;
	int rc;
	if (str_eq(key, "type"))
		return read_type(m, value, err);
	if (str_eq(key, "target") || str_eq(key, "dst") || str_eq(key, "destination"))
		return set_text(&m->target, key, value, err);
	if (str_eq(key, "source") || str_eq(key, "src"))
		return set_text(&m->source, key, value, err);
	if (str_eq(key, "from"))
		return set_text(&m->from, key, value, err);
	if (str_eq(key, "id"))
		return set_text(&m->id, key, value, err);
	if (str_eq(key, "env"))
		return set_text(&m->env, key, value, err);
	if (str_eq(key, "sharing"))
		return read_sharing(m, value, err);
	if (str_eq(key, "mode")) {
		m->has_mode = true;
		return read_number(key, value, 8, &m->mode, err);
	}
	if (str_eq(key, "uid") || str_eq(key, "gid"))
		return read_number(key, value, 10, *key == 'u' ? &m->uid : &m->gid, err);
	if (str_eq(key, "size"))
		return value && parse_bytes(value, &m->size) == 0
			       ? 0
			       : err_set(err, EINVAL, "--mount: size=%s: expected bytes", value ? value : "");
	if (str_eq(key, "required"))
		return read_bool(key, value, &m->required, err);
	if (str_eq(key, "rw") || str_eq(key, "readwrite"))
		return read_bool(key, value, &m->writable, err);
	if (str_eq(key, "ro") || str_eq(key, "readonly")) {
		rc = read_bool(key, value, &flag, err);
		m->writable = !flag;
		return rc;
	}
	const char *near = nearest_word(key, known, ARRAY_LEN(known));
	err_set(err, EINVAL, "--mount: unexpected key \"%s\"", key);
	return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
}

static int read_words(struct run_mount *m, const char *words, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(words);
	char *save = NULL;
	int rc = 0;
	if (strstr(words, "type=cache") || strstr(words, "type=tmpfs"))
		m->writable = true; /* before the words: readonly may follow */
	for (char *w = strtok_r(copy, ",", &save); rc >= 0 && w; w = strtok_r(NULL, ",", &save)) {
		char *value = strchr(w, '=');
		if (value)
			*value++ = '\0';
		for (char *c = w; *c; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
		rc = read_word(m, w, value, err);
	}
	return rc;
}

/*
 * Words with a variable are known only when the step comes; the others can be judged while the file is
 * read.
 */
int run_mount_check(const char *words, struct mc_err *err)
{
	_cleanup_buf_ struct buf plain = { 0 };
	buf_adds(&plain, "");
	for (const char *p = words; *p;) {
		size_t len = strcspn(p, ",");
		if (!memchr(p, '$', len)) {
			buf_add(&plain, p, len);
			buf_addc(&plain, ',');
		}
		p += len + (p[len] == ',');
	}
	struct run_mount *m = xcalloc(1, sizeof(*m));
	int rc = read_words(m, plain.data, err);
	run_mount_list_free(m, 1);
	return rc;
}

static int complete(const struct stage_config *c, struct run_mount *m, struct mc_err *err)
{
	bool hidden = m->type == RUN_SECRET || m->type == RUN_SSH;
	if (m->type == RUN_SECRET && !m->id) {
		const char *name = m->source ? m->source : m->target ? m->target : "";
		const char *slash = strrchr(name, '/');
		m->id = xstrdup(slash ? slash + 1 : name);
	}
	if (m->type == RUN_SECRET && !*m->id)
		return err_set(err, EINVAL, "--mount=type=secret needs an id");
	if (m->type == RUN_SECRET && !m->target && !m->env)
		m->target = xasprintf("/run/secrets/%s", m->id);
	if (hidden)
		return 0;
	if (!m->target)
		return err_set(err, EINVAL, "--mount: target is required");
	char *path = stage_config_path(c, m->target);
	free(m->target);
	m->target = path;
	if (str_eq(path, "/"))
		return err_set(err, EINVAL, "--mount: the target cannot be /");
	if (m->type == RUN_CACHE && !m->id)
		m->id = xstrdup(m->target);
	return 0;
}

int run_mount_list(const struct stage_config *c, const struct instruction *i, struct run_mount **ret,
	size_t *ret_n, struct mc_err *err)
{
	int rc = 0;
	*ret = xcalloc(i->n_flags + 1, sizeof(**ret));
	*ret_n = 0;
	for (size_t n = 0; rc >= 0 && n < i->n_flags; n++) {
		if (!str_eq(i->flags[n].name, "mount"))
			continue;
		struct run_mount *m = &(*ret)[(*ret_n)++];
		rc = read_words(m, i->flags[n].value, err);
		if (rc >= 0)
			rc = complete(c, m, err);
	}
	return rc;
}
