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
#include <sys/socket.h>
#include <unistd.h>
#include "base/file.h"
#include "base/warn.h"

enum { LEGACY_ACCEPT = -NF_ACCEPT - 1, LEGACY_DROP = -NF_DROP - 1, LEGACY_MOST = 16 << 20 };

static bool legacy_table_is_there(void)
{
	_cleanup_buf_ struct buf names = { 0 };
	struct mc_err ignored = { 0 };
	return file_read(AT_FDCWD, "/proc/net/ip_tables_names", 4096, &names, &ignored) >= 0 && names.data &&
	       strstr(names.data, "filter\n");
}

/* The verdict of the rule at `at`; 0: it has none of its own. *ret_next: where the next rule begins. */
static int legacy_verdict(const struct ipt_get_entries *all, unsigned at, unsigned *ret_next)
{
	const struct ipt_entry *e = (const void *)((const char *)all->entrytable + at);
	const struct xt_standard_target *t;
	*ret_next = 0;
	if (at + sizeof(*e) > all->size || e->next_offset < sizeof(*e) || at + e->next_offset > all->size ||
		e->target_offset + sizeof(*t) > e->next_offset)
		return 0;
	*ret_next = at + e->next_offset;
	t = (const void *)((const char *)e + e->target_offset);
	return *t->target.u.user.name ? 0 : t->verdict;
}

/* Is there, in any chain, a rule that accepts what comes in from the bridge, and one for what goes there? */
static bool legacy_accepts(const struct ipt_get_entries *all, const char *bridge)
{
	bool in = false, out = false;
	for (unsigned at = 0, next; at < all->size; at = next) {
		const struct ipt_entry *e = (const void *)((const char *)all->entrytable + at);
		int verdict = legacy_verdict(all, at, &next);
		if (!next)
			break;
		in |= verdict == LEGACY_ACCEPT && !strncmp(e->ip.iniface, bridge, sizeof(e->ip.iniface));
		out |= verdict == LEGACY_ACCEPT && !strncmp(e->ip.outiface, bridge, sizeof(e->ip.outiface));
	}
	return in && out;
}

/* 1: the policy of FORWARD is DROP, and no rule lets the bridge through. */
static int legacy_drops(int fd, const char *bridge)
{
	struct ipt_getinfo info = { .name = "filter" };
	socklen_t len = sizeof(info);
	unsigned next;
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_INFO, &info, &len) < 0 || info.size > LEGACY_MOST)
		return 0;
	_cleanup_free_ struct ipt_get_entries *all = xmalloc(sizeof(*all) + info.size);
	*all = (struct ipt_get_entries){ .name = "filter", .size = info.size };
	len = (socklen_t)(sizeof(*all) + info.size);
	if (getsockopt(fd, IPPROTO_IP, IPT_SO_GET_ENTRIES, all, &len) < 0)
		return 0;
	int policy = legacy_verdict(all, info.underflow[NF_INET_FORWARD], &next);
	return policy == LEGACY_DROP && !legacy_accepts(all, bridge);
}

void firewall_check_legacy(const char *bridge)
{
	if (!legacy_table_is_there())
		return;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd >= 0 && legacy_drops(fd, bridge) > 0)
		warn_user(
			"another program's firewall (chain FORWARD of iptables-legacy) drops what containers "
			"send beyond this host. Let it pass: iptables-legacy -I FORWARD -i %s -j ACCEPT; "
			"iptables-legacy -I FORWARD -o %s -j ACCEPT",
			bridge, bridge);
}
