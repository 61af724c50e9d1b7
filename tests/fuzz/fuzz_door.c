/*
 * fuzz_door.c - any words as a job's request at the engine's door: what is let through has as many descriptors as it opened
 * files, and its environment is ours.
 */
#include <fcntl.h>

#include "pipeline/engine_door.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct engine engine = { .root = (char *)"/nonexistent" };
	static struct ci_run run = { .engine = &engine, .path = (char *)"/nonexistent" };
	static struct job job = { .dir = (char *)"jobs/0" };
	static struct job_trip t = { .run = &run, .job = &job, .project_dir = (char *)"/builds/p", .work = -1 };
	struct door_words w = { .dir = -1 };
	struct mc_err err = { 0 };
	_cleanup_free_ char *text = xstrndup((const char *)data, size);
	_cleanup_strv_ char **words = NULL;
	if (t.work < 0)
		t.work = open("/usr/include/linux", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	run.lend_deploy = size & 1;
	for (char *save = NULL, *p = strtok_r(text, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
		strv_push(&words, p);
	if (strv_len(words) > 1 && door_words_check(&t, words[0], words + 1, words, &w, &err) >= 0)
		for (char **e = w.env; *e; e++)
			if (str_starts(*e, "LD_"))
				abort();
	door_words_release(&w);
	return 0;
}
