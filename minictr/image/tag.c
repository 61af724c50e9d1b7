/*
 * tag.c - names come and go: tag, rmi, prune. An image itself never changes; it is reachable or it is not.
 *
 * rmi follows docker: a name is taken away; when it was the last one, the image goes too, unless a container
 * uses it. What is no longer reachable is then collected (gc.c). The words of the conflicts are docker's.
 */
#include "image/unfinished.h"
#include "image/verbs.h"

int image_tag(int store, const char *source, const char *target, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	struct image_name name;
	int rc = image_name_parse(target, &name, err);
	if (rc == 0 && name.digest.text[0])
		rc = err_set(err, EINVAL, "refusing to create a tag with a digest reference");
	if (rc == 0)
		rc = image_lookup(store, source, &img, err);
	return rc < 0 ? rc : image_publish(store, &img.manifest, img.document, img.config, target, err);
}

/* --- rmi --- */

static void say(const struct image_report *report, const char *what, const char *name)
{
	_cleanup_free_ char *line = xasprintf("%s: %s", what, name);
	if (report && report->line)
		report->line(report->arg, line);
}

static const struct image_use *user_of(const struct image_uses *uses, const struct image *img, bool running)
{
	for (size_t i = 0; uses && i < uses->n; i++)
		if (str_eq(uses->use[i].image, img->id.text) && (!running || uses->use[i].running))
			return &uses->use[i];
	return NULL;
}

static int untag(
	int store, const char *shown, bool keep, const struct image_report *report, struct mc_err *err)
{
	struct image_name name;
	int rc = image_name_parse(shown, &name, err);
	_cleanup_free_ char *full = rc < 0 ? NULL : image_name_full(&name);
	if (rc == 0)
		rc = store_remove_name(store, full, keep, err);
	if (rc == 0)
		say(report, "Untagged", shown);
	return rc;
}

static bool one_repository(const struct image *img)
{
	size_t len = 0;
	for (char **n = img->names; n && *n; n++) {
		size_t l = (size_t)(strrchr(*n, ':') - *n);
		if (n != img->names && (l != len || strncmp(*n, img->names[0], l) != 0))
			return false;
		len = l;
	}
	return true;
}

static int conflict_by_id(
	const struct image *img, bool force, const struct image_uses *uses, struct mc_err *err)
{
	const struct image_use *running = user_of(uses, img, true), *any = user_of(uses, img, false);
	const char *id = digest_hex(&img->id);
	if (running)
		return err_set(err, EBUSY,
			"conflict: unable to delete %.12s (cannot be forced) - image is being used by "
			"running container %.12s",
			id, running->container);
	if (any && !force)
		return err_set(err, EBUSY,
			"conflict: unable to delete %.12s (must be forced) - image is being used by stopped "
			"container %.12s",
			id, any->container);
	if (!one_repository(img) && !force)
		return err_set(err, EBUSY,
			"conflict: unable to delete %.12s (must be forced) - image is referenced in multiple "
			"repositories",
			id);
	return 0;
}

/* Takes the image out of the index, every entry that has its id. */
static int forget(int store, const struct image *img, const struct image_report *report, struct mc_err *err)
{
	int rc = 0;
	for (char **d = img->digests; d && *d; d++)
		say(report, "Untagged", *d);
	for (;;) { /* two manifests may share a configuration */
		_cleanup_image_ struct image again = { 0 };
		struct mc_err gone;
		if (image_lookup(store, img->id.text, &again, &gone) < 0)
			break;
		rc = store_remove_entry(store, &again.entry, err);
		if (rc < 0)
			return rc;
	}
	say(report, "Deleted", img->id.text);
	return 0;
}

static int remove_name(int store, const char *shown, struct image *img, bool force,
	const struct image_uses *uses, const struct image_report *report, struct mc_err *err)
{
	const struct image_use *use = user_of(uses, img, false);
	if (strv_len(img->names) > 1)
		return untag(store, shown, false, report, err);
	if (use && !force)
		return err_set(err, EBUSY,
			"conflict: unable to remove repository reference \"%s\" (must force) - container "
			"%.12s is using its "
			"referenced image %.12s",
			shown, use->container, digest_hex(&img->id));
	bool keep = user_of(uses, img, true) != NULL;
	int rc = untag(store, shown, true, report, err);
	return rc < 0 || keep ? rc : forget(store, img, report, err);
}

/* Is text one of the image's names (then rmi means that name), or its id? */
static char *name_meant(const struct image *img, const char *text)
{
	struct image_name name;
	struct mc_err ignored;
	if (image_name_parse(text, &name, &ignored) < 0 || !name.tag[0] || name.digest.text[0])
		return NULL;
	char *shown = image_name_short(&name);
	if (strv_has(img->names, shown))
		return shown;
	free(shown);
	return NULL;
}

int image_remove(int store, const char *text, bool force, bool no_prune, const struct image_uses *uses,
	const struct image_report *report, struct mc_err *err)
{
	_cleanup_image_ struct image img = { 0 };
	uint64_t freed = 0;
	int rc = image_lookup(store, text, &img, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *shown = name_meant(&img, text);
	if (shown) {
		rc = remove_name(store, shown, &img, force, uses, report, err);
	} else {
		rc = conflict_by_id(&img, force, uses, err);
		for (char **n = img.names; n && *n && rc == 0; n++)
			rc = untag(store, *n, true, report, err);
		if (rc == 0)
			rc = forget(store, &img, report, err);
	}
	return rc < 0 || no_prune ? rc : store_collect(store, uses, &freed, err);
}

int image_prune(int store, bool all, char *const filters[], const struct image_uses *uses,
	const struct image_report *report, uint64_t *ret_freed, struct mc_err *err)
{
	struct image *list;
	size_t n, owned;
	int rc = image_list(store, &list, &n, err);
	if (rc < 0)
		return rc;
	owned = n;
	rc = image_filter(store, list, &n, filters, err);
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (user_of(uses, &list[i], false) || (list[i].names && !all))
			continue;
		for (char **name = list[i].names; name && *name && rc == 0; name++)
			rc = untag(store, *name, true, report, err);
		if (rc == 0)
			rc = forget(store, &list[i], report, err);
	}
	image_list_free(list, owned);
	if (rc < 0)
		return rc;
	uint64_t before = unfinished_size(store);
	unfinished_clear(store, UNFINISHED_MINUTE, false);
	rc = store_collect(store, uses, ret_freed, err);
	uint64_t after = unfinished_size(store);
	*ret_freed += before > after ? before - after : 0;
	return rc;
}
