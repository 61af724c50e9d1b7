/*
 * spec/mount_option.c - the words of --mount, -v and --tmpfs become docker's "Mounts", "Binds" and "Tmpfs".
 *
 * Man pages: mount(8), tmpfs(5), mount_namespaces(7) for the words; RFC 4180 for the commas of --mount.
 * Order and why: an option that is not understood is refused, never skipped. A misspelt "readonly" that is
 * skipped gives a writable mount, and no message tells it. For the same reason two words of one kind
 * ("ro,rw") are refused.
 * Left out: named pipes (npipe) and cluster volumes, which Linux has not; images as mounts.
 */
#include "engine/spec/mount_option.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>
#include "volume/volume.h"
#include "base/file.h"

/* --- CSV: how --mount separates its fields --- */

/* One field at p into b. Returns what follows it; NULL with *wrong set when the quotes are not right. */
static const char *csv_field(const char *p, struct buf *b, const char **wrong)
{
	buf_clear(b);
	buf_adds(b, "");
	if (*p != '"') {
		size_t n = strcspn(p, ",\"\n");
		buf_add(b, p, n);
		*wrong = p[n] == '"'    ? "a quote stands inside of a field: put it around the whole field"
			 : p[n] == '\n' ? "a line ends in it"
					: NULL;
		return *wrong ? NULL : p + n;
	}
	for (p++; *p; p++) {
		if (*p == '"' && p[1] != '"')
			break;
		p += *p == '"'; /* two quotes are one */
		buf_addc(b, *p);
	}
	*wrong = !*p                   ? "a quote is not closed"
		 : p[1] && p[1] != ',' ? "text stands behind a quoted field"
				       : NULL;
	return *wrong ? NULL : p + 1;
}

static int csv_split(const char *text, char ***ret, const char **wrong)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_strv_ char **fields = NULL;
	for (const char *p = text;; p++) {
		p = csv_field(p, &b, wrong);
		if (!p)
			return -EINVAL;
		strv_push(&fields, b.data);
		if (!*p)
			break;
	}
	*ret = take_ptr(&fields);
	return 0;
}

/* --- --mount --- */

enum mount_value { VALUE_TEXT, VALUE_BOOL, VALUE_BYTES, VALUE_OCTAL, VALUE_WORD, VALUE_PAIR };

static const char *const propagations[] = { "private", "rprivate", "shared", "rshared", "slave", "rslave",
	NULL };
static const char *const consistencies[] = { "default", "consistent", "cached", "delegated", NULL };
static const char *const recursions[] = { "enabled", "disabled", "writable", "readonly", NULL };
static const char *const types[] = { "bind", "volume", "tmpfs", NULL };

/* Every key of --mount: where docker's object keeps it, and which type it belongs to (NULL: all of them). */
static const struct mount_key {
	const char *name, *type, *part, *key;
	enum mount_value value;
	const char *const *words;
} keys[] = {
	{ "type", NULL, NULL, "Type", VALUE_WORD, types },
	{ "source", NULL, NULL, "Source", VALUE_TEXT, NULL },
	{ "src", NULL, NULL, "Source", VALUE_TEXT, NULL },
	{ "target", NULL, NULL, "Target", VALUE_TEXT, NULL },
	{ "dst", NULL, NULL, "Target", VALUE_TEXT, NULL },
	{ "destination", NULL, NULL, "Target", VALUE_TEXT, NULL },
	{ "readonly", NULL, NULL, "ReadOnly", VALUE_BOOL, NULL },
	{ "ro", NULL, NULL, "ReadOnly", VALUE_BOOL, NULL },
	{ "consistency", NULL, NULL, "Consistency", VALUE_WORD, consistencies },
	{ "bind-propagation", "bind", "BindOptions", "Propagation", VALUE_WORD, propagations },
	{ "bind-nonrecursive", "bind", "BindOptions", "NonRecursive", VALUE_BOOL, NULL },
	{ "bind-recursive", "bind", "BindOptions", "Recursive", VALUE_WORD, recursions },
	{ "bind-create-src", "bind", "BindOptions", "CreateMountpoint", VALUE_BOOL, NULL },
	{ "volume-nocopy", "volume", "VolumeOptions", "NoCopy", VALUE_BOOL, NULL },
	{ "volume-subpath", "volume", "VolumeOptions", "Subpath", VALUE_TEXT, NULL },
	{ "volume-driver", "volume", "VolumeOptions", "Driver", VALUE_TEXT, NULL },
	{ "volume-label", "volume", "VolumeOptions", "Labels", VALUE_PAIR, NULL },
	{ "volume-opt", "volume", "VolumeOptions", "DriverOpts", VALUE_PAIR, NULL },
	{ "tmpfs-size", "tmpfs", "TmpfsOptions", "SizeBytes", VALUE_BYTES, NULL },
	{ "tmpfs-mode", "tmpfs", "TmpfsOptions", "Mode", VALUE_OCTAL, NULL },
};

