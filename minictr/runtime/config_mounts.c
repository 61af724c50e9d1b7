/*
 * config_mounts.c - "mounts" of config.json: the words of mount(8) to the bits of mount(2).
 *
 * A word is one of four things: a flag that is set or cleared (ro, rw), a propagation (rslave), something the
 * tail does (idmap, tmpcopyup, recursive rro), or, when it is none of these, an option of the file system
 * itself (size=64m). https://github.com/opencontainers/runtime-spec/blob/main/config.md#linux-mount-options
 */
#include "runtime/config_mounts.h"

#include <sys/mount.h>

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

enum word_kind { WORD_SET, WORD_CLEAR, WORD_PROPAGATION, WORD_TAIL };

static const struct word {
	const char *name;
	enum word_kind kind;
	unsigned long flag;
} words[] = {
	{ "defaults", WORD_SET, 0 },
	{ "bind", WORD_SET, MS_BIND },
	{ "rbind", WORD_SET, MS_BIND | MS_REC },
	{ "ro", WORD_SET, MS_RDONLY },
	{ "rw", WORD_CLEAR, MS_RDONLY },
	{ "nosuid", WORD_SET, MS_NOSUID },
	{ "suid", WORD_CLEAR, MS_NOSUID },
	{ "nodev", WORD_SET, MS_NODEV },
	{ "dev", WORD_CLEAR, MS_NODEV },
	{ "noexec", WORD_SET, MS_NOEXEC },
	{ "exec", WORD_CLEAR, MS_NOEXEC },
	{ "sync", WORD_SET, MS_SYNCHRONOUS },
	{ "async", WORD_CLEAR, MS_SYNCHRONOUS },
	{ "dirsync", WORD_SET, MS_DIRSYNC },
	{ "remount", WORD_SET, MS_REMOUNT },
	{ "mand", WORD_SET, MS_MANDLOCK },
	{ "nomand", WORD_CLEAR, MS_MANDLOCK },
	{ "atime", WORD_CLEAR, MS_NOATIME },
	{ "noatime", WORD_SET, MS_NOATIME },
	{ "diratime", WORD_CLEAR, MS_NODIRATIME },
	{ "nodiratime", WORD_SET, MS_NODIRATIME },
	{ "relatime", WORD_SET, MS_RELATIME },
	{ "norelatime", WORD_CLEAR, MS_RELATIME },
	{ "strictatime", WORD_SET, MS_STRICTATIME },
	{ "nostrictatime", WORD_CLEAR, MS_STRICTATIME },
	{ "iversion", WORD_SET, MS_I_VERSION },
	{ "noiversion", WORD_CLEAR, MS_I_VERSION },
	{ "lazytime", WORD_SET, MS_LAZYTIME },
	{ "nolazytime", WORD_CLEAR, MS_LAZYTIME },
	{ "silent", WORD_SET, MS_SILENT },
	{ "loud", WORD_CLEAR, MS_SILENT },
	{ "nosymfollow", WORD_SET, MS_NOSYMFOLLOW },
	{ "symfollow", WORD_CLEAR, MS_NOSYMFOLLOW },
	{ "private", WORD_PROPAGATION, MS_PRIVATE },
	{ "rprivate", WORD_PROPAGATION, MS_PRIVATE | MS_REC },
	{ "shared", WORD_PROPAGATION, MS_SHARED },
	{ "rshared", WORD_PROPAGATION, MS_SHARED | MS_REC },
	{ "slave", WORD_PROPAGATION, MS_SLAVE },
	{ "rslave", WORD_PROPAGATION, MS_SLAVE | MS_REC },
	{ "unbindable", WORD_PROPAGATION, MS_UNBINDABLE },
	{ "runbindable", WORD_PROPAGATION, MS_UNBINDABLE | MS_REC },
	{ "rro", WORD_TAIL, 0 },
	{ "rrw", WORD_TAIL, 0 },
	{ "rnosuid", WORD_TAIL, 0 },
	{ "rsuid", WORD_TAIL, 0 },
	{ "rnodev", WORD_TAIL, 0 },
	{ "rdev", WORD_TAIL, 0 },
	{ "rnoexec", WORD_TAIL, 0 },
	{ "rexec", WORD_TAIL, 0 },
	{ "ratime", WORD_TAIL, 0 },
	{ "rnoatime", WORD_TAIL, 0 },
	{ "rdiratime", WORD_TAIL, 0 },
	{ "rnodiratime", WORD_TAIL, 0 },
	{ "rrelatime", WORD_TAIL, 0 },
	{ "rnorelatime", WORD_TAIL, 0 },
	{ "rstrictatime", WORD_TAIL, 0 },
	{ "rnostrictatime", WORD_TAIL, 0 },
	{ "rnosymfollow", WORD_TAIL, 0 },
	{ "rsymfollow", WORD_TAIL, 0 },
	{ "idmap", WORD_TAIL, 0 },
	{ "ridmap", WORD_TAIL, 0 },
	{ "tmpcopyup", WORD_TAIL, 0 },
};

