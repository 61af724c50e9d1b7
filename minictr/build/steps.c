/*
 * steps.c - one step of a build: files change, and the change becomes a layer. Lab 06.
 *
 * A stage is a list of layers and a configuration. RUN and COPY each begin with an empty directory above
 * the layers so far (an overlay's upper directory, lab 04), change files in the merged view, and what then
 * lies in that directory is the new layer. Layers below never change: other stages, other images and the
 * cache share them. The cache key says what the result depends on. It names content, never times; and it
 * begins with the layers below, so that a step after a changed step is a miss as well. Left out, and
 * given: running the program (run_step.c), finding and writing files (copy_step.c, copy_into.c).
 */
#include "build/steps.h"

/*
 * Runs the program of a RUN in a container whose root is the stage's layers with an empty one on top.
 * When it ends with status 0, what it changed is a new layer of the stage; otherwise the stage keeps the
 * layers it had and the error names the status. Each RUN has a container of its own: only files go on to
 * the next step. Lab 06.2: one instruction, one container, one layer.
 */
int step_run(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct upper u;
	int status = 0;
	int rc = upper_begin(b, &u, err);
	if (rc == 0)
		rc = run_program(b, i, &u, &status, err);
	if (rc == 0 && status != 0)
		rc = run_failed(b, i, &u, status, err);
	/* Only success becomes a layer: a later build must not find a half-done change. */
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	return rc;
}

/*
 * Copies the files that i names to its destination; they are a new layer of the stage. Sources are looked
 * for beneath the root of the context (or of the stage that --from names) only, files that .dockerignore
 * names are not there, and the destination lies beneath the stage's root, whatever links either side
 * holds. Lab 06.3: a copy between two trees that trusts neither.
 */
int step_copy(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct copy_plan plan;
	struct upper u = { .root = -1 };
	int rc = copy_plan_make(b, i, &plan, err);
	if (rc == 0)
		rc = upper_begin(b, &u, err);
	for (size_t n = 0; rc == 0 && n < plan.tops.n; n++)
		rc = copy_plan_put(b, &plan, n, u.root, err);
	if (rc == 0)
		rc = copy_plan_extra(b, &plan, u.root, err);
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	copy_plan_release(&plan);
	return rc;
}

/*
 * The key of what i will do to the files of b. Equal keys mean equal results: the layers below, and of a
 * RUN the words, environment, directory and user of its program; of a COPY the destination, the owner
 * asked for, and of each file its name, type, mode and bytes; of a WORKDIR the directory and its user.
 * Nothing else is in it: no time of a file, no comment, no label. (A COPY --link names the directories
 * above its destination in place of the layers below; key_begin() and copy_key() see to that.) Lab 06.4: a
 * cache hit is a proof, not a guess.
 */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err)
{
	struct key k;
	int rc = 0;
	key_begin(&k, b, i->name); /* the layers below come first: a miss makes all that follows miss */
	if (i->kind == DO_RUN) {
		rc = run_key(b, i, &k, err);
	} else if (i->kind == DO_COPY || i->kind == DO_ADD) {
		rc = copy_key(b, i, &k, err);
	} else { /* WORKDIR: a directory, owned by USER */
		_cleanup_free_ char *path = stage_config_path(&b->config, i->words[0]);
		key_add(&k, "path", path);
		key_add(&k, "user", stage_config_user(&b->config));
	}
	key_end(&k, ret);
	return rc;
}