static bool one_of(const char *word, const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

/* "private, rprivate ...": the words that would have been right. */
static int wrong_value(const struct mount_key *k, const char *value, struct mc_err *err)
{
	_cleanup_buf_ struct buf known = { 0 };
	for (size_t i = 0; k->words && k->words[i]; i++)
		buf_addf(&known, "%s%s", i ? ", " : "", k->words[i]);
	err_set(err, EINVAL, "invalid value for %s: %s", k->name, value);
	if (k->words)
		return err_hint(err, "expected one of: %s", known.data);
	return err_hint(err, "%s",
		k->value == VALUE_BOOL    ? "expected true or false"
		: k->value == VALUE_BYTES ? "expected a size, such as 64m or 1g"
		: k->value == VALUE_OCTAL ? "expected a mode in octal digits, such as 1777 or 0700"
		: k->value == VALUE_PAIR  ? "expected NAME=VALUE"
					  : "it is empty");
}

static bool octal_value(const char *text, int64_t *ret)
{
	size_t n = strspn(text, "01234567");
	if (!n || n > 5 || text[n])
		return false;
	*ret = strtol(text, NULL, 8);
	return *ret <= 07777;
}

static int boolean_word(const char *text, bool *ret)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True", NULL };
	static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False", NULL };
	*ret = one_of(text, yes);
	return *ret || one_of(text, no) ? 0 : -EINVAL;
}

static int set_value(const struct mount_key *k, char *value, struct json *into, struct mc_err *err)
{
	bool yes = true;
	uint64_t bytes = 0;
	int64_t mode = 0;
	char *eq = k->value == VALUE_PAIR && value ? strchr(value, '=') : NULL;
	bool right = k->value == VALUE_TEXT    ? *value != '\0'
		     : k->value == VALUE_BOOL  ? !value || boolean_word(value, &yes) == 0
		     : k->value == VALUE_BYTES ? parse_bytes(value, &bytes) == 0 && bytes <= INT64_MAX
		     : k->value == VALUE_OCTAL ? octal_value(value, &mode)
		     : k->value == VALUE_WORD  ? one_of(value, k->words)
					       : eq && eq != value;
	if (!right)
		return wrong_value(k, value, err);
	if (k->value == VALUE_BOOL)
		json_set_bool(into, k->key, yes);
	else if (k->value == VALUE_BYTES)
		json_set_i64(into, k->key, (int64_t)bytes);
	else if (k->value == VALUE_OCTAL)
		json_set_i64(into, k->key, mode);
	else if (k->value != VALUE_PAIR)
		json_set_string(into, k->key, value);
	if (!eq)
		return 0;
	*eq = '\0';
	json_set_string(json_sub(into, k->key), value, eq + 1);
	return 0;
}

