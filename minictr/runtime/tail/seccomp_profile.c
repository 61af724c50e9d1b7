/*
 * tail/seccomp_profile.c - the profile for a config.json: docker's default, a file, or none. No libseccomp
 * here: the light CLI links it.
 */
#include "runtime/seccomp.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"
#include "runtime/caps.h"
#include "runtime/tail/seccomp_build.h"

#include "seccomp_default.h"

int seccomp_profile(const char *name, uint64_t caps, struct json **ret, struct mc_err *err)
{
	_cleanup_json_ struct json *profile = NULL;
	int rc;
	*ret = NULL;
	if (name && str_eq(name, "unconfined"))
		return 0;
	bool builtin = !name || !*name || str_eq(name, "builtin") || str_eq(name, "default");
	/* The usual case word for word as it was compiled: seccomp_plan_load() knows it by its text. */
	if (builtin && caps == caps_docker_default())
		return json_parse(seccomp_default_resolved, sizeof(seccomp_default_resolved) - 1,
			"built-in profile", ret, err);
	if (builtin)
		rc = json_parse(seccomp_default_profile, sizeof(seccomp_default_profile) - 1,
			"built-in profile", &profile, err);
	else
		rc = json_parse_file(AT_FDCWD, name, 1 << 20, &profile, err);
	if (rc < 0)
		return err_wrap(err, "opening seccomp profile (%s) failed", builtin ? "builtin" : name);
	return seccomp_resolve(profile, seccomp_native_arch(), caps, ret, err);
}

const struct sock_filter *seccomp_default_match(const char *text, size_t *ret_n)
{
	if (strcmp(text, seccomp_default_resolved) != 0)
		return NULL;
	*ret_n = ARRAY_LEN(seccomp_default_filter);
	return seccomp_default_filter;
}
