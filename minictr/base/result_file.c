/*
 * result_file.c - see result_file.h.
 *
 * Kernel interfaces: lstat(2), open(2), rename(2).
 */
#include "base/result_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

int output_begin(const char *path, mode_t mode, char **ret_temp, struct mc_err *err)
{
	struct stat st;
	char nonce[17];
	bool replace = lstat(path, &st) < 0 || S_ISREG(st.st_mode);
	random_hex(nonce, 8);
	*ret_temp = replace ? xasprintf("%s.tmp-%s", path, nonce) : NULL;
	int fd = open(replace ? *ret_temp : path,
		O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_EXCL : O_TRUNC), mode);
	return fd < 0 ? err_sys(err, "create %s", path) : fd;
}

int output_end(const char *path, const char *temp, int rc, struct mc_err *err)
{
	if (temp && rc >= 0 && rename(temp, path) < 0)
		rc = err_sys(err, "rename to %s", path);
	if (temp && rc < 0)
		unlink(temp);
	return rc;
}

int output_write(const char *path, const void *data, size_t len, mode_t mode, struct mc_err *err)
{
	_cleanup_free_ char *temp = NULL;
	_cleanup_close_ int fd = output_begin(path, mode, &temp, err);
	return fd < 0 ? fd : output_end(path, temp, file_write_all(fd, data, len, err), err);
}

int output_write_json(const char *path, const struct json *doc, mode_t mode, struct mc_err *err)
{
	_cleanup_free_ char *text = json_dump(doc, true);
	return output_write(path, text, strlen(text), mode, err);
}
