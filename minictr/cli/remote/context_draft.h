/*
 * context_draft.h - making a context: fill a draft, then let it take its place.
 */
#ifndef MC_CLI_CONTEXT_DRAFT_H
#define MC_CLI_CONTEXT_DRAFT_H

#include "base/json.h"

enum { CONTEXT_PEMS = 3, PEM_MOST = 1 << 20 };
extern const char *const context_pems[]; /* ca.pem, cert.pem, key.pem */

struct draft {
	char *dir;         /* owned; removed with the draft unless it took its place */
	struct json *meta; /* meta.json; owned */
};
void draft_release(struct draft *d);
#define _cleanup_draft_ __attribute__((cleanup(draft_release)))

/* -EINVAL for what is no name, -EEXIST for "default". */
int context_check_name(const char *name, struct mc_err *err);
bool context_exists(const char *name);
int draft_begin(struct draft *d, const char *name, struct mc_err *err);
/* One of context_pems, from memory or from a file. */
int draft_pem(struct draft *d, const char *pem, const char *data, size_t len, struct mc_err *err);
int draft_pem_file(struct draft *d, const char *pem, const char *from, struct mc_err *err);
/* Another context as the beginning: its document, its files. */
int draft_copy(struct draft *d, const char *from, struct mc_err *err);
/* -EINVAL without an address; else the directory takes its place, and an older one of the name goes. */
int draft_commit(struct draft *d, struct mc_err *err);

/* context_archive.c: the verbs export and import. */
struct cli;
int context_export(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err);
int context_import(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err);

#endif
