/*
 * spec/mount_points.c - "-v", "--mount", VOLUME and --volumes-from become one list of mount points.
 *
 * Order and why: the user's own words first, then what other containers lend, then the image's VOLUME: the
 * more exactly a target was asked for, the earlier its entry stands, and a later entry for the same
 * target is dropped. Two of the user's own on one target contradict each other and are refused.
 * Pure: no system call, so that a plan can be shown before anything exists.
 */
#include "engine/spec/mount_points.h"

#include "base/buf.h"
#include "base/util.h"

/* Destination of entry i; "" when it has none. */
static const char *mount_point_target(const struct json *list, size_t i)
{
	const char *t = json_text_of(json_member(json_item(list, i), "Destination"));
	return t ? t : "";
}

/* "/data/" and "/data" are one place; "/" alone is never a target. */
static char *points_clean(const char *path)
{
	struct buf out = { 0 };
	for (const char *p = path; *p;) {
		p += strspn(p, "/");
		size_t n = strcspn(p, "/");
		if (n && !(n == 1 && *p == '.'))
			buf_addf(&out, "/%.*s", (int)n, p);
		p += n;
	}
	if (!out.len)
		buf_adds(&out, "/");
	return buf_take(&out);
}

static bool points_have(const struct json *list, const char *target)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(mount_point_target(list, i), target))
			return true;
	return false;
}

/* --- one entry --- */

static struct json *points_new(const char *type, const char *target, bool writable, const char *mode)
{
	struct json *p = json_new_object();
	json_set_string(p, "Type", type);
	json_set_string(p, "Name", "");
	json_set_string(p, "Source", "");
	json_set_string(p, "Destination", target);
	json_set_string(p, "Driver", "");
	json_set_string(p, "Mode", mode);
	json_set_bool(p, "RW", writable);
	json_set_string(p, "Propagation", "");
	return p;
}

static void points_name(struct json *p, const char *name)
{
	char made_up[65];
	bool anonymous = !name || !*name;
	if (anonymous)
		random_hex(made_up, 32);
	json_set_string(p, "Name", anonymous ? made_up : name);
	json_set_string(p, "Driver", "local");
	if (anonymous)
		json_set_bool(p, "Anonymous", true);
}

static bool points_one_of(const char *word, const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

/* --- -v NAME-OR-PATH:TARGET[:words] --- */

struct points_words {                     /* what the words behind the second colon say */
	const char *access, *propagation; /* NULL: nothing; borrowed */
	bool nocopy, shared_label;
};

static int points_read_words(const char *spec, char *words, struct points_words *ret, struct mc_err *err)
{
	static const char *const access[] = { "ro", "rw", NULL };
	static const char *const propagation[] = { "shared", "rshared", "slave", "rslave", "private",
		"rprivate", NULL };
	static const char *const ignored[] = { "consistent", "cached", "delegated", NULL };
	char *save = NULL;
	for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		bool again = false;
		if (points_one_of(w, access)) {
			again = ret->access;
			ret->access = w;
		} else if (points_one_of(w, propagation)) {
			again = ret->propagation;
			ret->propagation = w;
		} else if (str_eq(w, "nocopy")) {
			again = ret->nocopy;
			ret->nocopy = true;
		} else if (str_eq(w, "z") || str_eq(w, "Z")) {
			again = ret->shared_label; /* labels mean something with SELinux only */
			ret->shared_label = true;
		} else if (!points_one_of(w, ignored)) {
			return err_set(
				err, EINVAL, "invalid volume specification: '%s': invalid mode: %s", spec, w);
		}
		if (again)
			return err_set(err, EINVAL,
				"invalid volume specification: '%s': \"%s\" contradicts or repeats an "
				"earlier word",
				spec, w);
	}
	return 0;
}

static int points_add_bind(const char *spec, struct json *list, struct mc_err *err)
{
	_cleanup_free_ char *source = xstrdup(spec), *target = NULL, *mode = NULL;
	struct points_words words = { 0 };
	char *at = strchr(source, ':'), *rest = at ? strchr(at + 1, ':') : NULL;
	if (!at || at == source || at[1] != '/')
		return err_set(err, EINVAL,
			"invalid volume specification: '%s': expected SOURCE:/TARGET[:words]", spec);
	*at = '\0';
	if (rest)
		*rest++ = '\0';
	mode = xstrdup(rest ? rest : "");
	int rc = rest ? points_read_words(spec, rest, &words, err) : 0;
	target = points_clean(at + 1);
	bool is_path = *source == '/';
	if (rc >= 0 && !is_path && words.propagation)
		return err_set(err, EINVAL,
			"invalid volume specification: '%s': a named volume has no propagation", spec);
	if (rc >= 0 && is_path && words.nocopy)
		return err_set(
			err, EINVAL, "invalid volume specification: '%s': nocopy is for named volumes", spec);
	if (rc >= 0 && points_have(list, target))
		return err_set(err, EINVAL, "Duplicate mount point: %s", target);
	if (rc < 0)
		return rc;
	struct json *p = json_add(
		list, points_new(is_path ? "bind" : "volume", target, !str_eq(words.access, "ro"), mode));
	if (is_path) {
		json_set_string(p, "Source", source);
		json_set_string(p, "Propagation", words.propagation ? words.propagation : "rprivate");
		json_set_bool(p, "CreateSource", true);
	} else {
		points_name(p, source);
		json_set_bool(p, "NoCopy", words.nocopy);
		if (!*mode)
			json_set_string(p, "Mode", "z"); /* docker prints it for named volumes */
	}
	return 0;
}