static const struct word *find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(words[i].name, name))
			return &words[i];
	return NULL;
}

/* The later word wins: "ro,rw" is writable, "rw,ro" is not. */
static void apply_word(struct config_mount *m, const struct word *w)
{
	if (w->kind == WORD_SET) {
		m->flags |= w->flag;
		m->clear &= ~w->flag;
	} else if (w->kind == WORD_CLEAR) {
		m->clear |= w->flag;
		m->flags &= ~w->flag;
	} else if (w->kind == WORD_PROPAGATION) {
		m->propagation = w->flag;
	}
}

void config_mount_options(struct config_mount *m)
{
	struct buf data = { 0 };
	for (size_t i = 0; i < strv_len(m->options); i++) {
		const struct word *w = find_word(m->options[i]);
		if (w)
			apply_word(m, w);
		else if (!str_starts(m->options[i], "idmap=") && !str_starts(m->options[i], "ridmap="))
			buf_addf(&data, "%s%s", data.len ? "," : "", m->options[i]);
	}
	m->data = buf_take(&data);
}

/* A file system that is made here has nothing below it: "rro" is "ro" there. */
static void recursive_as_plain(struct config_mount *m)
{
	for (size_t i = 0; i < strv_len(m->options); i++) {
		const struct word *w = find_word(m->options[i]);
		const struct word *plain =
			w && w->kind == WORD_TAIL && *w->name == 'r' ? find_word(w->name + 1) : NULL;
		if (plain && !(m->flags & MS_BIND))
			apply_word(m, plain);
	}
}

static int parse_mount(struct config *c, size_t i, struct config_mount *m, struct mc_err *err)
{
	const char *source = NULL;
	int rc;
	m->type = "";
	m->json = json_at(c->doc, "mounts[%zu]", i);
	if ((rc = json_get_string(c->doc, &m->destination, err, "mounts[%zu].destination", i)) < 0 ||
		(rc = json_get_string(c->doc, &m->type, err, "mounts[%zu].type", i)) < 0 ||
		(rc = json_get_string(c->doc, &source, err, "mounts[%zu].source", i)) < 0 ||
		(rc = json_get_strv(c->doc, &m->options, err, "mounts[%zu].options", i)) < 0)
		return rc;
	if (!m->destination || !*m->destination)
		return err_set(err, EINVAL, "config.json: mounts[%zu].destination: missing", i);
	config_mount_options(m);
	if (str_eq(m->type, "bind"))
		m->flags |= (m->flags & MS_BIND) ? 0 : MS_BIND;
	else
		recursive_as_plain(m);
	if ((m->flags & MS_BIND) && !(m->flags & MS_REMOUNT) && !source)
		return err_set(err, EINVAL, "config.json: mounts[%zu].source: a bind mount needs one", i);
	m->source = (m->flags & MS_BIND) && source && source[0] != '/' ? xasprintf("%s/%s", c->bundle, source)
								       : xstrdup(source);
	return 0;
}

int config_parse_mounts(struct config *c, struct mc_err *err)
{
	size_t n = 0;
	int rc = json_get_array(c->doc, &n, err, "mounts");
	c->mounts = xcalloc(n + 1, sizeof(*c->mounts));
	for (size_t i = 0; i < n && rc >= 0; i++) {
		c->n_mounts = i + 1;
		rc = parse_mount(c, i, &c->mounts[i], err);
	}
	return rc < 0 ? rc : 0;
}

void config_release_mounts(struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		strv_free(c->mounts[i].options);
		free(c->mounts[i].source);
		free(c->mounts[i].data);
	}
	free(c->mounts);
}
