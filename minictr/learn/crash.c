/*
 * crash.c - where a learner's program crashed: file and line.
 *
 * The crashed program told code addresses, from the fault outwards. addr2line(1) turns them into lines by
 * the debug information of the executable beside it; the first line in a file of the learner's is the place
 * to look at, because what lies further in is a library that was handed something wrong. The program's word
 * is not believed for anything else: the verdict is the kernel's wait status.
 */
#include "learn/crash.h"

#include <fcntl.h>
#include "base/file.h"
#include "learn/grade.h"
#include "learn/work_state.h"

size_t crash_take(struct record *r, const char *program, char *out, size_t len)
{
	const char *name = strrchr(program, '/');
	char *line;
	while (str_starts(program, "/lab/mine/") && (line = strstr(out, "\n" CRASH_WORD))) {
		size_t n = strcspn(line + 1, "\n");
		snprintf(r->crash, sizeof(r->crash), "%.*s", (int)(n - strlen(CRASH_WORD)),
			line + 1 + strlen(CRASH_WORD));
		snprintf(r->crash_program, sizeof(r->crash_program), "%s", name + 1);
		size_t whole = n + 1 + (line[n + 1] == '\n');
		memmove(line, line + whole, len - (size_t)(line - out) - whole + 1);
		len -= whole;
	}
	return len;
}

/* The executable with names: a drive program's stands beside it, stripped of them. */
static char *program_with_names(const struct grading *g, const struct record *r)
{
	char *debug = xasprintf("%s/%s.debug", g->paths.mine, r->crash_program);
	if (path_exists(AT_FDCWD, debug))
		return debug;
	free(debug);
	return xasprintf("%s/%s", g->paths.mine, r->crash_program);
}

static bool anchor_of(char *program, uint64_t *ret)
{
	struct mc_err err;
	_cleanup_buf_ struct buf out = { 0 };
	char *const argv[] = { "nm", program, NULL };
	if (person_run(argv, &out, &err) != 0 || !out.data)
		return false;
	const char *at = strstr(out.data, " crash_anchor\n");
	while (at && at > out.data && at[-1] != '\n')
		at--;
	*ret = at ? strtoull(at, NULL, 16) : 0;
	return at != NULL;
}

/* "work/01-chroot/rootfs.c:41" among addr2line's answers, one a line: the first in an owned file. */
static bool find_own_line(const struct grading *g, struct record *r, const char *answers)
{
	for (const char *line = answers; line && *line; line += strcspn(line, "\n"), line += *line == '\n')
		for (int i = 0; i < g->lab->files; i++) {
			const char *work = g->lab->file[i].work, *base = strrchr(work, '/');
			_cleanup_free_ char *one = xstrndup(line, strcspn(line, "\n"));
			char *colon = strrchr(one, ':');
			if (!colon || atoi(colon + 1) <= 0)
				continue;
			*colon = '\0';
			/* The reference's file has the same name, and a mutant's stands elsewhere. */
			if (!base || !str_ends(one, base) || str_ends(one, g->lab->file[i].source))
				continue;
			snprintf(r->look_file, sizeof(r->look_file), "%s", work);
			r->look_line = atoi(colon + 1);
			return true;
		}
	return false;
}

void crash_find(const struct grading *g, struct record *r)
{
	struct mc_err err;
	uint64_t anchor;
	if (!r->crash[0] || !g->paths.mine)
		return;
	_cleanup_free_ char *program = program_with_names(g, r);
	_cleanup_strv_ char **argv = xcalloc(1, sizeof(char *));
	_cleanup_buf_ struct buf out = { 0 };
	if (!anchor_of(program, &anchor))
		return;
	strv_push(&argv, "addr2line");
	strv_push(&argv, "-ie"); /* i: what was inlined into a line names that line, too */
	strv_push(&argv, program);
	for (const char *p = r->crash + strcspn(r->crash, " "); *p == ' '; p += strcspn(p, " ")) {
		p++;
		uint64_t offset = strtoull(p + (*p == '-'), NULL, 16);
		strv_pushf(
			&argv, "%llx", (unsigned long long)(*p == '-' ? anchor - offset : anchor + offset));
	}
	r->crashed = person_run(argv, &out, &err) == 0 && find_own_line(g, r, out.data);
}
