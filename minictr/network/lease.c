/*
 * lease.c - addresses are given once.
 *
 * Kernel objects and man pages: flock(2) on networks/ID/lock, rename(2), proc_pid_stat(5).
 * Order and why: under the lock the file is read, lines whose process is gone are dropped, an address that is
 * in no line is chosen, the file is replaced. No timer frees anything and no counter can be wrong: an address
 * is free when the process of its line has ended. The search goes round, from the last one given: an address
 * that was used a moment ago rests while caches of neighbours still know it (arp(7)).
 */
#include "network/lease.h"

#include <fcntl.h>
#include <unistd.h>
#include "base/file.h"

static const char *const lease_words[] = { "taken", "up", "held" };

/* --- text --- */

int mac_parse(const char *text, uint8_t ret[6])
{
	uint8_t mac[6];
	for (int i = 0; i < 6; i++) {
		char *end;
		unsigned long byte = strtoul(text, &end, 16);
		if (end != text + 2 || *text == '-' || *text == '+' || byte > 0xff ||
			*end != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		mac[i] = (uint8_t)byte;
		text = end + 1;
	}
	memcpy(ret, mac, 6);
	return 0;
}

void mac_text(const uint8_t mac[6], char out[18])
{
	snprintf(out, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* This boot of the machine: addresses of an earlier one are free. */
static void lease_boot(char out[40])
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	int rc = file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &b, &ignored);
	snprintf(out, 40, "%.36s", rc >= 0 && b.data ? b.data : "?");
}

/* One line of the file. False when it is not understood. */
static bool lease_parse(char *line, struct lease_line *l)
{
	char *save = NULL, *words[8];
	*l = (struct lease_line){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!(words[i] = strtok_r(i ? NULL : line, " ", &save)))
			return false;
	uint64_t pid;
	for (l->state = LEASE_TAKEN; !str_eq(words[0], lease_words[l->state]);)
		if (l->state++ == LEASE_HELD)
			return false;
	address_parse(words[1], AF_INET, &l->address4);
	address_parse(words[2], AF_INET6, &l->address6);
	mac_parse(words[3], l->mac);
	snprintf(l->ifname, sizeof(l->ifname), "%s", str_eq(words[4], "-") ? "" : words[4]);
	snprintf(l->id, sizeof(l->id), "%s", words[5]);
	if (parse_u64(words[6], &pid) < 0 || parse_u64(words[7], &l->who.start) < 0)
		return false;
	l->who.pid = (pid_t)pid;
	for (char *name; (name = strtok_r(NULL, " ", &save));)
		strv_push(&l->names, name);
	return l->address4.family || l->address6.family;
}

static void lease_keep(struct lease_file *f, const struct lease_line *l)
{
	f->lines = xrealloc(f->lines, (f->count + 1) * sizeof(*l));
	f->lines[f->count++] = *l;
}

/*
 * A promise of a command that died half-way, or a container whose end was not cleaned up. Its cable may be
 * plugged in still, and its published ports lead to the address, so that is not free yet.
 */
static bool lease_is_stray(const struct lease_line *l)
{
	return l->state != LEASE_HELD && !process_id_alive(&l->who);
}

/*
 * The lines of the file. all: for those who write it again; strays must not be lost, so no process is looked
 * at. Else only lines that count. own: the line of that container counts, though it has ended just now.
 */
static void lease_load(const char *dir, struct lease_file *f, bool all, const char *own)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/leases", dir);
	struct mc_err ignored = { 0 };
	char boot[40], *save = NULL;
	*f = (struct lease_file){ 0 };
	if (file_read(AT_FDCWD, path, 16 << 20, &b, &ignored) < 0 || !b.data)
		return;
	lease_boot(boot);
	char *line = strtok_r(b.data, "\n", &save);
	if (!line || !str_starts(line, "leases 1 "))
		return;
	bool same_boot = str_eq(line + strlen("leases 1 "), boot);
	while ((line = strtok_r(NULL, "\n", &save))) {
		struct lease_line l = { 0 };
		if (str_starts(line, "next ")) {
			address_parse(line + strlen("next "), AF_INET, &f->next);
			continue;
		}
		bool good = lease_parse(line, &l);
		bool counts = good && (l.state == LEASE_HELD || (own && str_eq(l.id, own)) ||
					      (same_boot && (all || !lease_is_stray(&l))));
		if (counts)
			lease_keep(f, &l);
		else
			strv_free(l.names);
	}
}

void lease_read(const char *dir, struct lease_file *ret) { lease_load(dir, ret, false, NULL); }

void lease_file_release(struct lease_file *f)
{
	for (size_t i = 0; i < f->count; i++)
		strv_free(f->lines[i].names);
	free(f->lines);
	*f = (struct lease_file){ 0 };
}

