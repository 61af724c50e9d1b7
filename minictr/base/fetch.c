/*
 * fetch.c - see fetch.h. ADD, build contexts and `import` read URLs.
 *
 * Kernel objects and man pages: pipe(2), open(2) O_TMPFILE.
 */
#include "base/fetch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "base/util.h"

bool fetch_is_url(const char *word) { return str_starts(word, "http://") || str_starts(word, "https://"); }

static void read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	for (ssize_t n; len + 1 < size && (n = read(fd, text + len, size - 1 - len)) > 0;)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
}

/* The helper's output goes to fd, its complaint into *err, the time of the file over a pipe. */
int fetch_url(const char *url, int fd, int64_t *ret_mtime, struct mc_err *err)
{
	_cleanup_free_ char *program = NULL;
	int said[2], told[2], status = 0;
	char complaint[600], mtime[32];
	int rc = program_path("minictr-fetch", &program, err);
	if (rc < 0 || (rc = sys_pipe(said, err)) < 0 || (rc = sys_pipe(told, err)) < 0)
		return rc;
	char *argv[] = { program, (char *)url, NULL };
	struct spawn s = { .argv = argv, .out = fd, .err = said[1], .pass_from = told[1], .pass_to = 3 };
	pid_t pid = spawn_start(&s, err);
	close(said[1]);
	close(told[1]);
	read_all(said[0], complaint, sizeof(complaint));
	read_all(told[0], mtime, sizeof(mtime));
	rc = pid < 0 ? pid : sys_wait(pid, &status, err);
	if (rc < 0)
		return rc;
	*ret_mtime = strtoll(mtime, NULL, 10);
	complaint[strcspn(complaint, "\n")] = '\0';
	return status == 0 ? 0
			   : err_set(err, EIO, "%s",
				     str_starts(complaint, "minictr: ") ? complaint + 9 : complaint);
}

int fetch_file(const char *url, struct mc_err *err)
{
	const char *temp = getenv("TMPDIR");
	int64_t mtime;
	temp = temp && *temp ? temp : "/var/tmp";
	_cleanup_close_ int fd = open(temp, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int rc = fd < 0 ? err_sys(err, "a temporary file in %s", temp) : fetch_url(url, fd, &mtime, err);
	if (rc >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		rc = err_sys(err, "lseek");
	return rc < 0 ? rc : take_fd(&fd);
}