static int unknown_key(const char *name, const char *field, struct mc_err *err)
{
	const char *names[ARRAY_LEN(keys)];
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		names[i] = keys[i].name;
	const char *near = nearest_word(name, names, ARRAY_LEN(keys));
	err_set(err, EINVAL, "unexpected key '%s' in '%s'", name, field);
	return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
}

static int mount_field(const char *field, const char *type, struct json *m, struct mc_err *err)
{
	_cleanup_free_ char *name = xstrdup(field);
	char *value = strchr(name, '=');
	const struct mount_key *k = NULL;
	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_LEN(keys) && !k; i++)
		k = strcasecmp(name, keys[i].name) ? NULL : &keys[i];
	if (!k && !value)
		return err_set(err, EINVAL, "invalid field '%s' must be a key=value pair", field);
	if (!k)
		return unknown_key(name, field, err);
	if (!value && k->value != VALUE_BOOL)
		return err_set(err, EINVAL, "invalid field '%s' must be a key=value pair", field);
	if (k->type && !str_eq(k->type, type))
		return err_set(err, EINVAL, "cannot mix '%s-*' options with mount type '%s'", k->type, type);
	struct json *into = k->part ? json_sub(m, k->part) : m;
	if (k->value != VALUE_PAIR && json_member(into, k->key))
		return err_set(err, EINVAL, "'%s' is given twice", name);
	return set_value(k, value, into, err);
}

/* The type decides which other keys may stand there, wherever it stands itself. */
static const char *mount_type(char *const fields[])
{
	const char *type = "volume";
	for (size_t i = 0; fields[i]; i++)
		if (!strncasecmp(fields[i], "type=", 5))
			type = fields[i] + 5;
	return type;
}

static char *absolute_source(const char *path)
{
	_cleanup_free_ char *here = *path == '.' ? getcwd(NULL, 0) : NULL;
	return here ? xasprintf("%s/%s", here, path) : xstrdup(path);
}

/* "/", and every other way to write it: "/.", "/a/..". */
static bool is_whole_root(const char *target)
{
	_cleanup_free_ char *text = xstrdup(target);
	size_t depth = 0;
	for (char *p = text, *name; (name = strsep(&p, "/"));) {
		if (str_eq(name, ".."))
			depth -= depth > 0;
		else if (*name && !str_eq(name, "."))
			depth++;
	}
	return depth == 0;
}

/* A place inside: absolute, and not the whole root. */
static int check_target(const char *type, const char *target, struct mc_err *err)
{
	if (*target != '/')
		return err_set(err, EINVAL,
			"invalid mount config for type \"%s\": invalid mount path: '%s' mount path must be "
			"absolute",
			type, target);
	if (is_whole_root(target))
		return err_set(err, EINVAL,
			"invalid mount config for type \"%s\": invalid specification: destination can't be "
			"'/'",
			type);
	return 0;
}

static int mount_whole(const char *type, struct json *m, struct mc_err *err)
{
	const char *source = json_text_of(json_member(m, "Source"));
	const char *target = json_text_of(json_member(m, "Target"));
	if (!target)
		return err_set(err, EINVAL, "target is required");
	int rc = check_target(type, target, err);
	if (rc < 0)
		return rc;
	if (str_eq(type, "tmpfs") && source)
		return err_set(err, EINVAL,
			"invalid mount config for type \"tmpfs\": field Source must not be specified");
	if (!str_eq(type, "bind"))
		return 0;
	if (!source)
		return err_set(err, EINVAL,
			"invalid mount config for type \"bind\": field Source must not be empty");
	if (*source != '/')
		return err_set(err, EINVAL,
			"invalid mount config for type \"bind\": invalid mount path: '%s' mount path must be "
			"absolute",
			source);
	return 0;
}

/*
 * Some keys of the command line have other names in docker's document, which the record and `inspect` show
 * and a docker daemon is sent. Under our names it would ignore them.
 */