static int lease_write(const char *dir, const struct lease_file *f, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/leases", dir);
	char boot[40], four[ADDRESS_TEXT], six[ADDRESS_TEXT], mac[18];
	lease_boot(boot);
	buf_addf(&b, "leases 1 %s\n", boot);
	if (f->next.family)
		buf_addf(&b, "next %s\n", address_text(&f->next, four));
	for (size_t i = 0; i < f->count; i++) {
		const struct lease_line *l = &f->lines[i];
		mac_text(l->mac, mac);
		buf_addf(&b, "%s %s %s %s %s %s %d %llu", lease_words[l->state],
			l->address4.family ? address_text(&l->address4, four) : "-",
			l->address6.family ? address_text(&l->address6, six) : "-", mac,
			*l->ifname ? l->ifname : "-", l->id, (int)l->who.pid,
			(unsigned long long)l->who.start);
		for (size_t k = 0; l->names && l->names[k]; k++)
			buf_addf(&b, " %s", l->names[k]);
		buf_addc(&b, '\n');
	}
	/* no fsync: a crash of the machine voids all lines but held ones, and those are asked for again */
	return file_write_atomic(AT_FDCWD, path, b.data, b.len, 0644, 0, err);
}

static int lease_lock(const char *dir, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/lock", dir);
	return file_lock(AT_FDCWD, path, true, err);
}

/* --- choosing --- */

static struct lease_line *lease_of(const struct lease_file *f, const char *id)
{
	for (size_t i = 0; i < f->count; i++)
		if (str_eq(f->lines[i].id, id))
			return &f->lines[i];
	return NULL;
}

static void lease_take_out(struct lease_file *f, const char *id)
{
	struct lease_line *l = lease_of(f, id);
	if (!l)
		return;
	strv_free(l->names);
	*l = f->lines[--f->count];
}

static const struct address *lease_side(const struct lease_line *l, int family)
{
	return family == AF_INET ? &l->address4 : &l->address6;
}

static bool lease_is_taken(const struct lease_file *f, const struct address *a)
{
	for (size_t i = 0; i < f->count; i++)
		if (address_equal(lease_side(&f->lines[i], a->family), a))
			return true;
	for (size_t i = 0; i < f->n_kept; i++)
		if (address_equal(&f->kept[i], a))
			return true;
	return false;
}

/* Neither the network's own address, nor the gateway's, nor the broadcast address. */
static bool lease_is_usable(const struct subnet *subnet, const struct address *a)
{
	struct address first = subnet_first(subnet), last = subnet_last(subnet);
	bool small = subnet->prefix + 1 >= address_bytes(a) * 8; /* /31, /32: no broadcast (RFC 3021) */
	if (address_equal(a, &subnet->address) || !subnet_has(subnet, a))
		return false;
	return small || (!address_equal(a, &first) && (a->family == AF_INET6 || !address_equal(a, &last)));
}

static int lease_check(const struct lease_file *f, const struct network *n, const struct subnet *subnet,
	const struct address *a, struct mc_err *err)
{
	char text[ADDRESS_TEXT], net[ADDRESS_TEXT];
	struct subnet whole = { subnet_first(subnet), subnet->prefix };
	address_text(a, text);
	if (!subnet->address.family || !subnet_has(subnet, a))
		return err_set(err, EINVAL, "address %s is not in network %s (%s)", text, n->name,
			subnet->address.family ? subnet_text(&whole, net)
					       : "which has no subnet of this family");
	if (!lease_is_usable(subnet, a))
		return err_set(err, EADDRINUSE,
			"address %s of network %s cannot be a container's: it is the gateway's, the "
			"network's "
			"or the broadcast address",
			text, n->name);
	if (lease_is_taken(f, a))
		return err_set(err, EADDRINUSE, "Address already in use: %s in network %s", text, n->name);
	return 0;
}

/* The next free one after f->next, round and round through the range. */
static int lease_choose(const struct lease_file *f, const struct network *n, const struct subnet *subnet,
	const struct subnet *range, struct address *ret, struct mc_err *err)
{
	const struct subnet *from = range->address.family ? range : subnet;
	struct address first = subnet_first(from), last = subnet_last(from), at = first;
	char text[ADDRESS_TEXT];
	if (f->next.family == first.family && subnet_has(from, &f->next))
		at = f->next;
	/* more than that many addresses cannot be taken, kept or special */
	for (size_t tries = 0; tries < f->count + f->n_kept + 4; tries++) {
		if (lease_is_usable(subnet, &at) && !lease_is_taken(f, &at)) {
			*ret = at;
			return 0;
		}
		at = address_equal(&at, &last) ? first : address_add(&at, 1);
	}
	struct subnet whole = { first, from->prefix };
	err_set(err, ENOSPC, "network %s has no free address left in %s", n->name, subnet_text(&whole, text));
	return err_hint(err, "remove containers, or make a network with a larger --subnet");
}

/* The MAC address follows from the address, so a neighbour that still caches the last holder's is right. */
static void lease_mac(struct lease_line *l)
{
	uint64_t h = fnv1a(l->address6.bytes, 16);
	const uint8_t *low = l->address4.family ? l->address4.bytes : (const uint8_t *)&h;
	l->mac[0] = 0x02; /* "made by software": the second bit of the first byte */
	l->mac[1] = 0x42;
	memcpy(l->mac + 2, low, 4);
}

