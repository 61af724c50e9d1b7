/*
 * copy_words.c - the words of COPY and ADD: which sources are files, URLs or repositories; --chmod, octal or
 * symbolic as chmod(1) takes it; and what can't be right whatever the files are. Pure, so that it is told
 * before anything runs.
 */
#include "build/steps.h"

#include <string.h>

#include "base/fetch.h"

/* --- sources --- */

bool add_is_git(const char *word)
{
	_cleanup_free_ char *path = xstrndup(word, strcspn(word, "#?"));
	return str_starts(word, "git@") || str_starts(word, "git://") || str_starts(word, "ssh://") ||
	       (fetch_is_url(word) && str_ends(path, ".git"));
}

bool add_is_url(const char *word) { return fetch_is_url(word) && !add_is_git(word); }

bool copy_is_tree_source(const struct instruction *i, const char *word)
{
	if (i->n_heredocs && str_starts(word, "<<") && !str_starts(word, "<<<"))
		return false;
	return !(i->kind == DO_ADD && add_is_url(word));
}

static int check_source(const struct instruction *i, const char *word, struct mc_err *err)
{
	if (!copy_is_tree_source(i, word))
		return 0;
	if (add_is_git(word)) {
		err_set(err, ENOTSUP, "%s of a git repository is not supported: %s", i->name, word);
		return err_hint(err, "clone it into the context and COPY the directory, or RUN git clone");
	}
	if (add_is_url(word))
		return err_set(err, EINVAL, "source can't be a URL for COPY: %s", word);
	if (instruction_flag(i, "checksum"))
		return err_set(err, EINVAL, "ADD --checksum is for http and https sources, not for %s", word);
	return 0;
}

int copy_check(const struct instruction *i, struct mc_err *err)
{
	const char *chmod = instruction_flag(i, "chmod"), *checksum = instruction_flag(i, "checksum");
	struct digest wanted;
	mode_t mode;
	int rc = chmod ? copy_mode(chmod, 0, false, &mode, err) : 0;
	if (rc >= 0 && checksum && (rc = digest_parse(checksum, &wanted, err)) < 0)
		err_wrap(err, "--checksum");
	for (size_t n = 0; rc >= 0 && n + 1 < i->n_words; n++)
		rc = check_source(i, i->words[n], err);
	return rc;
}

/* --- --chmod --- */

static int octal(const char *words, mode_t *ret)
{
	mode_t mode = 0;
	if (strspn(words, "01234567") != strlen(words) || !*words || strlen(words) > 5)
		return -EINVAL;
	for (const char *p = words; *p; p++)
		mode = mode * 8 + (mode_t)(*p - '0');
	*ret = mode;
	return mode <= 07777 ? 0 : -EINVAL;
}

/* The bits of "ugoa" as a mask; without a letter: all, as chmod does without a umask. */
static mode_t who_mask(const char **p)
{
	mode_t mask = 0;
	for (; **p && strchr("ugoa", **p); (*p)++)
		mask |= **p == 'u' ? 04700 : **p == 'g' ? 02070 : **p == 'o' ? 01007 : 07777;
	return mask ? mask : 07777;
}

static int letters(const char **p, mode_t who, mode_t old, bool is_dir, mode_t *ret)
{
	mode_t bits = 0;
	for (; **p && **p != ',' && !strchr("+-=", **p); (*p)++)
		switch (**p) {
		case 'r': bits |= 0444; break;
		case 'w': bits |= 0222; break;
		case 'x': bits |= 0111; break;
		case 'X': bits |= is_dir || (old & 0111) ? 0111 : 0; break;
		case 's': bits |= 06000; break;
		case 't': bits |= 01000; break;
		default: return -EINVAL;
		}
	*ret = bits & who;
	return 0;
}

/* "u=rwX", "go-w+x" */
static int clause(const char **p, mode_t *mode, bool is_dir)
{
	mode_t who = who_mask(p), bits;
	if (!**p || !strchr("+-=", **p))
		return -EINVAL;
	while (**p && strchr("+-=", **p)) {
		char op = *(*p)++;
		if (letters(p, who, *mode, is_dir, &bits) < 0)
			return -EINVAL;
		*mode = op == '+' ? *mode | bits : op == '-' ? *mode & ~bits : (*mode & ~who) | bits;
	}
	return 0;
}

int copy_mode(const char *words, mode_t mode, bool is_dir, mode_t *ret, struct mc_err *err)
{
	const char *p = words;
	*ret = mode & 07777;
	if (octal(words, ret) == 0)
		return 0;
	*ret = mode & 07777;
	int rc = *p ? clause(&p, ret, is_dir) : -EINVAL;
	while (rc == 0 && *p == ',') {
		p++;
		rc = clause(&p, ret, is_dir);
	}
	if (rc == 0 && !*p)
		return 0;
	err_set(err, EINVAL, "invalid mode \"%s\"", words);
	return err_hint(err, "octal (755, 4711) or as chmod(1) takes it (u=rwX,go=rX)");
}
