/*
 * walk_file.c - a walk as one JSON document: explain --record writes it, --replay reads it.
 *
 * {"minictr_walk":1,"command":["run","hello"],"kernel":"6.1.0","steps":[
 *   {"who":"init","step":"rootfs.pivot","why":"...","tutorial":1,"mine":"01.4","pid":4711,"parent":4710,
 *    "calls":[{"who":"init","call":"pivot_root(...) = 0","failed":false}],"before":["namespace net\t4026"],
 *    "after":[...]}]}
 * A file of another person's is untrusted: every text passes text_visible(), sizes and numbers are limited.
 */
#include "cli/walk/walk.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"
#include "base/result_file.h"
#include "base/wrap.h"

enum { WALK_BYTES = 32 << 20, WALK_STEPS = 2000, WALK_CALLS = 5000, WALK_FACTS = 1000 };

static struct json *json_of_step(const struct explain_step_line *s)
{
	struct json *o = json_new_object();
	json_set_string(o, "who", s->who);
	json_set_string(o, "step", s->id);
	json_set_string(o, "why", s->why);
	json_set_i64(o, "tutorial", s->tutorial);
	json_set_string(o, "mine", s->mine);
	json_set_i64(o, "pid", s->pid);
	json_set_i64(o, "parent", s->parent);
	struct json *calls = json_set(o, "calls", json_new_array());
	for (size_t i = 0; i < s->n_calls; i++) {
		struct json *c = json_add(calls, json_new_object());
		json_set_string(c, "call", s->calls[i].text);
		json_set_bool(c, "failed", s->calls[i].failed);
	}
	json_set_strv(o, "before", s->before);
	json_set_strv(o, "after", s->after);
	return o;
}

int walk_save(const struct walk *w, const char *path, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	json_set_i64(doc, "minictr_walk", 1);
	json_set_strv(doc, "command", w->command);
	json_set_string(doc, "kernel", w->kernel);
	struct json *steps = json_set(doc, "steps", json_new_array());
	for (size_t i = 0; i < w->lines.n_steps; i++)
		if (w->lines.steps[i].id)
			json_add(steps, json_of_step(&w->lines.steps[i]));
	return output_write_json(path, doc, 0644, err);
}

/* --- reading --- */

static char *visible_member(const struct json *o, const char *key)
{
	const char *text = json_text_of(json_member(o, key));
	return text ? text_visible(text) : NULL;
}

/* A list of texts, at most `most`; a tab parts a fact's key from its value and stays. */
static char **visible_list(const struct json *o, const char *key, size_t most)
{
	const struct json *list = json_member(o, key);
	char **v = xcalloc(1, sizeof(char *));
	for (size_t i = 0; i < json_len(list) && i < most; i++) {
		const char *text = json_text_of(json_item(list, i));
		_cleanup_free_ char *plain = text ? text_visible(text) : NULL;
		if (plain && !strchr(plain, '\n'))
			strv_push(&v, plain);
	}
	return v;
}

static void take_step(struct walk *w, const struct json *o)
{
	const struct json *calls = json_member(o, "calls");
	if (!json_text_of(json_member(o, "step")) || !json_text_of(json_member(o, "who")))
		return;
	struct explain_step_line *s = explain_add(&w->lines);
	s->who = visible_member(o, "who");
	s->id = visible_member(o, "step");
	s->why = visible_member(o, "why");
	s->why = s->why ? s->why : xstrdup("");
	s->mine = visible_member(o, "mine");
	s->tutorial = (int)json_int_of(json_member(o, "tutorial"));
	s->pid = (int)json_int_of(json_member(o, "pid"));
	s->parent = (int)json_int_of(json_member(o, "parent"));
	s->before = visible_list(o, "before", WALK_FACTS);
	s->after = json_member(o, "after") ? visible_list(o, "after", WALK_FACTS) : NULL;
	for (size_t i = 0; i < json_len(calls) && i < WALK_CALLS; i++) {
		char *text = visible_member(json_item(calls, i), "call");
		if (!text)
			continue;
		s->calls = xrealloc(s->calls, (s->n_calls + 1) * sizeof(*s->calls));
		s->calls[s->n_calls++] = (struct explain_call_line){ .who = xstrdup(s->who),
			.text = text,
			.failed = json_int_of(json_member(json_item(calls, i), "failed")) != 0 ||
				  strstr(text, " = -1 ") != NULL };
		w->lines.n_calls++;
	}
}

int walk_parse(struct walk *w, const char *text, size_t len, const char *name, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = json_parse(text, len, name, &doc, err);
	if (rc < 0)
		return rc;
	const struct json *steps = json_member(doc, "steps");
	if (json_int_of(json_member(doc, "minictr_walk")) != 1) {
		err_set(err, EINVAL, "%s is no recorded walk", name);
		return err_hint(err, "record one: minictr explain --record %s run --rm hello", name);
	}
	if (json_len(steps) > WALK_STEPS)
		return err_set(err, EFBIG, "%s has %zu steps, at most %d are read", name, json_len(steps),
			WALK_STEPS);
	w->command = visible_list(doc, "command", 200);
	w->kernel = visible_member(doc, "kernel");
	for (size_t i = 0; i < json_len(steps); i++)
		take_step(w, json_item(steps, i));
	return w->lines.n_steps ? 0 : err_set(err, EINVAL, "%s holds no step", name);
}

int walk_load(struct walk *w, const char *path, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(AT_FDCWD, path, WALK_BYTES, &text, err);
	return rc < 0 ? rc : walk_parse(w, text.data ? text.data : "", text.len, path, err);
}
