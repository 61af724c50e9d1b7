/*
 * images.c - the images of a project: built where the file says how, pulled otherwise.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tool.h"
#include "compose/up.h"
#include "image/image.h"
#include "image/store.h"

static void build_pairs(
	const struct yaml *build, const char *key, const char *flag, bool names, char ***words)
{
	const struct yaml *pairs = ynode_get(build, key);
	for (size_t i = 0; pairs && pairs->kind == YAML_MAP && i < pairs->n; i++) {
		if (!ynode_text(pairs->items[i]) && !names)
			continue;
		strv_push(words, flag);
		if (ynode_text(pairs->items[i]))
			strv_pushf(words, "%s=%s", pairs->keys[i], ynode_text(pairs->items[i]));
		else
			strv_push(words, pairs->keys[i]);
	}
}

static void build_list(const struct yaml *build, const char *key, const char *flag, char ***words)
{
	const struct yaml *list = ynode_get(build, key);
	for (size_t i = 0; list && i < list->n; i++)
		if (ynode_text(list->items[i])) {
			strv_push(words, flag);
			strv_push(words, ynode_text(list->items[i]));
		}
}

static void build_text(const struct yaml *build, const char *key, const char *flag, char ***words)
{
	if (ynode_text(ynode_get(build, key))) {
		strv_push(words, flag);
		strv_push(words, ynode_text(ynode_get(build, key)));
	}
}

static void build_secrets(const struct project *p, const struct yaml *build, char ***words)
{
	const struct yaml *refs = ynode_get(build, "secrets");
	for (size_t i = 0; refs && i < refs->n; i++) {
		const char *source = ynode_text(ynode_get(refs->items[i], "source"));
		const struct yaml *secret = ynode_get(p->secrets, source);
		const char *file = ynode_text(ynode_get(secret, "file")),
			   *variable = ynode_text(ynode_get(secret, "environment"));
		strv_push(words, "--secret");
		strv_pushf(words, "id=%s,%s=%s", source, file ? "src" : "env",
			file       ? file
			: variable ? variable
				   : "");
	}
}

/* The service's platform, or the only one in its build: an image here has one platform. */
static void build_platform(const struct yaml *service, char ***words)
{
	const struct yaml *all = ynode_get(ynode_get(service, "build"), "platforms");
	const char *one = ynode_text(ynode_get(service, "platform"));
	if (!one && all && all->n == 1)
		one = ynode_text(all->items[0]);
	if (one) {
		strv_push(words, "--platform");
		strv_push(words, one);
	}
}

/* dockerfile_inline: the text goes into a temporary file, which is removed after the build. */
static int build_inline(const struct yaml *build, char *path, size_t size, struct mc_err *err)
{
	const char *text = ynode_text(ynode_get(build, "dockerfile_inline"));
	*path = '\0';
	if (!text)
		return 0;
	snprintf(path, size, "/tmp/minictr-dockerfile.XXXXXX");
	_cleanup_close_ int fd = mkostemp(path, O_CLOEXEC);
	return fd < 0 ? err_sys(err, "create %s", path) : file_write_all(fd, text, strlen(text), err);
}

