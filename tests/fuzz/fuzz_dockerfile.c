/*
 * fuzz_dockerfile.c - any bytes as a Dockerfile: parsed, its stages resolved, gone through as a build would, linted, shown.
 */
#include "build/lints.h"
#include "build/resolve.h"

static void stage_run(struct dockerfile *d, struct args *args, size_t s, struct stage_config done[])
{
	static const struct build_platform here = { "linux", "amd64", NULL };
	struct stage_config *c = &done[s];
	const struct stage_config *parent = d->stages[s].base >= 0 ? &done[d->stages[s].base] : NULL;
	struct mc_err err;
	stage_config_begin(c, parent ? parent->image : NULL, &here, parent, &err);
	for (size_t k = 1; k < d->stages[s].n; k++) {
		struct vars v = { .values = c->vars, .escape = d->escape };
		struct instruction ready;
		if (instruction_resolve(&d->stages[s].list[k], &v, d->name, NULL, &ready, &err) < 0)
			continue;
		if (ready.kind == DO_RUN && ready.n_words)
			strv_free(stage_config_argv(c, &ready));
		if (stage_config_apply(c, args, &ready, d, &err) == 0)
			stage_config_history(c, &ready, 0, true);
		instruction_free(&ready);
	}
}

static void all_stages(struct dockerfile *d, struct args *args)
{
	struct problems found = { 0 }, broken = { 0 };
	struct buf out = { 0 };
	struct mc_err err;
	bool need[DOCKERFILE_MAX_STAGES], error;
	struct lint_input in = { .d = d, .args = args };
	struct stage_config *done = calloc(d->n_stages, sizeof(*done));
	(void)stages_needed(d, NULL, need, &err);
	for (size_t s = 0; s < d->n_stages; s++)
		stage_run(d, args, s, done);
	(void)dockerfile_lint(&in, &found, &broken, &error, &err);
	lints_render(d, &found, &out);
	for (size_t s = 0; s < d->n_stages; s++)
		stage_config_free(&done[s]);
	free(done);
	problems_free(&found);
	problems_free(&broken);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct build_platform here = { "linux", "amd64", NULL };
	struct dockerfile *d = NULL;
	struct problems p = { 0 };
	struct args args = { 0 };
	struct buf out = { 0 };
	struct mc_err err;
	args_init(&args, (char *[]){ "A=1", "B=", NULL }, &here, &here, NULL);
	int rc = dockerfile_parse((const char *)data, size, "Dockerfile", &d, &p, &err);
	problems_render(d, &p, &out);
	if (rc == 0 && args_global(&args, d, NULL, &err) == 0 && dockerfile_resolve(d, &args, NULL, &err) == 0)
		all_stages(d, &args);
	buf_release(&out);
	args_free(&args);
	problems_free(&p);
	dockerfile_free(&d);
	return 0;
}