static int lease_family(const struct lease_file *f, const struct network *n, const struct subnet *subnet,
	const struct subnet *range, const struct address *wanted, struct address *ret, struct mc_err *err)
{
	if (wanted->family) {
		*ret = *wanted;
		return lease_check(f, n, subnet, wanted, err);
	}
	return subnet->address.family ? lease_choose(f, n, subnet, range, ret, err) : 0;
}

static void lease_fill(const struct network *n, const struct lease_line *l, struct lease *ret)
{
	*ret = (struct lease){ .address4 = { l->address4, n->subnet4.prefix },
		.address6 = { l->address6, n->subnet6.prefix },
		.mtu = n->mtu };
	memcpy(ret->mac, l->mac, sizeof(ret->mac));
	snprintf(ret->ifname, sizeof(ret->ifname), "%s", l->ifname);
}

/* Lines of dead processes: the caller says which stay. Returns their number. */
static size_t lease_strays(struct lease_file *f, bool (*stray)(struct lease_line *l, void *data), void *data)
{
	size_t found = 0;
	for (size_t i = 0; i < f->count;) {
		bool is_stray = lease_is_stray(&f->lines[i]);
		found += is_stray;
		if (!is_stray || (stray && stray(&f->lines[i], data))) {
			i++;
			continue;
		}
		strv_free(f->lines[i].names);
		f->lines[i] = f->lines[--f->count];
	}
	return found;
}

int lease_take(const char *dir, const struct network *n, const struct lease_request *r, struct lease *ret,
	struct mc_err *err)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	struct lease_line l = { .state = LEASE_TAKEN, .who = { .pid = getpid() } };
	_cleanup_close_ int lock = lease_lock(dir, err);
	if (lock < 0)
		return lock;
	lease_load(dir, &f, true, NULL);
	lease_strays(&f, r->stray, r->data);
	lease_take_out(&f, r->id);
	f.kept = r->kept;
	f.n_kept = r->n_kept;
	int rc = lease_family(&f, n, &n->subnet4, &n->range4, &r->address4, &l.address4, err);
	if (rc >= 0)
		rc = lease_family(&f, n, &n->subnet6, &n->range6, &r->address6, &l.address6, err);
	if (rc < 0)
		return rc;
	if (!r->address4.family && l.address4.family)
		f.next = address_add(&l.address4, 1);
	lease_mac(&l);
	if (r->has_mac)
		memcpy(l.mac, r->mac, sizeof(l.mac));
	snprintf(l.ifname, sizeof(l.ifname), "%s", r->ifname);
	snprintf(l.id, sizeof(l.id), "%s", r->id);
	l.names = strv_copy(r->names);
	process_id_fill(&l.who);
	f.lines = xrealloc(f.lines, (f.count + 1) * sizeof(l));
	f.lines[f.count++] = l;
	lease_fill(n, &l, ret);
	return lease_write(dir, &f, err);
}

int lease_mend(
	const char *dir, bool (*stray)(struct lease_line *l, void *data), void *data, struct mc_err *err)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	_cleanup_close_ int lock = lease_lock(dir, err);
	if (lock < 0)
		return lock;
	lease_load(dir, &f, true, NULL);
	return lease_strays(&f, stray, data) ? lease_write(dir, &f, err) : 0;
}

int lease_raise(const char *dir, const char *id, const struct process_id *who, char *const names[],
	struct mc_err *err)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	_cleanup_close_ int lock = lease_lock(dir, err);
	if (lock < 0)
		return lock;
	lease_load(dir, &f, true, NULL);
	struct lease_line *l = lease_of(&f, id);
	if (!l)
		return err_set(err, ENOENT, "the address of container %.12s was taken away meanwhile", id);
	l->state = LEASE_UP;
	l->who = *who;
	strv_free(l->names);
	l->names = strv_copy(names);
	return lease_write(dir, &f, err);
}

void lease_lower(const char *dir, const char *id)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int lock = lease_lock(dir, &ignored);
	if (lock < 0)
		return;
	lease_load(dir, &f, true, NULL);
	struct lease_line *l = lease_of(&f, id);
	if (!l || l->state != LEASE_UP)
		return;
	l->state = LEASE_TAKEN;
	l->who = (struct process_id){ .pid = getpid() };
	process_id_fill(&l->who);
	lease_write(dir, &f, &ignored);
}

bool lease_find(const char *dir, const struct network *n, const char *id, struct lease *ret)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	lease_read(dir, &f);
	const struct lease_line *l = lease_of(&f, id);
	if (l && l->state != LEASE_HELD)
		lease_fill(n, l, ret);
	return l && l->state != LEASE_HELD;
}

void lease_drop(const char *dir, const char *id, bool hold)
{
	_cleanup_lease_file_ struct lease_file f = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int lock = lease_lock(dir, &ignored);
	if (lock < 0)
		return;
	lease_load(dir, &f, true, id);
	struct lease_line *l = lease_of(&f, id);
	if (!l)
		return;
	if (hold) {
		l->state = LEASE_HELD;
		l->who = (struct process_id){ 0 };
		*l->ifname = '\0';
	} else
		lease_take_out(&f, id);
	lease_write(dir, &f, &ignored);
}