int image_build(const struct project *p, const char *service, char *const extra[], struct mc_err *err)
{
	const struct yaml *build = ynode_get(ynode_get(p->services, service), "build");
	const char *context = ynode_text(ynode_get(build, "context")),
		   *dockerfile = ynode_text(ynode_get(build, "dockerfile"));
	_cleanup_free_ char *image = service_image(p, service);
	_cleanup_strv_ char **words = NULL;
	char inline_file[64];
	int rc = build_inline(build, inline_file, sizeof(inline_file), err);
	if (rc < 0)
		return rc;
	strv_push(&words, "build");
	strv_push(&words, "-t");
	strv_push(&words, image);
	if (*inline_file || dockerfile) {
		bool relative = !*inline_file && *dockerfile != '/' && !strstr(context, "://");
		strv_push(&words, "-f");
		strv_pushf(&words, "%s%s%s", relative ? context : "", relative ? "/" : "",
			*inline_file ? inline_file : dockerfile);
	}
	build_pairs(build, "args", "--build-arg", true, &words);
	build_pairs(build, "labels", "--label", false, &words);
	build_pairs(build, "additional_contexts", "--build-context", false, &words);
	build_list(build, "tags", "-t", &words);
	build_list(build, "cache_from", "--cache-from", &words);
	build_list(build, "ssh", "--ssh", &words);
	build_list(build, "extra_hosts", "--add-host", &words);
	build_platform(ynode_get(p->services, service), &words);
	build_text(build, "target", "--target", &words);
	build_text(build, "network", "--network", &words);
	build_list(build, "entitlements", "--allow", &words);
	build_secrets(p, build, &words);
	if (str_eq(ynode_text(ynode_get(build, "no_cache")), "true"))
		strv_push(&words, "--no-cache");
	if (str_eq(ynode_text(ynode_get(build, "pull")), "true"))
		strv_push(&words, "--pull");
	for (size_t i = 0; extra && extra[i]; i++)
		strv_push(&words, extra[i]);
	strv_push(&words, context);
	rc = tool_run(words, NULL, false, err);
	if (*inline_file)
		unlink(inline_file);
	if (rc > 0)
		return err_set(err, EIO, "service %s: the build of %s failed", service, context);
	return rc;
}

static bool image_is_there(struct engine *e, const char *name)
{
	struct mc_err absent = { 0 };
	_cleanup_image_ struct image image = { 0 };
	int store = engine_store(e, &absent);
	return store >= 0 && image_lookup(store, name, &image, &absent) >= 0;
}

static int image_pull(const char *service, const char *image, bool quiet, struct board *b, struct mc_err *err)
{
	char *const words[] = { (char *)"pull", (char *)"-q", (char *)image, NULL };
	_cleanup_buf_ struct buf out = { 0 };
	board_set(b, service, "Pulling");
	int rc = tool_run(words, &out, false, err);
	board_set(b, service, rc == 0 ? "Pulled" : "Error");
	return rc > 0 ? err_set(err, EIO, "service %s: the image %s could not be pulled", service, image)
		      : rc;
}

static int image_prepare(struct engine *e, const struct project *p, const struct up_options *o,
	const char *service, struct board *b, struct mc_err *err)
{
	const struct yaml *s = ynode_get(p->services, service), *build = ynode_get(s, "build");
	const char *policy = o->pull ? o->pull : ynode_text(ynode_get(s, "pull_policy"));
	_cleanup_free_ char *image = service_image(p, service);
	bool there = image_is_there(e, image);
	/* The time of a pull is not recorded: `pull_policy: daily` and its like pull each time. */
	bool pull = str_eq(policy, "always") || str_eq(policy, "daily") || str_eq(policy, "weekly") ||
		    (policy && str_starts(policy, "every_"));
	if (p->dry_run) {
		if (build ? o->build || !there : !there || pull)
			board_set(b, image, build ? "Built" : "Pulled");
		return 0;
	}
	if (build && (o->build || str_eq(policy, "build") || (!there && !o->no_build)))
		return image_build(p, service, NULL, err);
	if (str_eq(policy, "never") && !there)
		return err_set(err, ENOENT, "service %s: No such image: %s", service, image);
	return (there && !pull) || build ? 0 : image_pull(service, image, o->quiet_pull, b, err);
}

int images_prepare(struct engine *e, const struct project *p, const struct up_options *o,
	char *const services[], struct board *b, struct mc_err *err)
{
	static const char *const policies[] = { "always", "missing", "never", "build", "if_not_present" };
	int rc = 0;
	for (size_t i = 0; o->pull && i <= ARRAY_LEN(policies); i++)
		if (i == ARRAY_LEN(policies))
			return err_set(err, EINVAL, "--pull %s: expected always, missing or never", o->pull);
		else if (str_eq(o->pull, policies[i]))
			break;
	for (size_t i = 0; rc >= 0 && i < p->services->n; i++)
		if (!services || strv_has((char **)services, p->services->keys[i]))
			rc = image_prepare(e, p, o, p->services->keys[i], b, err);
	return rc;
}
