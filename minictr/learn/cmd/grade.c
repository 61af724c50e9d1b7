/*
 * cmd/grade.c - `lab grade DIR...`: a teacher grades what learners handed in, from a fresh build.
 *
 * DIR is a learner's checkout, or a copy of its work/ directory; only the owned files of each lab are taken
 * from it, and they are read as any learner's (no links, no fifos, limits). Everything else, checks,
 * reference, headers and the drive programs, is this tree's. Points, history and objects that came along
 * count for nothing. Learners' code runs in crash boxes only, as everywhere.
 */
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/work_state.h"
#include "learn/workshop.h"

struct round {
	FILE *csv;        /* NULL: none */
	const char *seed; /* hex; NULL: a new one for each learner */
	const char *lab;  /* "01": only this one; NULL: all that were handed in */
	int points, most; /* of the present learner */
	bool trouble;
};

/* "…/ana" or "…/ana/work": the directory with NN-name directories. Caller frees. */
static char *handed_in(const char *dir)
{
	char *work = xasprintf("%s/work", dir);
	if (path_is_dir(AT_FDCWD, work))
		return work;
	free(work);
	return xstrdup(dir);
}

/* A name that can stand in a file name and in a CSV field: the directory's, plain characters only. */
static char *learner_name(const char *dir)
{
	_cleanup_free_ char *real = realpath(dir, NULL);
	const char *base = real ? strrchr(real, '/') : NULL;
	char *name = xstrdup(base && base[1] ? base + 1 : dir);
	for (char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", *p))
			*p = '_';
	return name;
}

/* What was handed in is a directory's own files: a link would lead to a neighbour's, or to the teacher's. */
static bool goes_by_link(const char *folder, const struct lab *l, struct complaint *c)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", folder, l->name);
	const char *const ways[] = { str_ends(folder, "/work") ? folder : NULL, path };
	struct stat st;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (ways[i] && lstat(ways[i], &st) == 0 && S_ISLNK(st.st_mode)) {
			buf_addf(&c->text, "%s is a link; what is handed in is a plain folder\n", ways[i]);
			return true;
		}
	return false;
}

/*
 * Copies the learner's files of the lab to the build's directory, because the compiler's box shows this tree
 * only, and adds them to the build. Returns how many there are; 1 with *c set when one cannot be read.
 */
static int add_files(struct build *b, const struct lab *l, const char *from, struct complaint *c)
{
	int any = 0;
	bool linked = goes_by_link(from, l, c);
	for (int i = 0; i < l->files; i++) {
		struct mc_err err = { 0 };
		_cleanup_buf_ struct buf text = { 0 };
		_cleanup_free_ char *path = xasprintf("%s/%s/%s.c", from, l->name, l->file[i].stem),
				    *copy = xasprintf("%s/%s.c", b->dir, l->file[i].stem);
		bool there = path_exists(AT_FDCWD, path);
		if (there && !linked &&
			(work_read(path, WORKSHOP_SOURCE_MAX, &text, &err) < 0 ||
				person_write(copy, text.data ? text.data : "", &err) < 0))
			buf_addf(&c->text, "%s\n", err.what);
		build_add(b, l, i, there ? copy : NULL);
		any += there;
	}
	return any;
}

static void tell_lab(struct round *r, const char *name, const struct lab *l, const struct grading *g)
{
	printf("  %-16s %s %-34s %2d of %2d  ", name, l->number, l->title, grade_points(g), lab_points(l));
	for (int i = 0; i < l->tasks; i++) {
		const struct record *c = &g->record[i];
		printf(" %s:%s", l->task[i].id + 3, verdict_name(c->verdict));
		r->trouble |= c->verdict == VERDICT_TROUBLE;
		if (r->csv)
			fprintf(r->csv, "%s,%s,%s,%s,%d,%d,%s,%x\n", name, l->number, l->task[i].id,
				verdict_name(c->verdict), c->verdict == VERDICT_OK ? l->task[i].points : 0,
				l->task[i].points, c->misread, (unsigned)g->seed);
	}
	printf("   (seed %x)\n", (unsigned)g->seed);
	r->points += grade_points(g);
	fflush(stdout);
}

/* Task 00.1 asks each learner for a word of their own; here it is the one that they put in. Caller frees. */
static char *own_word(const struct build *b, const struct lab *l)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	const char *source = b->unit[0].source;
	if (!str_eq(l->number, "00") || !source || file_read(AT_FDCWD, source, 1 << 16, &text, &err) < 0)
		return NULL;
	const char *at = text.data ? strstr(text.data, "return \"") : NULL;
	return at ? xstrndup(at + 8, strcspn(at + 8, "\"\n")) : NULL;
}

