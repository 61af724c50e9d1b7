/*
 * monitor/net_file.c - the container's networks and its neighbours' names, read again when they change.
 *
 * Man pages: stat(2), rename(2). A file that was replaced has another inode, so one stat(2) tells whether
 * what we know is still true; that is all that a question costs when nothing has changed.
 */
#include "engine/monitor/net_file.h"

#include <fcntl.h>
#include <strings.h>
#include "base/file.h"

static bool file_changed(const char *path, struct stat *seen)
{
	struct stat now = { 0 };
	stat(path, &now);
	bool same = now.st_ino == seen->st_ino && now.st_size == seen->st_size &&
		    now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
		    now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec;
	*seen = now;
	return !same;
}

static void net_file_clear(struct net_file *f)
{
	for (size_t i = 0; i < f->n_networks; i++) {
		free(f->networks[i].name);
		free(f->networks[i].dir);
		strv_free(f->networks[i].links);
		lease_file_release(&f->networks[i].leases);
	}
	free(f->networks);
	f->networks = NULL;
	f->n_networks = f->n_servers = 0;
	f->way4 = f->way6 = (struct address){ 0 };
}

void net_file_release(struct net_file *f) { net_file_clear(f); }

static void net_file_network_line(struct net_file *f, char **save)
{
	char *words[5];
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!(words[i] = strtok_r(NULL, " ", save)))
			return;
	const char *dir = *save; /* the rest of the line: a root may have blanks in its name */
	f->networks = xrealloc(f->networks, (f->n_networks + 1) * sizeof(*f->networks));
	struct net_file_network *n = &f->networks[f->n_networks++];
	*n = (struct net_file_network){ .names = *words[0] == '1', .internal = *words[1] == '1' };
	subnet_parse(words[2], AF_INET, &n->subnet4);
	subnet_parse(words[3], AF_INET6, &n->subnet6);
	n->name = xstrdup(words[4]);
	for (char *s = n->name; *s; s++)
		if (*s == '\t')
			*s = ' ';
	n->dir = xstrdup(dir ? dir : "");
}

static void net_file_line(struct net_file *f, char *line)
{
	char *save = NULL, *key = strtok_r(line, " ", &save);
	if (str_eq(key, "way")) {
		char *four = strtok_r(NULL, " ", &save), *six = strtok_r(NULL, " ", &save);
		if (four)
			address_parse(four, AF_INET, &f->way4);
		if (six)
			address_parse(six, AF_INET6, &f->way6);
	} else if (str_eq(key, "network")) {
		net_file_network_line(f, &save);
	} else if (str_eq(key, "link") && f->n_networks) {
		struct net_file_network *n = &f->networks[f->n_networks - 1];
		char *alias = strtok_r(NULL, " ", &save), *name = strtok_r(NULL, " ", &save);
		if (alias && name) {
			strv_push(&n->links, alias);
			strv_push(&n->links, name);
		}
	} else if (str_eq(key, "server") && f->n_servers < ARRAY_LEN(f->servers)) {
		char *text = strtok_r(NULL, " ", &save);
		f->n_servers += text && address_parse(text, 0, &f->servers[f->n_servers]) == 0;
	}
}

void net_file_refresh(struct net_file *f)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL;
	if (file_changed(f->path, &f->seen) && file_read(AT_FDCWD, f->path, 1 << 20, &b, &ignored) >= 0) {
		net_file_clear(f);
		for (char *line = b.data ? strtok_r(b.data, "\n", &save) : NULL; line;
			line = strtok_r(NULL, "\n", &save))
			net_file_line(f, line);
	}
	for (size_t i = 0; i < f->n_networks; i++) {
		struct net_file_network *n = &f->networks[i];
		_cleanup_free_ char *path = xasprintf("%s/leases", n->dir);
		if ((!n->names && !n->links) || !file_changed(path, &n->seen))
			continue;
		lease_file_release(&n->leases);
		lease_read(n->dir, &n->leases);
	}
}

bool net_file_is_internal(const struct net_file *f)
{
	for (size_t i = 0; i < f->n_networks; i++)
		if (!f->networks[i].internal)
			return false;
	return true;
}

/* --- names --- */

/*
 * "web", or "web.NETWORK" where the network's name is given as well. Names are compared as DNS does: any
 * case (RFC 4343).
 */
static bool name_is(const char *have, const char *asked, const char *network)
{
	size_t n = strlen(have);
	if (strncasecmp(have, asked, n))
		return false;
	return !asked[n] || (asked[n] == '.' && !strcasecmp(asked + n + 1, network));
}

static bool line_has_name(const struct lease_line *l, const char *asked, const char *network)
{
	for (size_t i = 0; l->names && l->names[i]; i++)
		if (name_is(l->names[i], asked, network))
			return true;
	return false;
}

/* The name to look for in n when `asked` is asked for; NULL: none. A link comes before a neighbour's name. */
static const char *linked_name(const struct net_file_network *n, const char *asked)
{
	for (size_t i = 0; n->links && n->links[i]; i += 2)
		if (name_is(n->links[i], asked, n->name))
			return n->links[i + 1];
	return n->names ? asked : NULL;
}

size_t net_file_lookup(const struct net_file *f, const char *name, int family, struct address *ret,
	size_t max, bool *ret_known)
{
	size_t found = 0;
	*ret_known = false;
	for (size_t i = 0; i < f->n_networks; i++) {
		const struct net_file_network *n = &f->networks[i];
		const char *wanted = linked_name(n, name);
		for (size_t k = 0; wanted && k < n->leases.count; k++) {
			const struct lease_line *l = &n->leases.lines[k];
			const struct address *a = family == AF_INET ? &l->address4 : &l->address6;
			if (l->state != LEASE_UP || !line_has_name(l, wanted, n->name) ||
				!process_id_alive(&l->who))
				continue; /* it has ended, and its line is about to go */
			*ret_known = true;
			if (family && a->family && found < max)
				ret[found++] = *a;
		}
	}
	return found;
}

int net_file_reverse(const struct net_file *f, const struct address *a, char ret[320])
{
	bool ours = false;
	for (size_t i = 0; i < f->n_networks; i++) {
		const struct net_file_network *n = &f->networks[i];
		const struct subnet *s = a->family == AF_INET ? &n->subnet4 : &n->subnet6;
		if (!n->names || !subnet_has(s, a))
			continue;
		ours = true;
		for (size_t k = 0; k < n->leases.count; k++) {
			const struct lease_line *l = &n->leases.lines[k];
			const struct address *have = a->family == AF_INET ? &l->address4 : &l->address6;
			if (l->state == LEASE_UP && address_equal(have, a) && l->names && l->names[0]) {
				snprintf(ret, 320, "%s.%s", l->names[0], n->name);
				return 1;
			}
		}
	}
	return ours ? -1 : 0;
}
