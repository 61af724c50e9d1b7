/*
 * ini.h - the small files of the labs: sections, `key = value`, comments with # or ;. Typical:
 *     struct ini *f; ini_read("labs/01-chroot/lab.ini", &f, err); ini_get(f, "01.4", "title"); ini_free(f);
 */
#ifndef MC_LEARN_INI_H
#define MC_LEARN_INI_H

#include "base/err.h"

struct ini;

/* -EINVAL names file and line. Caller ini_free()s *ret. */
int ini_read(const char *path, struct ini **ret, struct mc_err *err);
/* Borrowed; NULL when absent. Of a key given twice the last counts. section "" is what stands above the
 * first one. */
const char *ini_get(const struct ini *f, const char *section, const char *key);
long ini_number(const struct ini *f, const char *section, const char *key, long otherwise);
/* Names of the sections in file order; NULL behind the last. */
const char *ini_section(const struct ini *f, size_t i);
void ini_set(struct ini *f, const char *section, const char *key, const char *value);
struct ini *ini_new(void);
/* The whole file as text, sections in order; caller frees. */
char *ini_dump(const struct ini *f);
void ini_free(struct ini *f);

/* Words separated by blanks; caller strv_free()s. NULL gives an empty vector. */
char **words_of(const char *text);

#endif