/* What does not build has no points, and the first line of the compiler says why. */
static void tell_unbuilt(struct round *r, const char *name, const struct lab *l, const char *why)
{
	const char *second = strchr(why, '\n'); /* the first names the file, the second the fault */
	const char *line = second && second[1] ? second + 1 + strspn(second + 1, " ") : why;
	printf("  %-16s %s %-34s  0 of %2d   does not build: %.*s\n", name, l->number, l->title,
		lab_points(l), (int)strcspn(line, "\n"), line);
	for (int i = 0; r->csv && i < l->tasks; i++)
		fprintf(r->csv, "%s,%s,%s,build,0,%d,,\n", name, l->number, l->task[i].id, l->task[i].points);
}

static void grade_lab(struct round *r, const char *name, const char *from, struct lab *l)
{
	static struct build b;
	struct grading g;
	struct complaint c = { 0 };
	struct mc_err err = { 0 };
	char *ref = NULL;
	_cleanup_free_ char *dir = xasprintf("%s/mine/grade", build_folder());
	if (path_exists(AT_FDCWD, dir) && dir_remove(AT_FDCWD, dir, &err) < 0) {
		r->trouble = fail(&err, 3) != 0;
		return;
	}
	grading_init(&g, l);
	g.seed = r->seed ? (uint32_t)strtoul(r->seed, NULL, 16) : g.seed;
	g.predicted = 0;
	int rc = build_open(&b, dir, &err);
	if (rc == 0 && !add_files(&b, l, from, &c)) {
		build_close(&b);
		return; /* nothing of this lab was handed in */
	}
	r->most += lab_points(l);
	if (rc == 0 && c.text.len)
		rc = 1;
	rc = rc == 0 ? build_reference(l, &ref, &err) : rc;
	rc = rc == 0 ? build_run(&b, l, l->programs, &c, &err) : rc;
	if (rc == 0) {
		g.build = &b;
		g.paths.mine = realpath(dir, NULL);
		_cleanup_free_ char *word = own_word(&b, l);
		g.word = word && !str_eq(word, "nobody") ? word : g.word;
		g.paths.ref = realpath(ref, NULL);
		grade_run(&g);
		tell_lab(r, name, l, &g);
	} else {
		tell_unbuilt(r, name, l, rc > 0 && c.text.data ? c.text.data : err.what);
		r->trouble |= rc < 0;
	}
	grade_release(&g);
	build_close(&b);
}

static void grade_learner(struct round *r, const char *dir)
{
	struct mc_err err;
	char **names = lab_names();
	_cleanup_free_ char *from = handed_in(dir), *name = learner_name(dir);
	r->points = r->most = 0;
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		if (lab_load(*n, &l, &err) == 0 && (!r->lab || str_eq(r->lab, l->number)))
			grade_lab(r, name, from, l);
	}
	strv_free(names);
	if (r->most)
		printf("%-18s %d of %d points\n", name, r->points, r->most);
	else
		printf("%-18s nothing handed in: no NN-name/*.c in %s\n", name, from);
	if (!r->most && r->csv)
		fprintf(r->csv, "%s,,,nothing,0,0,,\n", name);
	fflush(stdout);
}

static char *from_caller(const char *path)
{
	return *path == '/' ? xstrdup(path) : xasprintf("%s/%s", caller_directory, path);
}

int cmd_grade(int argc, char **argv)
{
	static const struct option longs[] = { { "csv", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' }, { "lab", required_argument, NULL, 'l' }, { 0 } };
	struct round r = { 0 };
	char two[8];
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		_cleanup_free_ char *path = c == 'c' ? from_caller(optarg) : NULL;
		if (c == '?')
			return 2;
		if (c == 's')
			r.seed = optarg;
		if (c == 'l') {
			snprintf(two, sizeof(two), "%02d", atoi(optarg));
			r.lab = two;
		}
		if (c == 'c' && !(r.csv = fopen(path, "we"))) {
			fprintf(stderr, "lab: %s cannot be written\n", path);
			return 2;
		}
	}
	if (!argv[optind]) {
		fprintf(stderr, "usage: lab grade [--csv FILE] [--seed HEX] [--lab N] DIR...   (DIR: what "
				"one learner "
				"handed in)\n");
		return 2;
	}
	if (r.csv)
		fprintf(r.csv, "learner,lab,task,verdict,points,max,misconception,seed\n");
	for (; argv[optind]; optind++) {
		_cleanup_free_ char *dir = from_caller(argv[optind]);
		if (path_is_dir(AT_FDCWD, dir)) {
			grade_learner(&r, dir);
			continue;
		}
		fprintf(stderr, "lab: %s is no folder\n", argv[optind]);
		r.trouble = true;
	}
	if (r.csv)
		fclose(r.csv);
	return r.trouble ? 3 : 0;
}