static void mount_docker_names(struct json *m)
{
	static const struct {
		const char *word, *key;
	} rows[] = { { "disabled", "NonRecursive" }, { "writable", "ReadOnlyNonRecursive" },
		{ "readonly", "ReadOnlyForceRecursive" } };
	struct json *bind = (struct json *)json_member(m, "BindOptions"),
		    *volume = (struct json *)json_member(m, "VolumeOptions");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(json_text_of(json_member(bind, "Recursive")), rows[i].word))
			json_set_bool(bind, rows[i].key, true);
	if (bind)
		json_unset(bind, "Recursive");
	const struct json *name = json_member(volume, "Driver"), *options = json_member(volume, "DriverOpts");
	if (name)
		json_set(json_sub(volume, "DriverConfig"), "Name", json_copy(name));
	if (options)
		json_set(json_sub(volume, "DriverConfig"), "Options", json_copy(options));
	if (volume) {
		json_unset(volume, "Driver");
		json_unset(volume, "DriverOpts");
	}
}

int mount_option_parse(const char *text, struct json **ret, struct mc_err *err)
{
	_cleanup_strv_ char **fields = NULL;
	_cleanup_json_ struct json *m = json_new_object();
	const char *wrong = NULL;
	if (!*text)
		return err_set(err, EINVAL, "it is empty");
	if (csv_split(text, &fields, &wrong) < 0)
		return err_set(err, EINVAL, "%s", wrong);
	const char *type = mount_type(fields);
	for (size_t i = 0; fields[i]; i++) {
		int rc = mount_field(fields[i], type, m, err);
		if (rc < 0)
			return rc;
	}
	json_set_string(m, "Type", type);
	const char *source = json_text_of(json_member(m, "Source"));
	_cleanup_free_ char *path = source && str_eq(type, "bind") ? absolute_source(source) : NULL;
	if (path)
		json_set_string(m, "Source", path);
	int rc = mount_whole(type, m, err);
	if (rc < 0)
		return rc;
	mount_docker_names(m);
	*ret = take_ptr(&m);
	return 0;
}

/* --- -v --- */

const char *volume_mode_wrong(const char *mode)
{
	static const struct {
		const char *word;
		int kind; /* one word of each kind */
	} words[] = { { "ro", 0 }, { "rw", 0 }, { "z", 1 }, { "Z", 1 }, { "private", 2 }, { "rprivate", 2 },
		{ "shared", 2 }, { "rshared", 2 }, { "slave", 2 }, { "rslave", 2 }, { "nocopy", 3 },
		{ "consistent", 4 }, { "cached", 4 }, { "delegated", 4 } };
	_cleanup_free_ char *text = xstrdup(mode);
	bool seen[5] = { false };
	for (char *p = text, *w; (w = strsep(&p, ","));) {
		size_t i = 0;
		while (i < ARRAY_LEN(words) && !str_eq(w, words[i].word))
			i++;
		if (str_eq(w, "U"))
			return "U would change the owners on disk for good; a container with --userns sees "
			       "them "
			       "shifted by the mount itself, without a word";
		if (i == ARRAY_LEN(words))
			return "known are ro, rw, z, Z, nocopy, and [r]private, [r]shared, [r]slave";
		if (seen[words[i].kind])
			return "two words of it say the same or the opposite";
		seen[words[i].kind] = true;
	}
	return NULL;
}

char *volume_option_absolute(const char *text)
{
	bool relative = str_starts(text, "./") || str_starts(text, "../") || str_starts(text, ".:") ||
			str_starts(text, "..:");
	return strchr(text, ':') && relative ? absolute_source(text) : xstrdup(text);
}

static int wrong_volume(const char *text, const char *why, struct mc_err *err)
{
	return err_set(err, EINVAL, "invalid volume specification: '%s': %s", text, why);
}

