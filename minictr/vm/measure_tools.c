/*
 * measure_tools.c - what all measurements of a comparison need: rows of the document, `minictr run` and
 * `minictr vm run` with the same options, one that holds still and is asked.
 */
#include "vm/measure.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"

enum { ANSWER_MAX = 65536, HOLD_SECONDS = 150, HOLD_US = 20000 };

const char *const side_names[SIDES] = { "container", "vm" };
static volatile sig_atomic_t interrupted;

void measure_interrupt(int signal) { interrupted = 1; }

bool measure_interrupted(void) { return interrupted; }

/* --- the document --- */

static struct json *row_of(struct measuring *m, const char *key)
{
	for (size_t i = 0; i < json_len(m->rows); i++)
		if (str_eq(json_text_of(json_member(json_item(m->rows, i), "key")), key))
			return (struct json *)json_item(m->rows, i);
	struct json *row = json_add(m->rows, json_new_object());
	json_set_string(row, "key", key);
	return row;
}

void measure_number(struct measuring *m, const char *key, int side, double value)
{
	json_set(row_of(m, key), side_names[side], json_new_double(value));
}

void measure_text(struct measuring *m, const char *key, int side, const char *text)
{
	_cleanup_free_ char *name = xasprintf("%s_text", side_names[side]);
	json_set_string(row_of(m, key), name, text);
}

void measure_note(struct measuring *m, const char *key, const char *why)
{
	json_set_string(row_of(m, key), "note", why);
}

void measure_samples(struct measuring *m, const char *key, int side, const uint64_t ns[], int n)
{
	_cleanup_free_ char *name = xasprintf("%s_samples", side_names[side]);
	struct json *list = json_set(row_of(m, key), name, json_new_array());
	for (int i = 0; i < n; i++)
		json_add(list, json_new_double((double)ns[i] / 1e6));
}

/* --- starting things --- */

int measure_run(struct measuring *m, char *const words[], struct buf *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf ignored = { 0 };
	_cleanup_strv_ char **argv = NULL;
	strv_push(&argv, m->minictr);
	for (size_t i = 0; words[i]; i++)
		strv_push(&argv, words[i]);
	struct spawn s = { .argv = argv, .in = SPAWN_NULL, .err = SPAWN_INHERIT };
	int rc = spawn_read(&s, ANSWER_MAX, ret ? ret : &ignored, err);
	return interrupted ? err_set(err, EINTR, "interrupted") : rc;
}

char **measure_words(struct measuring *m, int side, char *const options[])
{
	char **words = NULL;
	if (m->warned)
		strv_push(&words, "--log-level=error");
	if (side == SIDE_VM)
		strv_push(&words, "vm");
	strv_push(&words, "run");
	for (size_t i = 0; options && options[i]; i++)
		strv_push(&words, options[i]);
	strv_push(&words, "-u");
	strv_push(&words, "0");
	if (side == SIDE_VM) {
		strv_push(&words, "-q");
		strv_push(&words, "--accel");
		strv_push(&words, m->o->accel ? m->o->accel : "auto");
		if (m->o->kernel) {
			strv_push(&words, "--kernel");
			strv_push(&words, m->o->kernel);
		}
		strv_pushf(&words, "--memory=%lluk", (unsigned long long)(m->o->memory >> 10));
		strv_pushf(&words, "--file=%s:/minictr-probe", m->probe_file);
	} else {
		strv_push(&words, "--network=none");
		strv_pushf(&words, "-v%s:/minictr-probe:ro", m->probe_file);
	}
	strv_push(&words, "--entrypoint=/minictr-probe");
	strv_push(&words, m->o->image);
	return words;
}

/* --- one that holds still --- */

static bool log_has(struct measuring *m, int side, const char *name, const char *word)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_container_ struct container c = { 0 };
	struct engine *e = side == SIDE_VM ? &m->h->machines : m->h->engine;
	if (container_find(e, name, &c, &ignored) < 0)
		return false;
	_cleanup_free_ char *path = container_path(e, c.id, "log");
	return file_read(AT_FDCWD, path, 1 << 20, &b, &ignored) == 0 && b.data && strstr(b.data, word);
}

int measure_wait_log(struct measuring *m, int side, const char *name, const char *word, struct mc_err *err)
{
	for (int i = 0; i < HOLD_SECONDS * 1000000 / HOLD_US; i++) {
		if (interrupted)
			return err_set(err, EINTR, "interrupted");
		if (log_has(m, side, name, word))
			return 0;
		usleep(HOLD_US);
	}
	return err_set(err, ETIMEDOUT, "%s %s does not say \"%s\"", side_names[side], name, word);
}

int measure_hold(struct measuring *m, int side, const char *name, char *const limits[], const char *children,
	struct probe *ret, struct mc_err *err)
{
	_cleanup_strv_ char **options = NULL;
	strv_push(&options, "-d");
	strv_pushf(&options, "--name=%s", name);
	for (size_t i = 0; limits && limits[i]; i++)
		strv_push(&options, limits[i]);
	_cleanup_strv_ char **words = measure_words(m, side, options);
	strv_push(&words, "hold");
	strv_push(&words, m->tag);
	strv_push(&words, children);
	int rc = measure_run(m, words, NULL, err);
	if (rc > 0)
		rc = err_set(err, EIO, "%s %s did not start", side_names[side], name);
	if (rc == 0)
		rc = measure_wait_log(m, side, name, "holding", err);
	_cleanup_container_ struct container c = { 0 };
	struct engine *e = side == SIDE_VM ? &m->h->machines : m->h->engine;
	if (rc == 0)
		rc = container_find(e, name, &c, err);
	*ret = (struct probe){ .name = side_names[side], .root = c.monitor.pid, .mark = m->tag };
	return rc < 0 ? rc : 0;
}

int measure_exec(struct measuring *m, int side, const char *word, double *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf said = { 0 };
	_cleanup_strv_ char **words = strv_copy(m->exec[side] + 1);
	strv_push(&words, word);
	int rc = measure_run(m, words, &said, err);
	if (rc == 0 && said.data)
		*ret = strtod(said.data, NULL);
	return rc;
}
