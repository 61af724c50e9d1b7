/*
 * remote_progress.c - messages {"status", "id", "progressDetail"}, {"stream"}, {"aux"}, {"error"}.
 *
 * The answer's status is 200 before anything is done; a failure comes as a message in the stream, and only
 * there. What it says of layers is drawn by registry/progress.c, as our own pulls are.
 */
#include "cli/remote/remote_progress.h"

static const char *text_of(const struct json *m, const char *key)
{
	return json_text_of(json_member(m, key));
}

static bool is_layer(const char *id)
{
	return strlen(id) == 12 && id[strspn(id, "0123456789abcdef")] == '\0';
}

/* The same text for as long as the drawing goes on. */
static const char *keep(struct remote_progress *p, const char *word)
{
	for (size_t i = 0; p->words && p->words[i]; i++)
		if (str_eq(p->words[i], word))
			return p->words[i];
	if (strv_len(p->words) >= 64) /* a daemon has a dozen of them */
		return "...";
	strv_push(&p->words, word);
	return p->words[strv_len(p->words) - 1];
}

static void tell_layer(struct remote_progress *p, const char *id, const char *status, const struct json *m)
{
	struct digest d;
	const char *word = keep(p, status);
	size_t i = 0;
	uint64_t total = (uint64_t)json_int_of(json_at(m, "progressDetail.total"));
	snprintf(d.text, sizeof(d.text), "sha256:%s", id);
	while (i < p->n_seen && !str_eq(p->seen[i].text, d.text))
		i++;
	if (i == p->n_seen && i < ARRAY_LEN(p->seen)) {
		p->seen[p->n_seen++] = d;
		progress_add(p->progress, &d, total, word);
	}
	progress_state(p->progress, &d, word);
	if (total)
		progress_total(p->progress, &d, total);
	if (total)
		progress_bytes(p->progress, &d, (uint64_t)json_int_of(json_at(m, "progressDetail.current")));
}

int remote_progress_take(void *ctx, const struct json *m, const char *text, struct mc_err *err)
{
	struct remote_progress *p = ctx;
	const char *error = text_of(m, "error"), *status = text_of(m, "status"), *id = text_of(m, "id");
	const char *stream = text_of(m, "stream"), *made = json_text_of(json_at(m, "aux.ID"));
	int64_t code = json_int_of(json_at(m, "errorDetail.code"));
	if (error) {
		err_set(err, EIO, "%.900s", error);
		return err_exit(err, code > 0 && code < 256 ? (int)code : 1), -EIO;
	}
	if (made)
		snprintf(p->image_id, sizeof(p->image_id), "%s", made);
	if (stream && p->text)
		fputs(stream, p->text);
	if (stream) {
		buf_clear(&p->last);
		buf_adds(&p->last, stream);
	}
	if (stream && p->text)
		fflush(p->text);
	if (status && id && is_layer(id))
		tell_layer(p, id, status, m);
	else if (status)
		progress_line(p->progress, "%s%s%s", id ? id : "", id ? ": " : "", status);
	return 0;
}

void remote_progress_release(struct remote_progress *p)
{
	progress_free(p->progress);
	p->progress = NULL;
	buf_release(&p->last);
	strv_free(p->words);
	p->words = NULL;
}
