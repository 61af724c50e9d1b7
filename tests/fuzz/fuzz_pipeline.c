/*
 * fuzz_pipeline.c - any bytes as a .gitlab-ci.yml: includes, extends, references, rules, jobs and their needs; then the same
 * bytes as a condition, a pattern and a dotenv report.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/warn.h"
#include "pipeline/ci_if.h"
#include "pipeline/ci_model.h"
#include "pipeline/ci_regex.h"

static int project(struct json **ret)
{
	static char dir[] = "/tmp/minictr-fuzz-pipeline.XXXXXX";
	static int fd = -1;
	static struct json *saved;
	if (fd < 0) {
		fd = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		saved = json_new_object();
		json_set_string(saved, "Dir", dir);
		json_set_string(saved, "Branch", "main");
		warn_to(warn_drop);
	}
	*ret = saved;
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *saved;
	struct mc_err err = { 0 };
	struct ci_model m;
	struct ci_vars v = { 0 };
	int dir = project(&saved);
	struct ci_options o = { .dir = "/", .file = "ci.yml", .saved = saved, .saved_files = dir };
	if (dir < 0 || file_write_atomic(dir, "ci.yml", data, size, 0600, 0, &err) < 0)
		return 0;
	if (ci_model_load(&o, &m, &err) == 0)
		ci_model_release(&m);
	char *text = xstrndup((const char *)data, size < 2000 ? size : 2000), *out = NULL;
	(void)ci_vars_read_dotenv(text, &v, &err);
	ci_vars_set(&v, "A", text);
	(void)ci_if(text, &v, &err);
	(void)ci_regex_match(text, "feature/x-1", &err);
	if (ci_vars_expand(&v, text, &out, &err) >= 0)
		free(out);
	free(text);
	ci_vars_release(&v);
	return 0;
}
