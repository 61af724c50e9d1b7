/*
 * copy_mode.c - --chmod: chmod(1)'s words, octal or symbolic, as COPY and ADD take them. Pure.
 */
#include "build/copy_into.h"

#include <string.h>

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
