/*
 * keys.c - a cache key while it grows: a hash, and beside it the same facts in words for --explain-cache.
 *
 * Each fact goes in as name, length, value: without the length "a" "bc" and "ab" "c" would give one key.
 */
#include "build/steps.h"

enum { SHOWN = 120 }; /* longer values are kept as their digest: the file of inputs stays small */

bool copy_stands_alone(const struct instruction *i)
{
	/* The directories of --parents depend on the sources, and those of a stage are not read yet. */
	bool unknown = instruction_flag_on(i, "parents", false) && instruction_flag(i, "from");
	return !unknown && instruction_flag_on(i, "link", false);
}

void key_begin(struct key *k, const struct build *b, const char *kind)
{
	struct digest state;
	build_state(b, &state);
	*k = (struct key){ .hash = hash_new(), .inputs = b->inputs };
	key_add(k, "version", "2"); /* to be raised when the result of a step changes */
	if (!b->now || !copy_stands_alone(b->now))
		key_add(k, "layers below", state.text);
	key_add(k, "instruction", kind);
}

void key_add(struct key *k, const char *name, const char *value)
{
	char head[64];
	if (!value)
		value = "";
	int n = snprintf(head, sizeof(head), "%zu:%zu:", strlen(name), strlen(value));
	hash_add(k->hash, head, (size_t)n);
	hash_add(k->hash, name, strlen(name));
	hash_add(k->hash, value, strlen(value));
	if (!k->inputs)
		return;
	if (strlen(value) <= SHOWN) {
		json_set_string(k->inputs, name, value);
		return;
	}
	struct digest d;
	digest_of(value, strlen(value), &d);
	json_set_string(k->inputs, name, d.text);
}

void key_add_list(struct key *k, const char *name, char *const values[])
{
	char label[64];
	for (size_t i = 0; values && values[i]; i++) {
		snprintf(label, sizeof(label), "%s %zu", name, i + 1);
		key_add(k, label, values[i]);
	}
}

void key_end(struct key *k, struct digest *ret) { hash_end(k->hash, ret); }
