/*
 * parse_words.c - what stands behind keyword and flags, by shape. Each instruction has its own old
 * habits: COPY splits at blanks before quotes are looked at, ENV after; a JSON array is one only if all
 * of it is valid JSON. Variables are not touched here: quotes and dollars stay in the words for expand.c.
 */
#include "base/json.h"
#include "build/parse.h"

#include <ctype.h>
#include <strings.h>

#define BLANKS " \t\v\f\r"

void word_push(struct parse *p, const char *text, size_t len, size_t offset)
{
	struct instruction *i = p->i;
	i->words = xrealloc(i->words, (i->n_words + 1) * sizeof(*i->words));
	i->at_words = xrealloc(i->at_words, (i->n_words + 1) * sizeof(*i->at_words));
	i->words[i->n_words] = xstrndup(text, len);
	i->at_words[i->n_words++] = instruction_place(i, offset);
}

static void words_need(struct parse *p, const char *what)
{
	parse_problem(p, 0, strlen(p->i->keyword), "%s needs %s", p->i->name, what);
}

/* --- JSON --- */

/* Places of the strings of an array that is known to be valid JSON of strings. */
static void json_words(struct parse *p, const struct json *array, size_t offset)
{
	const char *line = p->i->line;
	for (size_t k = 0; k < json_len(array); k++) {
		const char *text = json_text_of(json_item(array, k));
		offset += strcspn(line + offset, "\"");
		word_push(p, text, strlen(text), offset);
		for (offset++; line[offset] && line[offset] != '"'; offset++)
			if (line[offset] == '\\' && line[offset + 1])
				offset++;
		offset += line[offset] == '"';
	}
}

/*
 * Exec form? 1: taken. 0: no JSON array, the text is to be read another way. -1: an array, but not of
 * strings: an error was reported. ['a'] and ["a"] # x are no JSON and become shell commands in every
 * builder, without an error.
 */
static int words_json(struct parse *p, size_t offset)
{
	const char *text = p->i->line + offset;
	_cleanup_json_ struct json *array = NULL;
	struct mc_err ignored;
	if (*text != '[')
		return 0;
	if (json_parse(text, strlen(text), "JSON", &array, &ignored) < 0 ||
		json_kind_of(array) != JSON_ARRAY) {
		p->i->looks_json = true;
		return 0;
	}
	for (size_t k = 0; k < json_len(array); k++)
		if (!json_text_of(json_item(array, k))) {
			parse_problem(p, offset, strlen(text),
				"a JSON array may hold strings only: [\"a\", \"b\"]");
			return -1;
		}
	p->i->exec_form = true;
	json_words(p, array, offset);
	return 1;
}

/* --- plain words --- */

/* Split at blanks; quotes mean nothing here. */
static void words_blank(struct parse *p, size_t offset)
{
	const char *line = p->i->line;
	for (;;) {
		offset += strspn(line + offset, BLANKS);
		size_t len = strcspn(line + offset, BLANKS);
		if (!len)
			return;
		word_push(p, line + offset, len, offset);
		offset += len;
	}
}

/* End of the word at offset, where quotes and the escape character keep blanks inside. */
static size_t words_quoted_end(const struct parse *p, size_t offset)
{
	const char *line = p->i->line;
	char quote = 0;
	for (; line[offset] && (quote || !isspace((unsigned char)line[offset])); offset++) {
		if (line[offset] == p->lx.escape && quote != '\'' && line[offset + 1])
			offset++;
		else if (quote ? line[offset] == quote : line[offset] == '"' || line[offset] == '\'')
			quote = quote ? 0 : line[offset];
	}
	return offset;
}

void words_split(struct parse *p)
{
	words_blank(p, p->args_at);
	if (!p->i->n_words)
		words_need(p, "at least one argument");
}

void words_one(struct parse *p)
{
	const char *text = p->i->line + p->args_at;
	if (!*text)
		words_need(p, "exactly one argument");
	else
		word_push(p, text, strlen(text), p->args_at);
}

/* --- COPY, ADD, VOLUME --- */

static void words_check_copy(struct parse *p)
{
	struct instruction *i = p->i;
	struct heredoc h = { 0 };
	if (i->n_words < 2) {
		words_need(p, "at least one source and a destination");
		return;
	}
	if (!i->exec_form && heredoc_word(i->words[i->n_words - 1], &h)) {
		struct place at = i->at_words[i->n_words - 1];
		problem_add(p->problems, at, (unsigned)strlen(i->words[i->n_words - 1]), i->last_line,
			"%s can't take a heredoc as its destination", i->name);
		heredoc_free(&h);
	}
}

/*
 * Blanks between << and the delimiter: BuildKit splits at them first, so "<< EOF" is no heredoc for COPY.
 */
void words_list(struct parse *p)
{
	struct instruction *i = p->i;
	if (words_json(p, p->args_at) == 0)
		words_blank(p, p->args_at);
	if (i->kind != DO_VOLUME) {
		words_check_copy(p);
		return;
	}
	if (!i->n_words)
		words_need(p, "at least one path");
	for (size_t k = 0; k < i->n_words; k++)
		if (!i->words[k][strspn(i->words[k], BLANKS)])
			problem_add(
				p->problems, i->at_words[k], 2, i->last_line, "VOLUME with an empty path");
}

