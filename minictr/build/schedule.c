/*
 * schedule.c - stages side by side: a thread for each needed stage, and a slot for each processor.
 *
 * A stage waits where it needs another one (FROM, --from), and only then; a stage needs earlier ones only,
 * so no circle of waiting can come up. A step takes a slot when it runs, never while it waits. The first
 * failure ends the others: what they had finished stays in the cache. POSIX threads: pthreads(7).
 */
#include "build/stage_road.h"

#include <unistd.h>

#include "base/sys.h"

/* Readable (its other end is closed) once the build is to end. A signal handler can close a descriptor. */
static int cancel_pipe[2] = { -1, -1 };
static atomic_bool canceled;

int build_cancel_fd(void) { return cancel_pipe[0]; }

void build_cancel(void)
{
	if (!atomic_exchange(&canceled, true) && cancel_pipe[1] >= 0)
		close(cancel_pipe[1]);
}

bool build_canceled(void) { return atomic_load(&canceled); }

void builder_take_slot(struct builder *all)
{
	pthread_mutex_lock(&all->lock);
	while (!all->slots)
		pthread_cond_wait(&all->changed, &all->lock);
	all->slots--;
	pthread_mutex_unlock(&all->lock);
}

void builder_give_slot(struct builder *all)
{
	pthread_mutex_lock(&all->lock);
	all->slots++;
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
}

static void *stage_thread(void *arg)
{
	struct build *b = arg;
	int rc = b->all->build_stage(b, &b->err);
	if (rc < 0 && b->err.code != ECANCELED)
		build_cancel();
	pthread_mutex_lock(&b->all->lock);
	b->done = true;
	b->failed = rc < 0;
	pthread_cond_broadcast(&b->all->changed);
	pthread_mutex_unlock(&b->all->lock);
	return NULL;
}

/*
 * A stage that the file does not need may be named by an ONBUILD of a base image: that is known when
 * the image is read, not before. The stage is built then, by the thread that waits for it.
 */
int builder_await_stage(struct builder *all, size_t stage, struct mc_err *err)
{
	struct build *b = &all->stages[stage];
	pthread_mutex_lock(&all->lock);
	bool first = !b->started;
	if (first) {
		b->started = all->need[stage] = true;
		pthread_mutex_unlock(&all->lock);
		stage_thread(b);
		pthread_mutex_lock(&all->lock);
	}
	while (!b->done)
		pthread_cond_wait(&all->changed, &all->lock);
	bool failed = b->failed;
	pthread_mutex_unlock(&all->lock);
	return failed ? err_set(err, ECANCELED, "canceled") : 0;
}

static int first_failure(const struct builder *all, struct mc_err *err)
{
	const struct build *first = NULL;
	for (size_t i = 0; i < all->file->n_stages; i++) {
		const struct build *b = &all->stages[i];
		bool worse = first && first->err.code == ECANCELED && b->err.code != ECANCELED;
		if (all->need[i] && b->failed && (!first || worse))
			first = b;
	}
	if (!first)
		return 0;
	if (first->where.len)
		all->result->failed = xstrdup(first->where.data);
	*err = first->err;
	return -err->code;
}

int builder_run_stages(
	struct builder *all, int (*build)(struct build *b, struct mc_err *err), struct mc_err *err)
{
	size_t n = all->file->n_stages;
	_cleanup_free_ pthread_t *threads = xcalloc(n, sizeof(*threads));
	_cleanup_free_ bool *runs = xcalloc(n, sizeof(*runs));
	int rc = sys_pipe(cancel_pipe, err);
	if (rc < 0)
		return rc;
	all->slots = (int)sysconf(_SC_NPROCESSORS_ONLN);
	all->build_stage = build;
	for (size_t i = 0; i < n; i++) {
		all->stages[i].all = all;
		all->stages[i].index = i;
		all->stages[i].started = runs[i] = all->need[i];
	}
	for (size_t i = 0; i < n; i++) {
		struct build *b = &all->stages[i];
		if (!runs[i])
			continue;
		runs[i] = pthread_create(&threads[i], NULL, stage_thread, b) == 0;
		if (runs[i])
			continue;
		err_set(&b->err, EAGAIN, "a thread for a stage cannot be started");
		b->done = b->failed = true;
		build_cancel();
	}
	for (size_t i = 0; i < n; i++)
		if (runs[i])
			pthread_join(threads[i], NULL);
	return first_failure(all, err);
}
