/*
 * names.c - container names.
 *
 * Kernel objects and man pages: symlinkat(2) either makes the link or says EEXIST, atomically, on every file
 * system: two `run --name web` at the same moment need no lock to find out who was first.
 * Order and why: the container's directory is made before its name is claimed and removed before it is freed;
 * a name whose directory is missing, or was left by a create that was killed, is free: the next claim
 * takes it.
 */
#include "engine/names.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include "base/file.h"

static const char *const adjectives[] = { "agile", "amber", "ample", "bold", "brave", "brisk", "calm",
	"candid", "cheery", "clever", "cosmic", "crisp", "curious", "dapper", "daring", "deft", "eager",
	"early", "earnest", "fair", "fancy", "fluent", "fond", "frank", "fresh", "gentle", "giddy", "glad",
	"golden", "grand", "happy", "hardy", "honest", "humble", "ideal", "jolly", "keen", "kind", "lively",
	"loyal", "lucid", "lucky", "mellow", "merry", "mighty", "modest", "neat", "nimble", "noble",
	"patient", "placid", "plucky", "polite", "prime", "proud", "quick", "quiet", "rapid", "ready",
	"robust", "serene", "sharp", "shiny", "silent", "sincere", "smart", "snug", "solid", "spry", "steady",
	"sturdy", "sunny", "swift", "tidy", "trusty", "upbeat", "valiant", "vivid", "warm", "wise", "witty",
	"zesty" };
static const char *const surnames[] = { "allen", "babbage", "bartik", "bell", "bernerslee", "boole", "borg",
	"cerf", "church", "clarke", "cray", "curie", "dahl", "darwin", "dijkstra", "easley", "engelbart",
	"erdos", "euclid", "euler", "faraday", "fermat", "feynman", "floyd", "galois", "gauss", "germain",
	"goedel", "goldberg", "hamilton", "hamming", "hawking", "hilbert", "hoare", "holberton", "hopper",
	"huffman", "johnson", "kepler", "kernighan", "kilby", "knuth", "lamarr", "lamport", "leibniz",
	"liskov", "lovelace", "maxwell", "mccarthy", "meitner", "mendel", "mirzakhani", "morris", "newton",
	"noether", "nygaard", "pascal", "perlman", "pike", "planck", "postel", "ride", "ritchie", "rossum",
	"sammet", "shannon", "shaw", "sinoussi", "spence", "stearns", "stroustrup", "tesla", "thompson",
	"torvalds", "turing", "villani", "wescoff", "wiles", "wilkes", "wirth", "wozniak", "zuse" };

int name_lookup(struct engine *e, const char *name, char ret_id[CONTAINER_ID_LEN + 1])
{
	_cleanup_free_ char *path = xasprintf("names/%s", name);
	if (strchr(name, '/'))
		return 0;
	ssize_t n = readlinkat(e->dir, path, ret_id, CONTAINER_ID_LEN + 1);
	if (n != CONTAINER_ID_LEN)
		return 0;
	ret_id[n] = '\0';
	return 1;
}

char *name_of_id(struct engine *e, const char *id)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	char owner[CONTAINER_ID_LEN + 1];
	if (dir_list(e->dir, "names", &names, &ignored) >= 0)
		for (size_t i = 0; names[i]; i++)
			if (name_lookup(e, names[i], owner) && str_eq(owner, id))
				return xstrdup(names[i]);
	return xstrdup(id);
}

/* docker's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]+ */
static bool is_name(const char *s)
{
	if (!isalnum((unsigned char)*s) || !s[1] || strlen(s) > 200)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_.-", *s))
			return false;
	return true;
}

bool container_is_left_over(struct engine *e, const char *id)
{
	_cleanup_free_ char *dir = xasprintf("containers/%s", id),
			    *record = xasprintf("%s/container.json", dir);
	_cleanup_close_ int fd = openat(e->dir, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && !path_exists(e->dir, record);
}

static bool is_left_over(struct engine *e, const char *name)
{
	char id[CONTAINER_ID_LEN + 1];
	if (!name_lookup(e, name, id))
		return false;
	_cleanup_free_ char *dir = xasprintf("containers/%s", id);
	struct mc_err ignored = { 0 };
	if (container_is_left_over(e, id))
		dir_remove(e->dir, dir, &ignored);
	return !path_exists(e->dir, dir);
}

int name_claim(struct engine *e, const char *name, const char *id, struct mc_err *err)
{
	char other[CONTAINER_ID_LEN + 1] = "";
	_cleanup_free_ char *path = xasprintf("names/%s", name);
	if (!is_name(name)) {
		err_set(err, EINVAL,
			"Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name);
		return err_hint(err, "two characters at least");
	}
	if (symlinkat(id, e->dir, path) == 0)
		return 0;
	bool taken = errno == EEXIST;
	if (taken && is_left_over(e, name)) {
		unlinkat(e->dir, path, 0);
		if (symlinkat(id, e->dir, path) == 0)
			return 0;
		taken = errno == EEXIST;
	}
	if (!taken)
		return err_sys(err, "symlink(\"%s\", \"%s/%s\")", id, e->root, path);
	name_lookup(e, name, other);
	err_set(err, EEXIST,
		"Conflict. The container name \"/%s\" is already in use by container \"%s\". "
		"You have to remove (or rename) that container to be able to reuse that name.",
		name, other);
	return -EEXIST;
}

int name_claim_new(struct engine *e, const char *id, char **ret, struct mc_err *err)
{
	for (unsigned try = 0;; try++) {
		char hex[17];
		random_hex(hex, 8);
		unsigned long long dice = strtoull(hex, NULL, 16);
		const char *a = adjectives[dice % ARRAY_LEN(adjectives)];
		const char *s = surnames[(dice >> 32) % ARRAY_LEN(surnames)];
		/* as crowds grow, a number is added */
		char *name = try < 6 ? xasprintf("%s_%s", a, s) : xasprintf("%s_%s%u", a, s, try);
		int rc = name_claim(e, name, id, err);
		if (rc >= 0) {
			*ret = name;
			return 0;
		}
		free(name);
		if (rc != -EEXIST || try > 1000)
			return rc;
		*err = (struct mc_err){ 0 };
	}
}

void name_free(struct engine *e, const char *name, const char *id)
{
	char owner[CONTAINER_ID_LEN + 1];
	_cleanup_free_ char *path = xasprintf("names/%s", name);
	if (name_lookup(e, name, owner) && str_eq(owner, id))
		unlinkat(e->dir, path, 0);
}
