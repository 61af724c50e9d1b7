/*
 * pipeline/log.c - the logs of jobs as they grow: whole lines, each with the name of its job.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/pipeline/pipeline.h"

static bool wants_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR");
	return isatty(fileno(out)) && (!no || !*no);
}

/* Colour codes mean nothing in a pipe. */
static void print_line(const char *line, size_t len, bool colour, FILE *out)
{
	for (size_t i = 0; i < len; i++) {
		if (!colour && line[i] == 27 && i + 1 < len && line[i + 1] == '[') {
			for (i += 2; i < len && (line[i] < '@' || line[i] > '~'); i++)
				;
			continue;
		}
		putc(line[i], out);
	}
	putc('\n', out);
}

void log_print(int run_dir, const char *job_dir, const char *prefix, size_t *at, FILE *out)
{
	_cleanup_free_ char *path = xasprintf("%s/log", job_dir);
	_cleanup_close_ int fd = openat(run_dir, path, O_RDONLY | O_CLOEXEC);
	bool colour = wants_colour(out);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if ((size_t)st.st_size < *at) /* the job began anew */
		*at = 0;
	char text[65536];
	ssize_t n;
	while ((n = pread(fd, text, sizeof(text), (off_t)*at)) > 0) {
		size_t used = 0;
		for (char *end; (end = memchr(text + used, '\n', (size_t)n - used)) != NULL;) {
			fputs(prefix ? prefix : "", out);
			print_line(text + used, (size_t)(end - text) - used, colour, out);
			used = (size_t)(end - text) + 1;
		}
		if (!used && (size_t)n < sizeof(text))
			break; /* the line is not complete yet */
		if (!used) {   /* a line without an end */
			print_line(text, (size_t)n, colour, out);
			used = (size_t)n;
		}
		*at += used;
	}
	fflush(out);
}

char *log_prefix(const char *name, size_t width, size_t index, FILE *out)
{
	static const int colours[] = { 36, 33, 32, 35, 34, 96, 93, 92, 95, 94 };
	if (!wants_colour(out))
		return xasprintf("%-*s | ", (int)width, name);
	return xasprintf("\033[%dm%-*s |\033[0m ", colours[index % ARRAY_LEN(colours)], (int)width, name);
}
