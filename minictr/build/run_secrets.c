/*
 * run_secrets.c - --secret: values that a step may read and that nothing may keep.
 *
 * A value is in no key, no history, no layer and no log: it is read when a step that asks for it runs,
 * lies in a file on tmpfs or in the program's environment while the step runs, and is replaced by *** in
 * what the step prints.
 */
#include "build/run_mounts.h"

#include <fcntl.h>

#include "base/file.h"

enum { SECRET_MAX = 500 * 1024, HIDE_MIN = 4 };

struct secret_words {
	char *id, *src, *env, *type;
};

static void read_secret(const char *text, struct secret_words *ret)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *save = NULL;
	*ret = (struct secret_words){ 0 };
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		char *value = strchr(w, '=');
		if (!value)
			continue;
		*value++ = '\0';
		char **field = str_eq(w, "id")                           ? &ret->id
			       : str_eq(w, "src") || str_eq(w, "source") ? &ret->src
			       : str_eq(w, "env")                        ? &ret->env
			       : str_eq(w, "type")                       ? &ret->type
									 : NULL;
		if (field && !*field)
			*field = xstrdup(value);
	}
}

static int read_value(const struct secret_words *s, struct buf *ret, struct mc_err *err)
{
	bool from_env = s->env || str_eq(s->type, "env");
	const char *name = s->env ? s->env : s->src ? s->src : s->id;
	const char *value = from_env || !s->src ? getenv(name) : NULL;
	if (from_env || (!s->src && value)) {
		if (!value)
			return err_set(err, ENOENT, "secret %s: variable %s is not set", s->id, name);
		buf_adds(ret, value);
		return 1;
	}
	int rc = file_read(AT_FDCWD, s->src ? s->src : s->id, SECRET_MAX, ret, err);
	return rc < 0 ? err_wrap(err, "secret %s", s->id) : 1;
}

int run_secret_find(const struct builder *all, const char *id, struct buf *ret, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && all->o->secrets && all->o->secrets[i]; i++) {
		struct secret_words s;
		read_secret(all->o->secrets[i], &s);
		if (!s.id)
			rc = err_set(err, EINVAL, "--secret %s: an id is missing: id=NAME,src=FILE",
				all->o->secrets[i]);
		else if (str_eq(s.id, id))
			rc = read_value(&s, ret, err);
		free(s.id);
		free(s.src);
		free(s.env);
		free(s.type);
	}
	return rc;
}

const char *run_ssh_find(const struct builder *all, const char *id)
{
	size_t n = strlen(id);
	for (size_t i = 0; all->o->ssh && all->o->ssh[i]; i++)
		if (!strncmp(all->o->ssh[i], id, n) && (!all->o->ssh[i][n] || all->o->ssh[i][n] == '='))
			return all->o->ssh[i][n] ? all->o->ssh[i] + n + 1 : getenv("SSH_AUTH_SOCK");
	return NULL;
}

char *run_secrets_hide(char *const hidden[], const char *text)
{
	_cleanup_buf_ struct buf out = { 0 };
	buf_adds(&out, text);
	for (size_t i = 0; hidden && hidden[i]; i++) {
		size_t n = strlen(hidden[i]);
		for (char *at; n >= HIDE_MIN && (at = strstr(out.data, hidden[i]));) {
			_cleanup_free_ char *rest = xstrdup(at + n);
			out.len = (size_t)(at - out.data);
			buf_addf(&out, "***%s", rest);
		}
	}
	return buf_take(&out);
}