static int check_volume(const char *text, struct mc_err *err)
{
	_cleanup_free_ char *room = volume_option_absolute(text);
	char *part[4] = { NULL }, *p = room;
	size_t n = 0;
	if (!*text)
		return err_set(err, EINVAL, "invalid empty volume spec");
	while (n < ARRAY_LEN(part) && (part[n] = strsep(&p, ":")))
		n++;
	if (n == ARRAY_LEN(part))
		return wrong_volume(text, "too many colons", err);
	for (size_t i = 0; i < n; i++)
		if (!*part[i])
			return wrong_volume(text, "empty section between colons", err);
	const char *target = part[n > 1];
	int rc = check_target(n > 1 && *part[0] == '/' ? "bind" : "volume", target, err);
	if (rc < 0)
		return err_wrap(err, "invalid volume specification: '%s'", text);
	const char *wrong = n == 3 ? volume_mode_wrong(part[2]) : NULL;
	if (wrong) {
		err_set(err, EINVAL, "invalid volume specification: '%s': invalid mode: %s", text, part[2]);
		return err_hint(err, "%s", wrong);
	}
	if (n == 1 || *part[0] == '/')
		return 0;
	if (strchr(part[0], '/')) {
		wrong_volume(text, "a name of a volume has no slash", err);
		return err_hint(err, "a directory is named by its absolute path, or begins with ./");
	}
	return volume_check_name(part[0], err);
}

/* --- --tmpfs --- */

/* Words of mount(8) and tmpfs(5) that a tmpfs may have; words of one kind exclude each other. */
static const struct tmpfs_word {
	const char *word;
	int kind;
	const char *digits; /* of a value, NULL when there is none; then a unit may follow for size */
} tmpfs_words[] = { { "ro", 0, NULL }, { "rw", 0, NULL }, { "suid", 1, NULL }, { "nosuid", 1, NULL },
	{ "dev", 2, NULL }, { "nodev", 2, NULL }, { "exec", 3, NULL }, { "noexec", 3, NULL },
	{ "sync", 4, NULL }, { "async", 4, NULL }, { "atime", 5, NULL }, { "noatime", 5, NULL },
	{ "relatime", 5, NULL }, { "strictatime", 5, NULL }, { "diratime", 6, NULL },
	{ "nodiratime", 6, NULL }, { "private", 7, NULL }, { "rprivate", 7, NULL }, { "shared", 7, NULL },
	{ "rshared", 7, NULL }, { "slave", 7, NULL }, { "rslave", 7, NULL }, { "size", 8, "0123456789" },
	{ "mode", 9, "01234567" }, { "uid", 10, "0123456789" }, { "gid", 11, "0123456789" },
	{ "nr_inodes", 12, "0123456789" }, { "nr_blocks", 13, "0123456789" } };

static const struct tmpfs_word *tmpfs_word(const char *text)
{
	size_t n = strcspn(text, "=");
	for (size_t i = 0; i < ARRAY_LEN(tmpfs_words); i++) {
		const struct tmpfs_word *w = &tmpfs_words[i];
		if (strlen(w->word) != n || strncmp(w->word, text, n) ||
			(text[n] == '=') != (w->digits != NULL))
			continue;
		size_t digits = w->digits ? strspn(text + n + 1, w->digits) : 0;
		const char *rest = text + n + (w->digits ? 1 : 0) + digits;
		bool unit = *rest && !rest[1] && (w->kind == 8 || w->kind >= 12) &&
			    strchr(w->kind == 8 ? "kKmMgG%" : "kKmMgG", *rest);
		return (!w->digits || digits) && (!*rest || unit) ? w : NULL;
	}
	return NULL;
}

static int check_tmpfs(const char *text, struct mc_err *err)
{
	_cleanup_free_ char *path = xstrdup(text);
	char *words = strchr(path, ':');
	bool seen[14] = { false };
	if (words)
		*words++ = '\0';
	if (*path != '/')
		return err_set(err, EINVAL, "invalid mount path: '%s' mount path must be absolute", path);
	if (is_whole_root(path))
		return err_set(err, EINVAL, "invalid tmpfs '%s': destination can't be '/'", text);
	for (char *w; words && (w = strsep(&words, ","));) {
		const struct tmpfs_word *known = tmpfs_word(w);
		if (!known) {
			err_set(err, EINVAL, "invalid tmpfs option [\"%s\"]", w);
			return err_hint(err, "known options: size=64m, mode=1777, uid=, gid=, nr_inodes=, "
					     "ro, exec and the other words of mount(8)");
		}
		if (seen[known->kind])
			return err_set(err, EINVAL,
				"invalid tmpfs option [\"%s\"]: another word before it says the same or the "
				"opposite",
				w);
		seen[known->kind] = true;
	}
	return 0;
}