/* --- commands --- */

void words_command(struct parse *p)
{
	const char *text = p->i->line + p->args_at;
	if (!*text && p->i->kind == DO_RUN)
		words_need(p, "a command");
	else if (*text && words_json(p, p->args_at) == 0)
		word_push(p, text, strlen(text), p->args_at);
	if (p->i->kind == DO_RUN && p->i->exec_form && !p->i->n_words)
		words_need(p, "a command");
}

void words_shell(struct parse *p)
{
	int rc = words_json(p, p->args_at);
	if (rc == 0)
		parse_problem(p, p->args_at, strlen(p->i->line + p->args_at),
			"SHELL needs the JSON form: SHELL [\"/bin/bash\", \"-c\"]");
	else if (rc > 0 && !p->i->n_words)
		words_need(p, "at least one argument");
}

void words_health(struct parse *p)
{
	const char *text = p->i->line + p->args_at;
	size_t len = strcspn(text, BLANKS), rest = p->args_at + len + strspn(text + len, BLANKS);
	if (!len) {
		words_need(p, "CMD and a command, or NONE");
	} else if (len == 4 && !strncasecmp(text, "NONE", 4)) {
		p->i->none = true;
		if (p->i->line[rest])
			parse_problem(
				p, rest, strlen(p->i->line + rest), "HEALTHCHECK NONE takes no arguments");
	} else if (len != 3 || strncasecmp(text, "CMD", 3) != 0) {
		parse_problem(
			p, p->args_at, len, "HEALTHCHECK knows CMD and NONE, not \"%.*s\"", (int)len, text);
	} else {
		if (p->i->line[rest] && words_json(p, rest) == 0)
			word_push(p, p->i->line + rest, strlen(p->i->line + rest), rest);
		if (!p->i->n_words && (!p->i->line[rest] || p->i->exec_form))
			parse_problem(p, p->args_at, len, "HEALTHCHECK CMD has no command");
	}
}

/* --- ENV, LABEL, ARG --- */

/* "ENV key rest of line": inner blanks stay. */
static void words_old_pair(struct parse *p, size_t end)
{
	const char *line = p->i->line;
	size_t key = p->args_at, value;
	end = key + strcspn(line + key, BLANKS);
	value = end + strspn(line + end, BLANKS);
	p->i->old_form = true;
	if (!line[value]) {
		parse_problem(p, key, end - key, "%s needs a value: %s %.*s=...", p->i->name, p->i->name,
			(int)(end - key), line + key);
		return;
	}
	word_push(p, line + key, end - key, key);
	word_push(p, line + value, strlen(line + value), value);
}

void words_pairs(struct parse *p)
{
	const char *line = p->i->line;
	size_t at = p->args_at, end = words_quoted_end(p, at);
	if (end == at) {
		words_need(p, "at least one NAME=VALUE");
		return;
	}
	if (!memchr(line + at, '=', end - at)) {
		words_old_pair(p, end);
		return;
	}
	for (; line[at]; at = end + strspn(line + end, BLANKS), end = words_quoted_end(p, at)) {
		const char *eq = memchr(line + at, '=', end - at);
		if (!eq) {
			parse_problem(p, at, end - at,
				"no = in \"%.*s\": %s wants NAME=VALUE (a value with blanks needs quotes)",
				(int)(end - at), line + at, p->i->name);
			continue;
		}
		size_t key = (size_t)(eq - line) - at;
		if (!key)
			parse_problem(p, at, end - at, "%s without a name in front of the =", p->i->name);
		word_push(p, line + at, key, at);
		word_push(p, eq + 1, end - at - key - 1, at + key + 1);
	}
}

void words_names(struct parse *p)
{
	const char *line = p->i->line;
	size_t at = p->args_at, end;
	for (; line[at]; at = end + strspn(line + end, BLANKS)) {
		end = words_quoted_end(p, at);
		if (line[at] == '=')
			parse_problem(p, at, end - at, "ARG without a name in front of the =");
		else
			word_push(p, line + at, end - at, at);
	}
	if (!p->i->n_words && !line[p->args_at])
		words_need(p, "a name");
}

/* --- FROM --- */

static bool stage_name_ok(const char *name)
{
	return isalpha((unsigned char)*name) &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] ==
		       '\0';
}

/* words: image, then the stage's name if there is one (parse.c moves it to the stage). */
void words_from(struct parse *p)
{
	words_blank(p, p->args_at);
	struct instruction *i = p->i;
	bool named = i->n_words == 3 && !strcasecmp(i->words[1], "as");
	if (i->n_words != 1 && !named) {
		parse_problem(p, 0, strlen(i->line), "FROM takes an image, or: FROM image AS name");
		return;
	}
	if (named && !stage_name_ok(i->words[2]))
		problem_add(p->problems, i->at_words[2], (unsigned)strlen(i->words[2]), i->last_line,
			"\"%s\" is no stage name: a letter first, then letters, digits, - _ .", i->words[2]);
}
