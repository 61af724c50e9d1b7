/*
 * spec/privileges.c - what a container may do beyond or below docker's default: --cap-add, --cap-drop,
 * --privileged, --security-opt.
 *
 * Man pages: capabilities(7). Order and why: the filter lets more through for a container that has more
 * (spec/linux.c), so both parts of config.json ask here, and cannot disagree.
 */
#include "engine/spec/spec.h"
#include "runtime/caps.h"

bool spec_security(const struct json *host, const char *word, const char **ret_value)
{
	const struct json *list = json_member(host, "SecurityOpt");
	size_t n = strlen(word);
	for (size_t i = 0; i < json_len(list); i++) {
		const char *w = json_text_of(json_item(list, i));
		if (!w || strncmp(w, word, n) || (w[n] && w[n] != '=' && w[n] != ':'))
			continue;
		*ret_value = w[n] ? w + n + 1 : "";
		return !str_eq(*ret_value, "false");
	}
	return false;
}

/* --- capabilities --- */

static uint64_t caps_of(const struct json *list)
{
	uint64_t set = 0;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_text_of(json_item(list, i));
		int number = name ? cap_number(name) : -1;
		if (str_eq(name, "ALL"))
			set = ~0ull;
		else if (number >= 0)
			set |= 1ull << number;
	}
	return set;
}

uint64_t spec_capabilities(const struct json *host)
{
	bool all = false;
	struct mc_err ignored = { 0 };
	json_get_bool(host, &all, &ignored, "Privileged");
	uint64_t add = caps_of(json_member(host, "CapAdd")), drop = caps_of(json_member(host, "CapDrop"));
	uint64_t base = drop == ~0ull ? 0 : caps_docker_default();
	if (all)
		return caps_known();
	/*
	 * what is named wins over ALL: --cap-drop ALL --cap-add NET_RAW, --cap-add ALL --cap-drop
	 * SYS_ADMIN
	 */
	if (drop == ~0ull)
		return add & caps_known();
	return (base | add) & ~drop & caps_known();
}

struct json *spec_capabilities_json(uint64_t caps)
{
	static const char *const sets[] = { "bounding", "effective", "permitted" };
	struct json *o = json_new_object();
	for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
		struct json *list = json_set(o, sets[s], json_new_array());
		for (int i = 0; i < 64; i++)
			if (caps & (1ull << i) && cap_name(i))
				json_add(list, json_new_string(cap_name(i)));
	}
	return o;
}
