/*
 * build_log.c - what builds printed, kept for `build log`.
 *
 * A file for each build, named by the time it began, so that names sort by age. The first line says what
 * was built; then the lines of --progress plain, whatever was shown on the terminal. Values of secrets are
 * hidden before they get here.
 */
#include "cli/build_log.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { KEPT = 20 };

static char **list_logs(const struct engine *e)
{
	char **names = NULL;
	struct mc_err ignored;
	_cleanup_free_ char *dir = xasprintf("%s/build/logs", e->root);
	return dir_list(AT_FDCWD, dir, &names, &ignored) < 0 ? NULL : names;
}

static void drop_old(const struct engine *e)
{
	_cleanup_strv_ char **names = list_logs(e);
	size_t n = strv_len(names);
	for (size_t i = 0; i + KEPT < n; i++) {
		_cleanup_free_ char *path = xasprintf("%s/build/logs/%s", e->root, names[i]);
		unlink(path);
	}
}

FILE *build_log_open(const struct engine *e, const char *what)
{
	struct mc_err ignored;
	_cleanup_free_ char *dir = xasprintf("%s/build/logs", e->root);
	_cleanup_free_ char *path = xasprintf(
		"%s/%020llu-%d.log", dir, (unsigned long long)now_ns(CLOCK_REALTIME), (int)getpid());
	if (dir_make(AT_FDCWD, dir, 0700, &ignored) < 0)
		return NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (f)
		fprintf(f, "%s\n", what);
	drop_old(e);
	return f;
}

int build_log_print(const struct engine *e, int nth, FILE *out, struct mc_err *err)
{
	_cleanup_strv_ char **names = list_logs(e);
	_cleanup_buf_ struct buf text = { 0 };
	int n = (int)strv_len(names);
	if (nth < 1 || nth > n) {
		err_set(err, ENOENT,
			n ? "there are %d build logs, no number %d" : "there is no build log yet", n, nth);
		return err_hint(err, "minictr build log --list shows them");
	}
	_cleanup_free_ char *path = xasprintf("%s/build/logs/%s", e->root, names[n - nth]);
	int rc = file_read(AT_FDCWD, path, 256 << 20, &text, err);
	if (rc >= 0 && text.len)
		fwrite(text.data, 1, text.len, out);
	return rc < 0 ? rc : 0;
}

int build_log_list(const struct engine *e, FILE *out, struct mc_err *err)
{
	_cleanup_strv_ char **names = list_logs(e);
	size_t n = strv_len(names);
	for (size_t i = 0; i < n; i++) {
		char line[512] = "", when[40];
		time_t t = (time_t)(strtoull(names[n - 1 - i], NULL, 10) / 1000000000);
		struct tm tm;
		_cleanup_free_ char *path = xasprintf("%s/build/logs/%s", e->root, names[n - 1 - i]);
		_cleanup_fclose_ FILE *f = fopen(path, "re");
		if (f && fgets(line, sizeof(line), f))
			line[strcspn(line, "\n")] = '\0';
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&t, &tm));
		fprintf(out, "%3zu  %s  %s\n", i + 1, when, line);
	}
	return 0;
}
