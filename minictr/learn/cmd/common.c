/*
 * cmd/common.c - what the verbs share: choosing a lab or task, showing files, running the learner's commands.
 */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/wrap.h"
#include "learn/cmd/cmd.h"
#include "learn/markdown.h"
#include "learn/starter.h"
#include "learn/work_state.h"

char *caller_directory;

int fail(const struct mc_err *err, int status)
{
	err_print(err, "lab");
	return status;
}

static struct lab *loaded(const char *number)
{
	struct lab *l = NULL;
	struct mc_err err = { 0 };
	if (lab_load(number, &l, &err) < 0) {
		fail(&err, 2);
		return NULL;
	}
	return l;
}

struct lab *lab_argument(const char *text)
{
	const char *current = state_current_lab();
	if (!text && !current) {
		fprintf(stderr, "lab: no lab is started yet. Type: start 0\n");
		return NULL;
	}
	return loaded(text ? text : current);
}

struct lab_task *next_task(struct lab *l)
{
	/* lab.ini may name a shorter task to begin with: nothing else has been done then. */
	const char *first = ini_get(l->ini, "lab", "first");
	struct lab_task *begin = first ? lab_task(l, first) : NULL;
	if (begin && work_state_open(begin->id) && work_state_open(l->task[0].id))
		return begin;
	for (int i = 0; i < l->tasks; i++)
		if (work_state_open(l->task[i].id))
			return &l->task[i];
	return NULL;
}

struct lab_task *task_argument(const char *text, struct lab **ret_lab)
{
	const char *dot = text ? strchr(text, '.') : NULL;
	char number[16] = "";
	if (dot)
		snprintf(number, sizeof(number), "%.*s", (int)(dot - text), text);
	*ret_lab = lab_argument(dot ? number : NULL);
	if (!*ret_lab)
		return NULL;
	struct lab *l = *ret_lab;
	struct lab_task *t = NULL;
	if (text) {
		_cleanup_free_ char *id = xasprintf("%s.%s", l->number, dot ? dot + 1 : text);
		t = lab_task(l, id);
	} else if (!(t = next_task(l))) {
		t = &l->task[l->tasks - 1];
	}
	if (!t)
		fprintf(stderr, "lab: lab %s has no task %s; it has %s to %s\n", l->number, text,
			l->task[0].id, l->task[l->tasks - 1].id);
	return t;
}

int run_command(char *const argv[])
{
	struct mc_err err = { 0 };
	fflush(NULL);
	int rc = person_run(argv, NULL, &err);
	return rc < 0 ? fail(&err, 1) : rc;
}

/* The text in the learner's pager, which can search and go back; else as it is. */
static void show_text(const char *text, bool page)
{
	static const char kept[] = ".lab/shown.txt";
	struct mc_err err;
	const char *pager = getenv("PAGER");
	_cleanup_free_ char *command = xasprintf("%s '%s'",
		pager && *pager ? pager
				: "less -FRX '-Psspace\\: on   b\\: back   /word\\: search   q\\: leave'",
		kept);
	char *const argv[] = { "sh", "-c", command, NULL };
	bool paged = page && isatty(0) && isatty(1) && person_mkdir(".lab", &err) == 0 &&
		     person_write(kept, text, &err) == 0 && run_command(argv) == 0;
	unlink(kept);
	if (!paged)
		fputs(text, stdout);
}

/* The lines of each paragraph become one. */
static void join_lines(char *text)
{
	for (char *p = text; *p; p++)
		if (*p == '\n' && p > text && p[-1] != '\n' && p[1] && p[1] != '\n')
			*p = ' ';
}

bool show_file(const char *path, bool page, bool prose)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 }, shown = { 0 };
	if (file_read(AT_FDCWD, path, 4 << 20, &text, &err) < 0)
		return false;
	/* A line that is too long is broken between words, and goes on below its first word. */
	char *rest = text.data, *line;
	size_t width = wrap_width(STDOUT_FILENO);
	if (prose && width && text.len)
		join_lines(text.data);
	buf_adds(&shown, "");
	while (rest && *rest && (line = strsep(&rest, "\n"))) {
		size_t size = 2 * strlen(line) + 4096;
		_cleanup_free_ char *out = xcalloc(1, size);
		wrap_text(out, size, line, width, strspn(line, " "));
		buf_addf(&shown, "%s\n", width ? out : line);
	}
	show_text(shown.data, page);
	return true;
}

static char *drawn(const char *markdown)
{
	const char *no = getenv("NO_COLOR");
	return markdown_text(markdown, wrap_width(STDOUT_FILENO), isatty(STDOUT_FILENO) && !(no && *no));
}

void show_code(const char *code)
{
	_cleanup_free_ char *block = xasprintf("```c\n%s\n```\n", code), *shown = drawn(block);
	fputs(isatty(STDOUT_FILENO) ? shown : code, stdout);
}

bool show_chapter(const char *path)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	if (file_read(AT_FDCWD, path, 4 << 20, &text, &err) < 0)
		return false;
	_cleanup_free_ char *shown = drawn(text.data ? text.data : "");
	show_text(shown, true);
	return true;
}

/* Executables of ours: beside this one. */
static char *beside(const char *name)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	return name ? xasprintf("%s/%s", self, name) : xstrdup(self);
}

void grading_init(struct grading *g, struct lab *l)
{
	char hex[5];
	*g = (struct grading){ .lab = l };
	random_hex(hex, 2);
	const char *predicted = state_get(l->number, "predicted");
	g->seed = (uint32_t)strtoul(hex, NULL, 16);
	g->word = state_word();
	g->predicted = predicted ? *predicted : '\0';
	g->paths.probe = beside("minictr-probe");
	g->paths.ref = beside(NULL);
}

int start_file(const struct lab *l, int i, struct mc_err *err)
{
	if (path_exists(AT_FDCWD, l->file[i].work))
		return 0;
	_cleanup_free_ char *text = NULL,
			    *base = xasprintf(".lab/base/%s", l->file[i].work + strlen("work/"));
	int rc = starter_text(l, i, &text, err);
	if (rc == 0)
		rc = person_write(l->file[i].work, text, err);
	if (rc ==
		0) /* as handed out: the common ancestor of `lab rebase`, and what `lab diff` compares with */
		rc = person_write(base, text, err);
	return rc < 0 ? rc : 1;
}

char *backup_directory(const struct lab *l)
{
	char stamp[32];
	time_t now = time(NULL);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime(&now));
	char *dir = xasprintf("work/%s/backup-%s", l->name, stamp);
	for (int n = 2; path_exists(AT_FDCWD, dir); n++) { /* a second one within a second */
		free(dir);
		dir = xasprintf("work/%s/backup-%s-%d", l->name, stamp, n);
	}
	return dir;
}
