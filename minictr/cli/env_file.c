/*
 * env_file.c - reads the files of --env-file and --label-file.
 *
 * Order and why: the file is cut at its line ends by hand. strtok(3) and strchr(3) end at a NUL, so half of
 * such a file would be lost without an error; a line with a NUL is refused instead. Editors on Windows put a
 * byte order mark (U+FEFF) in front, which would become a part of the first name.
 */
#include "cli/env_file.h"

#include <ctype.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/utf8.h"

enum { FILE_MOST = 16 << 20, LINE_MOST = 128 << 10 }; /* MAX_ARG_STRLEN of execve(2), with its NUL */

struct place {
	const char *file;
	size_t line;
};

static int bad_line(const struct place *at, struct mc_err *err, const char *why)
{
	err_set(err, EINVAL, "invalid env file %s:%zu: %s", at->file, at->line, why);
	return err_exit(err, 125);
}

static int add_line(const char *line, size_t len, const struct place *at, char ***list, struct mc_err *err)
{
	_cleanup_free_ char *text = xstrndup(line, len);
	if (memchr(line, '\0', len))
		return bad_line(at, err, "the line holds a NUL byte, which no variable can hold");
	if (utf8_valid_len(line, len) != len)
		return bad_line(at, err, "the line is not UTF-8");
	if (len >= LINE_MOST)
		return bad_line(
			at, err, "the line is longer than 128 KiB, and the kernel takes none of these");
	const char *start = text + strspn(text, " \t\v\f");
	if (!*start || *start == '#')
		return 0;
	size_t name = strcspn(start, "=");
	if (!name)
		return bad_line(at, err, "no variable name stands in front of '='");
	for (size_t i = 0; i < name; i++)
		if (isspace((unsigned char)start[i]))
			return bad_line(at, err, "the name of the variable contains whitespaces");
	strv_push(list, start);
	return 0;
}

static int read_one(const char *file, char ***list, struct mc_err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	_cleanup_buf_ struct buf text = { 0 };
	struct place at = { .file = file };
	int rc = file_read(AT_FDCWD, file, FILE_MOST, &text, err);
	if (rc < 0)
		return err_exit(err, 125);
	const char *p = text.data, *end = text.data + text.len;
	if (text.len >= 3 && !memcmp(p, mark, 3))
		p += 3;
	while (p < end && rc == 0) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((stop ? stop : end) - p);
		at.line++;
		rc = add_line(p, len && p[len - 1] == '\r' ? len - 1 : len, &at, list, err);
		p = stop ? stop + 1 : end;
	}
	return rc;
}

int read_env_files(char *const files[], char ***list, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && files && files[i]; i++)
		rc = read_one(files[i], list, err);
	return rc;
}