/* --- together --- */

/* "/a//b/./c/" -> "/a/b/c": two spellings of one place are one place. Caller frees. */
static char *clean_path(const char *path)
{
	_cleanup_free_ char *room = xstrdup(path);
	_cleanup_strv_ char **parts = NULL;
	size_t n = 0;
	for (char *save = NULL, *p = strtok_r(room, "/", &save); p; p = strtok_r(NULL, "/", &save)) {
		if (str_eq(p, "..") && n) {
			free(parts[--n]);
			parts[n] = NULL;
		} else if (!str_eq(p, ".") && !str_eq(p, "..")) {
			strv_push(&parts, p);
			n++;
		}
	}
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "/%s", parts[i]);
	return b.data ? buf_take(&b) : xstrdup("/");
}

/* The same text twice is one wish, as docker sees it; two wishes for one place are a mistake. */
static int claim_place(
	char ***places, char ***texts, const char *target, const char *text, struct mc_err *err)
{
	_cleanup_free_ char *place = clean_path(target);
	for (size_t i = 0; *places && (*places)[i]; i++) {
		if (!str_eq((*places)[i], place) || str_eq((*texts)[i], text))
			continue;
		err_set(err, EINVAL, "Duplicate mount point: %s", target);
		return err_hint(err, "it is wanted by '%s' and by '%s'", (*texts)[i], text);
	}
	strv_push(places, place);
	strv_push(texts, text);
	return 0;
}

static int check_mount(const char *text, char ***places, char ***texts, struct mc_err *err)
{
	_cleanup_json_ struct json *m = NULL;
	int rc = mount_option_parse(text, &m, err);
	if (rc < 0)
		return err_wrap(err, "invalid argument \"%s\" for \"--mount\" flag", text);
	bool make = false;
	const char *source = json_text_of(json_member(m, "Source"));
	json_get_bool(m, &make, err, "BindOptions.CreateMountpoint");
	if (str_eq(json_text_of(json_member(m, "Type")), "bind") && !make && !path_exists(AT_FDCWD, source))
		return err_set(err, ENOENT,
			"invalid mount config for type \"bind\": bind source path does not exist: %s",
			source);
	return claim_place(places, texts, json_text_of(json_member(m, "Target")), text, err);
}

int mount_options_check(const struct run_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **places = NULL, **texts = NULL;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && o->volumes && o->volumes[i]; i++) {
		const char *colon = strchr(o->volumes[i], ':');
		_cleanup_free_ char *target = xstrndup(colon ? colon + 1 : o->volumes[i],
			colon ? strcspn(colon + 1, ":") : strlen(o->volumes[i]));
		rc = check_volume(o->volumes[i], err);
		if (rc >= 0)
			rc = claim_place(&places, &texts, target, o->volumes[i], err);
	}
	for (size_t i = 0; rc >= 0 && o->mounts && o->mounts[i]; i++)
		rc = check_mount(o->mounts[i], &places, &texts, err);
	for (size_t i = 0; rc >= 0 && o->tmpfs && o->tmpfs[i]; i++) {
		_cleanup_free_ char *target = xstrndup(o->tmpfs[i], strcspn(o->tmpfs[i], ":"));
		rc = check_tmpfs(o->tmpfs[i], err);
		if (rc >= 0)
			rc = claim_place(&places, &texts, target, o->tmpfs[i], err);
	}
	return rc;
}
