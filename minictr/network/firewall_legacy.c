/*
 * firewall_legacy.c - rules of iptables-legacy that drop our packets: nftables does not show them.
 *
 * Kernel interface: getsockopt(2) with IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES on a raw socket, which is how
 * iptables-legacy(8) itself reads a table. /proc/net/ip_tables_names says whether there is one, and loads no
 * module. A table is one block of rules of different lengths. Each hook has a first rule, and behind its last
 * one the policy: a rule without a condition.
 * Rules are looked at, never written: the old interface replaces whole tables, and two programs that do so at
 * the same moment lose rules. So "cooperate" cannot help here; the command is told.
 */
#include "network/firewall.h"

#include <fcntl.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/file.h"
#include "base/warn.h"

enum { LEGACY_DROP = -NF_DROP - 1, LEGACY_ACCEPT = -NF_ACCEPT - 1, LEGACY_MOST = 16 << 20 };

/* Where a rule of this family has its parts. All around it (info, list of entries, options) is alike. */
struct legacy {
	int family, level;
	const char *names, *program;
	size_t size, in, out, condition, target, next;
};

static const struct legacy families[] = {
	{ AF_INET, IPPROTO_IP, "/proc/net/ip_tables_names", "iptables-legacy", sizeof(struct ipt_entry),
		offsetof(struct ipt_entry, ip.iniface), offsetof(struct ipt_entry, ip.outiface),
		sizeof(struct ipt_ip), offsetof(struct ipt_entry, target_offset),
		offsetof(struct ipt_entry, next_offset) },
	{ AF_INET6, IPPROTO_IPV6, "/proc/net/ip6_tables_names", "ip6tables-legacy", sizeof(struct ip6t_entry),
		offsetof(struct ip6t_entry, ipv6.iniface), offsetof(struct ip6t_entry, ipv6.outiface),
		sizeof(struct ip6t_ip6), offsetof(struct ip6t_entry, target_offset),
		offsetof(struct ip6t_entry, next_offset) },
};

static bool legacy_table_is_there(const struct legacy *f)
{
	_cleanup_buf_ struct buf names = { 0 };
	struct mc_err ignored = { 0 };
	return file_read(AT_FDCWD, f->names, 4096, &names, &ignored) >= 0 && names.data &&
	       strstr(names.data, "filter\n");
}

/* One rule. */
struct legacy_rule {
	const char *at;
	unsigned next;      /* where the next one begins; 0: this is none */
	bool unconditional; /* it fits every packet */
	int verdict;        /* 0: it has none of its own */
	const char *target; /* "" for a verdict */
};

static struct legacy_rule legacy_rule(const struct legacy *f, const struct ipt_get_entries *all, unsigned at)
{
	static const char anything[sizeof(struct ip6t_ip6)];
	const struct xt_standard_target *t;
	struct legacy_rule r = { .at = (const char *)all->entrytable + at };
	uint16_t target, next;
	if (at + f->size > all->size)
		return r;
	memcpy(&target, r.at + f->target, sizeof(target));
	memcpy(&next, r.at + f->next, sizeof(next));
	if (next < f->size || at + next > all->size || target + sizeof(*t) > next)
		return r;
	t = (const void *)(r.at + target);
	r.next = at + next;
	r.unconditional = target == f->size && !memcmp(r.at, anything, f->condition);
	r.target = t->target.u.user.name;
	r.verdict = *r.target ? 0 : t->verdict;
	return r;
}

/* Is there, in any chain, a rule that accepts what comes in from the bridge, and one for what goes there? */
static bool legacy_accepts(const struct legacy *f, const struct ipt_get_entries *all, const char *bridge)
{
	bool in = false, out = false;
	for (unsigned at = 0; at < all->size;) {
		struct legacy_rule r = legacy_rule(f, all, at);
		if (!r.next)
			break;
		in |= r.verdict == LEGACY_ACCEPT && !strncmp(r.at + f->in, bridge, IFNAMSIZ);
		out |= r.verdict == LEGACY_ACCEPT && !strncmp(r.at + f->out, bridge, IFNAMSIZ);
		at = r.next;
	}
	return in && out;
}

/* What no rule accepts is dropped: by the policy, or by a last rule without a condition. */
static bool legacy_ends_in_drop(
	const struct legacy *f, const struct ipt_get_entries *all, const struct ipt_getinfo *info)
{
	unsigned at = info->hook_entry[NF_INET_FORWARD], end = info->underflow[NF_INET_FORWARD];
	bool drops = legacy_rule(f, all, end).verdict == LEGACY_DROP;
	while (!drops && at < end) {
		struct legacy_rule r = legacy_rule(f, all, at);
		if (!r.next)
			break;
		at = r.next;
		drops = at == end && r.unconditional &&
			(r.verdict == LEGACY_DROP || str_eq(r.target, "REJECT"));
	}
	return drops;
}

static bool legacy_drops(const struct legacy *f, int fd, const char *bridge)
{
	struct ipt_getinfo info = { .name = "filter" };
	socklen_t len = sizeof(info);
	if (getsockopt(fd, f->level, IPT_SO_GET_INFO, &info, &len) < 0 || info.size > LEGACY_MOST)
		return false;
	_cleanup_free_ struct ipt_get_entries *all = xmalloc(sizeof(*all) + info.size);
	*all = (struct ipt_get_entries){ .name = "filter", .size = info.size };
	len = (socklen_t)(sizeof(*all) + info.size);
	return getsockopt(fd, f->level, IPT_SO_GET_ENTRIES, all, &len) == 0 &&
	       legacy_ends_in_drop(f, all, &info) && !legacy_accepts(f, all, bridge);
}

void firewall_check_legacy(const struct network *n)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		const struct legacy *f = &families[i];
		if ((f->family == AF_INET6 && !n->subnet6.address.family) || !legacy_table_is_there(f))
			continue;
		_cleanup_close_ int fd = socket(f->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
		if (fd >= 0 && legacy_drops(f, fd, n->bridge))
			warn_user(
				"another program's firewall (chain FORWARD of %s) drops what containers send "
				"beyond this host. Let it pass: %s -I FORWARD -i %s -j ACCEPT; %s -I FORWARD "
				"-o %s "
				"-j ACCEPT",
				f->program, f->program, n->bridge, f->program, n->bridge);
	}
}
