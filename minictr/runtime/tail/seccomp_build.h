/*
 * tail/seccomp_build.h - from a profile in JSON to BPF. Used while this program is built and, for other
 * profiles, at run time.
 */
#ifndef MC_RUNTIME_SECCOMP_BUILD_H
#define MC_RUNTIME_SECCOMP_BUILD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/*
 * Docker's profile format (archMap, includes, excludes) to the spec's linux.seccomp for one architecture
 * (Go's name: "amd64", "arm64") and one set of capabilities. A profile that is the spec's already passes
 * unchanged. Caller json_free()s *ret.
 */
int seccomp_resolve(
	const struct json *profile, const char *arch, uint64_t caps, struct json **ret, struct mc_err *err);
/* Go's name of this machine's architecture. */
const char *seccomp_native_arch(void);

/* linux.seccomp to instructions (struct sock_filter) appended to *ret and SECCOMP_FILTER_FLAG_*. arch as
 * above: that of the filter, which need not be this machine's. Uses libseccomp. */
int seccomp_compile(const struct json *profile, const char *arch, struct buf *ret, unsigned *ret_flags,
	struct mc_err *err);

struct sock_filter;
/*
 * The instructions made while this program was built, when text (json_dump, not pretty) is exactly
 * docker's default; else NULL.
 */
const struct sock_filter *seccomp_default_match(const char *text, size_t *ret_n);

#endif