/* --- --mount: an entry of HostConfig.Mounts --- */

static void points_volume_options(const struct json *m, struct json *p)
{
	const struct json *o = json_member(m, "VolumeOptions"), *driver = json_at(o, "DriverConfig.Options");
	bool nocopy = false;
	struct mc_err ignored = { 0 };
	if (o && json_get_bool(o, &nocopy, &ignored, "NoCopy") >= 0)
		json_set_bool(p, "NoCopy", nocopy);
	json_set_string(p, "Subpath", json_text_of(json_member(o, "Subpath")));
	if (json_len(json_member(o, "Labels")))
		json_set(p, "Labels", json_copy(json_member(o, "Labels")));
	if (json_len(driver))
		json_set(p, "Options", json_copy(driver));
}

static int points_bind_options(const struct json *m, struct json *p, struct mc_err *err)
{
	const struct json *o = json_member(m, "BindOptions");
	const char *propagation = json_text_of(json_member(o, "Propagation"));
	bool plain = false, writable = false, forced = false, create = false;
	int rc = o ? json_get_bool(o, &plain, err, "NonRecursive") : 0;
	if (o && rc >= 0)
		rc = json_get_bool(o, &writable, err, "ReadOnlyNonRecursive");
	if (o && rc >= 0)
		rc = json_get_bool(o, &forced, err, "ReadOnlyForceRecursive");
	if (o && rc >= 0)
		rc = json_get_bool(o, &create, err, "CreateMountpoint");
	if (rc >= 0 && forced && propagation && *propagation && !str_eq(propagation, "rprivate"))
		rc = err_set(err, EINVAL,
			"invalid mount config for type \"bind\": bind-recursive=readonly needs "
			"bind-propagation=rprivate: what is mounted below later could be written");
	json_set_string(p, "Propagation", propagation && *propagation ? propagation : "rprivate");
	json_set_bool(p, "NonRecursive", plain);
	json_set_string(p, "ReadOnlyMode", writable ? "writable" : forced ? "readonly" : "");
	json_set_bool(p, "CreateSource", create);
	return rc < 0 ? rc : 0;
}

static int points_add_mount(const struct json *m, struct json *list, struct mc_err *err)
{
	const char *type = json_text_of(json_member(m, "Type")),
		   *source = json_text_of(json_member(m, "Source"));
	const char *where = json_text_of(json_member(m, "Target"));
	bool read_only = false;
	type = type ? type : "volume";
	int rc = json_get_bool(m, &read_only, err, "ReadOnly");
	if (rc < 0)
		return rc;
	if (!where || *where != '/')
		return err_set(err, EINVAL,
			"invalid mount config for type \"%s\": field Target must not be empty", type);
	if (str_eq(type, "tmpfs"))
		return 0;
	if (!str_eq(type, "bind") && !str_eq(type, "volume"))
		return err_set(
			err, EINVAL, "mount type unknown: \"%s\"; known types: bind, volume, tmpfs", type);
	_cleanup_free_ char *target = points_clean(where);
	if (points_have(list, target))
		return err_set(err, EINVAL, "Duplicate mount point: %s", target);
	struct json *p = json_add(list, points_new(type, target, !read_only, ""));
	if (str_eq(type, "bind")) {
		if (!source || *source != '/')
			return err_set(err, EINVAL,
				"invalid mount config for type \"bind\": invalid mount path: '%s' mount path "
				"must be absolute",
				source ? source : "");
		json_set_string(p, "Source", source);
		return points_bind_options(m, p, err);
	}
	points_name(p, source);
	points_volume_options(m, p);
	json_set_string(p, "Mode", "z");
	return 0;
}

/* --- together --- */

static void points_inherit(const struct json *theirs, struct json *list)
{
	for (size_t i = 0; i < json_len(theirs); i++)
		if (!points_have(list, mount_point_target(theirs, i)))
			json_add(list, json_copy(json_item(theirs, i)));
}

/* VOLUME of the image and -v /path: a volume of its own for each place that is still free. */
static void points_add_anonymous(const struct json *config, const struct json *host, struct json *list)
{
	struct json_iter it = { 0 };
	while (json_next(json_member(config, "Volumes"), &it)) {
		_cleanup_free_ char *target = points_clean(it.key);
		if (str_eq(target, "/") || points_have(list, target) ||
			json_member(json_member(host, "Tmpfs"), target))
			continue;
		points_name(json_add(list, points_new("volume", target, true, "")), NULL);
	}
}

int mount_points_make(const struct json *config, const struct json *host, struct json *const inherited[],
	size_t n, struct json **ret, struct mc_err *err)
{
	const struct json *binds = json_member(host, "Binds"), *mounts = json_member(host, "Mounts");
	struct json *list = json_new_array();
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(binds); i++)
		rc = points_add_bind(json_text_of(json_item(binds, i)), list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(mounts); i++)
		rc = points_add_mount(json_item(mounts, i), list, err);
	for (size_t i = 0; rc >= 0 && i < n; i++)
		points_inherit(inherited[i], list);
	if (rc < 0) {
		json_free(list);
		return rc;
	}
	points_add_anonymous(config, host, list);
	*ret = list;
	return 0;
}
