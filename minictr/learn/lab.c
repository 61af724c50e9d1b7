/*
 * lab.c - reads labs/NN-word/lab.ini into the structs the tool works with.
 * No system call here but reading: deciding and acting is the commands' part.
 */
#include "learn/lab.h"

#include <fcntl.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/source.h"

char **lab_names(void)
{
	struct mc_err err;
	char **all = NULL, **labs = xcalloc(1, sizeof(char *));
	dir_list(AT_FDCWD, "labs", &all, &err);
	for (char **name = all; name && *name; name++) {
		_cleanup_free_ char *ini = xasprintf("labs/%s/lab.ini", *name);
		if (strspn(*name, "0123456789") == 2 && (*name)[2] == '-' && path_exists(AT_FDCWD, ini))
			strv_push(&labs, *name);
	}
	strv_free(all);
	return labs;
}

static char *lab_dir_name(const char *number)
{
	char two[3] = "", *found = NULL;
	if (strspn(number, "0123456789") == 1)
		snprintf(two, sizeof(two), "0%c", number[0]);
	else
		snprintf(two, sizeof(two), "%.2s", number);
	char **names = lab_names();
	for (char **n = names; *n && !found; n++)
		if (strncmp(*n, two, 2) == 0 && strlen(two) == 2)
			found = xstrdup(*n);
	strv_free(names);
	return found;
}

static const char *text_or(const char *text, const char *otherwise) { return text ? text : otherwise; }

static void load_file(struct lab *l, const char *name)
{
	struct lab_file *f = &l->file[l->files++];
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	f->name = xstrdup(name);
	f->source = str_starts(name, "labs/") ? xstrdup(name) : xasprintf("minictr/%s", name);
	f->work = xasprintf("work/%s/%s", l->name, base);
	f->stem = xstrndup(base, strcspn(base, "."));
}

static void find_function(struct lab *l, struct lab_task *t)
{
	struct mc_err err;
	t->file = -1;
	for (int i = 0; i < l->files; i++) {
		struct source *s = NULL;
		if (source_read(l->file[i].source, &s, &err) < 0)
			continue;
		const struct function *f = source_function(s, t->function);
		if (f) {
			t->file = i;
			t->line = f->line;
			struct source *mine = NULL;
			if (source_read(l->file[i].work, &mine, &err) == 0 &&
				(f = source_function(mine, t->function)))
				t->line = f->line;
			source_free(mine);
		}
		source_free(s);
	}
}

static void load_task(struct lab *l, const char *id)
{
	struct lab_task *t = &l->task[l->tasks++];
	const struct check_entry *checks = lab_checks(l->number);
	const char *exempt = ini_get(l->ini, id, "exempt");
	snprintf(t->id, sizeof(t->id), "%s", id);
	t->function = xstrdup(text_or(ini_get(l->ini, id, "function"), ""));
	t->title = xstrdup(text_or(ini_get(l->ini, id, "title"), t->function));
	t->todo = xstrdup(ini_get(l->ini, id, "todo"));
	t->as_is = str_eq(ini_get(l->ini, id, "start"), "as-is");
	t->points = (int)ini_number(l->ini, id, "points", 1);
	t->seconds = (int)ini_number(l->ini, id, "seconds", 20);
	t->needs = words_of(ini_get(l->ini, id, "needs"));
	/* Every task runs in the crash box, and the box is a user namespace first of all. */
	_cleanup_free_ char *features =
		xasprintf("userns %s %s", text_or(ini_get(l->ini, "lab", "features"), ""),
			text_or(ini_get(l->ini, id, "features"), ""));
	t->features = words_of(features);
	t->exempt = exempt;
	for (size_t i = 0; checks && checks[i].task; i++)
		if (str_eq(checks[i].task, id))
			t->check = checks[i].run;
	find_function(l, t);
}

static int load_parts(struct lab *l, struct mc_err *err)
{
	char **files = words_of(ini_get(l->ini, "lab", "files"));
	for (char **f = files; *f && l->files < LAB_FILES; f++)
		load_file(l, *f);
	strv_free(files);
	const char *section;
	for (size_t i = 0; (section = ini_section(l->ini, i)); i++) {
		if (!strchr(section, '.'))
			continue;
		if (l->tasks == LAB_TASKS)
			return err_set(err, EINVAL, "%s/lab.ini: more than %d tasks", l->dir, LAB_TASKS);
		load_task(l, section);
	}
	return l->files && l->tasks ? 0 : err_set(err, EINVAL, "%s/lab.ini: no files or no tasks", l->dir);
}

int lab_load(const char *number, struct lab **ret, struct mc_err *err)
{
	struct lab *l = xcalloc(1, sizeof(*l));
	l->name = lab_dir_name(number);
	if (!l->name) {
		free(l);
		err_set(err, ENOENT, "there is no lab %s", number);
		return err_hint(err, "`lab list` shows all of them");
	}
	memcpy(l->number, l->name, 2);
	l->dir = xasprintf("labs/%s", l->name);
	_cleanup_free_ char *ini = xasprintf("%s/lab.ini", l->dir),
			    *misread = xasprintf("%s/misread.ini", l->dir);
	int rc = ini_read(ini, &l->ini, err);
	if (rc < 0)
		return rc;
	struct mc_err absent;
	ini_read(misread, &l->misread, &absent);
	ini_read("labs/misread.ini", &l->misread_common, &absent);
	const char *answer = ini_get(l->ini, "lab", "predict_answer");
	l->title = xstrdup(text_or(ini_get(l->ini, "lab", "title"), l->name + 3));
	l->tutorial = xstrdup(text_or(ini_get(l->ini, "lab", "tutorial"), l->number));
	l->predict = xstrdup(ini_get(l->ini, "lab", "predict"));
	l->predict_answer = answer ? *answer : '\0';
	l->minutes = (int)ini_number(l->ini, "lab", "minutes", 45);
	l->interface = (int)ini_number(l->ini, "lab", "interface", 1);
	l->programs = words_of(ini_get(l->ini, "lab", "programs"));
	rc = load_parts(l, err);
	*ret = l;
	return rc;
}

struct lab_task *lab_task(struct lab *l, const char *id)
{
	for (int i = 0; i < l->tasks; i++)
		if (str_eq(l->task[i].id, id))
			return &l->task[i];
	return NULL;
}

int lab_points(const struct lab *l)
{
	int sum = 0;
	for (int i = 0; i < l->tasks; i++)
		sum += l->task[i].points;
	return sum;
}

const char *lab_misread(const struct lab *l, const char *id)
{
	const char *text = l->misread ? ini_get(l->misread, id, "text") : NULL;
	return text || !l->misread_common ? text : ini_get(l->misread_common, id, "text");
}
