/*
 * registry_flags.c - what pull, push, search and login do before they begin: settings, flags, progress, the
 * store.
 */
#include "cli/registry_flags.h"

#include "base/util.h"
#include "engine/engine.h"
#include "image/store.h"
#include "registry/progress.h"
#include "registry/settings.h"

int registry_begin(const struct registry_flags *f, bool quiet, struct mc_err *err)
{
	struct registry_settings *s = registry_settings();
	int rc = registry_settings_load(err);
	if (rc >= 0 && f->platform)
		rc = platform_parse(f->platform, &s->platform, err);
	if (rc < 0)
		return rc;
	if (f->creds && !strchr(f->creds, ':'))
		return err_set(err, EINVAL, "--creds \"%s\": wanted USER:PASSWORD", f->creds);
	s->tls_skip = !f->tls_verify;
	s->creds = xstrdup(f->creds);
	s->progress = quiet ? NULL : progress_new(1);
	return 0;
}

void registry_end(void)
{
	progress_free(registry_settings()->progress);
	registry_settings()->progress = NULL;
}

int registry_open_store(struct mc_err *err)
{
	_cleanup_free_ char *root = engine_default_root(NULL);
	return store_open(root, err);
}
