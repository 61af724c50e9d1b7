/*
 * util.h - memory, cleanup and small string helpers that every floor uses.
 *
 * Memory: xmalloc() and the other x functions abort when memory runs out; callers need not check.
 * Cleanup: `_cleanup_close_ int fd = -1;` closes at the end of the scope. Attributes do not run
 * on _exit(2) or execve(2), therefore every descriptor of ours is opened O_CLOEXEC.
 * Ownership moves out of a cleanup variable with take_fd(&fd) or take_ptr(&p).
 */
#ifndef MC_BASE_UTIL_H
#define MC_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s); /* NULL gives NULL */
char *xstrndup(const char *s, size_t len);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Each one releases and resets its variable: safe when it was never filled or was taken. */
void cleanup_close(int *fd);
void cleanup_free(void *pointer_to_pointer);
void cleanup_fclose(FILE **f);
void cleanup_closedir(void *pointer_to_dir); /* DIR ** */
void cleanup_strv(char ***v);

#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_fclose)))
#define _cleanup_closedir_ __attribute__((cleanup(cleanup_closedir)))
#define _cleanup_strv_ __attribute__((cleanup(cleanup_strv)))

int take_fd(int *fd);                      /* returns *fd and sets it to -1 */
void *take_ptr_(void *pointer_to_pointer); /* returns *p and sets it to NULL */
#define take_ptr(p) ((__typeof__(*(p)))take_ptr_(p))

/* close(2) that keeps errno and accepts -1; returns -1 so that `fd = close_fd(fd)` resets fd. */
int close_fd(int fd);

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* NULL-terminated string vectors, as argv and environ. All functions own what they hold. */
size_t strv_len(char *const v[]);         /* NULL has length 0 */
void strv_push(char ***v, const char *s); /* copies s */
void strv_pushf(char ***v, const char *fmt, ...) PRINTF_LIKE(2, 3);
char **strv_copy(char *const v[]);
void strv_free(char **v);
bool strv_has(char *const v[], const char *s);
const char *strv_env(char *const env[], const char *name); /* value after NAME=, or NULL */
void strv_env_set(char ***env, const char *name_value);    /* replaces NAME's entry or adds it */
void strv_env_unset(char **env, const char *name);         /* takes NAME's entries away */

/*
 * Strict numbers: the whole text is a decimal number within range, else -EINVAL or -ERANGE.
 * strtol(3) alone accepts blanks, signs and trailing garbage.
 */
int parse_u64(const char *text, uint64_t *ret);
int parse_i64(const char *text, int64_t *ret);
int parse_bytes(const char *text, uint64_t *ret); /* docker's sizes: 64m, 1.5g, 100 (bytes), b k m g t */

/* The candidate nearest to a mistyped word by edit distance; NULL when none is near. */
const char *nearest_word(const char *word, const char *const candidates[], size_t n);

/* Fills out[] with 2 * bytes random lower-case hex digits and a NUL (getrandom(2)). */
void random_hex(char *out, size_t bytes);
uint64_t fnv1a(const void *data, size_t len); /* 64-bit FNV-1a: names of kernel objects, caches */

#endif
