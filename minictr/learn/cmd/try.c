/*
 * cmd/try.c - `lab try N [ARG...]`: compiles the chapter's program and runs it as root of a crash box.
 *
 * tutorial/code/NN-word.c names its libraries in a line "Build: cc -o word NN-word.c -lcrypto". Nothing it
 * does reaches the host (box/box.h), so a learner may change it and try again, without being root.
 */
#include <fcntl.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/work_state.h"

static char *program_source(const char *number)
{
	struct mc_err err;
	char **names = NULL, two[16] = "", *found = NULL;
	snprintf(two, sizeof(two), "%02d-", atoi(number));
	if (dir_list(AT_FDCWD, "tutorial/code", &names, &err) < 0)
		return NULL;
	for (char **n = names; *n && !found; n++)
		if (str_starts(*n, two) && str_ends(*n, ".c"))
			found = xasprintf("tutorial/code/%s", *n);
	strv_free(names);
	return found;
}

/* The words of the file's "Build:" line that name libraries. */
static void push_libraries(char ***argv, const char *text)
{
	const char *line = strstr(text, "Build: ");
	_cleanup_free_ char *words = line ? xstrndup(line, strcspn(line, "\n")) : xstrdup("");
	char *save = NULL;
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (str_starts(w, "-l"))
			strv_push(argv, w);
}

static int try_compile(const char *source, const char *program, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 }, out = { 0 };
	_cleanup_strv_ char **argv = xcalloc(1, sizeof(char *));
	int rc = file_read(AT_FDCWD, source, 1 << 20, &text, err);
	if (rc < 0)
		return rc;
	const char *const words[] = { "cc", "-Wall", "-g", "-o", program, source };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strv_push(&argv, words[i]);
	push_libraries(&argv, text.data);
	rc = person_run(argv, &out, err);
	if (out.len)
		fputs(out.data, stderr);
	return rc > 0 ? err_set(err, EINVAL, "%s does not compile", source) : rc;
}

/* An unprivileged user's box has fewer ids and no control group: the program then fails for this reason. */
static void tell_what_is_missing(const char *number)
{
	static const char *const of_the_box[] = { "cgroup", "ids" };
	struct lab *l = NULL;
	struct mc_err err;
	if (lab_load(number, &l, &err) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(of_the_box); i++)
		if (strv_has(l->task[0].features, of_the_box[i]) && feature_missing(of_the_box[i]))
			printf("env: not all of it can be shown here. It %s\n",
				feature_missing(of_the_box[i]));
}

int cmd_try(int argc, char **argv)
{
	struct mc_err err = { 0 };
	const char *number = argc > 1 ? argv[1] : state_current_lab();
	_cleanup_free_ char *source = program_source(number ? number : "0");
	if (!source) {
		fprintf(stderr, "lab: there is no program for chapter %s; they stand in tutorial/code/\n",
			number ? number : "0");
		return 2;
	}
	const char *base = strrchr(source, '/') + 1;
	_cleanup_free_ char *program =
		xasprintf("%s/mine/try-%.*s", build_folder(), (int)strcspn(base, "."), base);
	_cleanup_free_ char *inside = xasprintf("/work/try-%.*s", (int)strcspn(base, "."), base);
	_cleanup_free_ char *copy = realpath(".", NULL);
	_cleanup_free_ char *host =
		xasprintf("%s%s%s", *program == '/' ? "" : copy, *program == '/' ? "" : "/", program);
	int rc = person_mkdir(xasprintf("%s/mine", build_folder()), &err);
	if (rc == 0)
		rc = try_compile(source, program, &err);
	if (rc < 0)
		return fail(&err, 1);
	_cleanup_strv_ char **words = xcalloc(1, sizeof(char *));
	const char *const first[] = { "box", "--copy", host, inside };
	printf("%s, as root of a crash box:\n", source);
	tell_what_is_missing(number ? number : "0");
	fflush(stdout);
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		strv_push(&words, first[i]);
	for (int i = 2; i < argc; i++)
		strv_push(&words, argv[i]);
	return cmd_box((int)strv_len(words), words);
}
