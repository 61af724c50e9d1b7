/*
 * clock.h - times: now, as text in files (RFC 3339) and as text for people ("About a minute").
 */
#ifndef MC_BASE_CLOCK_H
#define MC_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

uint64_t now_ns(int clock_id); /* clock_gettime(2) in nanoseconds */
/* RFC 3339 UTC with nanoseconds, as docker writes it; out holds at least 40 bytes. */
void time_rfc3339(int64_t ns_since_epoch, char *out, size_t size);
/* The reverse, any offset from UTC. Returns 0; -EINVAL when text is no such time, -ERANGE after 2262. */
int parse_rfc3339(const char *text, int64_t *ret_ns);
/*
 * Reads a duration in Go's grammar, not below zero: "1h2m", "1.5s", "200ms", "0". Returns 0; -EINVAL when
 * text is no duration, -ERANGE beyond 292 years.
 */
int parse_duration(const char *text, int64_t *ret_ns);
/* A duration in docker's words: "Less than a second", "About a minute", "3 hours". Caller frees. */
char *duration_text(int64_t ns);

#endif
