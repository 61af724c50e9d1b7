/*
 * fuzz_words.c - any bytes as a line at the prompt, then as flags of a command.
 */
#include "cli/command.h"
#include "cli/prompt/repl.h"

struct values {
	bool a, b;
	const char *s;
	char **list;
	int n;
	int64_t bytes, cpus, time;
};

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct values, a), NULL, "x" },
	{ 'b', NULL, OPT_FLAG, offsetof(struct values, b), NULL, "x" },
	{ 's', "string", OPT_STRING, offsetof(struct values, s), "x", "x" },
	{ 'l', "list", OPT_LIST, offsetof(struct values, list), "x", "x" },
	{ 'n', "number", OPT_INT, offsetof(struct values, n), "x", "x" },
	{ 'm', "memory", OPT_BYTES, offsetof(struct values, bytes), "x", "x" },
	{ 0, "cpus", OPT_CPUS, offsetof(struct values, cpus), "x", "x" },
	{ 0, "time", OPT_DURATION, offsetof(struct values, time), "x", "x" },
	{ 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct command cmd = { .name = "x", .options = options };
	struct values v = { 0 };
	struct mc_err err;
	char **words = NULL;
	bool help = false;
	char *line = xstrndup((const char *)data, size);
	if (repl_split(line, &words, &err) == 0 && words) {
		size_t n = strv_len(words);
		char **argv =
			xcalloc(n + 1, sizeof(*argv)); /* parsing moves words about: the vector keeps them */
		memcpy(argv, words, n * sizeof(*argv));
		(void)options_parse(&cmd, (int)n, argv, &v, &help, &err);
		options_release(options, &v);
		free(argv);
	}
	strv_free(words);
	free(line);
	return 0;
}
